package audit

import (
	"context"
	"time"

	"analytics/engine/jobs"
)

// Jobs links hours after they are sealed.
func (t *Trail) Jobs() []jobs.Job {
	return []jobs.Job{{
		Name: "audit_chain", About: "links the hours of the audit trail that are sealed",
		When: jobs.Every(5 * time.Minute),
		Run: func(ctx context.Context, _ jobs.Period) error {
			_, err := t.Chain(ctx)
			return err
		},
	}}
}
