package retention

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"analytics/engine/audit"
	"analytics/engine/auth"
	"analytics/engine/jobs"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/retention/backup"
	"analytics/retention/depot"
	"analytics/retention/erase"
	"analytics/retention/erasures"
	"analytics/retention/export"
	"analytics/retention/export/orders"
	"analytics/retention/lake"
)

// Room is the room as a whole: what lets events go, and what takes them away.
type Room struct {
	*Keeper
	door    *export.Door
	orders  *orders.Office
	backups *backup.Door
	people  *erase.Office
	erased  *erasures.Log
	forget  func(store.Tenant) // the cells of a tenant's days are gone
}

// Doors is what the room needs besides its own settings.
type Doors struct {
	Local
	Data   string             // the data folder
	Trail  *audit.Trail       // of activities, which says what was erased
	Forget func(store.Tenant) // the cells of a tenant's days are gone
	// Written says which files in <data>/reports reports wrote; see Config.
	Written func(name string) (end time.Time, ok bool)
	Places  Places // the rooms at work that may name a person
	Record  func(context.Context, store.Tenant, []byte) error
}

// Open opens the room.
func Open(s *store.Store, cfg Config, doors Doors) (*Room, error) {
	if err := cfg.Policy.Check(); err != nil {
		return nil, err
	}
	cfg.Archive, cfg.Zone = doors.Archive, doors.Zone
	cfg.Means = depot.Means{S3: cfg.Archive.S3, Allow: doors.Allow, Staging: staging(doors.Data), Env: os.Getenv}
	cfg.Beside = below(doors.Data, cfg.Archive.Folder, doors.Backup.Folder)
	cfg.Reports, cfg.Written = filepath.Join(doors.Data, "reports"), doors.Written
	r := &Room{Keeper: New(s, cfg), door: export.NewDoor(s, cfg.Now), forget: doors.Forget}
	if _, err := lake.Identify(context.Background(), s); err != nil { // as on a full disk: the next start may
		r.cfg.Log.Warn("retention: the store has no name yet, which what it archives would say", "error", err)
	}
	var archive depot.Depot
	if r.lake != nil {
		archive = r.lake.Depot()
	}
	r.erased = erasures.Open(s, doors.Data, archive)
	var err error
	r.orders, err = orders.Open(orders.Config{Store: s, Dir: filepath.Join(doors.Data, "exports"),
		Record: doors.Record, Zone: doors.Zone, Now: cfg.Now, Log: cfg.Log})
	if err != nil {
		return nil, err
	}
	r.people = erase.Open(erase.Config{Store: s, Log: r.erased, Trail: doors.Trail, Data: doors.Data,
		Record: doors.Record, Now: cfg.Now, Logger: cfg.Log, Places: append(doors.Places, r.orders.Forget),
		After: func(ctx context.Context, t store.Tenant) error {
			doors.Forget(t)
			return r.archiveNow(ctx, t)
		}})
	r.backups = backup.NewDoor(s, backup.Config{Settings: doors.Backup, Data: doors.Data, Means: cfg.Means,
		Erasures: r.erased.All, Record: doors.Record, Now: cfg.Now, Log: cfg.Log})
	return r, nil
}

// Routes adds the routes of all.
func (r *Room) Routes(mux *web.Mux) {
	r.Keeper.Routes(mux)
	r.door.Routes(mux)
	r.orders.Routes(mux)
	r.backups.Routes(mux)
	r.people.Routes(mux)
	mux.Handle("POST /v1/archive/adopt", auth.Admin, r.postAdopt)
}

// Jobs is the room's part of the table of jobs.
func (r *Room) Jobs() []jobs.Job {
	return append(append(r.Keeper.Jobs(), r.adoption()), r.people.Jobs()...)
}

// Erase erases all events of a tenant, for good: from the archive and from later restores, too.
func (r *Room) Erase(ctx context.Context, t store.Tenant, actor string) error {
	_, err := r.people.Erase(ctx, t, erasures.Tenant, "", actor, func(int, int) {})
	return err
}

// Run makes what was ordered, until ctx ends.
func (r *Room) Run(ctx context.Context) { r.orders.Run(ctx) }

// Close is for the end, before the store is closed.
func (r *Room) Close() error { return r.orders.Close() }
