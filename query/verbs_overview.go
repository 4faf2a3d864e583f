package query

// verbsOfAll are about everything at once.
var verbsOfAll = []Verb{
	{
		Group: "overview", Since: "24h", Panels: overview,
		Help:    "everything at a glance: requests, money, errors, tools, traffic",
		Example: "analytics overview --since 7d", Empty: noEvents,
	},
}

// overview is the answers of the overview.
var overview = []Panel{
	{"requests", "AI requests", asks(Question{Compare: "previous", Metrics: []string{
		"requests", "errors", "success_rate", "cost", "unpriced_requests", "total_tokens", "users",
		"avg_duration_ms", "p95_duration_ms",
	}})},
	{"trend", "Over time", trend(Question{Metrics: []string{"requests", "errors", "cost"}})},
	{"models", "Models by cost", asks(Question{
		Metrics: []string{"cost", "requests", "total_tokens"}, By: []string{"model"}, Order: "-cost",
		Limit: 5, Share: true,
	})},
	{"tools", "Tools", asks(Question{
		Metrics: []string{"tool_calls", "errors", "avg_duration_ms"}, By: []string{"tool"},
		Order: "-tool_calls", Limit: 5,
	})},
	{"agents", "Agents", asks(Question{
		Metrics: []string{"agent_tasks", "errors"}, By: []string{"agent"}, Order: "-agent_tasks",
		Limit: 5,
	})},
	{"traffic", "Web traffic", asks(Question{Compare: "previous", Filter: onSites, Metrics: []string{
		"page_views", "visitors", "sessions", "avg_time_on_page_seconds", "avg_scroll_depth",
	}})},
	{"pages", "Pages", asks(Question{
		Metrics: []string{"page_views", "visitors"}, By: []string{"path"}, Order: "-page_views",
		Limit: 5,
	})},
	{"activity", "Activity", asks(Question{
		Metrics: []string{"activities"}, By: []string{"category"}, Order: "-activities", Limit: 5,
	})},
}
