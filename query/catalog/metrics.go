package catalog

import "analytics/engine/event"

// The measures that make the totals people know: kinds of tokens, and outcomes, are kept apart.
var (
	inputTokens = []string{
		"sum(input_uncached_tokens)", "sum(cache_read_tokens)", "sum(cache_write_tokens)",
		"sum(cache_write_1h_tokens)", "sum(audio_input_tokens)",
	}
	outcomes     = []string{"count(success=true)", "count(success=false)"}
	outputTokens = []string{
		"sum(output_text_tokens)", "sum(reasoning_tokens)", "sum(audio_output_tokens)",
	}
)

// ofSample ends the help of metrics that cannot be scaled up.
const ofSample = "; where events are sampled, those of the sample"

// metrics is the table of all metrics, in the order they are listed.
var metrics = []Metric{
	{Name: "requests", Type: Integer, Help: "AI requests", Formulas: rows(event.AIRequest)},
	{Name: "errors", Type: Integer, Better: -1, Help: "requests, calls or tasks that failed",
		Formulas: total(worked, "count(success=false)")},
	{Name: "success_rate", Type: Number, Unit: "ratio", Better: 1,
		Help:     "share of those with a known outcome that succeeded",
		Formulas: ratio(worked, 1, one("count(success=true)"), outcomes)},
	{Name: "error_rate", Type: Number, Unit: "ratio", Better: -1,
		Help:     "share of those with a known outcome that failed",
		Formulas: ratio(worked, 1, one("count(success=false)"), outcomes)},
	{Name: "input_tokens", Type: Integer, Unit: "tokens",
		Help:     "tokens sent to models, cache reads and writes included",
		Formulas: total(ai, inputTokens...)},
	{Name: "output_tokens", Type: Integer, Unit: "tokens",
		Help:     "tokens made by models, reasoning included",
		Formulas: total(ai, outputTokens...)},
	{Name: "cache_read_tokens", Type: Integer, Unit: "tokens",
		Help:     "input tokens read from a provider's cache",
		Formulas: total(ai, "sum(cache_read_tokens)")},
	{Name: "cache_write_tokens", Type: Integer, Unit: "tokens",
		Help:     "input tokens written to a provider's cache",
		Formulas: total(ai, "sum(cache_write_tokens)", "sum(cache_write_1h_tokens)")},
	{Name: "reasoning_tokens", Type: Integer, Unit: "tokens",
		Help:     "output tokens spent on reasoning",
		Formulas: total(ai, "sum(reasoning_tokens)")},
	{Name: "total_tokens", Type: Integer, Unit: "tokens", Help: "input and output tokens",
		Formulas: total(ai, append(inputTokens[:5:5], outputTokens...)...)},
	{Name: "cost", Type: Decimal, Unit: "USD", Better: -1,
		Help: "what the requests cost; unpriced requests are not in it, and null where all are unpriced",
		Formulas: []Formula{{Kind: event.AIRequest, Calc: Total, Top: one("sum(cost)"),
			Known: "count(cost)"}}},
	{Name: "client_cost", Type: Decimal, Unit: "USD", Better: -1,
		Help: "what clients say the requests cost; null where none says so",
		Formulas: []Formula{{Kind: event.AIRequest, Calc: Total, Top: one("sum(client_cost)"),
			Known: "count(client_cost)"}}},
	{Name: "cost_drift", Type: Decimal, Unit: "USD",
		Help: "our cost less the clients' figure; of requests that have both, as in costs drift",
		Formulas: []Formula{{Kind: event.AIRequest, Calc: Total, Top: one("sum(cost)"),
			Less: one("sum(client_cost)"), Known: "count(client_cost)"}}},
	{Name: "cost_drift_percent", Type: Number, Unit: "percent",
		Help: "cost_drift by the clients' figure",
		Formulas: []Formula{{Kind: event.AIRequest, Calc: Ratio, Factor: 100, Top: one("sum(cost)"),
			Less: one("sum(client_cost)"), Bottom: one("sum(client_cost)")}}},
	{Name: "unpriced_requests", Type: Integer, Better: -1,
		Help:     "requests whose model has no price: their cost is unknown, not zero",
		Formulas: total(ai, "count(cost_source=unpriced)")},
	{Name: "avg_duration_ms", Type: Number, Unit: "ms", Better: -1, Help: "mean duration",
		Formulas: ratio(worked, 1e-3, one("sum(duration_ms)"), one("count(duration_ms)"))},
	{Name: "p50_duration_ms", Type: Number, Unit: "ms", Better: -1, Help: "median duration",
		Formulas: quantile(worked, .50, "duration_ms")},
	{Name: "p90_duration_ms", Type: Number, Unit: "ms", Better: -1,
		Help: "duration that 90 % stay below", Formulas: quantile(worked, .90, "duration_ms")},
	{Name: "p95_duration_ms", Type: Number, Unit: "ms", Better: -1,
		Help: "duration that 95 % stay below", Formulas: quantile(worked, .95, "duration_ms")},
	{Name: "p99_duration_ms", Type: Number, Unit: "ms", Better: -1,
		Help: "duration that 99 % stay below", Formulas: quantile(worked, .99, "duration_ms")},
	{Name: "avg_ttfb_ms", Type: Number, Unit: "ms", Better: -1, Help: "mean time to first byte",
		Formulas: ratio(ai, 1e-3, one("sum(ttfb_ms)"), one("count(ttfb_ms)"))},
	{Name: "p95_ttfb_ms", Type: Number, Unit: "ms", Better: -1,
		Help: "time to first byte that 95 % stay below", Formulas: quantile(ai, .95, "ttfb_ms")},
	{Name: "tokens_per_second", Type: Number, Unit: "tokens/s", Better: 1,
		Help:     "output tokens by the time the requests took",
		Formulas: ratio(ai, 1e6, outputTokens, one("sum(duration_ms)"))},
	{Name: "cache_hit_rate", Type: Number, Unit: "ratio", Better: 1,
		Help:     "share of input tokens that was read from a provider's cache",
		Formulas: ratio(ai, 1, one("sum(cache_read_tokens)"), inputTokens)},
	{Name: "users", Type: Integer, Better: 1, Help: "different user ids" + ofSample,
		Formulas: different("user_id", event.AIRequest, event.ToolCall, event.AgentTask,
			event.PageView, event.Engagement, event.Custom, event.Activity, event.Session)},
	{Name: "conversations", Type: Integer, Help: "different conversation ids" + ofSample,
		Formulas: different("conversation_id", event.AIRequest, event.ToolCall, event.AgentTask)},
	{Name: "requests_per_conversation", Type: Number,
		Help: "requests that have a conversation, by conversations",
		Formulas: []Formula{{Kind: event.AIRequest, Calc: Ratio, Factor: 1, Distinct: true,
			Top: one("count(conversation_id)"), Bottom: one("distinct(conversation_id)")}}},
	{Name: "tool_calls", Type: Integer, Help: "tool calls", Formulas: rows(event.ToolCall)},
	{Name: "tools", Type: Integer, Help: "different tools" + ofSample,
		Formulas: different("tool", event.ToolCall)},
	{Name: "result_bytes", Type: Integer, Unit: "bytes", Help: "size of what tools gave back",
		Formulas: total([]event.Kind{event.ToolCall}, "sum(result_bytes)")},
	{Name: "agents", Type: Integer, Help: "different agents" + ofSample,
		Formulas: different("agent", event.AgentTask, event.AIRequest, event.ToolCall)},
	{Name: "agent_tasks", Type: Integer, Help: "events of agent tasks: started, completed, failed",
		Formulas: rows(event.AgentTask)},
	{Name: "activities", Type: Integer, Help: "activities: logins, changes, refusals",
		Formulas: rows(event.Activity)},
	{Name: "actors", Type: Integer, Help: "different actors of activities",
		Formulas: different("actor", event.Activity)},
	{Name: "page_views", Type: Integer, Better: 1, Help: "pages shown",
		Formulas: rows(event.PageView)},
	{Name: "visitors", Type: Integer, Better: 1, Help: "different visitors (a new one each day)" + ofSample,
		Formulas: different("visitor_id", event.PageView, event.Engagement, event.Custom, event.Session)},
	{Name: "avg_time_on_page_seconds", Type: Number, Unit: "s", Better: 1,
		Help: "mean time on a page", Formulas: ratio([]event.Kind{event.Engagement}, 1e-3,
			one("sum(time_on_page_ms)"), one("count(time_on_page_ms)"))},
	{Name: "avg_scroll_depth", Type: Number, Unit: "percent", Better: 1,
		Help: "mean of how far pages were scrolled", Formulas: ratio([]event.Kind{event.Engagement},
			1, one("sum(scroll_depth)"), one("count(scroll_depth)"))},
	{Name: "clicks", Type: Integer, Better: 1, Help: "clicks on pages",
		Formulas: total([]event.Kind{event.Engagement}, "sum(clicks)")},
	{Name: "engagements", Type: Integer, Help: "engagement reports from pages",
		Formulas: rows(event.Engagement)},
	{Name: "custom_events", Type: Integer, Better: 1,
		Help: "events with a name: conversions, clicks on links, downloads", Formulas: rows(event.Custom)},
	{Name: "events", Type: Integer, Help: "events of every type, or of those that have the " +
		"dimensions asked for", Formulas: rows(event.Sent()...), Every: true},
	{Name: "first_seen", Type: Time, Help: "time of the first event",
		Formulas: extreme("min(timestamp)", event.Sent()...)},
	{Name: "last_seen", Type: Time, Help: "time of the last event",
		Formulas: extreme("max(timestamp)", event.Sent()...)},
	{Name: "samples", Type: Integer, Help: "samples of client and host metrics",
		Formulas: rows(event.Metric)},
	{Name: "avg_value", Type: Number, Help: "mean of the samples", Formulas: ratio(
		[]event.Kind{event.Metric}, 1, one("sum(value)"), one("count(value)"))},
	{Name: "min_value", Type: Number, Help: "least of the samples",
		Formulas: extreme("min(value)", event.Metric)},
	{Name: "max_value", Type: Number, Help: "largest of the samples",
		Formulas: extreme("max(value)", event.Metric)},
}

