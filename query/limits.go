package query

import (
	"time"

	"analytics/engine/fault"
)

// Limits keep one question from taking the machine away from everybody else. Each error says which
// limit was met and how to ask for less.
type Limits struct {
	// Range is the longest span of time. A year and a month beside it: what one compares.
	Range time.Duration
	// Groups is the most rows of an answer without an interval, or series of one with it.
	Groups int
	// Cells is the most groups held while counting, buckets included: about 200 bytes each, and a
	// few kilobytes where there are sketches.
	Cells int
	// Time is how long a question may take, waiting for its turn included.
	Time time.Duration
	// Concurrent is how many questions of one tenant are answered at once; others wait.
	Concurrent int
	// Rows is the most events of a list.
	Rows int
}

// defaultLimits are the limits where Config says nothing.
var defaultLimits = Limits{
	Range: 400 * 24 * time.Hour, Groups: 10_000, Cells: 200_000,
	Time: 10 * time.Second, Concurrent: 2, Rows: 10_000,
}

// The limits of the shape of a question; more is a mistake of a program that makes it.
const (
	maxMetrics = 40
	maxBy      = 5
	maxBuckets = 10_000
	maxSmooth  = 366 // a year of days
)

func tooLong(l Limits) error {
	return fault.At(fault.Invalid, "range_too_long", "from",
		"the range is longer than the limit of %d days; ask for less at a time",
		int(l.Range.Hours()/24))
}

func tooManyGroups(most int) error {
	return fault.At(fault.Invalid, "too_many_groups", "by",
		"the answer has more groups than the limit of %d; add a filter or a limit, count by fewer "+
			"dimensions, or ask for a shorter range", most)
}

func tooSlow(l Limits) error {
	return fault.New(fault.Unavailable, "time_limit",
		"the question took longer than the limit of %s; ask for a shorter range or filter more",
		l.Time)
}

func tooMany(l Limits) error {
	return fault.New(fault.Limited, "too_many_questions",
		"%d questions are being answered already, which is the limit; try again in a moment",
		l.Concurrent)
}
