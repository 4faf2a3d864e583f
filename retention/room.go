package retention

import (
	"context"
	"os"
	"path/filepath"

	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/retention/backup"
	"analytics/retention/depot"
	"analytics/retention/erasures"
	"analytics/retention/export"
	"analytics/retention/export/orders"
)

// Room is the room as a whole: what lets events go, and what takes them away.
type Room struct {
	*Keeper
	door    *export.Door
	orders  *orders.Office
	backups *backup.Door
	erased  *erasures.Log // who erases appends to it first
}

// Doors is what the room needs besides its own settings.
type Doors struct {
	Local
	Data   string // the data folder
	Record func(context.Context, store.Tenant, []byte) error
}

// Open opens the room.
func Open(s *store.Store, cfg Config, doors Doors) (*Room, error) {
	if err := cfg.Policy.Check(); err != nil {
		return nil, err
	}
	cfg.Archive = doors.Archive
	cfg.Means = depot.Means{S3: cfg.Archive.S3, Allow: doors.Allow, Staging: staging(doors.Data), Env: os.Getenv}
	r := &Room{Keeper: New(s, cfg), door: export.NewDoor(s, cfg.Now)}
	var archive depot.Depot
	if r.lake != nil {
		archive = r.lake.Depot()
	}
	r.erased = erasures.Open(s, doors.Data, archive)
	r.backups = backup.NewDoor(s, backup.Config{Settings: doors.Backup, Means: cfg.Means, Erasures: r.erased.All,
		Record: doors.Record, Now: cfg.Now, Log: cfg.Log})
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
	r.backups.Routes(mux)
}

// Run makes what was ordered, until ctx ends.
func (r *Room) Run(ctx context.Context) { r.orders.Run(ctx) }

// Close is for the end, before the store is closed.
func (r *Room) Close() error { return r.orders.Close() }
