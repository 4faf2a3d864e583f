package answer

import (
	"math"
	"time"

	"analytics/query/catalog"
)

// Column is one column of an answer.
type Column struct {
	Name string
	// Kind is "time", "dimension", "metric", or "field" in lists of events.
	Kind string
	Type catalog.Type
	Unit string
}

// The kinds of columns.
const (
	KindTime      = "time"
	KindDimension = "dimension"
	KindMetric    = "metric"
	KindField     = "field"
)

// Answer is a typed table with totals. A cell is nil, string, bool, int64, float64, event.NanoUSD,
// time.Time (in the zone to show it in) or Raw.
type Answer struct {
	Columns []Column
	Rows    [][]any
	// More calls yield for each row that comes after Rows and is made while it is written; nil if
	// there are none. It is called once. A row is the caller's until yield returns.
	More func(yield func(row []any) error) error
	// Totals are the metrics over everything the question covers, computed from the events and not
	// from the rows: a total of users is not the sum of the users of each day.
	Totals map[string]any
	Meta   Meta
}

// Flat is the answer itself: it is a table already.
func (a *Answer) Flat() *Answer { return a }

// Raw is a cell that is JSON already.
type Raw string

// Column finds a column by its name, -1 if there is none.
func (a *Answer) Column(name string) int {
	for i, c := range a.Columns {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// Meta says what an answer is made of.
type Meta struct {
	From, To time.Time // in the zone of the question
	TZ       string
	Interval string
	// Exact is false when a number is an estimate, or when events that were needed are gone.
	Exact bool
	// Errors is the relative standard or maximal error of each metric that is estimated.
	Errors map[string]float64
	// Resolution is "day" when of some of the range only whole days are left, which count where most of
	// each is; empty when everything counts in its own hour.
	Resolution string
	// Sampled says which metrics are not of all events, zero when all are.
	Sampled Sampled
	// Notes say in words what limits the answer.
	Notes   []string
	Sources Sources
	// Watermark: events committed before it are in the answer.
	Watermark time.Time
	Elapsed   time.Duration
	// Compared is the range that the columns named _previous are of; zero without comparison.
	ComparedFrom, ComparedTo time.Time
	// Groups is how many groups there are, more than the rows show where a limit cut them; 0 when
	// unknown.
	Groups int
	// Next is where the list goes on, empty at its end.
	Next string
	// Funnel is the funnel that was counted, empty of other questions.
	Funnel Raw
}

// Sampled is how far an answer comes from a sample.
type Sampled struct {
	// Kept events were kept while others were left out, and stand for StandFor events.
	Kept, StandFor int64
	// Scaled metrics are scaled up; Unscaled ones are of the events that were kept.
	Scaled, Unscaled []string
}

// Rate is the part of the events that was kept, of those that luck decided about.
func (s *Sampled) Rate() float64 {
	if s.StandFor == 0 {
		return 1
	}
	return math.Round(float64(s.Kept)/float64(s.StandFor)*1e4) / 1e4
}

// Sources is what an answer was computed from.
type Sources struct {
	Cubes    []string // names of the cubes that were used
	Cells    int64    // cells read from them
	RawRows  int64    // rows of sealed events read
	HeadRows int64    // rows of events not yet sealed
}

// Note adds a note once, and says that the answer is not exact.
func (m *Meta) Note(text string) {
	m.Exact = false
	for _, n := range m.Notes {
		if n == text {
			return
		}
	}
	m.Notes = append(m.Notes, text)
}
