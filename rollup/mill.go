package rollup

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/bots"
	"analytics/rollup/cube"
)

// Config is what a Mill needs. Only Store is required.
type Config struct {
	Store *store.Store
	// Zone is the reporting time zone, UTC unless set.
	Zone *time.Location
	// Tenants lists whose data there is, the default tenant's unless set.
	Tenants func() []store.Tenant
	// Bots is how sessions on sites are judged.
	Bots bots.Weights
	Now  func() time.Time
	Log  *slog.Logger
}

// Mill turns events into cells. All jobs, the check and the rebuild are its methods. It may be used
// by several goroutines.
type Mill struct {
	Config
	sealing sealing
	days    dayIndex
	fresh   freshIndex
	late    lateIndex
	// patience is how long somebody who asks waits for sessions to be made.
	patience time.Duration
	storing  atomic.Bool // sessions are being stored because somebody could not wait
	hurried  hurry

	// milling is held by what writes day cells: the daily job and a rebuild.
	milling sync.Mutex
	// closing is held by what stores sessions.
	closing sync.Mutex
}

// New makes a Mill.
func New(cfg Config) *Mill {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Tenants == nil {
		cfg.Tenants = func() []store.Tenant { return []store.Tenant{store.Default} }
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Mill{Config: cfg, patience: patience, hurried: newHurry()}
}

// Derive makes the blocks of segments for a store whose reports are in the zone: cells are fine
// enough for the zone's days.
func Derive(zone *time.Location) store.Derive {
	maker := cube.Maker{Grain: cube.GrainOf(zone)}
	return func(kind event.Kind, recs []arrow.Record) ([]store.Block, error) {
		cells, err := maker.Derive(kind, recs)
		blocks := make([]store.Block, 0, len(cells))
		for _, c := range cells {
			blocks = append(blocks, store.Block{Cube: c.Cube, Data: c.Data})
		}
		return blocks, err
	}
}
