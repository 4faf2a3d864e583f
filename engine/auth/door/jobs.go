package door

import (
	"context"
	"errors"
	"time"

	"analytics/engine/jobs"
)

// Jobs is what keys and logins need by the clock.
func (d *Door) Jobs() []jobs.Job {
	return []jobs.Job{{
		Name: "login_cleanup", About: "forgets old logins and writes down when keys were used",
		When: jobs.Every(5 * time.Minute),
		Run:  func(ctx context.Context, _ jobs.Period) error { return d.Flush(ctx) },
	}}
}

// Flush writes down what is only in memory: when keys and logins were last used.
func (d *Door) Flush(ctx context.Context) error {
	return errors.Join(d.keys.Flush(ctx), d.sessions.Flush(ctx))
}
