package doctor

import (
	"context"
	"log/slog"
	"time"

	"analytics/engine/jobs"
)

// nightly is when everything is examined: after retention, which makes it less.
const nightlyHour, nightlyMinute = 4, 10

// Jobs examines the store every night in the zone, where problems are logged and fail the job, and
// links the audit trail.
func (d *Door) Jobs(zone *time.Location, log *slog.Logger) []jobs.Job {
	return append(d.Trail.Jobs(), jobs.Job{
		Name: "verify", About: "checks every checksum and every count, as analytics doctor does",
		When: jobs.Daily(nightlyHour, nightlyMinute, zone, jobs.Newest), Timeout: 2 * time.Hour,
		Run: func(ctx context.Context, _ jobs.Period) error {
			r, err := Examine(ctx, d.store, d.now, nil)
			if err != nil {
				return err
			}
			for _, p := range r.Problems {
				log.LogAttrs(ctx, slog.LevelError, "the store is damaged", slog.String("problem", p))
			}
			return r.Fault()
		},
	})
}
