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
	bySite, bySession, withBots, comparing,
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
	besideRest(a, waysOf(old), limit, total, before, paths.Other, paths.Other, paths.Other)
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
	page := p.get("path")
	now, was := paths.NewJourney([]string{page}, depth), paths.NewJourney([]string{page}, depth)
	a, err := d.walk(ctx, tenant, p, since, now.Add, was.Add)
	if err != nil {
		return nil, err
	}
	step := dimension("step")
	step.Type = catalog.Integer
	a.Columns = []Column{step, dimension("page"), counting("sessions"), ratioOf("share")}
	rows, came := now.Rows(limit)
	a.Rows, a.Totals["sessions"] = stopsOf(rows, came, page), came
	if !a.Meta.ComparedFrom.IsZero() {
		old, before := was.Rows(math.MaxInt)
		compareTotal(a, "sessions", came, before)
		besideSteps(a, stopsOf(old, before, page), depth, limit, came, before)
	}
	return a, nil
}

// stopsOf are the stops of a journey as rows, the page it is about among them as step 0.
func stopsOf(stops []paths.Stop, came int64, page string) (rows [][]any) {
	for i, r := range stops {
		if r.Step > 0 && (i == 0 || stops[i-1].Step < 0) {
			rows = append(rows, []any{int64(0), page, came, 1.0})
		}
		rows = append(rows, []any{int64(r.Step), r.Path, r.Sessions, round(r.Share, 6)})
	}
	return rows
}

// besideSteps is besideRest of each step by itself.
func besideSteps(a *Answer, before [][]any, depth, limit int, came, cameBefore int64) {
	columns, rows := a.Columns, [][]any(nil)
	for step := int64(-depth); step <= int64(depth); step++ {
		now, sum := stepOf(a.Rows, step)
		was, sumBefore := stepOf(before, step)
		if sum+sumBefore == 0 {
			continue
		}
		part := &Answer{Columns: columns, Rows: now}
		besideRest(part, was, limit, sum, sumBefore, step, paths.Other)
		if last := part.Rows[len(part.Rows)-1]; last[1] == paths.Other {
			v, w := partOf(last[2], came), partOf(last[3], cameBefore)
			last[5], last[6], last[7] = v, w, change(v, w)
		}
		rows, a.Columns = append(rows, part.Rows...), part.Columns
	}
	a.Rows = rows
}

// stepOf are the rows of a step, and how many sessions they have together.
func stepOf(all [][]any, step int64) (rows [][]any, sessions int64) {
	for _, row := range all {
		if row[0] == step {
			rows, sessions = append(rows, row), sessions+row[2].(int64)
		}
	}
	return rows, sessions
}

// partOf is a part of a whole, null of nothing.
func partOf(part any, whole int64) any {
	if whole == 0 {
		return nil
	}
	return round(float64(part.(int64))/float64(whole), 6)
}
