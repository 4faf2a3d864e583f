package query

import (
	"context"
	"net/url"
	"slices"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/query/catalog"
	"analytics/query/filter"
	"analytics/query/listing"
	"analytics/query/trail"
)

// sharedBy are the fields that tie events together, in the order in which an id is looked for. The
// first two are found by filters and so cost milliseconds; only an id that is neither is looked for
// in the columns of the others.
var sharedBy = []string{"trace_id", "id", "conversation_id", "session_id"}

// defaultTrail is how many events a trail has where the asker names no limit.
const defaultTrail = 500

// Trail finds everything that shares a trace, conversation or session with what the id names, across
// all kinds of events, and shows what of it passes the filter.
func (d *Desk) Trail(
	ctx context.Context, tenant store.Tenant, v *Verb, values url.Values,
) (*trail.Trail, error) {
	p, err := d.read(v, values)
	if err != nil {
		return nil, err
	}
	full, err := p.truth("full", false)
	if err != nil {
		return nil, err
	}
	l, err := p.listing(&Form{List: true, Question: Question{Limit: defaultTrail}}, v.Since)
	if err != nil {
		return nil, err
	}
	if l.Limit > d.limits.Rows {
		return nil, fault.At(fault.Invalid, "too_many_rows", "limit", "a trail has at most %d events; ask for a "+
			"shorter range", d.limits.Rows)
	}
	l.IncludeBots = true
	id := p.get("id")
	all := l // what the id names is found whatever the filter says
	all.Kinds, all.Filter = nil, ""
	field, a, err := d.tied(ctx, tenant, all, l, id, full)
	if err != nil {
		return nil, err
	}
	if len(a.Rows) == 0 {
		return nil, fault.At(fault.NotFound, "not_found", "filter",
			"there are events of %q in this range, but none that passes the filter", clip(id))
	}
	t := trail.New(id, field, a, full)
	t.Notes = a.Meta.Notes
	if l.Filter != "" || l.Kinds != nil {
		t.Notes = append(t.Notes, "only events that pass the filter are shown")
	}
	if a.Meta.Next != "" {
		t.Notes = append(t.Notes, "there are older events than these; --limit shows more")
	}
	return t, nil
}

// tied finds the field that has the id among all events, and lists those of them that are shown.
func (d *Desk) tied(
	ctx context.Context, tenant store.Tenant, all, shown Listing, id string, full bool,
) (field string, a *Answer, err error) {
	filtered := shown.Filter != "" || shown.Kinds != nil
	if all, err = d.inTrails(all, full); err != nil {
		return "", nil, err
	}
	if shown, err = d.inTrails(shown, full); err != nil {
		return "", nil, err
	}
	for _, field = range sharedBy {
		if a, err = d.sharing(ctx, tenant, all, field, id); err != nil {
			return "", nil, err
		}
		if len(a.Rows) == 0 {
			continue
		}
		by, with := field, id
		if field == "id" {
			by, with = around(a, id)
		}
		if by != field || filtered {
			a, err = d.sharing(ctx, tenant, shown, by, with)
		}
		return field, a, err
	}
	return "", nil, fault.At(fault.NotFound, "not_found", "id",
		"there is no trace, event, conversation or session with the id %q in this range; --since reaches "+
			"further back", clip(id))
}

// inTrails completes a listing with the columns that trails are made of, as far as its events have them.
func (d *Desk) inTrails(l Listing, full bool) (Listing, error) {
	if l.Kinds == nil {
		l.Kinds = event.Sent()
	}
	wanted, err := d.kindsOf(l)
	if err != nil {
		return l, err
	}
	l.Kinds, l.Fields = nil, nil
	for _, w := range wanted {
		l.Kinds = append(l.Kinds, w.kind)
	}
	if slices.ContainsFunc(l.Kinds, event.Kind.Derived) {
		return l, fault.At(fault.Invalid, "invalid_combination", "filter",
			"no event of a trail can pass this filter; the types are %s", catalog.Choices(typeNames(event.Sent())))
	}
	names := trail.Columns
	if full {
		names = slices.Concat(listing.Everything(l.Kinds), []string{"subject", "total_tokens"})
	}
	for _, name := range names {
		if _, err := listing.Columns(l.Kinds, []string{name}); err == nil {
			l.Fields = append(l.Fields, name)
		}
	}
	return l, nil
}

// sharing lists the events that have the id in a field, and pass the filter of the listing.
func (d *Desk) sharing(
	ctx context.Context, tenant store.Tenant, l Listing, field, id string,
) (*Answer, error) {
	asked, err := filter.Parse(l.Filter)
	if err != nil {
		return nil, err
	}
	l.Filter = append(filter.Conditions{}.And(field, filter.Equal, id), asked...).String()
	return d.List(ctx, tenant, l)
}

// around is what ties an event to others: its trace, or else its conversation, or else its session, or
// else nothing but its id.
func around(a *Answer, id string) (field, with string) {
	for _, field := range []string{"trace_id", "conversation_id", "session_id"} {
		if with, ok := a.Rows[0][a.Column(field)].(string); ok {
			return field, with
		}
	}
	return "id", id
}
