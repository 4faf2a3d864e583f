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
)

// Ask answers a verb with the parameters of a URL or of a command line.
func (d *Desk) Ask(
	ctx context.Context, tenant store.Tenant, v *Verb, values url.Values,
) (*Answer, error) {
	p, err := readParams(values, append(v.Params(), hidden...), d.now(), d.zone)
	if err != nil {
		return nil, err
	}
	if v.List {
		l, err := p.listing(v)
		if err != nil {
			return nil, err
		}
		return d.List(ctx, tenant, l)
	}
	q, err := p.question(v.Question, v.Since)
	if err != nil {
		return nil, err
	}
	if v.Trend && q.Interval == "" {
		q.Interval = q.interval()
	}
	return d.Answer(ctx, tenant, q)
}

// listing makes a listing of the parameters.
func (p Params) listing(v *Verb) (Listing, error) {
	q, err := p.question(v.Question, v.Since)
	if err != nil {
		return Listing{}, err
	}
	l := Listing{
		Filter: q.Filter, From: q.From, To: q.To, TZ: q.TZ, Fields: split(p.get("fields")),
		Limit: q.Limit, Cursor: p.get("cursor"), IncludeBots: q.IncludeBots,
	}
	if v.Kind != 0 {
		l.Kinds = []event.Kind{v.Kind}
		return l, nil
	}
	if l.Kinds, l.Filter, err = kindsNamed(l.Filter); err != nil {
		return l, err
	}
	if name := p.get("type"); name != "" {
		kind, ok := event.ParseKind(name)
		if !ok {
			return l, fault.At(fault.Invalid, "unknown_type", "type", "there is no type %q; the types are %s",
				clip(name), catalog.Choices(typeNames(event.Kinds())))
		}
		if l.Kinds != nil && !slices.Contains(l.Kinds, kind) {
			return l, fault.At(fault.Invalid, "invalid_combination", "type",
				"the filter asks for another type than %s", name)
		}
		l.Kinds = []event.Kind{kind}
	}
	return l, err
}

// kindsNamed takes type==x out of a filter: a list of one type shows that type's columns.
func kindsNamed(text string) ([]event.Kind, string, error) {
	conditions, err := filter.Parse(text)
	if err != nil {
		return nil, "", err
	}
	var rest filter.Conditions
	var kinds []event.Kind
	for _, c := range conditions {
		kind, ok := event.ParseKind(c.Values[0])
		if c.Name == catalog.TypeDimension && c.Op == filter.Equal && ok && kinds == nil {
			kinds = []event.Kind{kind}
			continue
		}
		rest = append(rest, c)
	}
	return kinds, rest.String(), nil
}
