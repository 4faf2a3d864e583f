package retention

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/engine/web"
	"analytics/rollup/cube"
)

// blocks turns the cubes' deriving into the store's. R is an Arrow record, which this room may not
// name.
func blocks[R any](derive func(event.Kind, []R) ([]cube.Cells, error)) func(event.Kind, []R) (
	[]store.Block, error) {
	return func(kind event.Kind, recs []R) (out []store.Block, err error) {
		cells, err := derive(kind, recs)
		for _, c := range cells {
			out = append(out, store.Block{Cube: c.Cube, Data: c.Data})
		}
		return out, err
	}
}

// house is a store and its keeper under a clock that the test moves.
type house struct {
	t      *testing.T
	store  *store.Store
	keeper *Keeper
	now    time.Time
	seed   uint64
	tenant store.Tenant // whose events are put
	dir    string
}

func newHouse(t *testing.T, days int, cubes bool) *house {
	t.Helper()
	h := &house{t: t, now: noon, seed: 7, tenant: store.Default, dir: t.TempDir()}
	now := func() time.Time { return h.now }
	cfg := store.Config{Space: storetest.Room, Dir: h.dir, MemTableSize: 8 << 20, Now: now}
	if cubes {
		cfg.Derive = blocks(cube.Maker{}.Derive)
	}
	var err error
	if h.store, err = store.Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.store.Close() })
	h.keeper = New(h.store, Config{Policy: Policy{Days: days}, Now: now})
	return h
}

// put stores n events of a kind in the hour that began so many hours ago, and seals if asked to.
func (h *house) put(kind event.Kind, n, ago int, seal bool) {
	h.t.Helper()
	h.seed++
	source := sample.New(h.seed)
	var b event.Batch
	var e event.Event
	for i := range n {
		source.Event(&e, kind, hour(ago).Start()+event.Micros(i))
		e.Timed, e.Named = true, true
		b.Add(&e)
	}
	if _, err := h.store.Append(h.t.Context(), h.tenant, &b); err != nil {
		h.t.Fatal(err)
	}
	if seal {
		if _, err := h.store.Seal(h.t.Context(), math.MaxUint32, true); err != nil {
			h.t.Fatal(err)
		}
	}
}

// rows is how many events of a kind can be read.
func (h *house) rows(kind event.Kind) int64 { return h.store.Stats().Events[kind] }

func (h *house) run(o Options) *Report {
	h.t.Helper()
	r, err := h.keeper.Run(h.t.Context(), store.Default, o)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func TestRunDropsOldHoursAndNothingElse(t *testing.T) {
	h := newHouse(t, 90, true)
	h.put(event.AIRequest, 50, 24*120, true)
	h.put(event.AIRequest, 40, 24*91, true)
	h.put(event.AIRequest, 30, 24*89, true)
	h.put(event.PageView, 20, 24*200, true)
	h.put(event.PageView, 10, 1, true)
	h.put(event.AIRequest, 5, 24*130, false) // old, not sealed

	dry := h.run(Options{DryRun: true})
	if dry.Rows != 110 || dry.Segments != 3 || h.rows(event.AIRequest) != 125 {
		t.Errorf("dry run: %d rows in %d segments, %d left; want 110 in 3, 125 left", dry.Rows,
			dry.Segments, h.rows(event.AIRequest))
	}
	done := h.run(Options{})
	if done.Rows != 110 || done.Segments != 3 || done.Bytes <= 0 {
		t.Errorf("run: %d rows, %d segments, %d bytes; want 110 and 3", done.Rows, done.Segments,
			done.Bytes)
	}
	if got, got2 := h.rows(event.AIRequest), h.rows(event.PageView); got != 35 || got2 != 10 {
		t.Errorf("%d and %d events left, want 35 and 10", got, got2)
	}
	if again := h.run(Options{}); again.Rows != 0 {
		t.Errorf("a second run dropped %d rows", again.Rows)
	}
	h.cubesHold(event.AIRequest, 120)
	problems, err := h.store.Verify(t.Context(), nil)
	if err != nil || len(problems) != 0 {
		t.Errorf("verify: %v %v", problems, err)
	}
	// Sealed later, the late events go with the next run.
	h.put(event.AIRequest, 1, 0, true)
	if late := h.run(Options{}); late.Rows != 5 {
		t.Errorf("late events: dropped %d rows, want 5", late.Rows)
	}
}

// cubesHold wants the blocks of every cube to count so many events of a kind.
func (h *house) cubesHold(kind event.Kind, want uint64) {
	h.t.Helper()
	n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: kind, To: math.MaxInt64})
	defer n.Release()
	for _, c := range cube.Cubes(kind) {
		got := uint64(0)
		for _, s := range n.Segments() {
			data, err := n.Block(h.t.Context(), &s, c.ID)
			if err != nil || len(data) == 0 {
				h.t.Fatalf("cube %s: %d bytes, %v", c.Name, len(data), err)
			}
			got += uint64(s.Rows)
		}
		if got != want {
			h.t.Errorf("cube %s stands for %d events, want %d", c.Name, got, want)
		}
	}
}

