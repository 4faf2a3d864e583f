package report

import (
	"time"

	"analytics/engine/event"
	"analytics/query"
)

// line is a row of an answer with its columns by name. A column that is not there, and a cell that
// is null, read as zero or as not known.
type line struct {
	a     *query.Answer
	cells []any
}

func lines(a *query.Answer) []line {
	if a == nil {
		return nil
	}
	all := make([]line, len(a.Rows))
	for i, row := range a.Rows {
		all[i] = line{a, row}
	}
	return all
}

func (l line) cell(name string) any {
	if i := l.a.Column(name); i >= 0 {
		return l.cells[i]
	}
	return nil
}

func (l line) money(name string) event.NanoUSD { return asMoney(l.cell(name)) }
func (l line) count(name string) int64         { return asCount(l.cell(name)) }

// name is the value of a dimension; events without one are shown as such.
func (l line) name(dimension string) string {
	switch v := l.cell(dimension).(type) {
	case string:
		return v
	case nil:
		return "(none)"
	default:
		return Show(v)
	}
}

func (l line) time() time.Time {
	t, _ := l.cell("time").(time.Time)
	return t
}

func asMoney(cell any) event.NanoUSD {
	v, _ := cell.(event.NanoUSD)
	return v
}

func asCount(cell any) int64 {
	v, _ := cell.(int64)
	return v
}

// total is a total of an answer, nil if it is not known.
func total(a *query.Answer, name string) any {
	if a == nil {
		return nil
	}
	return a.Totals[name]
}

// as makes a number with a way to be read of a cell; nil stays nil.
func as[T ~float64](cell any) any {
	if v, ok := cell.(float64); ok {
		return T(v)
	}
	return nil
}

// changeOf is the change between two numbers, nil if either is not known or there was nothing.
func changeOf(now, was any) any {
	switch v := now.(type) {
	case int64:
		if w, ok := was.(int64); ok {
			return change(v, w)
		}
	case event.NanoUSD:
		if w, ok := was.(event.NanoUSD); ok {
			return change(v, w)
		}
	case Share:
		if w, ok := was.(Share); ok {
			return Points(v - w)
		}
	case Millis:
		return ratio(v, was)
	case Seconds:
		return ratio(v, was)
	case Mean:
		return ratio(v, was)
	}
	return nil
}

// ratio is the change between two means, nil if there was none before.
func ratio[T ~float64](now T, was any) any {
	if w, ok := was.(T); ok && w != 0 {
		return Change(now/w - 1)
	}
	return nil
}
