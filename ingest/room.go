package ingest

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"analytics/engine/jobs"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/ingest/compat"
	"analytics/ingest/enrich"
	"analytics/ingest/events"
	"analytics/ingest/gateway"
	"analytics/ingest/pricing"
)

// Settings are all that an operator may set of the room. They may change while the server runs.
type Settings struct {
	Events  events.Config
	Prices  map[string]pricing.Custom
	Gateway gateway.Config
	Allow   []netip.Prefix // network.allow: private ranges that upstreams may be in
}

// Warnings are what is probably not meant.
func (s Settings) Warnings() []string { return s.Gateway.Warnings(s.Allow) }

// Room is the doors, open.
type Room struct {
	intake  *events.Intake
	gateway *gateway.Gateway
	compat  *compat.Door
}

// Open opens the doors of a store.
func Open(st *store.Store, cfg Settings, now func() time.Time, log *slog.Logger) (*Room, error) {
	lists, err := enrich.OpenLists()
	if err != nil {
		return nil, err
	}
	shelf := func(name string) *store.Shelf { return st.Shelf(store.Default, name) }
	enricher := enrich.New(lists, enrich.NewSalts(shelf("settings")))
	book, err := pricing.NewBook(cfg.Prices)
	if err != nil {
		return nil, err
	}
	r := &Room{intake: events.NewIntake(st, enricher, book, cfg.Events, now)}
	if r.gateway, err = gateway.New(r.intake, cfg.Gateway, cfg.Allow, now, log); err != nil {
		return nil, err
	}
	if r.compat, err = compat.New(r.intake, shelf("pending"), now, log); err != nil {
		return nil, err
	}
	return r, nil
}

// Use takes over settings for what comes from now on.
func (r *Room) Use(cfg Settings) error {
	book, err := pricing.NewBook(cfg.Prices)
	if err != nil {
		return err
	}
	r.intake.Reload(book, cfg.Events)
	return r.gateway.Use(cfg.Gateway, cfg.Allow)
}

// Routes hangs the doors into the house.
func (r *Room) Routes(mux *web.Mux) {
	r.intake.Routes(mux)
	r.gateway.Routes(mux)
	r.compat.Routes(mux)
}

// Jobs are what the room does by itself at set times.
func (r *Room) Jobs() []jobs.Job { return r.intake.Jobs() }

// Beside is what goes on while the server runs.
func (r *Room) Beside() []func(context.Context) {
	return []func(context.Context){r.gateway.Run, r.compat.Run}
}

// Close writes what still waits, after the server has drained and before the store is closed.
func (r *Room) Close() error { return r.gateway.Close() }
