package query

import (
	"context"
	"slices"

	"analytics/engine/store"
	"analytics/query/filter"
	"analytics/rollup/cube"
)

// addRest adds what the limit cut off as one more group, (other). It is counted like any question,
// with the groups that are shown filtered out, so that its quantiles and different values are right,
// too: they cannot be had from the total and the rows.
func (d *Desk) addRest(ctx context.Context, tenant store.Tenant, q Question, a *Answer) error {
	lead := a.Column(q.By[0])
	shown, err := filter.Parse(q.Filter)
	if err != nil {
		return err
	}
	var seen []string
	for _, row := range a.Rows {
		text := ""
		if row[lead] != nil {
			text = spelled(row[lead])
		}
		if !slices.Contains(seen, text) {
			seen = append(seen, text)
			shown = shown.And(q.By[0], filter.NotEqual, text)
		}
	}
	rest := q
	rest.By, rest.Filter, rest.Order, rest.Limit = nil, shown.String(), "", 0
	rest.Other, rest.Share, rest.Smooth = false, false, 0
	p, err := d.plan(rest)
	if err != nil {
		return err
	}
	b, err := d.answer(ctx, tenant, rest, p)
	if err != nil {
		return err
	}
	for _, row := range b.Rows {
		row = slices.Insert(row, lead, any(cube.Other))
		if q.Share {
			row = append(row, shareOf(row[lead+1], a.Totals[q.Metrics[0]]))
		}
		a.Rows = append(a.Rows, row)
	}
	if lead > 0 { // over time: into its bucket
		slices.SortStableFunc(a.Rows, func(x, y []any) int { return compareCells(x[0], y[0], false) })
	}
	for _, note := range b.Meta.Notes {
		a.Meta.Note(note)
	}
	return nil
}
