package query

import (
	"context"
	"encoding/json"
	"math"
	"strings"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/query/answer"
	"analytics/query/catalog"
	"analytics/query/when"
	"analytics/rollup/funnels"
)

// ofFunnel are the parameters of counting a funnel.
var ofFunnel = []Param{
	{Name: "id", Word: "NAME", Required: true, Help: "name of the funnel"},
	{Name: "by", Help: "one of " + strings.Join(funnels.Dimensions(), ", ")},
	{Name: "limit", Help: "how many values of it, 20 if not said"},
	{Name: "per", Help: "visitor or session: who goes through the steps; visitor if not said"},
	withBots, comparing,
}

// verbsOfFunnels are about steps in an order. What funnels there are is a matter of rollup/funnels.
var verbsOfFunnels = []Verb{{
	Group: "funnels", Name: "show", Since: "30d", Operand: "id", Own: ofFunnel, Form: Form{Table: funnel},
	Help:    "how many take the first step of a funnel in the range, and how far they get",
	Example: "analytics funnels show signup --since 30d --by channel",
	Empty:   "Nobody took the first step in this range. Widen --since.",
}}

// funnel counts how many get how far.
func funnel(
	ctx context.Context, d *Desk, tenant store.Tenant, p Params, since string,
) (*Answer, error) {
	q, err := p.question(Question{}, since)
	if err != nil {
		return nil, err
	}
	asked := funnels.Question{Tenant: tenant, From: q.From, To: q.To, By: p.get("by"), Limit: q.Limit,
		Bots: q.IncludeBots}
	switch p.get("per") {
	case "", "visitor":
	case "session":
		asked.Sessions = true
	default:
		return nil, fault.At(fault.Invalid, "invalid_parameter", "per", "per must be visitor or session")
	}
	f, err := funnels.Of(d.store, tenant).Get(p.get("id"))
	if err != nil {
		return nil, err
	}
	inside, leave, err := d.enter(ctx, tenant)
	if err != nil {
		return nil, err
	}
	defer leave()
	start := d.now()
	r, err := funnels.Count(inside, d.store, f, asked)
	var was *funnels.Result
	if err == nil && q.Compare != "" {
		old := when.Range{From: q.From, To: q.To, Zone: q.From.Location()}.Before(q.Compare)
		asked.From, asked.To = old.From, old.To
		was, err = funnels.Count(inside, d.store, f, asked)
	}
	if err != nil && ctx.Err() == nil && inside.Err() != nil {
		return nil, tooSlow(d.limits)
	}
	if err != nil {
		return nil, err
	}
	a := stepsOf(r)
	about, err := json.Marshal(f)
	a.Meta = Meta{From: q.From, To: q.To, TZ: q.TZ, Exact: !r.Sampled, Funnel: answer.Raw(about), Groups: r.Values,
		Notes: r.Notes(), Sources: answer.Sources{RawRows: r.Rows}, Watermark: start.In(q.From.Location()),
		Elapsed: d.now().Sub(start)}
	if was != nil {
		a.Meta.ComparedFrom, a.Meta.ComparedTo = asked.From, asked.To
		a.Meta.Exact = a.Meta.Exact && !was.Sampled
		compareSteps(a, stepsOf(was))
	}
	return a, err
}

// compareSteps puts beside each step what it was before.
func compareSteps(a, before *Answer) {
	beside(a, before.Rows, math.MaxInt)
	for _, name := range []string{"entered", "completed", "conversion"} {
		was := before.Totals[name]
		a.Totals[name+"_previous"], a.Totals[name+"_change"] = was, change(a.Totals[name], was)
	}
}

// stepsOf is a row for each step, of each value of the dimension.
func stepsOf(r *funnels.Result) *Answer {
	who := "visitors"
	if r.Question.Sessions {
		who = "sessions"
	}
	step, took := dimension("step"), ratioOf("median_seconds")
	step.Type, took.Unit = catalog.Integer, "s"
	a := &Answer{Columns: []Column{step, dimension("name"), counting(who), ratioOf("conversion"),
		ratioOf("step_conversion"), counting("drop_off"), ratioOf("drop_off_rate"), took}}
	groups := r.Groups
	if r.Question.By == "" {
		groups = []funnels.Group{r.All}
	} else {
		a.Columns = append([]Column{dimension(r.Question.By)}, a.Columns...)
	}
	for _, g := range groups {
		for i, s := range g.Steps {
			var row []any
			if r.Question.By != "" {
				row = append(row, orNull(g.Value))
			}
			a.Rows = append(a.Rows, append(row, int64(i+1), s.Step, s.Reached, round(s.Conversion, 6),
				round(s.FromPrevious, 6), s.Lost, lostOf(s, i), medianOf(s)))
		}
	}
	first, last := r.All.Steps[0], r.All.Steps[len(r.All.Steps)-1]
	a.Totals = map[string]any{"entered": first.Reached, "completed": last.Reached,
		"conversion": round(last.Conversion, 6)}
	return a
}

// lostOf is the part of those at the step before that got no further.
func lostOf(s funnels.StepCount, step int) float64 {
	if step == 0 || s.Reached+s.Lost == 0 {
		return 0
	}
	return round(1-s.FromPrevious, 6)
}

// medianOf is the time from the step before, in seconds.
func medianOf(s funnels.StepCount) any {
	if s.Median == nil {
		return nil
	}
	return round(s.Median.Seconds(), 6)
}
