package query

import "analytics/engine/event"

const (
	noRequests = "No AI requests in this range. Send one to POST /v1/events, or widen --since."
	noEvents   = "No events in this range. Send some to POST /v1/events, or widen --since."
)

// requestNumbers are what one asks of AI requests first.
var requestNumbers = []string{
	"requests", "errors", "success_rate", "users", "input_tokens", "output_tokens", "cost",
	"unpriced_requests", "avg_duration_ms", "p50_duration_ms", "p95_duration_ms", "p99_duration_ms",
	"tokens_per_second", "cache_hit_rate",
}

// verbsOfAI are about AI requests and what they cost.
var verbsOfAI = []Verb{
	{
		Group: "requests", Name: "stats", Since: "24h",
		Help:    "AI requests in numbers: how many, how fast, how dear",
		Example: "analytics requests stats --since 7d --by provider",
		Form:    asks(Question{Metrics: requestNumbers, Order: "-requests"}), Empty: noRequests,
	},
	{
		Group: "requests", Name: "list", Since: "30d", Form: listed(event.AIRequest),
		Help:    "single AI requests, newest first",
		Example: "analytics requests list --filter success==false --limit 50", Empty: noRequests,
	},
	{
		Group: "requests", Name: "trends", Since: "7d",
		Help:    "AI requests over time",
		Example: "analytics requests trends --days 30 --group-by day", Empty: noRequests,
		Form: trend(Question{Metrics: []string{"requests", "errors", "cost", "p95_duration_ms"}}),
	},
	{
		Group: "requests", Name: "models", Since: "7d",
		Help:    "AI requests by model",
		Example: "analytics requests models --since 30d --order -cost", Empty: noRequests,
		Form: asks(Question{
			Metrics: []string{"requests", "cost", "success_rate", "p95_duration_ms", "avg_duration_ms",
				"input_tokens", "output_tokens"},
			By: []string{"model", "provider"}, Order: "-requests", Limit: 20,
		}),
	},
	{
		Group: "costs", Name: "summary", Since: "30d",
		Help:    "what AI requests cost, compared with the time before",
		Example: "analytics costs summary --days 30", Empty: noRequests,
		Form: asks(Question{
			Metrics: []string{"cost", "requests", "unpriced_requests", "input_tokens",
				"output_tokens", "total_tokens"},
			Compare: "previous",
		}),
	},
	{
		Group: "costs", Name: "trends", Since: "30d",
		Help:    "what AI requests cost over time",
		Example: "analytics costs trends --group-by week --since 90d", Empty: noRequests,
		Form: trend(Question{Metrics: []string{"cost", "requests", "total_tokens"}}),
	},
	{
		Group: "costs", Name: "breakdown", Since: "30d",
		Help:    "what costs how much: by model, agent, user, project, prompt or key",
		Example: "analytics costs breakdown --by agent --since 30d", Empty: noRequests,
		Form: asks(Question{
			Metrics: []string{"cost", "requests", "input_tokens", "output_tokens"},
			By:      []string{"model"}, Order: "-cost", Limit: 50, Share: true, Other: true,
		}),
	},
	{
		Group: "costs", Name: "drift", Since: "30d",
		Help:    "our costs beside the clients' own figures, of requests that have both",
		Example: "analytics costs drift --since 7d --order cost_drift_percent",
		Empty: "No AI request in this range has a cost of ours and one from the client (cost_usd); " +
			"widen --since.",
		Form: asks(Question{
			Metrics: []string{"requests", "cost", "client_cost", "cost_drift", "cost_drift_percent"},
			By:      []string{"model", "provider"}, Order: "-requests", Limit: 50,
			Filter: "cost_source==computed;client_cost>=0",
		}),
	},
}
