package catalog

import "analytics/engine/event"

// sessionMetrics are what is computed from sessions. What a session is, and when it is a bounce,
// rollup/sessions says.
var sessionMetrics = []Metric{
	{Name: "sessions", Type: Integer, Better: 1,
		Help:     "visits of a site and sessions of clients of the API, each its events in a row" + ofSample,
		Formulas: rows(event.Session)},
	{Name: "bounce_rate", Type: Number, Unit: "ratio", Better: -1,
		Help: "share of visits with one page view or event and less than 10 seconds of engagement",
		Formulas: ratio(ofSessions, 1, one("count(bounce=true)"),
			one("count(bounce)"))},
	{Name: "engaged_rate", Type: Number, Unit: "ratio", Better: 1,
		Help: "share of visits with 10 seconds of engagement, two page views or an event",
		Formulas: ratio(ofSessions, 1, one("count(engaged=true)"),
			one("count(engaged)"))},
	{Name: "pages_per_session", Type: Number, Better: 1, Help: "page views by visits",
		Formulas: ratio(ofSessions, 1, one("sum(page_view_count)"), one("count(page_view_count)"))},
	{Name: "avg_session_seconds", Type: Number, Unit: "s", Better: 1,
		Help:     "mean time from the first to the last event of a session",
		Formulas: ratio(ofSessions, perSecond, one("sum(duration_ms)"), one("count(duration_ms)"))},
	{Name: "p50_session_seconds", Type: Number, Unit: "s", Better: 1,
		Help:     "median time from the first to the last event of a session",
		Formulas: sessionQuantile(.50)},
	{Name: "p95_session_seconds", Type: Number, Unit: "s", Better: 1,
		Help:     "time from the first to the last event that 95 % of sessions stay below",
		Formulas: sessionQuantile(.95)},
	{Name: "tracked_sessions", Type: Integer, Better: 1, Help: "sessions whose pages reported engagement",
		Formulas: total(ofSessions, "count(time_on_page_ms)")},
	{Name: "session_page_views", Type: Integer, Better: 1, Help: "page views of the sessions counted",
		Formulas: total(ofSessions, "sum(page_view_count)")},
	{Name: "session_requests", Type: Integer, Help: "AI requests of the sessions counted",
		Formulas: total(ofSessions, "sum(request_count)")},
	{Name: "session_tool_calls", Type: Integer, Help: "tool calls of the sessions counted",
		Formulas: total(ofSessions, "sum(tool_call_count)")},
	{Name: "session_errors", Type: Integer, Better: -1,
		Help: "calls and tasks that failed in the sessions counted", Formulas: total(ofSessions, "sum(error_count)")},
	{Name: "session_cost", Type: Decimal, Unit: "USD", Better: -1,
		Help: "what the AI requests of the sessions counted cost; null where none has a cost",
		Formulas: []Formula{{Kind: event.Session, Calc: Total, Top: one("sum(cost)"),
			Known: "count(cost)"}}},
}

var ofSessions = []event.Kind{event.Session}

// perSecond turns the microseconds that lengths of time are kept in into seconds.
const perSecond = 1e-6

func sessionQuantile(q float64) []Formula {
	f := quantile(ofSessions, q, "duration_ms")
	f[0].Factor = perSecond
	return f
}
