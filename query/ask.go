package query

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/query/catalog"
	"analytics/query/filter"
)

// Ask answers a verb that has one answer, with the parameters of a URL or of a command line.
func (d *Desk) Ask(
	ctx context.Context, tenant store.Tenant, v *Verb, values url.Values,
) (*Answer, error) {
	return d.ask(ctx, tenant, v, values, false)
}

// ask is Ask; streamed says that the rows are written as they are made.
func (d *Desk) ask(
	ctx context.Context, tenant store.Tenant, v *Verb, values url.Values, streamed bool,
) (*Answer, error) {
	p, err := d.read(v, values)
	if err != nil {
		return nil, err
	}
	p.streamed = streamed
	return d.fill(ctx, tenant, p, v.Since, v.Form)
}

// read reads the parameters of a verb.
func (d *Desk) read(v *Verb, values url.Values) (Params, error) {
	known := append(v.Params(), hidden...)
	if v.takesVacuous() {
		known = append(known, vacuous...)
	}
	p, err := readParams(values, known, d.now(), d.zone)
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Code == "unknown_parameter" {
		err = v.without(f)
	}
	return p, err
}

// fill makes one answer in its form. since is the range where the parameters name none.
func (d *Desk) fill(
	ctx context.Context, tenant store.Tenant, p Params, since string, f Form,
) (*Answer, error) {
	a, err := d.make(ctx, tenant, p, since, f)
	return a, p.blame(err)
}

func (d *Desk) make(
	ctx context.Context, tenant store.Tenant, p Params, since string, f Form,
) (*Answer, error) {
	if f.Table != nil {
		return f.Table(ctx, d, tenant, p, since)
	}
	if f.List {
		l, err := p.listing(&f, since)
		if err != nil {
			return nil, err
		}
		return d.List(ctx, tenant, l)
	}
	q, err := p.question(f.Question, since)
	if err != nil {
		return nil, err
	}
	if f.Trend && q.Interval == "" {
		q.Interval = q.interval()
	}
	return d.Answer(ctx, tenant, q)
}

// listing makes a listing of the parameters.
func (p Params) listing(f *Form, since string) (Listing, error) {
	q, err := p.question(f.Question, since)
	if err != nil {
		return Listing{}, err
	}
	l := Listing{
		Kinds: f.Kinds, Filter: q.Filter, From: q.From, To: q.To, TZ: q.TZ, Fields: f.Fields,
		Limit: q.Limit, Cursor: p.get("cursor"), IncludeBots: q.IncludeBots, Streamed: p.streamed,
	}
	if names := split(p.get("fields")); len(names) > 0 {
		l.Fields = names
	}
	if len(f.Kinds) > 0 {
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
