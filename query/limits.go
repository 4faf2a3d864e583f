package query

import (
	"time"

	"analytics/engine/fault"
)

// Limits keep one question from taking the machine away from everybody else. Each error says which
// limit was met and how to ask for less.
type Limits struct {
	// Range is the longest span of time: the three years that counts by day are kept, and some days.
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
	// Rows is the most events of a list, and Answer the most rows of another answer, that are made
	// before they are written: a row takes some 200 bytes.
	Rows, Answer int
	// Downloads is how many answers are written while they are made at once, of all tenants: a list
	// holds a row group of each kind in memory, up to 60 MB where all fields are asked for.
	Downloads int
}

// defaultLimits are the limits where Config says nothing.
var defaultLimits = Limits{
	Range: 1100 * 24 * time.Hour, Groups: 10_000, Cells: 200_000,
	Time: 10 * time.Second, Concurrent: 2, Rows: 10_000, Answer: 250_000, Downloads: 4,
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

func tooLarge(l Limits, rows int) error {
	return fault.At(fault.Invalid, "too_many_rows", "interval",
		"the answer has %d rows, over the limit of %d; ask with a longer interval, a shorter range or a limit, or "+
			"for csv, ndjson, arrow or parquet without other, smooth or order over time", rows, l.Answer)
}

func tooManyGroups(most int) error {
	return fault.At(fault.Invalid, "too_many_groups", "by",
		"the answer has more groups than the limit of %d; add a filter or a limit, count by fewer "+
			"dimensions, or ask for a shorter range", most)
}

// tooManyCells is of what is counted. A limit is of what is shown of that, and would not help.
func tooManyCells(l Limits) error {
	return fault.At(fault.Invalid, "too_many_groups", "by",
		"there are more groups and buckets to count than the limit of %d, whatever is shown of them; add a filter, "+
			"count by fewer dimensions, or ask for a shorter range or a longer interval", l.Cells)
}

func tooManyRows(l Limits) error {
	return fault.At(fault.Invalid, "too_many_rows", "limit",
		"a list has at most %d events; go on with cursor=meta.next, or ask for csv, ndjson, arrow or parquet, "+
			"which hold any number", l.Rows)
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
