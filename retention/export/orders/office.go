package orders

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// The limits. A file is there to be fetched soon, not to be kept.
const (
	// keep is how long an order and its file stay.
	keep = 24 * time.Hour
	// mostOrders is how many orders a tenant has at a time, done or not.
	mostOrders = 50
	// mostWaiting is how many of them may be waiting: one export runs at a time.
	mostWaiting = 10
	// mostAttempts is how often an order is begun: one that ends the program must not do so for ever.
	mostAttempts = 3
	// quota is the size of all files together, where Config says nothing: fifty million AI requests
	// as Parquet.
	quota = 4 << 30
	// sweepEvery is how often is looked for what has expired.
	sweepEvery = 10 * time.Minute
)

// Config is what an office is made of.
type Config struct {
	Store *store.Store
	Dir   string // the folder of the files, <data>/exports
	// Record tells the audit trail; nil: nobody is told.
	Record func(ctx context.Context, t store.Tenant, text []byte) error
	Zone   *time.Location // whose days are meant by a date; UTC if nil
	Quota  int64          // bytes of all files together, 4 GiB if 0
	Now    func() time.Time
	Log    *slog.Logger
}

// Office takes orders and makes what was ordered, while Run runs.
type Office struct {
	cfg    Config
	shelf  *store.Shelf
	root   *os.Root
	nudged chan struct{}

	mu      sync.Mutex         // also held while a change of an order is decided and saved
	current string             // guarded by mu: the id of the order being made
	cancel  context.CancelFunc // guarded by mu: ends the making of it
	rows    atomic.Int64       // of the current order, so far
}

// Open opens the folder, which it makes if it is not there.
func Open(cfg Config) (*Office, error) {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Quota = cmp.Or(cfg.Quota, quota)
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(cfg.Dir)
	if err != nil {
		return nil, err
	}
	return &Office{
		cfg: cfg, shelf: cfg.Store.Shelf(store.Default, "exports"), root: root,
		nudged: make(chan struct{}, 1),
	}, nil
}

// Close closes the folder, after Run has returned.
func (f *Office) Close() error { return f.root.Close() }

// Run makes what is ordered, one after the other, until the context ends. What is under way then is
// begun again with the next Run.
func (f *Office) Run(ctx context.Context) error {
	if err := f.resume(ctx); err != nil {
		f.cfg.Log.Error("exports cannot be taken up again", "error", err)
	}
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		for f.next(ctx) {
		}
		select {
		case <-ctx.Done():
			return nil
		case <-f.nudged:
		case <-tick.C:
			if err := f.sweep(ctx); err != nil && ctx.Err() == nil {
				f.cfg.Log.Error("expired exports stay", "error", err)
			}
		}
	}
}

func (f *Office) nudge() {
	select {
	case f.nudged <- struct{}{}:
	default:
	}
}

// resume puts what was under way back in line, and removes expired orders and stray files.
func (f *Office) resume(ctx context.Context) error {
	all, err := f.each("")
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.State == Processing {
			o.State = Pending
			if err := f.save(ctx, o); err != nil {
				return err
			}
		}
	}
	return f.sweep(ctx)
}

// sweep removes the orders that are over, and the files that no completed order names.
func (f *Office) sweep(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.each("")
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, o := range all {
		switch {
		case o.ID == f.current:
			named[o.name()+partial] = true
			named[o.name()] = true
		case f.cfg.Now().Before(o.Expires):
			named[o.name()] = o.State == Completed
		default:
			if err := f.shelf.Delete(ctx, o.key()); err != nil {
				return err
			}
		}
	}
	files, err := os.ReadDir(f.cfg.Dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		name := file.Name()
		id, ending, _ := strings.Cut(name, ".")
		if named[name] || !isID(id) || !isFile(strings.TrimSuffix(ending, partial)) {
			continue // what is not ours stays
		}
		if err := f.root.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// take puts an order in line.
func (f *Office) take(ctx context.Context, o *Order) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.list(o.tenant)
	if err != nil {
		return err
	}
	waiting := 0
	for _, other := range all {
		if other.open() {
			waiting++
		}
	}
	if waiting >= mostWaiting {
		return fault.New(fault.Limited, "too_many_exports",
			"%d exports are waiting already, which is the limit; try again when one is done", waiting)
	}
	if len(all) >= mostOrders {
		return fault.New(fault.Limited, "too_many_exports",
			"there are %d exports, which is the limit; delete one, or wait until they expire", len(all))
	}
	o.ID, o.State, o.Created = newID(), Pending, f.cfg.Now().UTC()
	o.Expires = o.Created.Add(keep)
	if err := f.save(ctx, o); err != nil {
		return err
	}
	f.nudge()
	return nil
}

// list is a tenant's orders that are not over, the newest first.
func (f *Office) list(t store.Tenant) ([]*Order, error) {
	all, err := f.each(prefixOf(t))
	all = slices.DeleteFunc(all, func(o *Order) bool { return !f.cfg.Now().Before(o.Expires) })
	slices.SortFunc(all, func(a, b *Order) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID))
	})
	return all, err
}

// remove deletes an order and its file. One under way is stopped.
func (f *Office) remove(ctx context.Context, o *Order) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.shelf.Delete(ctx, o.key()); err != nil {
		return err
	}
	if f.current == o.ID {
		f.cancel()
		return nil
	}
	if err := f.root.Remove(filepath.Base(o.name())); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}
