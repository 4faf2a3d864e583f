// Package jobs runs what is due. It is the only package that knows gocron.
//
// It owns when a job runs and the ledger of its periods. gocron gives the ticks, in UTC; which
// period is due is computed here, because a cron expression in a zone with daylight saving loses
// runs (measured: an hourly one loses an hour each autumn, a daily one at 02:30 a day each spring).
//
// It promises that a job runs at most once at a time, that a daily period which passed while the
// program was down is caught up (all of them, or the newest with a count of the others), and that
// a failed period is tried again. It never retries inside a run: a job is one function that may be
// run twice, late or half.
package jobs
