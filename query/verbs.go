package query

import (
	"slices"

	"analytics/engine/event"
)

// Verb is a named question. It exists once: GET /v1/GROUP/NAME and `analytics GROUP NAME` are both
// made of it.
type Verb struct {
	// Group and Name are the words: costs breakdown. A verb without a name is a word of its own.
	Group, Name string
	// Help is one line; Example is a command line that answers something useful.
	Help, Example string
	// Empty says what to do when there is nothing.
	Empty string
	// Since is the range where the asker names none.
	Since string
	// Question has the defaults of everything else.
	Question Question
	// Trend picks an interval that gives a readable number of buckets where the asker names none.
	Trend bool
	// List makes it a list of events of a kind; zero for all kinds.
	List bool
	Kind event.Kind
	// Overview makes it an object of several answers.
	Overview bool
}

// Path is where the verb is over HTTP.
func (v *Verb) Path() string {
	if v.Name == "" {
		return "/v1/" + v.Group
	}
	return "/v1/" + v.Group + "/" + v.Name
}

// Params are the parameters the verb takes.
func (v *Verb) Params() []Param {
	switch {
	case v.Overview:
		return common
	case v.List && v.Kind == 0:
		return slices.Concat(common, ofType, lists)
	case v.List:
		return append(common[:len(common):len(common)], lists...)
	}
	return append(common[:len(common):len(common)], shaping...)
}

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

// verbs is the table of named questions.
var verbs = []Verb{
	{
		Group: "overview", Overview: true, Since: "24h",
		Help:    "everything at a glance: requests, money, errors, tools, traffic",
		Example: "analytics overview --since 7d", Empty: noEvents,
	},
	{
		Group: "requests", Name: "stats", Since: "24h",
		Help:     "AI requests in numbers: how many, how fast, how dear",
		Example:  "analytics requests stats --since 7d --by provider",
		Question: Question{Metrics: requestNumbers, Order: "-requests"}, Empty: noRequests,
	},
	{
		Group: "requests", Name: "list", Since: "30d", List: true, Kind: event.AIRequest,
		Help:    "single AI requests, newest first",
		Example: "analytics requests list --filter success==false --limit 50", Empty: noRequests,
	},
	{
		Group: "requests", Name: "trends", Since: "7d", Trend: true,
		Help:    "AI requests over time",
		Example: "analytics requests trends --days 30 --group-by day", Empty: noRequests,
		Question: Question{Metrics: []string{"requests", "errors", "cost", "p95_duration_ms"}},
	},
	{
		Group: "requests", Name: "models", Since: "7d",
		Help:    "AI requests by model",
		Example: "analytics requests models --since 30d --order -cost", Empty: noRequests,
		Question: Question{
			Metrics: []string{"requests", "success_rate", "input_tokens", "output_tokens", "cost",
				"avg_duration_ms", "p95_duration_ms"},
			By: []string{"model", "provider"}, Order: "-requests", Limit: 20,
		},
	},
	{
		Group: "costs", Name: "summary", Since: "30d",
		Help:    "what AI requests cost, compared with the time before",
		Example: "analytics costs summary --days 30", Empty: noRequests,
		Question: Question{
			Metrics: []string{"cost", "requests", "unpriced_requests", "input_tokens",
				"output_tokens", "total_tokens"},
			Compare: "previous",
		},
	},
	{
		Group: "costs", Name: "trends", Since: "30d", Trend: true,
		Help:    "what AI requests cost over time",
		Example: "analytics costs trends --group-by week --since 90d", Empty: noRequests,
		Question: Question{Metrics: []string{"cost", "requests", "total_tokens"}},
	},
	{
		Group: "costs", Name: "breakdown", Since: "30d",
		Help:    "what costs how much: by model, agent, user, project, prompt or key",
		Example: "analytics costs breakdown --by agent --since 30d", Empty: noRequests,
		Question: Question{
			Metrics: []string{"cost", "requests", "input_tokens", "output_tokens"},
			By:      []string{"model"}, Order: "-cost", Limit: 50, Share: true,
		},
	},
	{
		Group: "costs", Name: "drift", Since: "30d",
		Help:    "our costs beside the clients' own figures, of requests that have both",
		Example: "analytics costs drift --since 7d --order cost_drift_percent",
		Empty: "No AI request in this range has a cost of ours and one from the client (cost_usd); " +
			"widen --since.",
		Question: Question{
			Metrics: []string{"requests", "cost", "client_cost", "cost_drift", "cost_drift_percent"},
			By:      []string{"model", "provider"}, Order: "-requests", Limit: 50,
			Filter: "cost_source==computed;client_cost>=0",
		},
	},
	{
		Group: "events", Name: "list", Since: "7d", List: true,
		Help:    "single events of any type, newest first",
		Example: "analytics events list --type tool_call --limit 20", Empty: noEvents,
	},
	{
		Group: "query", Since: "7d",
		Help:    "any question: metrics by dimensions, over time",
		Example: "analytics query --metrics cost,requests --by model --since 7d --interval day",
		Empty:   noEvents,
	},
}

// Verbs is the table of named questions.
func Verbs() []Verb { return verbs }

// interval is the one that cuts a range into a readable number of buckets.
func (q *Question) interval() string {
	switch days := q.To.Sub(q.From).Hours() / 24; {
	case days <= 2:
		return "hour"
	case days <= 92:
		return "day"
	case days <= 200:
		return "week"
	}
	return "month"
}
