package retention

import (
	"context"
	"path/filepath"
	"time"

	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/retention/export"
	"analytics/retention/export/orders"
)

// Room is the room as a whole: what lets events go, and what takes them away.
type Room struct {
	*Keeper
	door   *export.Door
	orders *orders.Office
}

// Doors is what the room needs besides its own settings.
type Doors struct {
	Data   string         // the data folder
	Zone   *time.Location // of dates
	Record func(context.Context, store.Tenant, []byte) error
}

// Open opens the room.
func Open(s *store.Store, cfg Config, doors Doors) (*Room, error) {
	if err := cfg.Policy.Check(); err != nil {
		return nil, err
	}
	r := &Room{Keeper: New(s, cfg), door: export.NewDoor(s, cfg.Now)}
	var err error
	r.orders, err = orders.Open(orders.Config{Store: s, Dir: filepath.Join(doors.Data, "exports"),
		Record: doors.Record, Zone: doors.Zone, Now: cfg.Now, Log: cfg.Log})
	return r, err
}

// Routes adds the routes of all.
func (r *Room) Routes(mux *web.Mux) {
	r.Keeper.Routes(mux)
	r.door.Routes(mux)
	r.orders.Routes(mux)
}

// Run makes what was ordered, until ctx ends.
func (r *Room) Run(ctx context.Context) { r.orders.Run(ctx) }

// Close is for the end, before the store is closed.
func (r *Room) Close() error { return r.orders.Close() }
