package query

import (
	"context"
	"slices"

	"analytics/engine/store"
	"analytics/query/catalog"
	"analytics/rollup/paths"
)

// ofQuality are the parameters of the quality of visits.
var ofQuality = append(ofTransitions[:len(ofTransitions):len(ofTransitions)], Param{Name: "goal",
	Help: "events that are conversions, such as signup,purchase; any event if not said"})

// ofDiagnosis are those of a diagnosis. It looks for bots among people, so there is nothing in it of
// those that are known.
var ofDiagnosis = []Param{bySite, bySession, comparing,
	{Name: "limit", Help: "how many counts below each check, 5 if not said"}}

// quality lists how good the visits from each source are; the formula is in rollup/paths.
func quality(
	ctx context.Context, d *Desk, tenant store.Tenant, p Params, since string,
) (*Answer, error) {
	limit, err := p.whole("limit", 20)
	if err != nil {
		return nil, err
	}
	goals := split(p.get("goal"))
	now, was := paths.NewQuality(goals), paths.NewQuality(goals)
	a, err := d.walk(ctx, tenant, p, since, now.Add, was.Add)
	if err != nil {
		return nil, err
	}
	score := counting("quality")
	score.Type = catalog.Number
	a.Columns = []Column{dimension("source"), dimension("channel"), counting("sessions"), score,
		ratioOf("engaged"), ratioOf("depth"), ratioOf("return"), ratioOf("conversion")}
	all := now.Rows()
	rows, total := sourcesOf(all)
	a.Rows, a.Totals["sessions"], a.Meta.Groups = rows[:min(limit, len(rows))], total, len(rows)
	if slices.ContainsFunc(all, func(r paths.SourceQuality) bool { return r.Quality == nil }) {
		a.Meta.Notes = append(a.Meta.Notes, "sources with less than 30 sessions have parts but no quality")
	}
	if !a.Meta.ComparedFrom.IsZero() {
		before, totalBefore := sourcesOf(was.Rows())
		compareTotal(a, "sessions", total, totalBefore)
		a.Meta.Groups += gone(rows, before, 2)
		beside(a, before, limit)
	}
	return a, nil
}

// sourcesOf are sources as rows, and how many sessions there are in all.
func sourcesOf(all []paths.SourceQuality) (rows [][]any, sessions int64) {
	for _, r := range all {
		sessions += r.Sessions
		rows = append(rows, []any{orNull(r.Source), orNull(r.Channel), r.Sessions,
			known(r.Quality, 1), round(r.Engaged, 4), round(r.Depth, 4), round(r.Return, 4),
			round(r.Conversion, 4)})
	}
	return rows, sessions
}

// gone is how many of the rows before there are none of now, told by their first cells.
func gone(now, before [][]any, cells int) (n int) {
	there := map[string]bool{}
	for _, row := range now {
		there[joined(row[:cells])] = true
	}
	for _, row := range before {
		if !there[joined(row[:cells])] {
			n++
		}
	}
	return n
}

// diagnose says whether machines are counted as people: for each check its verdict with reasons, and
// below it what was counted.
func diagnose(
	ctx context.Context, d *Desk, tenant store.Tenant, p Params, since string,
) (*Answer, error) {
	most, err := p.whole("limit", 5)
	if err != nil {
		return nil, err
	}
	now, was := paths.NewDiagnosis(), paths.NewDiagnosis()
	a, err := d.walk(ctx, tenant, p, since, now.Add, was.Add)
	if err != nil {
		return nil, err
	}
	a.Totals = nil
	compared := !a.Meta.ComparedFrom.IsZero()
	before := was.Checks()
	for i, c := range now.Checks() {
		part := &Answer{Columns: []Column{dimension("check"), dimension("verdict"), dimension("what"), counting("count")},
			Rows: countsOf(&c)}
		if compared {
			beside(part, countsOf(&before[i]), most)
			part.Columns = slices.Insert(part.Columns, 2, dimension("verdict_previous"))
		}
		none := make([]any, len(part.Columns))
		for _, reason := range c.Reasons {
			row := slices.Clone(none)
			row[0], row[1], row[2] = c.Name, string(c.Verdict), reason
			if compared {
				row[2], row[3] = string(before[i].Verdict), reason
			}
			a.Rows = append(a.Rows, row)
		}
		for _, row := range part.Rows[:min(most, len(part.Rows))] {
			if compared {
				row = slices.Insert(row, 2, any(nil))
			}
			a.Rows = append(a.Rows, row)
		}
		a.Columns = part.Columns
	}
	return a, nil
}

// countsOf are what a check counted as rows.
func countsOf(c *paths.Check) (rows [][]any) {
	for _, v := range c.Values {
		rows = append(rows, []any{c.Name, nil, v.Name, v.Count})
	}
	return rows
}
