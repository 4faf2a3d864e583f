package query

import (
	"cmp"
	"context"
	"time"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/query/answer"
	"analytics/query/catalog"
	"analytics/query/filter"
	"analytics/query/listing"
	"analytics/rollup/cube"
	"analytics/rollup/sessions"
)

// ofLive are the parameters of the list of who is here.
var ofLive = []Param{
	{Name: "within", Alias: []string{"since"}, Help: "how long ago the last event may be: 5m, 30m at most"},
	{Name: "limit", Help: "how many sessions, 50 if not said"},
	bySite,
	{Name: "client", Field: "client", Help: "only web, cli, api or mcp (cli,api as well)"},
	{Name: "filter", Help: "conditions on sessions: country==DE;device==mobile;user_id==ann"},
	{Name: "include_bots", Help: "list bots, too", Bool: true},
	{Name: "tz", Help: "time zone of the times, such as Europe/Berlin"},
}

// The bounds of the list of who is here: a session ends after half an hour without an event.
const (
	liveWithin = 5 * time.Minute
	liveMost   = 30 * time.Minute
	liveRows   = 1000
)

// live lists who is here now, with the page they were last seen at.
func live(ctx context.Context, d *Desk, tenant store.Tenant, p Params, since string) (*Answer, error) {
	q, err := p.question(Question{Limit: 50}, since)
	if err != nil {
		return nil, err
	}
	within := liveWithin
	if text := p.get("within"); text != "" {
		if within, err = time.ParseDuration(text); err != nil || within <= 0 || within > liveMost {
			return nil, fault.At(fault.Invalid, "invalid_parameter", "within",
				"within must be a length of time up to 30m, such as 5m, not %q", clip(text))
		}
	}
	where, err := d.ofSessions(q)
	if err != nil {
		return nil, err
	}
	ctx, leave, err := d.enter(ctx, tenant)
	if err != nil {
		return nil, err
	}
	defer leave()
	a := &Answer{Columns: liveColumns, Meta: Meta{
		From: d.now().Add(-within).In(q.From.Location()), To: d.now().In(q.From.Location()), TZ: q.TZ, Exact: true,
		Watermark: d.now().In(q.From.Location()),
	}}
	if d.cfg.Mill == nil {
		return a, nil
	}
	all, _, err := d.cfg.Mill.Live(ctx, tenant, within, d.limits.Groups)
	if err != nil {
		return nil, err
	}
	rows, err := passing(event.Session, where, len(all), func(e *event.Event, i int) { all[i].Event(e) })
	if err != nil {
		return nil, err
	}
	a.Meta.Groups = len(rows)
	for _, i := range rows[:min(q.Limit, liveRows, len(rows))] {
		a.Rows = append(a.Rows, liveRow(all[i], d.now(), q.From.Location()))
	}
	return a, nil
}

// passing lists which of n events of a kind pass the conditions; make makes one of them.
func passing(
	kind event.Kind, where []cube.Predicate, n int, make func(e *event.Event, i int),
) ([]int32, error) {
	m, err := listing.NewMatcher(kind, where)
	if err != nil {
		return nil, err
	}
	b := columns.NewBuilder(kind)
	var e event.Event
	for i := range n {
		make(&e, i)
		if err := b.AppendRow(&e); err != nil {
			return nil, err
		}
	}
	rec := b.Record(nil)
	defer rec.Release()
	return m.Narrow(listing.NewView(kind, rec), nil), nil
}

var liveColumns = []Column{
	{Name: "last_seen", Kind: answer.KindField, Type: catalog.Time},
	{Name: "duration_ms", Kind: answer.KindField, Type: catalog.Number, Unit: "ms"},
	{Name: "client", Kind: answer.KindField, Type: catalog.String},
	{Name: "site", Kind: answer.KindField, Type: catalog.String},
	{Name: "who", Kind: answer.KindField, Type: catalog.String},
	{Name: "page", Kind: answer.KindField, Type: catalog.String},
	{Name: "page_view_count", Kind: answer.KindField, Type: catalog.Integer},
	{Name: "event_count", Kind: answer.KindField, Type: catalog.Integer},
	{Name: "request_count", Kind: answer.KindField, Type: catalog.Integer},
	{Name: "cost", Kind: answer.KindField, Type: catalog.Decimal, Unit: "USD"},
	{Name: "country", Kind: answer.KindField, Type: catalog.String},
	{Name: "bot_class", Kind: answer.KindField, Type: catalog.String},
	{Name: "id", Kind: answer.KindField, Type: catalog.String},
}

