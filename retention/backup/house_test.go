package backup

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/retention/depot"
	"analytics/retention/erasures"
	"analytics/rollup"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// house is a store and a place for its backups.
type house struct {
	t     *testing.T
	dir   string
	store *store.Store
	place depot.Folder
	clock atomic.Int64 // since noon
	seed  uint64
	edge  func(string)
}

func newHouse(t *testing.T) *house {
	h := &house{t: t, dir: t.TempDir(), place: depot.NewFolder(t.TempDir()), edge: func(string) {}}
	h.store = h.open(h.dir)
	return h
}

// time is the clock, which the store's goroutines read too; pass moves it on.
func (h *house) time() time.Time      { return noon.Add(time.Duration(h.clock.Load())) }
func (h *house) pass(d time.Duration) { h.clock.Add(int64(d)) }

func (h *house) config(dir string) store.Config {
	return store.Config{Space: storetest.Room, Dir: dir, MemTableSize: 8 << 20, Now: h.time,
		Log: slog.New(slog.DiscardHandler), Derive: rollup.Derive(time.UTC)}
}

func (h *house) open(dir string) *store.Store {
	h.t.Helper()
	s, err := store.Open(h.t.Context(), h.config(dir))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { s.Close() })
	return s
}

// put stores n events of a kind around a moment so many hours ago, and seals them if that is said.
func (h *house) put(t store.Tenant, kind event.Kind, n, ago int, seal bool) {
	h.t.Helper()
	h.seed++
	source := sample.New(h.seed)
	var b event.Batch
	var e event.Event
	first := noon.Add(-time.Duration(ago) * time.Hour)
	for i := range n {
		source.Event(&e, kind, event.MicrosOf(first.Add(time.Duration(i)*time.Second)))
		e.Timed, e.Named = true, true
		b.Add(&e)
	}
	if _, err := h.store.Append(h.t.Context(), t, &b); err != nil {
		h.t.Fatal(err)
	}
	if seal {
		if _, err := h.store.Seal(h.t.Context(), math.MaxUint32, true); err != nil {
			h.t.Fatal(err)
		}
	}
}

// lived fills the house with sealed, merged and unsealed events of two tenants, a login and state.
func (h *house) lived() {
	h.t.Helper()
	for i, kind := range []event.Kind{event.AIRequest, event.PageView, event.ToolCall} {
		h.put(store.Default, kind, 200+i, 80, true)
		h.put(store.Default, kind, 100+i, 78, true)
	}
	yesterday := event.MicrosOf(noon).Hour() - 24
	if _, err := h.store.Merge(h.t.Context(), store.Default, event.AIRequest, yesterday); err != nil {
		h.t.Fatal(err)
	}
	h.put(store.Tenant{'o'}, event.AIRequest, 70, 30, true)
	h.put(store.Default, event.AIRequest, 90, 2, false)
	h.shelf("keys", "key/x", `{"kept":true}`)
	h.shelf("keys", "session/x", `{}`)
	h.shelf("budgets", "b", "1")
}

func (h *house) shelf(name, key, value string) {
	h.t.Helper()
	if err := h.store.Shelf(store.Default, name).Put(h.t.Context(), key, []byte(value)); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) options() Options {
	return Options{Now: h.time, Log: slog.New(slog.DiscardHandler),
		Failpoint: func(name string) { h.edge(name) }, packSize: 64 << 10}
}

// create makes a backup a second after the last.
func (h *house) create(incremental bool) *Manifest {
	h.t.Helper()
	h.pass(time.Second)
	o := h.options()
	o.Incremental = incremental
	m, err := Create(h.t.Context(), h.store, h.place, o)
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

// verify opens and verifies a backup of the place.
func (h *house) verify(id string) (problems []string, err error) {
	b, err := Open(h.t.Context(), h.place, id)
	if err != nil {
		return nil, err
	}
	return b.Verify(h.t.Context(), nil)
}

func (h *house) whole(id string) {
	h.t.Helper()
	if problems, err := h.verify(id); err != nil || len(problems) > 0 {
		h.t.Errorf("backup %s: %v %v", id, problems, err)
	}
}

func (h *house) restoration(dir string) Restoration {
	return Restoration{Dir: dir, Store: h.config(""), Now: h.time,
		Log: slog.New(slog.DiscardHandler), Failpoint: func(name string) { h.edge(name) },
		Erasers: map[string]Eraser{erasures.Tenant: eraseTenant}}
}

func eraseTenant(ctx context.Context, s *store.Store, e erasures.Erasure) error {
	t, err := e.Of()
	if err != nil {
		return err
	}
	return s.Erase(ctx, t)
}

// restore restores into a new folder and opens it.
func (h *house) restore(id string) (*store.Store, *Restored) {
	h.t.Helper()
	b, err := Open(h.t.Context(), h.place, id)
	if err != nil {
		h.t.Fatal(err)
	}
	dir := filepath.Join(h.t.TempDir(), "new")
	out, err := b.Restore(h.t.Context(), h.restoration(dir))
	if err != nil {
		h.t.Fatal(err)
	}
	if out.Data != dir || !out.Doctor.Sound {
		h.t.Errorf("restored %+v", out)
	}
	return h.open(dir), out
}

// totals is what a store has, as text.
func totals(t *testing.T, s *store.Store) string {
	t.Helper()
	all, err := count(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// names lists a folder, hidden names too.
func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}
