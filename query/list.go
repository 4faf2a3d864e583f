package query

import (
	"context"
	"errors"
	"slices"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/query/catalog"
	"analytics/query/filter"
	"analytics/query/listing"
	"analytics/query/when"
	"analytics/rollup/cube"
)

// Listing asks for single events, newest first.
type Listing struct {
	// Kinds are the kinds of events; all kinds that have what the filter names if empty.
	Kinds  []event.Kind
	Filter string
	// From and To bound the time: [From, To).
	From, To time.Time
	TZ       string
	// Fields are the columns; the usual ones if empty, "all" for everything.
	Fields []string
	// Limit is how many events are listed, 50 if 0.
	Limit int
	// Cursor is Meta.Next of the page before.
	Cursor string
	// IncludeBots lists what bots did, too.
	IncludeBots bool
}

const defaultList = 50

// List lists events of a tenant.
func (d *Desk) List(ctx context.Context, tenant store.Tenant, l Listing) (*Answer, error) {
	start := d.now()
	if l.Limit == 0 {
		l.Limit = defaultList
	}
	if l.Limit < 0 || l.Limit > d.limits.Rows {
		return nil, fault.At(fault.Invalid, "too_many_rows", "limit",
			"a list has at most %d events; go on with cursor=meta.next", d.limits.Rows)
	}
	zone, err := when.Zone(l.TZ, d.zone)
	if err != nil {
		return nil, err
	}
	after, err := listing.ParseCursor(tenant, l.Cursor)
	if err != nil {
		return nil, err
	}
	wanted, err := d.kindsOf(l)
	if err != nil {
		return nil, err
	}
	kinds := make([]event.Kind, len(wanted))
	for i, w := range wanted {
		kinds[i] = w.kind
	}
	cols, err := listing.Columns(kinds, l.Fields)
	if err != nil {
		return nil, err
	}
	req := listing.Request{
		From: event.MicrosOf(l.From), To: event.MicrosOf(l.To), Columns: cols, Zone: zone,
		Limit: l.Limit, After: after,
	}
	ctx, leave, err := d.enter(ctx, tenant)
	if err != nil {
		return nil, err
	}
	defer leave()
	a := &Answer{Columns: cols, Meta: Meta{
		From: l.From.In(zone), To: l.To.In(zone), TZ: zone.String(), Exact: true,
		Watermark: start.In(zone),
	}}
	if err := d.gather(ctx, tenant, wanted, req, a); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = tooSlow(d.limits)
		}
		return nil, err
	}
	if len(l.Fields) == 0 {
		dropEmpty(a, listing.Weight)
	}
	a.Meta.Elapsed = d.now().Sub(start)
	return a, nil
}

// dropEmpty leaves the last column out if it has that name and nothing in it.
func dropEmpty(a *Answer, name string) {
	last := len(a.Columns) - 1
	if a.Columns[last].Name != name ||
		slices.ContainsFunc(a.Rows, func(row []any) bool { return row[last] != nil }) {
		return
	}
	a.Columns = a.Columns[:last]
	for i := range a.Rows {
		a.Rows[i] = a.Rows[i][:last]
	}
}

// gather takes the snapshots and reads them.
func (d *Desk) gather(
	ctx context.Context, tenant store.Tenant, wanted []kindFilter, req listing.Request, a *Answer,
) error {
	var sources []listing.Source
	gone := false
	for _, w := range wanted {
		m, err := listing.NewMatcher(w.kind, w.where)
		if err != nil {
			return err
		}
		fresh, err := d.fresh(ctx, tenant, w.kind, req.To, &a.Meta)
		if err != nil {
			return err
		}
		snap := d.store.Snapshot(store.Range{
			Tenant: tenant, Kind: w.kind, From: req.From, To: req.To,
		})
		defer snap.Release()
		for _, seg := range snap.Segments() {
			gone = gone || seg.RawDropped
		}
		if at := snap.At.In(req.Zone); at.Before(a.Meta.Watermark) {
			a.Meta.Watermark = at
		}
		sources = append(sources, listing.Source{
			Kind: w.kind, Snapshot: snap, Matcher: m, Until: fresh.Until, Fresh: fresh.Record,
		})
	}
	found, err := listing.Newest(ctx, sources, req)
	if err != nil {
		return err
	}
	a.Rows = found.Rows
	a.Meta.Next = found.Next.Text(tenant)
	a.Meta.Sources.RawRows, a.Meta.Sources.HeadRows = found.RawRows, found.HeadRows
	if gone && a.Meta.Next == "" {
		a.Meta.Note("older events are gone: they were removed by retention")
	}
	return nil
}

// kindFilter is what is listed of one kind.
type kindFilter struct {
	kind  event.Kind
	where []cube.Predicate
}

// kindsOf decides which kinds are listed. A kind that was not asked for by name and has no such
// field as the filter names has no such events.
func (d *Desk) kindsOf(l Listing) ([]kindFilter, error) {
	conditions, err := filter.Parse(l.Filter)
	if err != nil {
		return nil, err
	}
	kinds := l.Kinds
	if len(kinds) == 0 {
		kinds = event.Sent()
	}
	if err := d.catalog.CheckFilter(kinds, conditions); err != nil {
		return nil, err
	}
	var names []string
	for _, c := range conditions {
		names = append(names, c.Name)
	}
	bots := l.IncludeBots || aboutBots(names, nil)
	var all []kindFilter
	for _, kind := range kinds {
		if !d.catalog.AllFilterable(kind, conditions) {
			continue
		}
		where, ok, err := d.catalog.Predicates(kind, conditions)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if _, has := kind.Field(botClass); has && !bots {
			where = append(where, people())
		}
		all = append(all, kindFilter{kind, where})
	}
	if len(all) == 0 {
		return nil, fault.At(fault.Invalid, "invalid_combination", "filter",
			"no event can pass this filter; the types are %s", catalog.Choices(typeNames(kinds)))
	}
	return all, nil
}

func typeNames(kinds []event.Kind) []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.String())
	}
	return names
}

// people is the condition that leaves bots out. A ghost, whose browser never reported back, may have
// a person behind it who blocks trackers: nobody is convicted on that alone.
func people() cube.Predicate {
	return cube.Predicate{Field: botClass, Compare: cube.In, Values: []string{"", "human", "ghost"}}
}
