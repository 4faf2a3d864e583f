package retention

import (
	"context"
	"time"

	"analytics/engine/jobs"
)

// Jobs are those of the Keeper.
func (k *Keeper) Jobs() []jobs.Job {
	return []jobs.Job{
		{
			Name: "archive", About: "writes sealed days to the archive, if there is one",
			When: jobs.Daily(2, 40, time.UTC, jobs.Newest),
			Run:  func(ctx context.Context, _ jobs.Period) error { return k.Archive(ctx) },
		},
		{
			Name: "retention", About: "lets events, counts and reports go that are older than they are kept for",
			// Early in the morning, when nobody waits for the short stops that deleting makes.
			When: jobs.Daily(3, 20, time.UTC, jobs.Newest),
			Run:  func(ctx context.Context, _ jobs.Period) error { return k.Sweep(ctx) },
		},
		{
			Name: "disk_budget", About: "lets the oldest days go while the data folder is over disk_budget",
			When: jobs.Every(10 * time.Minute),
			Run:  func(ctx context.Context, _ jobs.Period) error { return k.Fit(ctx) },
		},
		{
			Name: "retention_clock", About: "notices when the clock jumps, and suspends deletion",
			When: jobs.Every(beatEvery), Timeout: beatEvery,
			Run: func(ctx context.Context, _ jobs.Period) error { return k.Beat(ctx) },
		},
	}
}
