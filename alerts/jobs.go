package alerts

import (
	"context"
	"time"

	"analytics/engine/jobs"
)

// Jobs are the check of budgets by the clock. After commits Run does it.
func (w *Watch) Jobs() []jobs.Job {
	return []jobs.Job{{
		Name: "budget_check", About: "compare spend with the alerts' thresholds",
		When: jobs.Every(time.Minute), Timeout: 30 * time.Second,
		Run: func(ctx context.Context, _ jobs.Period) error { return w.Check(ctx) },
	}}
}
