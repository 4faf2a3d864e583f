package query

import (
	"context"
	"slices"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/query/answer"
	"analytics/query/catalog"
	"analytics/rollup/cube"
	"analytics/rollup/paths"
)

// ofWalk are the parameters of what is counted along sessions, step by step.
var ofWalk = []Param{
	{Name: "site", Help: "only this site"},
	{Name: "limit", Help: "how many rows, 20 if not said"},
}

// ofJourney are those of a journey.
var ofJourney = []Param{
	{Name: "path", Word: "PATH", Required: true, Help: "page the journey is about, such as /pricing"},
	{Name: "site", Help: "only this site"},
	{Name: "depth", Help: "how many pages before and after, 3 if not said, 10 at most"},
	{Name: "limit", Help: "how many pages each, 5 if not said"},
}

// walk calls add for each session of the range and gives an answer without rows yet. Sessions go when
// raw events do, so that what is older than retention is not in it.
func (d *Desk) walk(
	ctx context.Context, tenant store.Tenant, p Params, since string, add func(*event.Event),
) (*Answer, error) {
	q, err := p.question(Question{}, since)
	if err != nil {
		return nil, err
	}
	if q.To.Sub(q.From) > d.limits.Range+time.Hour {
		return nil, tooLong(d.limits)
	}
	inside, leave, err := d.enter(ctx, tenant)
	if err != nil {
		return nil, err
	}
	defer leave()
	start := d.now()
	a := &Answer{Totals: map[string]any{}, Meta: Meta{
		From: q.From, To: q.To, TZ: q.TZ, Exact: true, Watermark: start.In(q.From.Location()),
	}}
	low, high := event.MicrosOf(q.From), event.MicrosOf(q.To)
	snap := d.store.Snapshot(store.Range{Tenant: tenant, Kind: event.Session, From: low, To: high})
	for _, seg := range snap.Segments() {
		if seg.RawDropped {
			a.Meta.Note("the oldest sessions are gone: they were removed by retention")
		}
	}
	snap.Release()
	site := p.get("site")
	var where []cube.Predicate
	if site != "" {
		where = append(where, cube.Predicate{Field: siteField, Compare: cube.Eq, Values: []string{site}})
	}
	fresh, err := d.fresh(inside, tenant, event.Session, where, high, &a.Meta)
	if err == nil {
		err = d.mill.EachSession(inside, tenant, low, high, fresh, paths.Fields(), func(s *event.Event) {
			if only(site, string(s.Text(event.SessionSite))) {
				add(s)
			}
		})
	}
	if err != nil && ctx.Err() == nil && inside.Err() != nil {
		return nil, tooSlow(d.limits)
	}
	a.Meta.Elapsed = d.now().Sub(start)
	return a, err
}

func dimension(name string) Column {
	return Column{Name: name, Kind: answer.KindDimension, Type: catalog.String}
}

func counting(name string) Column {
	return Column{Name: name, Kind: answer.KindMetric, Type: catalog.Integer}
}

func ratioOf(name string) Column {
	return Column{Name: name, Kind: answer.KindMetric, Type: catalog.Number, Unit: "ratio"}
}

// transitions lists from which page people went to which.
func transitions(
	ctx context.Context, d *Desk, tenant store.Tenant, p Params, since string,
) (*Answer, error) {
	limit, err := p.whole("limit", 20)
	if err != nil {
		return nil, err
	}
	t := paths.NewTransitions()
	a, err := d.walk(ctx, tenant, p, since, t.Add)
	if err != nil {
		return nil, err
	}
	a.Columns = []Column{dimension("from_page"), dimension("to_page"), dimension("site"),
		counting("count"), ratioOf("share")}
	rows, total := t.Rows(limit)
	for _, r := range rows {
		share := any(round(r.Share, 6))
		if r.From == paths.Other {
			share = nil
		}
		a.Rows = append(a.Rows, []any{r.From, r.To, r.Site, r.Count, share})
	}
	a.Totals["count"] = total
	return a, nil
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
	j := paths.NewJourney(p.get("site"), []string{p.get("path")}, depth)
	a, err := d.walk(ctx, tenant, p, since, j.Add)
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

// quality lists how good the visits from each source are; the formula is in rollup/paths.
func quality(
	ctx context.Context, d *Desk, tenant store.Tenant, p Params, since string,
) (*Answer, error) {
	limit, err := p.whole("limit", 20)
	if err != nil {
		return nil, err
	}
	counted := paths.NewQuality(split(p.get("goal")))
	a, err := d.walk(ctx, tenant, p, since, counted.Add)
	if err != nil {
		return nil, err
	}
	score := counting("quality")
	score.Type = catalog.Number
	a.Columns = []Column{dimension("source"), dimension("channel"), counting("sessions"), score,
		ratioOf("engaged"), ratioOf("depth"), ratioOf("return"), ratioOf("conversion")}
	rows, total := counted.Rows(), int64(0)
	for i, r := range rows {
		total += r.Sessions
		if i >= limit {
			continue
		}
		a.Rows = append(a.Rows, []any{orNull(r.Source), orNull(r.Channel), r.Sessions,
			known(r.Quality, 1), round(r.Engaged, 4), round(r.Depth, 4), round(r.Return, 4),
			round(r.Conversion, 4)})
	}
	if slices.ContainsFunc(rows, func(r paths.SourceQuality) bool { return r.Quality == nil }) {
		a.Meta.Notes = append(a.Meta.Notes, "sources with less than 30 sessions have parts but no quality")
	}
	a.Totals["sessions"], a.Meta.Groups = total, len(rows)
	return a, nil
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
	counted := paths.NewDiagnosis()
	a, err := d.walk(ctx, tenant, p, since, counted.Add)
	if err != nil {
		return nil, err
	}
	a.Columns = []Column{dimension("check"), dimension("verdict"), dimension("what"), counting("count")}
	for _, c := range counted.Checks() {
		for _, reason := range c.Reasons {
			a.Rows = append(a.Rows, []any{c.Name, string(c.Verdict), reason, nil})
		}
		for _, v := range c.Values[:min(most, len(c.Values))] {
			a.Rows = append(a.Rows, []any{c.Name, nil, v.Name, v.Count})
		}
	}
	a.Totals = nil
	return a, nil
}
