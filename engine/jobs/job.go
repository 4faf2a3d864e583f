package jobs

import (
	"context"
	"time"
)

// Job is one line of the table of jobs.
type Job struct {
	Name string
	// About is a line for people.
	About string
	// When says when it is due.
	When Schedule
	// Timeout ends a run; 0 means defaultTimeout.
	Timeout time.Duration
	// Run does the work, from a watermark of its own or for the period. It may be run twice.
	Run func(ctx context.Context, p Period) error
}

const defaultTimeout = 30 * time.Minute

// CatchUp is what becomes of daily periods that passed while the program was down.
type CatchUp uint8

const (
	// All runs each missed period, the oldest first.
	All CatchUp = iota
	// Newest runs the newest missed period and tells it how many were missed before it: nobody
	// wants last week's reports on Monday morning.
	Newest
)

// Schedule says when a job is due: every so often, or once a day.
type Schedule struct {
	every   time.Duration
	hour    int
	minute  int
	zone    *time.Location
	catchUp CatchUp
}

// Every is due each d, and at the start. What it missed it does in one run.
func Every(d time.Duration) Schedule { return Schedule{every: d} }

// Daily is due at hour:minute in the zone, for the local day that ended last.
func Daily(hour, minute int, zone *time.Location, c CatchUp) Schedule {
	return Schedule{hour: hour, minute: minute, zone: zone, catchUp: c}
}

// String is the schedule for people.
func (s Schedule) String() string {
	if s.every > 0 {
		return "every " + short(s.every)
	}
	return "daily at " + time.Date(0, 1, 1, s.hour, s.minute, 0, 0, time.UTC).Format("15:04") +
		" " + s.zone.String()
}

// short is a duration without zero parts: "5m", not "5m0s".
func short(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return (d / time.Hour * time.Hour).String()[:len((d).String())-len("0m0s")]
	case d%time.Minute == 0:
		return d.String()[:len(d.String())-len("0s")]
	}
	return d.String()
}

// Period is what a run is for.
type Period struct {
	// Key names the period in the ledger: the local date of a daily job.
	Key string
	// From and To are the local day; of a job that is not daily both are the moment it was due.
	From, To time.Time
	// Missed is how many periods before it are left out.
	Missed int
	// Manual says that a person asked for it.
	Manual bool
}
