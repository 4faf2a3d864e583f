package history

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/ingest/enrich"
	"analytics/rollup/bots"
)

// Scope is what is classified again: web events of [From, To).
type Scope struct {
	Tenant   store.Tenant
	From, To time.Time
	DryRun   bool
	// Rule is the one that was set or removed, if one was.
	Rule *Rule
	// Actor is who asks for it, for the audit trail.
	Actor string
}

// Report is what changed, or would.
type Report struct {
	Rule   *Rule     `json:"rule,omitempty"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	DryRun bool      `json:"dry_run"`
	// Events were looked at, Changed have another verdict, Gone have nothing left to change.
	Events  int64 `json:"events"`
	Changed int64 `json:"changed"`
	Gone    int64 `json:"without_events"`
	// Moves are the changed events by class before and after.
	Moves []Move `json:"moves"`
	// Sessions says how many stored sessions of the changed days there are of each class. A dry run
	// knows only which of them rules are about.
	Sessions []Count `json:"sessions"`
}

// Move is events of a class that now have another, or another name or reason in the same.
type Move struct {
	Type   string `json:"type"`
	Before string `json:"before"`
	After  string `json:"after"`
	Events int64  `json:"events"`
}

// Count is sessions of a class.
type Count struct {
	Class  string `json:"class"`
	Before int64  `json:"before"`
	After  int64  `json:"after"`
}

const dayHours = event.Hour(24)

// run classifies again, and marks what sessions say of the events that changed, rather than within
// the hour.
func (y *History) run(
	ctx context.Context, s Scope, rules []Rule, action string, progress func(done, days int),
) (*Report, error) {
	report, err := y.again(ctx, s, rules, action, progress)
	if err != nil || s.DryRun {
		return report, err
	}
	return report, y.Mark(ctx)
}

// again classifies day by day, and writes down that it does.
func (y *History) again(
	ctx context.Context, s Scope, rules []Rule, action string, progress func(done, days int),
) (*Report, error) {
	if !s.From.Before(s.To) {
		return nil, fault.At(fault.Invalid, "invalid_range", "since", "since is not before until")
	}
	if !y.changing.TryLock() {
		return nil, fault.New(fault.Conflict, "reclassifying",
			"events are being classified again; wait for its end")
	}
	defer y.changing.Unlock()
	p := &pass{history: y, scope: s, rules: rules, moves: map[Move]int64{},
		before: map[string]int64{}, after: map[string]int64{},
		from: event.MicrosOf(s.From), to: event.MicrosOf(s.To)}
	days, err := y.days(s)
	if err != nil {
		return nil, err
	}
	if !s.DryRun {
		if err := y.begin(ctx, s, action); err != nil {
			return nil, err
		}
	}
	for i, day := range days {
		if err = p.day(ctx, day); err != nil {
			break
		}
		progress(i+1, len(days))
	}
	report := p.finish()
	if !s.DryRun {
		err = errors.Join(err, y.end(context.WithoutCancel(ctx), s, action, report, err))
	}
	if err != nil {
		return nil, err
	}
	return report, nil
}

// days lists the UTC days of the scope that have web events, by their first hours.
func (y *History) days(s Scope) ([]event.Hour, error) {
	found := map[event.Hour]bool{}
	from, to := event.MicrosOf(s.From).Hour(), (event.MicrosOf(s.To)-1).Hour()+1
	for _, kind := range order {
		hours, err := y.house.Store.Ledger(s.Tenant, kind, from, to)
		if err != nil {
			return nil, err
		}
		for _, h := range hours {
			found[h.Hour/dayHours*dayHours] = true
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// pass is one run over some days.
type pass struct {
	history  *History
	scope    Scope
	rules    []Rule
	from, to event.Micros
	of       visitors // of the day at hand
	// ruled leaves what lists say as it is, and looks at rules alone.
	ruled bool

	events, gone  int64
	moves         map[Move]int64
	before, after map[string]int64
}

func (p *pass) day(ctx context.Context, day event.Hour) error {
	if err := p.fingerprints(ctx, day); err != nil {
		return err
	}
	if err := p.sessions(ctx, day, p.before, false); err != nil {
		return err
	}
	if p.scope.DryRun {
		for _, kind := range order {
			if err := p.look(ctx, kind, day); err != nil {
				return err
			}
		}
		return p.sessions(ctx, day, p.after, true)
	}
	changed := int64(0)
	for _, kind := range order {
		got, err := p.write(ctx, kind, day)
		if err != nil {
			return err
		}
		changed += got
	}
	y := p.history
	// Also with nothing changed: a run that was cut short may have left the sessions as they were.
	if err := y.house.Remake(ctx, p.scope.Tenant, day, day+dayHours); err != nil {
		return err
	}
	if err := y.mark(ctx, p.scope.Tenant, day); err != nil {
		return err
	}
	if changed > 0 {
		y.house.Log.LogAttrs(ctx, slog.LevelInfo, "day classified again",
			slog.Time("day", day.Start().Time()), slog.Int64("changed", changed))
	}
	return p.sessions(ctx, day, p.after, false)
}

// write changes the events of a kind. A rewrite may ask for an event more than once, so that the
// counts are of the last time.
func (p *pass) write(ctx context.Context, kind event.Kind, day event.Hour) (int64, error) {
	look := *p
	look.moves, look.events, look.gone = map[Move]int64{}, 0, 0
	if err := look.look(ctx, kind, day); err != nil {
		return 0, err
	}
	p.events, p.gone = p.events+look.events, p.gone+look.gone
	if len(look.moves) == 0 {
		return 0, nil // a rewrite seals and writes; there is nothing to
	}
	wrote := look
	wrote.moves = map[Move]int64{}
	got, err := p.history.house.Store.Rewrite(ctx, p.scope.Tenant, kind, day, wrote.change)
	if err != nil {
		return 0, err
	}
	for m, n := range wrote.moves {
		p.moves[m] += n
	}
	return got.Changed, nil
}

// look counts what would change.
func (p *pass) look(ctx context.Context, kind event.Kind, day event.Hour) error {
	gone, err := p.history.each(ctx, p.scope.Tenant, kind, day, nil, func(e *event.Event) {
		p.change(e)
	})
	p.gone += gone
	return err
}

// each reads the events of a day, with some fields or all, and counts those that are gone.
func (y *History) each(
	ctx context.Context, t store.Tenant, kind event.Kind, day event.Hour, fields []int,
	f func(*event.Event),
) (gone int64, err error) {
	n := y.house.Store.Snapshot(store.Range{Tenant: t, Kind: kind, From: day.Start(),
		To: (day + dayHours).Start()})
	defer n.Release()
	for _, s := range n.Segments() {
		if s.RawDropped {
			gone += int64(s.Rows)
		}
	}
	slices.Sort(fields)
	var e event.Event
	for _, c := range n.Chunks() {
		rec, err := c.Read(ctx, fields)
		if err != nil {
			return gone, err
		}
		rows := columns.NewRows(kind, rec)
		for i := range int(rec.NumRows()) {
			rows.Event(&e, i)
			if e.Time() >= day.Start() && e.Time() < (day+dayHours).Start() {
				f(&e)
			}
		}
		rec.Release()
	}
	return gone, nil
}

// change gives an event the verdict of lists and rules, and says whether it had another.
func (p *pass) change(e *event.Event) bool {
	if e.Time() < p.from || e.Time() >= p.to {
		return false
	}
	s := kinds[e.Kind]
	p.events++
	had := s.read(e)
	if !p.ruled {
		p.history.classify(e, &s)
	}
	now := obey(e, &s, p.rules, p.of)
	if had.class == bots.BehavioralBot && (now.class == "" || now.class == bots.Human) {
		s.write(e, had) // by its session, which is judged again after this
		return false
	}
	if now == had {
		return false
	}
	p.moves[Move{Type: e.Kind.String(), Before: had.class, After: now.class}]++
	return true
}

// classify gives an event the verdict of lists and signals.
func (y *History) classify(e *event.Event, s *slots) {
	if v := s.read(e); v.reasons == Flagged || v.class == bots.BehavioralBot {
		var clean verdict
		if e.Has(s.agent) {
			clean.class = bots.Human
		}
		s.write(e, clean)
	}
	y.house.Classify(e)
}

// obey gives an event the verdict of the first rule that is about it, and says which it has.
func obey(e *event.Event, s *slots, rules []Rule, of visitors) verdict {
	v := s.read(e)
	for i := range rules {
		if r := &rules[i]; r.fits(e, s, of) {
			o := enrich.Obeyed(enrich.Verdict{Name: v.name, Purpose: v.purpose}, r.Class, r.Name)
			v = verdict{class: o.Class, name: o.Name, purpose: o.Purpose, score: int64(o.Score),
				reasons: o.Reasons, version: enrich.Version}
			s.write(e, v)
			break
		}
	}
	return v
}

// fingerprints finds the visitors of a day for rules by fingerprint.
func (p *pass) fingerprints(ctx context.Context, day event.Hour) error {
	p.of = visitors{}
	wanted := map[string]string{}
	for _, r := range p.rules {
		if r.Fingerprint != "" {
			wanted[string(event.AppendID(nil, []byte(r.Fingerprint)))] = r.Fingerprint
			p.of[r.Fingerprint] = map[string]bool{}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	fields := []int{event.Timestamp, event.PageFingerprint, event.PageVisitorID}
	_, err := p.history.each(ctx, p.scope.Tenant, event.PageView, day, fields, func(e *event.Event) {
		name, ok := wanted[string(e.Text(event.PageFingerprint))]
		if v := e.Text(event.PageVisitorID); ok && len(v) > 1 {
			p.of[name][string(v)] = true
		}
	})
	return err
}

// sessions counts a day's stored sessions by class, as they are or as rules would have them.
func (p *pass) sessions(ctx context.Context, day event.Hour, by map[string]int64, ruled bool) error {
	s := kinds[event.Session]
	_, err := p.history.each(ctx, p.scope.Tenant, event.Session, day, nil, func(e *event.Event) {
		class := string(e.Text(s.class))
		if string(e.Text(event.SessionClient)) != "web" {
			return
		}
		for i := range p.rules {
			if r := &p.rules[i]; ruled && r.fits(e, &s, p.of) {
				class = r.Class
				break
			}
		}
		by[class]++
	})
	return err
}

// finish is the report of everything counted.
func (p *pass) finish() *Report {
	r := &Report{Rule: p.scope.Rule, From: p.scope.From, To: p.scope.To, DryRun: p.scope.DryRun,
		Events: p.events, Gone: p.gone, Moves: []Move{}, Sessions: []Count{}}
	for m, n := range p.moves {
		m.Events = n
		r.Changed += n
		r.Moves = append(r.Moves, m)
	}
	slices.SortFunc(r.Moves, func(a, b Move) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), cmp.Compare(a.Type, b.Type),
			cmp.Compare(a.Before, b.Before), cmp.Compare(a.After, b.After))
	})
	all := maps.Clone(p.before)
	maps.Copy(all, p.after)
	for _, class := range slices.Sorted(maps.Keys(all)) {
		r.Sessions = append(r.Sessions, Count{class, p.before[class], p.after[class]})
	}
	return r
}
