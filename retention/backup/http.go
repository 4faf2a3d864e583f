package backup

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/retention/depot"
	"analytics/retention/erasures"
)

// Config is what a Door needs besides the store.
type Config struct {
	Settings
	Data     string // the data folder
	Means    depot.Means
	Erasures func() ([]erasures.Erasure, error)
	Record   func(context.Context, store.Tenant, []byte) error // of the audit trail; may be nil
	Now      func() time.Time
	Log      *slog.Logger
}

// Door makes backups for who asks.
type Door struct {
	store *store.Store
	cfg   Config
	busy  sync.Mutex // one at a time: two would only be in each other's way
}

// NewDoor makes the door.
func NewDoor(s *store.Store, cfg Config) *Door { return &Door{store: s, cfg: cfg} }

// Routes adds POST /v1/backups?to=&incremental= and GET /v1/backups?in=.
func (d *Door) Routes(mux *web.Mux) {
	mux.Handle("POST /v1/backups", auth.Admin, d.post)
	mux.Handle("GET /v1/backups", auth.Admin, d.get)
}

// Made is a backup as clients get it.
type Made struct {
	ID          string    `json:"id"`
	Place       string    `json:"place"`
	At          time.Time `json:"at"`
	Incremental bool      `json:"incremental"`
	Bytes       int64     `json:"bytes"` // of its own files
	Events      uint64    `json:"events"`
	Seconds     float64   `json:"seconds,omitempty"`
	Problem     string    `json:"problem,omitempty"`
}

func made(m *Manifest, place string) Made {
	return Made{ID: m.ID, Place: place, At: m.At, Incremental: len(m.Chain) > 0, Bytes: m.Size(),
		Events: m.Events()}
}

// place is the depot that a request means. Only who is on this machine and could write there anyway
// may name another than that of the settings: a key must not be a way to write files.
func (d *Door) place(r *http.Request, named, field string) (depot.Depot, error) {
	if named != "" && !web.Identity(r.Context()).Local {
		return nil, fault.At(fault.Forbidden, "place_not_allowed", field,
			"a place can only be named through the socket on the server's machine; "+
				"leave it out to use that of the settings")
	}
	place, err := d.cfg.place(named)
	if err != nil {
		return nil, err
	}
	return depot.At(place, d.cfg.means(d.cfg.Means))
}

func (d *Door) post(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Parameters(r, "to", "incremental")
	if err != nil {
		return err
	}
	incremental := q.Get("incremental")
	if incremental != "" && incremental != "true" && incremental != "false" {
		return fault.At(fault.Invalid, "invalid_value", "incremental", "incremental is true or false")
	}
	to, err := d.place(r, q.Get("to"), "to")
	if err != nil {
		return err
	}
	if !d.busy.TryLock() {
		return fault.New(fault.Conflict, "backup_running", "a backup is being made; wait until it is done")
	}
	defer d.busy.Unlock()
	web.Unhurried(w)
	return web.Stages(w, func(tell web.Tell) (*Made, error) {
		return d.create(r.Context(), to, incremental == "true", tell)
	})
}

// create makes a backup and tells the audit trail.
func (d *Door) create(ctx context.Context, to depot.Depot, incremental bool, tell web.Tell) (*Made, error) {
	begin := d.cfg.Now()
	known, err := d.cfg.Erasures()
	if err != nil {
		return nil, err
	}
	m, err := Create(ctx, d.store, to, Options{Incremental: incremental, Erasures: known, Now: d.cfg.Now,
		Log: d.cfg.Log, Progress: tell, Room: d.room, Failpoint: d.store.Failpoint})
	if err != nil {
		if ctx.Err() == nil {
			d.cfg.Log.Error("backup: none was made", "to", to.String(), "error", err)
		}
		return nil, err
	}
	out := made(m, to.String()+"/"+m.ID)
	out.Seconds = d.cfg.Now().Sub(begin).Seconds()
	d.cfg.Log.Info("backup: made", "backup", out.Place, "events", out.Events, "bytes", out.Bytes)
	return &out, d.tell(ctx, &out)
}

// room refuses to fill the store's own disk: at its mark, and somewhat before, the store would take
// nothing in any more.
func (d *Door) room(dir string, bytes int64) error {
	if !depot.SameVolume(dir, d.cfg.Data) {
		return nil
	}
	if s := d.store.Stats(); s.Free-bytes < s.Hard+s.Hard/4 {
		return fault.New(fault.Full, "disk_full", "the next file of the backup would leave the store too little "+
			"of its disk: %d MiB are free where %s is; free some, or choose a place on another disk",
			s.Free>>20, dir)
	}
	return nil
}

// tell tells the audit trail who took the data away.
func (d *Door) tell(ctx context.Context, m *Made) error {
	if d.cfg.Record == nil {
		return nil
	}
	who := web.Identity(ctx)
	actor := who.KeyID
	if actor == "" {
		actor = "local"
	}
	text, err := json.Marshal(map[string]any{
		"type": event.Activity.String(), "category": "administration", "action": "backup_created",
		"actor": actor, "target": m.ID, "outcome": "success", "severity": "high",
		"properties": map[string]any{"events": m.Events, "bytes": m.Bytes, "incremental": m.Incremental},
	})
	if err != nil {
		return err
	}
	return d.cfg.Record(ctx, who.Tenant, text)
}

// list is the backups of a place as clients get them.
type list struct {
	Place   string `json:"place"`
	Backups []Made `json:"backups"`
}

func (d *Door) get(w http.ResponseWriter, r *http.Request) error {
	q, err := web.Parameters(r, "in")
	if err != nil {
		return err
	}
	in, err := d.place(r, q.Get("in"), "in")
	if err != nil {
		return err
	}
	answer, err := listed(r.Context(), in)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, answer)
}

func listed(ctx context.Context, in depot.Depot) (*list, error) {
	all, err := List(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &list{Place: in.String(), Backups: []Made{}}
	for _, l := range all {
		m := Made{ID: l.ID, Place: in.String() + "/" + l.ID, Problem: l.Problem}
		if l.Manifest != nil {
			m = made(l.Manifest, m.Place)
			m.Problem = l.Problem
		}
		out.Backups = append(out.Backups, m)
	}
	return out, nil
}
