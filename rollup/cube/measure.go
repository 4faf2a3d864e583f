package cube

import (
	"strings"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// Op is what a measure does with the rows of a group. The numbers are on disk in blocks; append
// only.
type Op uint8

// The ops, with the names of their measures.
const (
	Rows     Op = 1 + iota // rows: how many events
	Present                // count(field): how many events have the field
	Equals                 // count(field=value): how many events have that value
	Sum                    // sum(field): exact, whatever the order
	Min                    // min(field)
	Max                    // max(field)
	Bins                   // sketch(field): quantiles within 1 %, with exact min, max and count
	Distinct               // distinct(field): how many different values
	opEnd
)

var opNames = [opEnd]string{Present: "count", Equals: "count", Sum: "sum", Min: "min", Max: "max",
	Bins: "sketch", Distinct: "distinct"}

// Measure is one state of a group: an op over a field of a kind.
type Measure struct {
	Op    Op
	Field int
	Value string // of Equals
}

// Name is the measure as Spec.Measures has it, such as "sum(cost)" or "count(success=true)".
func (m Measure) Name(kind event.Kind) string {
	if m.Op == Rows {
		return "rows"
	}
	if m.Op == 0 || m.Op >= opEnd || m.Field < 0 || m.Field >= len(kind.Fields()) {
		return "?"
	}
	arg := kind.Fields()[m.Field].Name
	if m.Op == Equals {
		arg += "=" + m.Value
	}
	return opNames[m.Op] + "(" + arg + ")"
}

// ParseMeasure reads the name of a measure of a kind.
func ParseMeasure(kind event.Kind, name string) (Measure, error) {
	if name == "rows" {
		return Measure{Op: Rows}, nil
	}
	op, arg, ok := strings.Cut(strings.TrimSuffix(name, ")"), "(")
	if !ok || !strings.HasSuffix(name, ")") {
		return Measure{}, fault.At(fault.Invalid, "unknown_measure", "measures",
			"%q is not a measure", name)
	}
	arg, value, equals := strings.Cut(arg, "=")
	field, ok := kind.Field(arg)
	if !ok {
		return Measure{}, fault.At(fault.Invalid, "unknown_measure", "measures",
			"%s has no field %q to make %q of", kind, arg, name)
	}
	m := Measure{Field: field, Value: value}
	for o := Present; o < opEnd; o++ {
		if opNames[o] == op && equals == (o == Equals) {
			m.Op = o
		}
	}
	if !m.valid(kind) {
		return Measure{}, fault.At(fault.Invalid, "unknown_measure", "measures",
			"%s cannot be computed for %s", name, kind)
	}
	return m, nil
}

// The measures that tell how much of the others is scaled up: the events that sampling kept while it
// left others out, and how many events those stand for. Only kinds that can be sampled have them.
const (
	Kept     = "count(sample_weight)"
	StoodFor = "sum(sample_weight)"
)

// weighted reports whether an event that stands for several counts as several. Least, largest and
// different values are of the events that are there, and so is count(field) of a text, which stands
// beside distinct(field): pages by sessions are both of the sample.
func (m Measure) weighted(kind event.Kind) bool {
	if _, ok := kind.Weight(); !ok || m.ofWeights(kind) {
		return false
	}
	switch m.Op {
	case Rows, Equals, Sum, Bins:
		return true
	case Present:
		return kind.Fields()[m.Field].Type.Numeric()
	}
	return false
}

// ofWeights reports whether the measure counts weights themselves. Blocks made before there were
// any lack it, and it is zero for them.
func (m Measure) ofWeights(kind event.Kind) bool {
	field, ok := kind.Weight()
	return ok && m.Op != Rows && m.Field == field
}

// valid reports whether the op can be done with the field.
func (m Measure) valid(kind event.Kind) bool {
	fields := kind.Fields()
	if m.Op == Rows {
		return m.Field == 0 && m.Value == ""
	}
	if m.Field < 0 || m.Field >= len(fields) || fields[m.Field].Transient ||
		(m.Op != Equals && m.Value != "") {
		return false
	}
	switch t := fields[m.Field].Type; m.Op {
	case Present:
		return true
	case Equals:
		return m.Value != "" && (t == event.Bool || t == event.String)
	case Sum:
		return t == event.Int || t == event.Money || t == event.Millis || t == event.Float
	case Min, Max:
		return t.Numeric() && t != event.Bool
	case Bins:
		return t == event.Int || t == event.Money || t == event.Millis
	case Distinct:
		return t == event.String || t == event.Text || t == event.ID
	}
	return false
}
