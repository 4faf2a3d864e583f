package events

import (
	"context"
	"time"

	"analytics/engine/jobs"
)

// Jobs keeps the promise about visitors on days without any: their salts go after two days.
func (in *Intake) Jobs() []jobs.Job {
	return []jobs.Job{{
		Name: "visitor_salts", About: "delete the salts of visitor ids after two days",
		When: jobs.Every(time.Hour), Timeout: time.Minute,
		Run: func(ctx context.Context, _ jobs.Period) error {
			return in.enricher.Sweep(ctx, in.now())
		},
	}}
}
