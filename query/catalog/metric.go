package catalog

import (
	"slices"

	"analytics/engine/event"
)

// Type is the type of a column.
type Type string

// The types. A decimal is exact money; a number is a float.
const (
	Integer Type = "integer"
	Decimal Type = "decimal"
	Number  Type = "number"
	String  Type = "string"
	Boolean Type = "boolean"
	Time    Type = "time"
)

// Calc is how a metric comes from measures.
type Calc uint8

// The calculations.
const (
	Total     Calc = 1 + iota // the sum of the measures on Top
	Ratio                     // the sum on Top by that on Bottom, times Factor; null by 0
	Quantile                  // the quantile Q of the sketch on Top
	Different                 // the count of different values on Top
	Extreme                   // the least or the largest value: one min or max measure on Top
)

// Formula is a metric's computation from events of one kind.
type Formula struct {
	Kind        event.Kind
	Calc        Calc
	Top, Bottom []string // measures of cube; Rows has no argument
	Less        []string // of Total and Ratio: what is taken off the sum on Top
	Factor      float64  // of Ratio, Quantile and Extreme, from the unit kept to the unit shown
	Q           float64
	// Distinct says that Bottom is a count of different values.
	Distinct bool
	// Known, of a Total, counts the events that have a value. Events of which none has one have a
	// total that nobody knows, and not one of zero.
	Known string
}

// Measures are all measures the formula needs.
func (f *Formula) Measures() []string {
	all := slices.Concat(f.Top, f.Less, f.Bottom)
	if f.Known != "" {
		all = append(all, Rows, f.Known)
	}
	return all
}

// Rows is the measure that counts events.
const Rows = "rows"

// Estimated reports whether the result may be an estimate, and its relative error then: quantiles
// are bins 2 % wide, distinct counts have a standard error.
func (f *Formula) Estimated() bool {
	return f.Calc == Quantile || f.Calc == Different || f.Distinct
}

// failed is the measure of what sampling never leaves out.
const failed = "count(success=false)"

// Certain reports whether the result is the same with sampling as without.
func (f *Formula) Certain() bool {
	if _, sampled := f.Kind.Weight(); !sampled {
		return true
	}
	return f.Calc == Total && len(f.Top) == 1 && f.Top[0] == failed
}

// Unscaled reports whether the result is that of the events which sampling kept: how many different
// values the others had, nobody knows.
func (f *Formula) Unscaled() bool {
	return f.Calc == Different || f.Calc == Extreme || f.Distinct
}

// Metric is a number one can ask for.
type Metric struct {
	Name string
	Type Type
	Unit string // "USD", "ms", "s", "tokens", "tokens/s", "ratio", "percent" or empty
	Help string
	// Better is 1 if more of it is good news, -1 if it is bad news, 0 if it is neither.
	Better int
	// Formulas are for the kinds it can be computed from, the usual one first.
	Formulas []Formula
	// Every says that the metric is the sum over all its kinds, not of one of them.
	Every bool
}

// For is the metric's formula for a kind, nil if there is none.
func (m *Metric) For(kind event.Kind) *Formula {
	for i := range m.Formulas {
		if m.Formulas[i].Kind == kind {
			return &m.Formulas[i]
		}
	}
	return nil
}

// Kinds are the kinds the metric can be computed from.
func (m *Metric) Kinds() []event.Kind {
	kinds := make([]event.Kind, len(m.Formulas))
	for i, f := range m.Formulas {
		kinds[i] = f.Kind
	}
	return kinds
}
