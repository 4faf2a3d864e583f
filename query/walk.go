package query

import (
	"context"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/query/catalog"
	"analytics/query/filter"
	"analytics/query/listing"
	"analytics/query/when"
	"analytics/rollup"
	"analytics/rollup/cube"
	"analytics/rollup/paths"
)

// The parameters of what is counted along sessions, step by step.
var (
	bySession = Param{Name: "filter", Help: "conditions on visits: source==Google;device==mobile;landing_page=~/blog/*"}
	bySite    = Param{Name: "site", Field: "site", Help: "only this site (a,b or a* as well)"}
	withBots  = Param{Name: "include_bots", Help: "count what bots did, too", Bool: true}
	comparing = Param{Name: "compare", Help: "previous or year: add the numbers of that range"}
	rowLimit  = Param{Name: "limit", Help: "how many rows, 20 if not said"}
)

// walk calls add for each visit of the range that passes the filter, and was for each of the range
// compared with, and gives an answer without rows yet. Sessions go when raw events do, so that what is
// older than retention is not in it.
func (d *Desk) walk(
	ctx context.Context, tenant store.Tenant, p Params, since string, add, was func(*event.Event),
) (*Answer, error) {
	q, err := p.question(Question{}, since)
	if err != nil {
		return nil, err
	}
	where, err := d.ofVisits(q)
	if err != nil {
		return nil, err
	}
	return d.across(ctx, tenant, q, func(ctx context.Context, r when.Range, before bool, meta *Meta) error {
		each := add
		if before {
			each = was
		}
		return d.eachVisit(ctx, tenant, where, r.From, r.To, meta, each)
	})
}

// across counts the range of a question and, where it is compared, the one before, on one place among the
// tenant's questions. The answer has no rows yet.
func (d *Desk) across(
	ctx context.Context, tenant store.Tenant, q Question,
	count func(ctx context.Context, r when.Range, before bool, meta *Meta) error,
) (*Answer, error) {
	if q.To.Sub(q.From) > d.limits.Range+time.Hour {
		return nil, tooLong(d.limits)
	}
	inside, leave, err := d.enter(ctx, tenant)
	if err != nil {
		return nil, err
	}
	defer leave()
	start := d.now()
	r := when.Range{From: q.From, To: q.To, Zone: q.From.Location()}
	a := &Answer{Totals: map[string]any{}, Meta: Meta{
		From: r.From, To: r.To, TZ: q.TZ, Exact: true, Watermark: start.In(r.Zone),
	}}
	err = count(inside, r, false, &a.Meta)
	if err == nil && q.Compare != "" {
		old := r.Before(q.Compare)
		a.Meta.ComparedFrom, a.Meta.ComparedTo = old.From, old.To
		err = count(inside, old, true, &a.Meta)
	}
	if err != nil && ctx.Err() == nil && inside.Err() != nil {
		return nil, tooSlow(d.limits)
	}
	if err != nil {
		return nil, err
	}
	a.Meta.Elapsed = d.now().Sub(start)
	return a, nil
}

// ofVisits are the conditions on visits: those of the question, on sites alone, and of people unless
// bots are asked for.
func (d *Desk) ofVisits(q Question) ([]cube.Predicate, error) {
	where, err := d.ofSessions(q)
	return append(where, cube.Predicate{Field: siteField, Compare: cube.Ne, Values: []string{""}}), err
}

// ofSessions are the conditions on sessions, of people unless bots are asked for.
func (d *Desk) ofSessions(q Question) ([]cube.Predicate, error) {
	kinds := []event.Kind{event.Session}
	conditions, err := filter.Parse(q.Filter)
	if err == nil {
		err = d.catalog.CheckFilter(kinds, conditions)
	}
	if err != nil {
		return nil, err
	}
	where, ok, err := d.catalog.Predicates(event.Session, conditions)
	if err == nil && !ok {
		err = fault.At(fault.Invalid, "invalid_combination", "filter",
			"no event can pass this filter; the types are %s", catalog.Choices(typeNames(kinds)))
	}
	if !q.IncludeBots && !aboutBots(nil, conditions) {
		where = append(where, people())
	}
	return where, err
}

// eachVisit calls add for each session that starts in [from, to) and passes the conditions.
func (d *Desk) eachVisit(
	ctx context.Context, tenant store.Tenant, where []cube.Predicate, from, to time.Time, meta *Meta,
	add func(*event.Event),
) error {
	passing, err := listing.NewMatcher(event.Session, where)
	if err != nil {
		return err
	}
	low, high := event.MicrosOf(from), event.MicrosOf(to)
	snap := d.store.Snapshot(store.Range{Tenant: tenant, Kind: event.Session, From: low, To: high})
	for _, seg := range snap.Segments() {
		if seg.RawDropped {
			meta.Note("the oldest sessions are gone: they were removed by retention")
		}
	}
	snap.Release()
	fresh, err := d.fresh(ctx, tenant, event.Session, where, low, high, meta)
	if err != nil {
		return err
	}
	fields := slices.Concat(paths.Fields(), passing.Fields())
	slices.Sort(fields)
	wanted := rollup.Wanted{Fields: slices.Compact(fields), Passing: func(rec arrow.Record) []int32 {
		return passing.Narrow(listing.NewView(event.Session, rec), nil)
	}}
	return d.mill.EachSession(ctx, tenant, low, high, fresh, wanted, add)
}
