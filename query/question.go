package query

import (
	"time"

	"analytics/engine/fault"
)

// Question is what one asks: numbers (metrics), of what (filter), by what (dimensions and time),
// when.
type Question struct {
	// Metrics and By are names from the catalog.
	Metrics []string
	By      []string
	// Filter is conditions such as provider==openai;status_code>=500.
	Filter string
	// From and To bound the time: [From, To).
	From, To time.Time
	// Interval cuts the range into buckets: hour, day, week, month; empty for none.
	Interval string
	// TZ is the IANA zone whose days are meant; empty for the reporting zone.
	TZ string
	// Compare adds the numbers of the range before (previous) or a year ago (year).
	Compare string
	// Order is the name of a column, with - before it for the largest first.
	Order string
	// Limit is how many groups are answered, 0 for all.
	Limit int
	// Share adds the column share: the row's part of the total of the first metric.
	Share bool
	// Other adds what the limit cuts off as one more group; with one dimension.
	Other bool
	// Smooth adds the moving average over so many buckets beside numbers that add up; with an
	// interval.
	Smooth int
	// IncludeBots counts what bots did, too.
	IncludeBots bool

	// Streamed says that rows are written as they are made, so that there may be more than the limit.
	Streamed bool
	// Raw answers from events alone, cubes left aside: slower, and the same. For tests and doctors.
	Raw bool
}

// comparable refuses a range that there is no comparison with.
func (q *Question) comparable() error {
	switch q.Compare {
	case "", "previous", "year":
		return nil
	}
	return fault.At(fault.Invalid, "invalid_compare", "compare",
		"%q cannot be compared with; use previous or year", clip(q.Compare))
}
