package query

// verbsOfPerformance are about speed and health.
var verbsOfPerformance = []Verb{
	{
		Group: "performance", Name: "stats", Since: "24h",
		Help:    "a health score that says why, latency by model and tool, samples of clients and hosts",
		Example: "analytics performance stats --since 7d",
		Empty: "No AI requests, tool calls, agent tasks or metric samples in this range. Send some to POST " +
			"/v1/events, or widen --since.",
		Panels: []Panel{
			{"health", "Health, 0 to 100", Form{Table: health}},
			{"latency", "AI requests", asks(Question{Compare: "previous", Metrics: []string{
				"requests", "error_rate", "avg_duration_ms", "p50_duration_ms", "p90_duration_ms",
				"p95_duration_ms", "p99_duration_ms", "avg_ttfb_ms", "p95_ttfb_ms", "tokens_per_second",
				"cache_hit_rate",
			}})},
			{"trend", "Over time", trend(Question{Metrics: []string{"requests", "errors",
				"p95_duration_ms"}})},
			{"models", "Slowest models", asks(Question{By: []string{"model"}, Order: "-p95_duration_ms",
				Limit: 10, Metrics: []string{"requests", "p50_duration_ms", "p95_duration_ms",
					"p95_ttfb_ms", "tokens_per_second", "error_rate"}})},
			{"tools", "Slowest tools", asks(Question{By: []string{"tool"}, Order: "-p95_duration_ms",
				Limit: 10, Metrics: []string{"tool_calls", "p50_duration_ms", "p95_duration_ms",
					"error_rate"}})},
			{"samples", "Samples of clients and hosts", asks(Question{By: []string{"name", "unit"},
				Order: "name", Limit: 50, Metrics: []string{"samples", "avg_value", "min_value",
					"max_value", "last_seen"}})},
		},
	},
}
