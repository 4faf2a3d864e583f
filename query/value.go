package query

import (
	"math"
	"strconv"

	"analytics/engine/event"
	"analytics/query/catalog"
	"analytics/rollup/cube"
)

// The errors that are stated for estimates: quantiles are within 1 % of a value that is there, and
// distinct counts beyond cube.ExactLimit have this standard error.
const (
	quantileError = 0.01
	distinctError = 0.0081
)

// value is a metric of group g of a table; g < 0 is a group that no event fell into. estimate is
// the relative error, 0 where the value is exact.
func value(f *catalog.Formula, typ catalog.Type, t *cube.Table, g int) (v any, estimate float64) {
	if g < 0 {
		if f.Calc == catalog.Total || f.Calc == catalog.Different {
			return typed(typ, 0), 0
		}
		return nil, 0
	}
	switch f.Calc {
	case catalog.Total:
		if unknown(f, t, g) {
			return nil, 0
		}
		sum := int64(0)
		for _, name := range f.Top {
			n, _ := t.Int(t.Measure(name), g)
			sum += n
		}
		for _, name := range f.Less {
			n, _ := t.Int(t.Measure(name), g)
			sum -= n
		}
		return typed(typ, sum), 0
	case catalog.Different:
		n, exact := t.Unique(t.Measure(f.Top[0]), g)
		if !exact {
			estimate = distinctError
		}
		return typed(typ, int64(n)), estimate
	case catalog.Quantile:
		x, ok := t.Quantile(t.Measure(f.Top[0]), g, f.Q)
		if !ok {
			return nil, 0
		}
		return round(x*f.Factor, 3), quantileError
	case catalog.Extreme:
		x, ok := number(t, f.Top[0], g)
		if !ok {
			return nil, 0
		}
		if typ == catalog.Time {
			return event.Micros(x).Time(), 0 // exact: a float has room for 200 years of microseconds
		}
		return x * f.Factor, 0
	}
	return ratio(f, t, g)
}

// unknown reports whether a total is of events alone that have no value.
func unknown(f *catalog.Formula, t *cube.Table, g int) bool {
	if f.Known == "" {
		return false
	}
	known, _ := t.Int(t.Measure(f.Known), g)
	if known > 0 {
		return false
	}
	rows, _ := t.Int(t.Measure(catalog.Rows), g)
	return rows > 0
}

func ratio(f *catalog.Formula, t *cube.Table, g int) (v any, estimate float64) {
	top, bottom := 0.0, 0.0
	for _, name := range f.Top {
		x, _ := number(t, name, g)
		top += x
	}
	for _, name := range f.Less {
		x, _ := number(t, name, g)
		top -= x
	}
	for _, name := range f.Bottom {
		if f.Distinct {
			n, exact := t.Unique(t.Measure(name), g)
			if !exact {
				estimate = distinctError
			}
			bottom += float64(n)
			continue
		}
		x, _ := number(t, name, g)
		bottom += x
	}
	if bottom == 0 {
		return nil, 0
	}
	return round(top/bottom*f.Factor, 6), estimate
}

// number is a measure as a float, whatever the type of its field.
func number(t *cube.Table, name string, g int) (float64, bool) { return t.Number(t.Measure(name), g) }

// typed gives a whole number the type of its column.
func typed(typ catalog.Type, n int64) any {
	if typ == catalog.Decimal {
		return event.NanoUSD(n)
	}
	return n
}

// round keeps digits after the point: more would only be noise of the division.
func round(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	if r := math.Round(v*scale) / scale; !math.IsInf(r, 0) {
		return r
	}
	return v
}

// cell is the text of a dimension in the type of its column; a missing value is null.
func cell(typ catalog.Type, text string) any {
	switch {
	case text == "":
		return nil
	case typ == catalog.Integer:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
	case typ == catalog.Boolean && (text == "true" || text == "false"):
		return text == "true"
	}
	return text
}

// amount is a cell as a number to order and compare by; ok is false for null.
func amount(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case event.NanoUSD:
		return float64(v) / 1e9, true
	}
	return 0, false
}