func TestRunKeepsWhatTheCubesDoNotHold(t *testing.T) {
	h := newHouse(t, 90, false)
	h.put(event.AIRequest, 50, 24*120, true)
	r := h.run(Options{})
	if r.Rows != 0 || h.rows(event.AIRequest) != 50 {
		t.Fatalf("dropped %d rows without a cube", r.Rows)
	}
	if got := r.Decisions[0].Reason; !strings.Contains(got, "does not hold it") {
		t.Errorf("reason %q", got)
	}
}

func TestRunDropsNothingWhileTheClockIsInDoubt(t *testing.T) {
	h := newHouse(t, 90, true)
	h.put(event.AIRequest, 50, 24*10, true)
	if err := h.keeper.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.now = noon.AddDate(1, 0, 0) // now the events look a year old
	if r := h.run(Options{}); r.Rows != 0 || r.Suspended == "" {
		t.Fatalf("dropped %d rows after a jump (%q)", r.Rows, r.Suspended)
	}
	if r := h.run(Options{DryRun: true, AcceptClock: true}); r.Suspended == "" {
		t.Error("a dry run accepted the clock")
	}
	h.now = h.now.Add(2 * time.Hour)
	if r := h.run(Options{}); r.Rows != 0 {
		t.Fatalf("dropped %d rows two hours after a jump", r.Rows)
	}
	back := h.now
	h.now = noon // it was wrong, and is set right: a jump back
	if r := h.run(Options{}); r.Rows != 0 || r.Suspended == "" {
		t.Fatalf("dropped %d rows after the clock went back (%q)", r.Rows, r.Suspended)
	}
	h.now = back
	if r := h.run(Options{AcceptClock: true}); r.Rows != 50 || r.Suspended != "" {
		t.Errorf("accepted clock: dropped %d rows (%q), want 50", r.Rows, r.Suspended)
	}
}

func TestSweepIsTheJobAndKeepsForEverWithZeroDays(t *testing.T) {
	h := newHouse(t, 0, true)
	h.put(event.AIRequest, 9, 24*1000, true)
	if err := h.keeper.Sweep(t.Context()); err != nil || h.rows(event.AIRequest) != 9 {
		t.Fatalf("%v, %d rows left", err, h.rows(event.AIRequest))
	}
	h.keeper.SetPolicy(Policy{Days: 1})
	if err := h.keeper.Sweep(t.Context()); err != nil || h.rows(event.AIRequest) != 0 {
		t.Errorf("%v, %d rows left", err, h.rows(event.AIRequest))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h.put(event.AIRequest, 9, 24*1000, true)
	if err := h.keeper.Sweep(ctx); err == nil || h.rows(event.AIRequest) != 9 {
		t.Errorf("canceled: %v, %d rows left", err, h.rows(event.AIRequest))
	}
}

func TestRoutes(t *testing.T) {
	h := newHouse(t, 90, true)
	h.put(event.AIRequest, 50, 24*120, true)
	h.put(event.AIRequest, 1, 2, true)
	h.put(event.AIRequest, 2, 1, false)
	mux := web.NewMux(web.Options{})
	h.keeper.Routes(mux)
	call := func(method, target string, status int) (r reply) {
		t.Helper()
		w := httptest.NewRecorder()
		request := httptest.NewRequest(method, target, nil)
		mux.ServeHTTP(w, request.WithContext(web.AsLocal(request.Context())))
		if w.Code != status {
			t.Fatalf("%s %s: status %d: %s", method, target, w.Code, w.Body)
		}
		if status == http.StatusOK {
			if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil {
				t.Fatal(err)
			}
		}
		return r
	}
	for _, path := range []string{"GET /v1/retention/plan", "POST /v1/retention/run?dry_run=true"} {
		method, target, _ := strings.Cut(path, " ")
		r := call(method, target, http.StatusOK)
		if r.Drop.Rows != 50 || r.Keep.Rows != 3 || r.Done || len(r.Hours) != 3 {
			t.Errorf("%s: %+v", path, r)
		}
	}
	if r := call("POST", "/v1/retention/run", http.StatusOK); r.Drop.Rows != 50 || !r.Done {
		t.Errorf("run: %+v", r)
	}
	if r := call("GET", "/v1/retention/plan", http.StatusOK); r.Drop.Rows != 0 || r.Keep.Rows != 3 {
		t.Errorf("after the run: %+v", r)
	}
	call("POST", "/v1/retention/run?dryrun=true", http.StatusBadRequest)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/v1/retention/plan", nil))
	if w.Code != http.StatusUnauthorized {
		t.Errorf("without a key: status %d", w.Code)
	}
}
