package query

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"analytics/engine/store"
	"analytics/query/answer"
	"analytics/query/catalog"
	"analytics/query/when"
	"analytics/rollup"
	"analytics/rollup/cube"
)

// The types of answers, named here so that other rooms need one import.
type (
	Answer = answer.Answer
	Column = answer.Column
	Meta   = answer.Meta
)

// Desk answers questions. It is safe for concurrent use.
type Desk struct {
	store   *store.Store
	catalog *catalog.Catalog
	cfg     Config
	limits  Limits
	mill    *rollup.Mill // makes the sessions that are not stored yet
	zone    *time.Location
	grain   time.Duration // of the cells of segments; a block with another is not used
	now     func() time.Time
	log     *slog.Logger

	born    string        // says that two desks are not one, in tags
	streams chan struct{} // a place for each answer that goes on
	pace    pace
	// downloads has a place for each answer that is written while it is made.
	downloads chan struct{}

	arenas    sync.Pool // *store.Arena, of workers between two questions
	shares    shares
	standings standings
	blocks    blocks

	mu    sync.Mutex
	gates map[store.Tenant]chan struct{} // guarded by mu: a place for each question being answered
}

// Alone is what a process that ends with its first answer has to run beside it. A question may take an hour
// there: nobody else is kept waiting, and sessions that no server has stored are stored first.
func (d *Desk) Alone() func(context.Context) {
	d.limits.Time = max(d.limits.Time, time.Hour)
	return d.mill.Alone()
}

// New makes a desk over a store. The config must be valid.
func New(s *store.Store, cfg Config, now func() time.Time, log *slog.Logger) (*Desk, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	zone, err := when.Zone(cfg.Timezone, time.UTC)
	if err != nil {
		return nil, err
	}
	mill := cfg.Mill
	if mill == nil {
		mill = rollup.New(rollup.Config{Store: s, Zone: zone, Now: now, Log: log})
	}
	return &Desk{
		mill: mill, store: s, catalog: catalog.New(), cfg: cfg, limits: cfg.limits(), zone: zone,
		grain: cube.GrainOf(zone), now: now, log: log, gates: map[store.Tenant]chan struct{}{},
		born: rand.Text(), streams: make(chan struct{}, mostStreams), pace: livePace,
		downloads: make(chan struct{}, cfg.limits().Downloads),
		standings: standings{most: cmp.Or(cfg.StandingBytes, s.HeadBound()/2), each: map[string]*standing{}},
		blocks:    blocks{most: mostBlockBytes},
	}, nil
}

// Now is the desk's clock, and Zone its reporting zone.
func (d *Desk) Now() time.Time { return d.now() }

// Zone is the zone whose days are meant where a question names none.
func (d *Desk) Zone() *time.Location { return d.zone }

// Answer answers a question about a tenant's events. Its errors are faults that name the parameter
// or the limit.
func (d *Desk) Answer(ctx context.Context, tenant store.Tenant, q Question) (*Answer, error) {
	start := d.now()
	p, err := d.plan(q)
	if err != nil {
		return nil, err
	}
	ctx, leave, err := d.enter(ctx, tenant)
	if err != nil {
		return nil, err
	}
	defer leave()
	a, err := d.answer(ctx, tenant, q, p)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, tooSlow(d.limits)
	}
	if err != nil {
		return nil, err
	}
	a.Meta.Elapsed = d.now().Sub(start)
	return a, nil
}

// answer counts, and what is compared with as well, and lays the rows out.
func (d *Desk) answer(
	ctx context.Context, tenant store.Tenant, q Question, p *plan,
) (*Answer, error) {
	a := &Answer{Meta: Meta{
		From: p.rng.From, To: p.rng.To, TZ: p.rng.Zone.String(), Interval: q.Interval, Exact: true,
		Watermark: d.now().In(p.rng.Zone),
	}}
	now, err := d.count(ctx, tenant, p, q.Raw, &a.Meta)
	if err != nil {
		return nil, err
	}
	var before *result
	if q.Compare != "" {
		old := p.rng.Before(q.Compare)
		was := q
		was.From, was.To = old.From, old.To
		op, err := d.plan(was)
		if err != nil {
			return nil, err
		}
		if before, err = d.count(ctx, tenant, op, q.Raw, &a.Meta); err != nil {
			return nil, err
		}
		a.Meta.ComparedFrom, a.Meta.ComparedTo = old.From, old.To
	}
	s := newSheet(p, now, before)
	a.Columns = s.columns
	if err := d.layOut(q, s, a); err != nil {
		return nil, err
	}
	a.Totals = s.totals()
	s.sampled(&a.Meta)
	if q.Smooth > 0 {
		p.smooth(a, q.Smooth)
	}
	if len(s.estimates) > 0 {
		a.Meta.Exact, a.Meta.Errors = false, s.estimates
	}
	return a, nil
}

// layOut makes the rows, or says how they are made while they are written.
func (d *Desk) layOut(q Question, s *sheet, a *Answer) error {
	ranked, groups, err := s.ranked(d.limits.Groups)
	if err != nil {
		return err
	}
	a.Meta.Groups = groups
	rows := s.lines(ranked)
	switch {
	case rows <= d.limits.Answer:
		if a.Rows, err = s.rows(ranked); err == nil && q.Other && groups > q.Limit {
			a.Rows, err = s.addRest(a.Rows, ranked)
		}
		return err
	case !q.Streamed || q.Other || q.Smooth > 0 || s.sorted():
		return tooLarge(d.limits, rows)
	default:
		a.More = func(yield func(row []any) error) error {
			leave, err := d.download()
			if err != nil {
				return err
			}
			defer leave()
			return s.each(ranked, yield)
		}
	}
	return nil
}

// enter takes a place among the tenant's questions, waiting for one within the limit of time. The
// context it gives ends with that limit.
func (d *Desk) enter(
	ctx context.Context, tenant store.Tenant,
) (inside context.Context, leave func(), err error) {
	d.mu.Lock()
	gate := d.gates[tenant]
	if gate == nil {
		gate = make(chan struct{}, d.limits.Concurrent)
		d.gates[tenant] = gate
	}
	d.mu.Unlock()
	inside, cancel := context.WithTimeout(ctx, d.limits.Time)
	select { // a free place is a place, whatever the time
	case gate <- struct{}{}:
		return inside, func() { <-gate; cancel() }, nil
	default:
	}
	select {
	case gate <- struct{}{}:
		return inside, func() { <-gate; cancel() }, nil
	case <-inside.Done():
		cancel()
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		return nil, nil, tooMany(d.limits)
	}
}
