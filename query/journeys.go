package query

import (
	"context"
	"math"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/query/catalog"
	"analytics/rollup/paths"
)

// ofTransitions are the parameters of transitions.
var ofTransitions = []Param{bySite, bySession, withBots, comparing, rowLimit}

// ofJourney are those of a journey.
var ofJourney = []Param{
	{Name: "path", Word: "PATH", Required: true, Help: "page the journey is about, such as /pricing"},
	{Name: "depth", Help: "how many pages before and after, 3 if not said, 10 at most"},
	{Name: "limit", Help: "how many pages each, 5 if not said"},
	bySite, bySession, withBots,
}

// transitions lists from which page people went to which.
func transitions(
	ctx context.Context, d *Desk, tenant store.Tenant, p Params, since string,
) (*Answer, error) {
	limit, err := p.whole("limit", 20)
	if err != nil {
		return nil, err
	}
	now, was := paths.NewTransitions(), paths.NewTransitions()
	a, err := d.walk(ctx, tenant, p, since, now.Add, was.Add)
	if err != nil {
		return nil, err
	}
	a.Columns = []Column{dimension("from_page"), dimension("to_page"), dimension("site"),
		counting("count"), ratioOf("share")}
	rows, total := now.Rows(limit)
	a.Rows, a.Totals["count"] = waysOf(rows), total
	if a.Meta.ComparedFrom.IsZero() {
		return a, nil
	}
	old, before := was.Rows(math.MaxInt)
	compareTotal(a, "count", total, before)
	beside(a, waysOf(old), limit)
	rest, restBefore := total, before // what no row shows is one more
	for _, row := range a.Rows {
		rest, restBefore = rest-row[3].(int64), restBefore-row[4].(int64)
	}
	if rest > 0 || restBefore > 0 {
		a.Rows = append(a.Rows, []any{paths.Other, paths.Other, paths.Other, rest, restBefore,
			change(rest, restBefore), nil, nil, nil})
	}
	return a, nil
}

// waysOf are transitions as rows. What there is too much of has no share.
func waysOf(all []paths.Transition) (rows [][]any) {
	for _, r := range all {
		share := any(round(r.Share, 6))
		if r.From == paths.Other {
			share = nil
		}
		rows = append(rows, []any{r.From, r.To, r.Site, r.Count, share})
	}
	return rows
}

// journey lists what people saw before and after a page.
func journey(
	ctx context.Context, d *Desk, tenant store.Tenant, p Params, since string,
) (*Answer, error) {
	limit, err := p.whole("limit", 5)
	if err != nil {
		return nil, err
	}
	depth, err := p.whole("depth", 3)
	if err != nil {
		return nil, err
	}
	if depth > paths.MaxDepth {
		return nil, fault.At(fault.Invalid, "invalid_parameter", "depth", "depth is %d at most",
			paths.MaxDepth)
	}
	j := paths.NewJourney([]string{p.get("path")}, depth)
	a, err := d.walk(ctx, tenant, p, since, j.Add, nil)
	if err != nil {
		return nil, err
	}
	step := dimension("step")
	step.Type = catalog.Integer
	a.Columns = []Column{step, dimension("page"), counting("sessions"), ratioOf("share")}
	rows, came := j.Rows(limit)
	for i, r := range rows {
		if r.Step > 0 && (i == 0 || rows[i-1].Step < 0) {
			a.Rows = append(a.Rows, []any{int64(0), p.get("path"), came, 1.0})
		}
		a.Rows = append(a.Rows, []any{int64(r.Step), r.Path, r.Sessions, round(r.Share, 6)})
	}
	a.Totals["sessions"] = came
	return a, nil
}
