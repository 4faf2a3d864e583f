package rollup

import (
	"context"

	"analytics/engine/event"
	"analytics/engine/jobs"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/ingest/enrich"
	"analytics/rollup/bots"
	"analytics/rollup/bots/history"
	"analytics/rollup/funnels"
)

// Room is the room as a whole: the mill, what classifies history again, and funnels.
type Room struct {
	*Mill
	history *history.History
	funnels *funnels.Door
}

// Doors is what the room needs of the one to its left.
type Doors struct {
	// Classify says again what lists and signals say of a stored event; Obey takes over what persons
	// set for events that come from now on; Record takes in an event of the house's own.
	Classify func(*event.Event) bool
	Obey     func([]enrich.Rule)
	Record   func(context.Context, store.Tenant, []byte) error
}

// Open opens the room.
func Open(cfg Config, doors Doors) (*Room, error) {
	r := &Room{Mill: New(cfg)}
	r.funnels = funnels.NewDoor(r.Store, r.Now)
	var err error
	r.history, err = history.Open(history.House{
		Store: r.Store, Classify: doors.Classify, Record: doors.Record, Remake: r.RemakeSessions,
		Use: doors.Obey, Tenants: r.Tenants, Zone: r.Zone, Now: r.Now, Log: r.Log,
	})
	return r, err
}

// Routes adds the routes of all.
func (r *Room) Routes(mux *web.Mux) {
	r.Mill.Routes(mux)
	r.history.Routes(mux, func() bots.Weights { return r.Bots })
	r.funnels.Routes(mux)
}

// Jobs is the room's part of the table of jobs.
func (r *Room) Jobs() []jobs.Job { return append(r.Mill.Jobs(), r.history.Jobs()...) }
