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
	// Streamed says that rows are written as they are read: then a list without a limit, or with one
	// that is over the limit of rows, is an answer whose rows are still to come.
	Streamed bool
}

const defaultList = 50

// List lists events of a tenant.
func (d *Desk) List(ctx context.Context, tenant store.Tenant, l Listing) (*Answer, error) {
	start := d.now()
	long := l.Streamed && (l.Limit == 0 || l.Limit > d.limits.Rows)
	if l.Limit == 0 && !long {
		l.Limit = defaultList
	}
	if l.Limit < 0 || l.Limit > d.limits.Rows && !long {
		return nil, tooManyRows(d.limits)
	}
	wanted, req, err := d.prepare(tenant, l)
	if err != nil {
		return nil, err
	}
	a := &Answer{Columns: req.Columns, Meta: Meta{
		From: l.From.In(req.Zone), To: l.To.In(req.Zone), TZ: req.Zone.String(), Exact: true,
		Watermark: start.In(req.Zone),
	}}
	if long {
		a.More = func(yield func(row []any) error) error { return d.each(ctx, tenant, wanted, req, yield) }
		return a, nil
	}
	ctx, leave, err := d.enter(ctx, tenant)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := d.gather(ctx, tenant, wanted, req, a); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = tooSlow(d.limits)
		}
		return nil, err
	}
	if len(l.Fields) == 0 && !l.Streamed { // in a file a column is there whatever the rows are
		dropEmpty(a, listing.Weight)
	}
	a.Meta.Elapsed = d.now().Sub(start)
	return a, nil
}

// prepare reads a listing.
func (d *Desk) prepare(tenant store.Tenant, l Listing) (wanted []kindFilter, req listing.Request, err error) {
	if req.Zone, err = when.Zone(l.TZ, d.zone); err != nil {
		return nil, req, err
	}
	if req.After, err = listing.ParseCursor(tenant, l.Cursor); err != nil {
		return nil, req, err
	}
	if wanted, err = d.kindsOf(l); err != nil {
		return nil, req, err
	}
	kinds := make([]event.Kind, len(wanted))
	for i, w := range wanted {
		kinds[i] = w.kind
	}
	req.From, req.To, req.Limit = event.MicrosOf(l.From), event.MicrosOf(l.To), l.Limit
	if named := len(l.Fields) > 0 && l.Fields[0] != "all"; named && len(l.Kinds) > 0 {
		kinds = l.Kinds // a field is no less one of the list because the filter leaves none that has it
	}
	req.Columns, err = listing.Columns(kinds, l.Fields)
	return wanted, req, err
}

// each reads a list of any length while it is written. It takes no place among the questions, which
// it would keep for minutes, but one of the few for downloads; it has no limit of time, and ends when
// the client leaves.
func (d *Desk) each(
	ctx context.Context, tenant store.Tenant, wanted []kindFilter, req listing.Request,
	yield func(row []any) error,
) error {
	leave, err := d.download()
	if err != nil {
		return err
	}
	defer leave()
	var a Answer // its meta says what no file has a place for
	sources, release, _, err := d.sources(ctx, tenant, wanted, req, &a)
	defer release()
	if err != nil {
		return err
	}
	return listing.Each(ctx, sources, req, yield)
}

// download takes a place among the answers that are written while they are made.
func (d *Desk) download() (leave func(), err error) {
	select {
	case d.downloads <- struct{}{}:
		return func() { <-d.downloads }, nil
	default:
		return nil, fault.New(fault.Limited, "too_many_downloads",
			"%d long answers are being fetched already, which is the limit; try again when one is done, or ask "+
				"with limit=%d", cap(d.downloads), d.limits.Rows)
	}
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

// gather reads one page of a list.
func (d *Desk) gather(
	ctx context.Context, tenant store.Tenant, wanted []kindFilter, req listing.Request, a *Answer,
) error {
	sources, release, gone, err := d.sources(ctx, tenant, wanted, req, a)
	defer release()
	if err != nil {
		return err
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

// sources takes the snapshots of what is listed; release lets them go, also after an error. gone says
// that retention removed events of the range.
func (d *Desk) sources(
	ctx context.Context, tenant store.Tenant, wanted []kindFilter, req listing.Request, a *Answer,
) (sources []listing.Source, release func(), gone bool, err error) {
	var taken []*store.Snapshot
	release = func() {
		for _, snap := range taken {
			snap.Release()
		}
	}
	for _, w := range wanted {
		m, err := listing.NewMatcher(w.kind, w.where)
		if err != nil {
			return nil, release, gone, err
		}
		fresh, err := d.fresh(ctx, tenant, w.kind, w.where, req.From, req.To, &a.Meta)
		if err != nil {
			return nil, release, gone, err
		}
		snap := d.store.Snapshot(store.Range{
			Tenant: tenant, Kind: w.kind, From: req.From, To: req.To,
		})
		taken = append(taken, snap)
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
	return sources, release, gone, nil
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
