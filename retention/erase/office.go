package erase

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"analytics/engine/audit"
	"analytics/engine/fault"
	"analytics/engine/jobs"
	"analytics/engine/person"
	"analytics/engine/store"
	"analytics/retention/erasures"
)

// Config is what an Office works with.
type Config struct {
	Store  *store.Store
	Log    *erasures.Log
	Trail  *audit.Trail // of the default tenant
	Data   string       // the data folder, whose reports name people
	Record func(context.Context, store.Tenant, []byte) error
	// Places are the rooms that may name a person in what they keep beside events.
	Places []person.Place
	// After is told of tenants that lost events, for what is kept outside the store.
	After  func(context.Context, store.Tenant) error
	Now    func() time.Time
	Logger *slog.Logger
}

// Office takes erasures and carries them out.
type Office struct {
	cfg Config
	one sync.Mutex // an erasure at a time
}

// Open makes an Office.
func Open(cfg Config) *Office { return &Office{cfg: cfg} }

// Erase writes an erasure down and carries it out. If that is cut short, the job finishes it.
func (o *Office) Erase(
	ctx context.Context, t store.Tenant, scope, value, actor string, progress func(done, days int),
) (*Report, error) {
	o.one.Lock()
	defer o.one.Unlock()
	e := erasures.New(t, scope, []byte(value), o.cfg.Now())
	if scope == erasures.Tenant {
		return o.everything(ctx, e, progress)
	}
	if err := o.cfg.Log.Append(ctx, e); err != nil {
		return nil, fmt.Errorf("write the erasure down: %w", err)
	}
	r, err := o.forget(ctx, e, value, progress)
	if err != nil {
		return nil, err
	}
	return r, o.told(ctx, t, r, actor)
}

// forget erases a person: what waits to be sent first; then events; and once more what is kept beside them,
// since who watches events may have written about the person until they were gone.
func (o *Office) forget(
	ctx context.Context, e erasures.Erasure, value string, progress func(done, days int),
) (*Report, error) {
	p, err := somebody(e, value)
	if err != nil {
		return nil, err
	}
	first, err := o.beside(ctx, p)
	if err != nil {
		return nil, err
	}
	r, err := o.apply(ctx, e, progress)
	if err != nil {
		return nil, err
	}
	second, err := o.beside(ctx, p)
	if err != nil {
		return nil, err
	}
	r.Beside = joined(first, second)
	return r, o.settle(ctx, e)
}

// Count says what an erasure would take. It changes nothing.
func (o *Office) Count(ctx context.Context, t store.Tenant, scope, value string) (*Report, error) {
	e := erasures.New(t, scope, []byte(value), o.cfg.Now())
	r, err := Count(ctx, o.cfg.Store, e)
	if err != nil || scope == erasures.Tenant {
		return r, err
	}
	p, err := somebody(e, value)
	if err != nil {
		return nil, err
	}
	p.Dry = true
	r.Beside, err = o.beside(ctx, p)
	return r, err
}

// everything erases all events of a tenant, and writes it down when they are gone: the store finishes by
// itself what it began, and what is made again later would take events that came since.
func (o *Office) everything(
	ctx context.Context, e erasures.Erasure, progress func(done, days int),
) (*Report, error) {
	r, err := o.apply(ctx, e, progress)
	if err != nil {
		return nil, err
	}
	if err := o.cfg.Log.Append(ctx, e); err != nil {
		return nil, fmt.Errorf("write the erasure down: %w", err)
	}
	return r, o.settle(ctx, e)
}

// apply erases from the store.
func (o *Office) apply(ctx context.Context, e erasures.Erasure, progress func(done, days int)) (*Report, error) {
	t, err := e.Of()
	if err != nil {
		return nil, err
	}
	r, err := Apply(ctx, o.cfg.Store, o.Trail(t), e, progress)
	if err != nil {
		return nil, err
	}
	o.cfg.Logger.Info("erased", "id", e.ID, "scope", e.Scope, "events", r.Total)
	return r, nil
}

// Trail is the audit trail of a tenant.
func (o *Office) Trail(t store.Tenant) *audit.Trail {
	if t == store.Default {
		return o.cfg.Trail
	}
	return audit.Open(o.cfg.Store, t, o.cfg.Now) // nobody else links it
}

// settle erases outside of the store, and says in the log that all is done.
func (o *Office) settle(ctx context.Context, e erasures.Erasure) error {
	t, err := e.Of()
	if err != nil {
		return err
	}
	if err := o.cfg.After(ctx, t); err != nil {
		return fault.New(fault.Unavailable, "erasure_waits",
			"the events are out of the store, and not out of the archive yet: %s; the job erasures finishes it",
			fault.Of(err).Message).Wrap(err)
	}
	return o.cfg.Log.Done(ctx, e)
}

// told leaves a row in the audit trail that does not say who was erased.
func (o *Office) told(ctx context.Context, t store.Tenant, r *Report, actor string) error {
	text, err := json.Marshal([]map[string]any{{
		"type": "activity", "category": "administration", "action": "erase", "actor": actor, "target": r.ID,
		"severity": "high", "outcome": "success",
		"properties": map[string]any{"scope": r.Scope, "events": r.Total},
	}})
	if err != nil {
		return err
	}
	if err := o.cfg.Record(ctx, t, text); err != nil && fault.Of(err).Code != "disabled" {
		return err
	}
	return nil
}

// Jobs finishes what was cut short.
func (o *Office) Jobs() []jobs.Job {
	return []jobs.Job{{
		Name: "erasures", About: "finishes erasures that were cut short", When: jobs.Every(10 * time.Minute),
		Timeout: time.Hour,
		Run:     func(ctx context.Context, _ jobs.Period) error { return o.Finish(ctx) },
	}}
}

// Finish carries out to the end what was begun.
func (o *Office) Finish(ctx context.Context) error {
	o.one.Lock()
	defer o.one.Unlock()
	pending, err := o.cfg.Log.Pending()
	if err != nil {
		return err
	}
	for _, e := range pending {
		if e.Scope == erasures.Tenant { // of which the store is rid when it is in the log
			err = o.settle(ctx, e)
		} else {
			_, err = o.forget(ctx, e, "", func(int, int) {})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Done is an erasure as it is listed.
type Done struct {
	erasures.Erasure
	State string `json:"state"` // done, or pending
}

// List is the erasures of a tenant.
func (o *Office) List(t store.Tenant) ([]Done, error) {
	all, err := o.cfg.Log.All()
	if err != nil {
		return nil, err
	}
	pending, err := o.cfg.Log.Pending()
	if err != nil {
		return nil, err
	}
	list := []Done{}
	for _, e := range all {
		if of, err := e.Of(); err != nil || of != t {
			continue
		}
		d := Done{e, "done"}
		if slices.ContainsFunc(pending, func(p erasures.Erasure) bool { return p.ID == e.ID }) {
			d.State = "pending"
		}
		d.Salt, d.Hash = "", "" // what could be guessed with them is nobody's business
		list = append(list, d)
	}
	return list, nil
}
