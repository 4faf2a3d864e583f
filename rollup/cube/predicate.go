package cube

import (
	"analytics/engine/event"
	"analytics/engine/fault"
)

// Compare is how a predicate compares.
type Compare uint8

// The comparisons, as filters write them.
const (
	Eq   Compare = 1 + iota // ==
	Ne                      // !=
	Glob                    // =~ with * for any run of characters and ? for one
	In                      // in, any of the values
	Lt                      // <
	Le                      // <=
	Gt                      // >
	Ge                      // >=
)

// String is the comparison as filters write it.
func (c Compare) String() string {
	names := [...]string{Eq: "==", Ne: "!=", Glob: "=~", In: "in", Lt: "<", Le: "<=", Gt: ">",
		Ge: ">="}
	if c < Eq || int(c) >= len(names) {
		return "?"
	}
	return names[c]
}

// Predicate is one condition on a field. Values are text as people write them: money in USD, times
// in milliseconds, truths as true and false. All comparisons but In take exactly one value.
//
// A missing value is the empty text: it equals "", differs from everything else, and is neither
// smaller nor larger than anything.
type Predicate struct {
	Field   string
	Compare Compare
	Values  []string
}

// Check says what is wrong with the predicate for events of the kind, if anything.
func (p Predicate) Check(kind event.Kind) error {
	_, err := p.compile(kind)
	return err
}

// invalid makes the fault of a predicate.
func (p Predicate) invalid(format string, args ...any) error {
	return fault.At(fault.Invalid, "invalid_filter", "filter", format, args...)
}
