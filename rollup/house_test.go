package rollup

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/rollup/cube"
)

// noon is when the tests begin.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// house is a store and its mill under a clock that the test moves.
type house struct {
	t     testing.TB
	cfg   store.Config
	zone  *time.Location
	store *store.Store
	mill  *Mill
	clock atomic.Int64 // nanoseconds; the store reads it beside the test
	seed  uint64
}

func newHouse(t testing.TB, zone string) *house {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	check(t, err)
	h := &house{t: t, zone: loc, seed: 7}
	h.turn(noon)
	h.cfg = store.Config{Space: storetest.Room, Dir: t.TempDir(), MemTableSize: 8 << 20, Derive: Derive(loc),
		Now: h.now}
	h.open()
	t.Cleanup(func() { h.store.Close() })
	return h
}

func (h *house) now() time.Time { return time.Unix(0, h.clock.Load()).UTC() }

// turn sets the clock.
func (h *house) turn(to time.Time) { h.clock.Store(to.UnixNano()) }

func (h *house) open() {
	h.t.Helper()
	var err error
	h.store, err = store.Open(h.t.Context(), h.cfg)
	check(h.t, err)
	h.mill = New(Config{Store: h.store, Zone: h.zone, Now: h.cfg.Now})
}

func (h *house) reopen() {
	h.t.Helper()
	check(h.t, h.store.Close())
	h.open()
}

// put stores n typical events of a kind between two moments.
func (h *house) put(kind event.Kind, n int, from, to time.Time) {
	h.t.Helper()
	var batch event.Batch
	var e event.Event
	source := sample.New(h.seed)
	rng := rand.New(rand.NewPCG(h.seed, 2))
	h.seed++
	for range n {
		at := from.Add(time.Duration(rng.Int64N(int64(to.Sub(from)))))
		source.Event(&e, kind, event.MicrosOf(at))
		batch.Add(&e)
	}
	_, err := h.store.Append(h.t.Context(), store.Default, &batch)
	check(h.t, err)
}

// raw counts events, all of them, from events.
func (h *house) raw(spec cube.Spec, from, to event.Micros) *cube.Table {
	h.t.Helper()
	t, err := cube.NewTable(spec)
	check(h.t, err)
	n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: spec.Kind, From: from, To: to})
	defer n.Release()
	for _, c := range n.Chunks() {
		rec, err := c.Read(h.t.Context(), nil)
		check(h.t, err)
		check(h.t, t.Add(rec, from, to))
		rec.Release()
	}
	return t
}

// same fails unless Fill and the events give the same for the whole cube; it returns what Fill did.
func (h *house) same(c cube.Cube, from, to time.Time) Filled {
	h.t.Helper()
	spec := cube.Spec{Kind: c.Kind, Dims: c.Dims, Measures: c.Measures}
	low, high := event.MicrosOf(from), event.MicrosOf(to)
	f, err := h.mill.Fill(h.t.Context(), store.Default, c, spec, low, high)
	check(h.t, err)
	if string(f.Table.Encode()) != string(h.raw(spec, low, high).Encode()) {
		h.t.Fatalf("%s: cells give %d groups that are not what events give", c.Name, f.Table.Len())
	}
	return f
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
