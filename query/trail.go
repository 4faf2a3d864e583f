package query

import (
	"context"
	"net/url"
	"slices"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
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
// all kinds of events.
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
	l.IncludeBots, l.Kinds, l.Fields = true, event.Sent(), trail.Columns
	if full {
		l.Fields = slices.Concat(listing.Everything(l.Kinds), []string{"subject", "total_tokens"})
	}
	id := p.get("id")
	for _, field := range sharedBy {
		a, err := d.sharing(ctx, tenant, l, field, id)
		if err != nil {
			return nil, err
		}
		if len(a.Rows) == 0 {
			continue
		}
		if field == "id" {
			if a, err = d.around(ctx, tenant, l, a); err != nil {
				return nil, err
			}
		}
		t := trail.New(id, field, a, full)
		t.Notes = a.Meta.Notes
		if a.Meta.Next != "" {
			t.Notes = append(t.Notes, "there are older events than these; --limit shows more")
		}
		return t, nil
	}
	return nil, fault.At(fault.NotFound, "not_found", "id",
		"there is no trace, event, conversation or session with the id %q in this range; --since reaches "+
			"further back", clip(id))
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

// around lists what belongs to an event: its trace, or else its conversation, or else its session, or
// else nothing but itself.
func (d *Desk) around(
	ctx context.Context, tenant store.Tenant, l Listing, a *Answer,
) (*Answer, error) {
	for _, field := range []string{"trace_id", "conversation_id", "session_id"} {
		if id, ok := a.Rows[0][a.Column(field)].(string); ok {
			return d.sharing(ctx, tenant, l, field, id)
		}
	}
	return a, nil
}