// liveRow is a session as the list of who is here has it.
func liveRow(s *sessions.Session, now time.Time, zone *time.Location) []any {
	cost := any(nil)
	if s.Priced {
		cost = s.Cost
	}
	var e event.Event
	s.Event(&e) // it takes what its first page view says
	visitor := ""
	if len(s.Visitor) > 1 {
		visitor = event.IDText(s.Visitor)
	}
	return []any{
		s.End.Time().In(zone), float64(s.End-s.Start) / 1000, orNull(s.Client), orNull(s.Site),
		orNull(cmp.Or(s.UserID, s.Agent, visitor, s.SessionID)), orNull(s.Exit), s.Views,
		s.Events, s.Requests, cost, orNull(string(e.Text(event.SessionCountry))), orNull(s.Bot.Class),
		event.IDText(event.AppendUUID(nil, s.ID)),
	}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// session finds the newest session with an id, or of a session_id.
func (d *Desk) session(
	ctx context.Context, tenant store.Tenant, p Params, since string,
) (*Answer, Listing, error) {
	l, err := p.listing(&Form{List: true, Kinds: []event.Kind{event.Session},
		Question: Question{Limit: 1}, Fields: []string{"all"}}, since)
	if err != nil {
		return nil, l, err
	}
	l.IncludeBots = true
	var a *Answer
	for _, field := range []string{"id", "session_id"} {
		if a, err = d.sharing(ctx, tenant, l, field, p.get("id")); err != nil || len(a.Rows) > 0 {
			break
		}
	}
	return a, l, err
}

// oneSession is a session as a table of what is known of it.
func oneSession(
	ctx context.Context, d *Desk, tenant store.Tenant, p Params, since string,
) (*Answer, error) {
	a, _, err := d.session(ctx, tenant, p, since)
	if err != nil || len(a.Rows) == 0 {
		return a, err
	}
	known := &Answer{Meta: a.Meta}
	row := []any{}
	for i, c := range a.Columns {
		if v := a.Rows[0][i]; v != nil {
			known.Columns, row = append(known.Columns, c), append(row, v)
		}
	}
	known.Rows, known.Meta.Next = [][]any{row}, ""
	return known, nil
}

// eventsOfSession lists the events of a session: those with its session_id, or else those of its
// visitor on its site, from its first to its last.
func eventsOfSession(
	ctx context.Context, d *Desk, tenant store.Tenant, p Params, since string,
) (*Answer, error) {
	a, l, err := d.session(ctx, tenant, p, since)
	if err != nil || len(a.Rows) == 0 {
		return a, err
	}
	cell := func(name string) any { return a.Rows[0][a.Column(name)] }
	start, _ := cell("timestamp").(time.Time)
	length, _ := cell("duration_ms").(float64)
	l.Kinds, l.Limit, l.Fields = nil, 100, nil
	l.From, l.To = start, start.Add(time.Duration(length*1e3)*time.Microsecond+time.Microsecond)
	var where filter.Conditions
	if id, ok := cell("session_id").(string); ok {
		where = where.And("session_id", filter.Equal, id)
	} else if id, ok := cell("visitor_id").(string); ok {
		where = where.And("visitor_id", filter.Equal, id)
		if site, ok := cell("site").(string); ok {
			where = where.And("site", filter.Equal, site)
		}
	}
	asked, err := filter.Parse(l.Filter) // what the session had to pass, its events have to
	if err != nil {
		return nil, err
	}
	l.Filter = append(where, asked...).String()
	return d.List(ctx, tenant, l)
}
