package rollup

import (
	"context"
	"time"

	"analytics/engine/jobs"
)

// Jobs is the room's part of the table of jobs. Watch runs beside them.
func (m *Mill) Jobs() []jobs.Job {
	return []jobs.Job{
		{
			Name: "seal", About: "puts hours that are over into segments, with their cells",
			When: jobs.Every(time.Minute),
			Run:  func(ctx context.Context, p jobs.Period) error { return m.Seal(ctx, p.Manual) },
		},
		{
			Name: "merge", About: "makes few segments of the many small ones of a day",
			When: jobs.Every(10 * time.Minute),
			Run:  func(ctx context.Context, _ jobs.Period) error { return m.Merge(ctx) },
		},
		{
			// Each ten minutes rather than once after midnight: a merge or late events make the cells
			// of a day stale at any time, and looking costs a few milliseconds.
			Name: "daily_rollup", About: "makes the cells of whole days and months once they are over",
			When: jobs.Every(10 * time.Minute),
			Run:  func(ctx context.Context, _ jobs.Period) error { return m.Daily(ctx) },
		},
		{
			Name: "renew", About: "makes cells again that were counted by older definitions, after an upgrade",
			When: jobs.Every(time.Hour),
			Run:  func(ctx context.Context, _ jobs.Period) error { return m.Renew(ctx) },
		},
		{
			Name: "session_cleanup", About: "stores sessions that are over",
			When: jobs.Every(5 * time.Minute),
			Run:  func(ctx context.Context, _ jobs.Period) error { return m.CloseSessions(ctx) },
		},
		{
			Name:  "content_analytics_aggregation",
			About: "sums up how pages and articles do over 7 and 30 days",
			When:  jobs.Every(15 * time.Minute),
			Run:   func(ctx context.Context, _ jobs.Period) error { return m.Contents(ctx) },
		},
	}
}
