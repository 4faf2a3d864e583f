package ingest

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"time"

	"analytics/engine/auth"
	"analytics/engine/budget"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/jobs"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/ingest/compat"
	"analytics/ingest/enrich"
	"analytics/ingest/enrich/geo"
	"analytics/ingest/events"
	"analytics/ingest/gateway"
	"analytics/ingest/otlp"
	"analytics/ingest/pricing/register"
	"analytics/ingest/sites"
	"analytics/ingest/throttle"
	"analytics/ingest/tracker"
)

// Room is the doors, open.
type Room struct {
	intake   *events.Intake
	register *register.Register
	gateway  *gateway.Gateway
	compat   *compat.Door
	otlp     *otlp.Door
	sites    *sites.Registry
	gate     *throttle.Gate
	tracker  *tracker.Door
	budgets  *budget.Ledger
	lists    *enrich.Lists
	atlas    *geo.Atlas
	rules    enrich.Rules
	log      *slog.Logger
}

// Open opens the doors of a store.
func Open(
	st *store.Store, keys *auth.Keyring, cfg Settings, now func() time.Time, log *slog.Logger,
) (*Room, error) {
	lists, err := enrich.OpenLists()
	if err != nil {
		return nil, err
	}
	shelf := func(name string) *store.Shelf { return st.Shelf(store.Default, name) }
	enricher := enrich.New(lists, enrich.NewSalts(shelf("settings")))
	atlas := geo.New(cmp.Or(cfg.Data, os.TempDir()), log)
	_ = atlas.Use(cfg.Geo) // Warnings has it; without places everything else goes on
	enricher.Locate(atlas)
	r := &Room{log: log, lists: lists, atlas: atlas, intake: events.NewIntake(st, enricher, nil, cfg.Events, now)}
	r.register, err = register.Open(register.House{Store: st, Record: r.Record, Use: r.intake.UsePrices,
		Zone: cfg.Zone, Now: now, Log: log}, cfg.Prices)
	if err != nil {
		return nil, err
	}
	if r.gateway, err = gateway.New(r.intake, shelf("gateway"), cfg.Gateway, cfg.Allow, now, log); err != nil {
		return nil, err
	}
	r.budgets, err = budget.Open(budget.House{Store: st, Record: r.Record, Zone: cfg.Zone, Now: now, Log: log,
		Price: func(provider, model string, in, out int64) (event.NanoUSD, bool) {
			return r.intake.Estimate(provider, model, "", events.Tokens{In: in, Out: out})
		}})
	if err != nil {
		return nil, err
	}
	r.intake.Charge(r.budgets)
	r.gateway.Guard(r.budgets, r.intake)
	if r.compat, err = compat.New(r.intake, shelf("pending"), now, log); err != nil {
		return nil, err
	}
	if r.otlp, err = otlp.New(r.intake, log); err != nil {
		return nil, err
	}
	r.gate = throttle.New(throttle.House{Record: r.Record, Now: now}, cfg.Throttle)
	r.intake.Watch(func(e *event.Event) {
		r.rules.Give(e)
		r.gate.Event(e)
	})
	r.sites, err = sites.Open(sites.House{Shelf: shelf("sites"), Keys: keys, Record: r.Record, Now: now,
		Snippet: func(s sites.Site) string { return r.tracker.Snippet(s) }})
	if err != nil {
		return nil, err
	}
	enricher.Name(r.sites.Name)
	r.tracker = tracker.New(tracker.House{Intake: r.intake, Sites: r.sites, Allow: r.gate.Allow,
		Refused: r.gate.Refused}, cfg.Tracker)
	return r, nil
}

// Record takes in what administrators and the house did, for the audit trail: also while taking in events
// is switched off. Where the disk is full the log has it instead: what was done was done, and who is told
// that it failed would do it again.
func (r *Room) Record(ctx context.Context, t store.Tenant, text []byte) error {
	web.Told(ctx)
	err := r.take(ctx, &events.Body{Tenant: t, Text: text, Own: true})
	if err != nil && fault.Of(err).Kind == fault.Full {
		r.log.Error("the audit trail lacks what was done", "id", web.RequestID(ctx), "err", err)
		return nil
	}
	return err
}

// Sample takes in samples of the host.
func (r *Room) Sample(ctx context.Context, t store.Tenant, text []byte) error {
	return r.take(ctx, &events.Body{Tenant: t, Text: text})
}

// take stores events of the house's own.
func (r *Room) take(ctx context.Context, b *events.Body) error {
	answer, err := r.intake.Take(ctx, b)
	if err == nil && answer.Accepted == 0 {
		err = fault.New(fault.Internal, "own_events", "events of our own were not stored: %+v", answer.Errors)
	}
	return err
}

// Classify says again of a stored event what lists and signals say of it, and whether that changed it.
func (r *Room) Classify(e *event.Event) bool { return r.lists.Reclassify(e) }

// Obey takes over the rules on who is a machine for what comes from now on.
func (r *Room) Obey(rules []enrich.Rule) { r.rules.Use(rules) }

// Budgets is the ledger of what may be spent.
func (r *Room) Budgets() *budget.Ledger { return r.budgets }

// Standings is how far the default tenant's budgets have come.
func (r *Room) Standings(ctx context.Context) ([]budget.Standing, error) {
	return r.budgets.Standings(ctx, store.Default, "")
}

// Use takes over settings for what comes from now on.
func (r *Room) Use(cfg Settings) error {
	if err := r.register.Use(cfg.Prices); err != nil {
		return err
	}
	r.intake.Reload(r.register.Book(), cfg.Events)
	if err := r.budgets.Use(cfg.Budgets); err != nil {
		return err
	}
	r.gate.Use(cfg.Throttle)
	r.tracker.Use(cfg.Tracker)
	before := r.atlas.Wrong()
	err := r.atlas.Use(cfg.Geo)
	if slices.Equal(before, r.atlas.Wrong()) { // as it was when the room was opened, or the settings last read
		err = nil
	}
	return errors.Join(err, r.gateway.Use(cfg.Gateway, cfg.Allow))
}

// Warnings are what a person should know who starts the server, or asks the doctor.
func (r *Room) Warnings() []string { return placeless(r.atlas.Wrong()) }

// Routes hangs the doors into the house.
func (r *Room) Routes(mux *web.Mux) {
	mux.Keep(r.Record)
	r.intake.Routes(mux)
	r.register.Routes(mux)
	r.gateway.Routes(mux)
	r.budgets.Routes(mux)
	r.compat.Routes(mux)
	r.otlp.Routes(mux)
	r.sites.Routes(mux)
	r.gate.Routes(mux)
	r.tracker.Routes(mux)
}

// Measure adds what the room counts to the metrics.
func (r *Room) Measure(m *web.Metrics) {
	r.intake.Measure(m)
	r.gateway.Measure(m)
	r.otlp.Measure(m)
	r.gate.Measure(m)
	r.tracker.Measure(m)
}

// Listen opens the ports of doors that have one of their own, in a process that serves. main is where
// and how the house listens.
func (r *Room) Listen(cfg Config, main web.Config) error { return r.otlp.Listen(cfg.OTLP, main) }

// Jobs are what the room does by itself at set times.
func (r *Room) Jobs() []jobs.Job { return r.intake.Jobs() }

// Beside is what goes on while the server runs.
func (r *Room) Beside() []func(context.Context) {
	return []func(context.Context){r.gateway.Run, r.budgets.Run, r.compat.Run, r.otlp.Run, r.atlas.Run}
}

// Close writes what still waits, after the server has drained and before the store is closed.
func (r *Room) Close() error { return r.gateway.Close() }
