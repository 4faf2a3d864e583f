package alerts

import (
	"context"
	"time"

	"analytics/engine/jobs"
)

// Jobs are the check of budgets by the clock, after commits Run does it, and the evaluation of rules.
func (w *Watch) Jobs() []jobs.Job {
	return []jobs.Job{{
		Name: "budget_check", About: "compare spend with the alerts' thresholds",
		When: jobs.Every(time.Minute), Timeout: 30 * time.Second,
		Run: func(ctx context.Context, _ jobs.Period) error { return w.Check(ctx) },
	}, {
		Name: "alert_rules", About: "evaluate the rules on metrics",
		When: jobs.Every(time.Minute), Timeout: time.Minute,
		Run: func(ctx context.Context, _ jobs.Period) error { return w.CheckRules(ctx) },
	}, {
		Name: "anomaly_detection", About: "look for what is not as usual, and for agents that run in circles",
		When: jobs.Every(5 * time.Minute), Timeout: 2 * time.Minute,
		Run: func(ctx context.Context, _ jobs.Period) error { return w.CheckAnomalies(ctx) },
	}}
}
