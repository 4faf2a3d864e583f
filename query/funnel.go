package query

import (
	"context"
	"encoding/json"
	"math"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/query/answer"
	"analytics/query/catalog"
	"analytics/query/listing"
	"analytics/query/when"
	"analytics/rollup/funnels"
)

// ofFunnel are the parameters of counting a funnel.
var ofFunnel = []Param{
	{Name: "id", Word: "NAME", Required: true, Help: "name of the funnel"},
	{Name: "by", Help: "one of " + strings.Join(funnels.Dimensions(), ", ")},
	{Name: "limit", Help: "how many values of it, 20 if not said"},
	{Name: "per", Help: "visitor or session: who goes through the steps; visitor if not said"},
	{Name: "filter", Help: "only who begins so, by their first page view: channel==organic_search;device==mobile;path=~/blog/*"},
	bySite, withBots, comparing,
}

// verbsOfFunnels are about steps in an order. What funnels there are is a matter of rollup/funnels.
var verbsOfFunnels = []Verb{
	{
		Group: "funnels", Name: "list", Fixed: true, Form: Form{Table: listFunnels},
		Help: "the funnels there are", Example: "analytics funnels list",
		Empty: "No funnels. `analytics funnels create --help` says how to define one.",
	},
	{
		Group: "funnels", Name: "show", Since: "30d", Operand: "id", Own: ofFunnel, Form: Form{Table: funnel},
		Help:    "how many take the first step of a funnel in the range, and how far they get",
		Example: "analytics funnels show signup --since 30d --by channel",
		Empty:   "Nobody took the first step in this range. Widen --since.",
	},
}

// listFunnels lists the definitions.
func listFunnels(_ context.Context, d *Desk, tenant store.Tenant, _ Params, _ string) (*Answer, error) {
	now := d.now().In(d.zone)
	a := &Answer{Meta: Meta{From: now, To: now, TZ: d.zone.String(), Exact: true, Watermark: now}}
	for _, name := range []string{"name", "window", "created", "steps"} {
		a.Columns = append(a.Columns, Column{Name: name, Kind: answer.KindField, Type: catalog.String})
	}
	a.Columns[2].Type = catalog.Time
	all, err := funnels.Of(d.store, tenant).List()
	for _, f := range all {
		a.Rows = append(a.Rows, []any{f.Name, f.Window, f.Created.In(d.zone), strings.Join(f.Steps, " → ")})
	}
	a.Meta.Groups = len(all)
	return a, err
}

// funnel counts how many get how far.
func funnel(
	ctx context.Context, d *Desk, tenant store.Tenant, p Params, since string,
) (*Answer, error) {
	q, err := p.question(Question{}, since)
	if err != nil {
		return nil, err
	}
	asked := funnels.Question{Tenant: tenant, By: p.get("by"), Limit: q.Limit, Bots: q.IncludeBots}
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
	if asked.Where, err = d.beginning(q.Filter); err != nil {
		return nil, err
	}
	var now, was *funnels.Result
	a, err := d.across(ctx, tenant, q, func(ctx context.Context, r when.Range, before bool, _ *Meta) (err error) {
		asked.From, asked.To = r.From, r.To
		if before {
			was, err = funnels.Count(ctx, d.store, f, asked)
		} else {
			now, err = funnels.Count(ctx, d.store, f, asked)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	stepsOf(a, now)
	about, err := json.Marshal(f)
	a.Meta.Exact, a.Meta.Funnel, a.Meta.Groups = !now.Sampled, answer.Raw(about), now.Values
	a.Meta.Notes, a.Meta.Sources.RawRows = now.Notes(), now.Rows
	if was != nil {
		a.Meta.Exact = a.Meta.Exact && !was.Sampled
		compareSteps(a, was)
	}
	return a, err
}

// beginning is the filter as conditions on the first page view of everybody.
func (d *Desk) beginning(text string) (funnels.Where, error) {
	where, err := d.onlyOn(event.PageView, text, "a funnel", funnels.Dimensions())
	if err != nil || len(where) == 0 {
		return funnels.Where{}, err
	}
	m, err := listing.NewMatcher(event.PageView, where)
	if err != nil {
		return funnels.Where{}, err
	}
	none, err := passing(event.PageView, where, 1, func(e *event.Event, _ int) {
		e.Reset(event.PageView)
		e.SetInt(event.Timestamp, 0)
		e.SetID(event.EventID, []byte("none"))
	})
	return funnels.Where{Fields: m.Fields(), Unseen: len(none) > 0, Passing: func(rec arrow.Record) []int32 {
		return m.Narrow(listing.NewView(event.PageView, rec), nil)
	}}, err
}

// compareSteps puts beside each step what it was before.
func compareSteps(a *Answer, was *funnels.Result) {
	before := &Answer{Totals: map[string]any{}}
	stepsOf(before, was)
	beside(a, before.Rows, math.MaxInt)
	for _, name := range []string{"entered", "completed", "conversion"} {
		was := before.Totals[name]
		a.Totals[name+"_previous"], a.Totals[name+"_change"] = was, change(a.Totals[name], was)
	}
}

// stepsOf gives an answer a row for each step, of each value of the dimension.
func stepsOf(a *Answer, r *funnels.Result) {
	who := "visitors"
	if r.Question.Sessions {
		who = "sessions"
	}
	step, took := dimension("step"), ratioOf("median_seconds")
	step.Type, took.Unit = catalog.Integer, "s"
	a.Columns = []Column{step, dimension("name"), counting(who), ratioOf("conversion"),
		ratioOf("step_conversion"), counting("drop_off"), ratioOf("drop_off_rate"), took}
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
	a.Totals["entered"], a.Totals["completed"] = first.Reached, last.Reached
	a.Totals["conversion"] = round(last.Conversion, 6)
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
