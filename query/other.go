package query

import (
	"slices"

	"analytics/query/catalog"
	"analytics/query/when"
	"analytics/rollup/cube"
)

// addRest adds what the limit cut off as one more group, (other), to rows of the series that are
// shown. It is made of the merged states of the groups that are not, so that its quantiles and
// different values are right, too: they cannot be had from the total and the rows.
func (s *sheet) addRest(rows [][]any, shown []int32) ([][]any, error) {
	var values []string
	for _, i := range shown {
		values = append(values, s.now.series[i].texts[0])
	}
	plan := *s.plan
	plan.by, plan.order, plan.limit, plan.share = nil, order{}, 0, false
	now, err := s.now.without(&plan, values)
	if err != nil {
		return nil, err
	}
	var before *result
	if s.before != nil {
		old := *s.before.plan
		old.by = nil
		if before, err = s.before.without(&old, values); err != nil {
			return nil, err
		}
	}
	rest := newSheet(&plan, now, before)
	lead := s.lead() - 1
	others, err := rest.rows(rest.rank())
	if err != nil {
		return nil, err
	}
	for _, row := range others {
		row = slices.Insert(row, lead, any(cube.Other))
		if s.plan.share {
			row = append(row, s.share(row[lead+1]))
		}
		rows = append(rows, row)
	}
	for metric, estimate := range rest.estimates {
		s.note(metric, estimate)
	}
	if s.plan.interval != when.None { // into its bucket
		slices.SortStableFunc(rows, func(x, y []any) int { return compareCells(x[0], y[0], false) })
	}
	return rows, nil
}

// without is the result without the groups of some values of its only dimension, as one series.
func (r *result) without(p *plan, values []string) (*result, error) {
	left := make([]counted, len(r.parts))
	for i, c := range r.parts {
		var err error
		if left[i], err = c.without(r.plan.by[0].Name, values); err != nil {
			return nil, err
		}
	}
	return join(p, left), nil
}

func (c counted) without(dim string, values []string) (left counted, err error) {
	part := *c.part
	part.spec.Dims = nil
	left = counted{part: &part, tables: c.tables}
	if dim == catalog.TypeDimension { // no field: all of a part is of one type
		if !slices.Contains(values, part.kind.String()) {
			return left, nil
		}
		none, err := cube.NewTable(part.spec)
		if err == nil {
			left.tables, err = sumUp(none)
		}
		return left, err
	}
	cells, err := c.tables.without(dim, values)
	if err != nil {
		return left, err
	}
	left.cells, left.groups = []*cube.Table{cells}, cells
	if c.groups != c.cells[0] {
		left.groups, err = c.groups.Without(dim, values)
	}
	left.total = left.groups
	return left, err
}
