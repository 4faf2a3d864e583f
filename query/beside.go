package query

import (
	"slices"

	"analytics/query/answer"
	"analytics/query/catalog"
)

// A table of its own has columns of these kinds.

func dimension(name string) Column {
	return Column{Name: name, Kind: answer.KindDimension, Type: catalog.String}
}

func counting(name string) Column {
	return Column{Name: name, Kind: answer.KindMetric, Type: catalog.Integer}
}

func ratioOf(name string) Column {
	return Column{Name: name, Kind: answer.KindMetric, Type: catalog.Number, Unit: "ratio"}
}

// beside puts next to each metric of a table what it was before, and the change, as questions have it; next
// to those of the names alone nothing, as to dimensions between metrics. Rows that are there before and not
// now follow, up to limit rows in all. Dimensions are the first columns of a table.
func beside(a *Answer, before [][]any, limit int, alone ...string) {
	dims := slices.IndexFunc(a.Columns, func(c Column) bool { return c.Kind == answer.KindMetric })
	compared := func(c Column) bool { return c.Kind == answer.KindMetric && !slices.Contains(alone, c.Name) }
	nameOf := func(row []any) string { return joined(row[:dims]) }
	old, there := map[string][]any{}, map[string]bool{}
	for _, row := range before {
		old[nameOf(row)] = row
	}
	var rows [][]any
	add := func(names, now, was []any) {
		row := slices.Clone(names[:dims])
		for i := dims; i < len(a.Columns); i++ {
			v, w := cellOr(now, i, a.Columns[i]), cellOr(was, i, a.Columns[i])
			if row = append(row, v); compared(a.Columns[i]) {
				row = append(row, w, change(v, w))
			}
		}
		rows = append(rows, row)
	}
	for _, row := range a.Rows[:min(limit, len(a.Rows))] {
		there[nameOf(row)] = true
		add(row, row, old[nameOf(row)])
	}
	for _, row := range before {
		if len(rows) < limit && !there[nameOf(row)] {
			add(row, nil, row)
		}
	}
	columns := slices.Clone(a.Columns[:dims])
	for _, c := range a.Columns[dims:] {
		if columns = append(columns, c); compared(c) {
			was, part := c, ratioOf(c.Name+"_change")
			was.Name += "_previous"
			columns = append(columns, was, part)
		}
	}
	a.Columns, a.Rows = columns, rows
}

// besideRest is beside of rows that are the largest of a total, by their first metric: what no row shows is
// one more row, under the names of rest, which are no row's.
func besideRest(a *Answer, before [][]any, limit int, total, totalBefore int64, rest ...any) {
	own := func(row []any) bool { return joined(row[:len(rest)]) == joined(rest) }
	a.Rows, before = slices.DeleteFunc(slices.Clone(a.Rows), own), slices.DeleteFunc(slices.Clone(before), own)
	beside(a, before, limit)
	for _, row := range a.Rows {
		total, totalBefore = total-row[len(rest)].(int64), totalBefore-row[len(rest)+1].(int64)
	}
	if total <= 0 && totalBefore <= 0 {
		return
	}
	row := append(slices.Clone(rest), total, totalBefore, change(total, totalBefore))
	a.Rows = append(a.Rows, append(row, make([]any, len(a.Columns)-len(row))...))
}

// cellOr is a cell of a row; of a row that is not there a count is zero and anything else unknown.
func cellOr(row []any, col int, c Column) any {
	switch {
	case row != nil:
		return row[col]
	case c.Type == catalog.Integer:
		return int64(0)
	}
	return nil
}

// joined is cells as one text that no other cells have.
func joined(cells []any) string {
	var b []byte
	for _, cell := range cells {
		b = append(answer.AppendCell(b, cell), 0)
	}
	return string(b)
}

// compareTotal puts beside a total what it was before.
func compareTotal(a *Answer, name string, now, before int64) {
	a.Totals[name+"_previous"], a.Totals[name+"_change"] = before, change(now, before)
}