// ai is where tokens and money are; worked is what has an outcome and a duration.
var (
	ai     = []event.Kind{event.AIRequest}
	worked = []event.Kind{event.AIRequest, event.ToolCall, event.AgentTask}
)

func one(measure string) []string { return []string{measure} }

func rows(kinds ...event.Kind) []Formula { return total(kinds, Rows) }

func total(kinds []event.Kind, measures ...string) []Formula {
	return each(kinds, Formula{Calc: Total, Top: measures})
}

func ratio(kinds []event.Kind, factor float64, top, bottom []string) []Formula {
	return each(kinds, Formula{Calc: Ratio, Top: top, Bottom: bottom, Factor: factor})
}

func quantile(kinds []event.Kind, q float64, field string) []Formula {
	return each(kinds,
		Formula{Calc: Quantile, Top: one("sketch(" + field + ")"), Q: q, Factor: 1e-3})
}

func different(field string, kinds ...event.Kind) []Formula {
	return each(kinds, Formula{Calc: Different, Top: one("distinct(" + field + ")")})
}

func extreme(measure string, kinds ...event.Kind) []Formula {
	return each(kinds, Formula{Calc: Extreme, Top: one(measure), Factor: 1})
}

func each(kinds []event.Kind, f Formula) []Formula {
	all := make([]Formula, len(kinds))
	for i, k := range kinds {
		all[i] = f
		all[i].Kind = k
	}
	return all
}
