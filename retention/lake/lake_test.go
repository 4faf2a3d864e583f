package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/archive"
	"analytics/engine/columns"
	"analytics/engine/columns/sample"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// house is a store and its archive.
type house struct {
	t     *testing.T
	dir   string // of the store
	files string // of the archive
	store *store.Store
	lake  *Lake
	acked map[string]int // ids, once each
	seed  uint64
	edge  func(string)
}

func newHouse(t *testing.T, dir, files string) *house {
	t.Helper()
	h := &house{t: t, dir: dir, files: files, acked: map[string]int{}, edge: func(string) {}}
	now := func() time.Time { return noon }
	log := slog.New(slog.DiscardHandler)
	var err error
	h.store, err = store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: dir,
		MemTableSize: 8 << 20, Now: now, Log: log, Failpoint: h.adopting})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.store.Close() })
	h.lake, err = Open(h.store, Config{Settings: Settings{Folder: files, AfterDays: 2}, Now: now, Log: log,
		Failpoint: func(name string) { h.edge(name) }})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// adopting passes on the edges of the store that have to do with the archive.
func (h *house) adopting(name string) {
	if strings.HasPrefix(name, "adopt.") {
		h.edge(name)
	}
}

// put stores n events of a kind on the day so many days ago, and seals them.
func (h *house) put(kind event.Kind, n, ago int) {
	h.t.Helper()
	h.seed++
	source := sample.New(h.seed)
	var b event.Batch
	var e event.Event
	day := noon.AddDate(0, 0, -ago).Truncate(24 * time.Hour)
	for i := range n {
		source.Event(&e, kind, event.MicrosOf(day.Add(time.Duration(i)*23*time.Hour/time.Duration(n))))
		e.Timed, e.Named = true, true
		h.acked[string(event.AppendIDText(nil, e.Text(event.EventID)))]++
		b.Add(&e)
	}
	if _, err := h.store.Append(h.t.Context(), store.Default, &b); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.store.Seal(h.t.Context(), math.MaxUint32, true); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) run() []Day {
	h.t.Helper()
	days, err := h.lake.Run(h.t.Context(), store.Default)
	if err != nil {
		h.t.Fatal(err)
	}
	return days
}

// drop lets go everything that the archive vouches for.
func (h *house) drop(kind event.Kind) (rows int64) {
	h.t.Helper()
	n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: kind, To: math.MaxInt64})
	defer n.Release()
	var ids []store.SegmentID
	for _, g := range n.Segments() {
		if g.Archived() {
			continue
		}
		reason, err := h.lake.Holds(h.t.Context(), store.Default, kind, g.From, g.ID)
		if err != nil {
			h.t.Fatal(err)
		}
		if reason == "" {
			ids = append(ids, g.ID)
		}
	}
	done, err := h.lake.Drop(h.t.Context(), store.Default, kind, ids)
	if err != nil {
		h.t.Fatal(err)
	}
	return done.Rows
}

// asked are the ids that a question finds, wherever they lie.
func (h *house) asked() map[string]int {
	h.t.Helper()
	out := map[string]int{}
	for _, kind := range event.Kinds() {
		n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: kind, To: math.MaxInt64})
		for _, c := range n.Chunks() {
			rec, err := c.Read(h.t.Context(), nil)
			if err != nil {
				h.t.Fatal(err)
			}
			var e event.Event
			rows := columns.NewRows(kind, rec)
			for i := range int(rec.NumRows()) {
				rows.Event(&e, i)
				out[string(event.AppendIDText(nil, e.Text(event.EventID)))]++
			}
		}
		n.Release()
	}
	return out
}

// onDisk are the ids in the files of the archive, as any other program would read them.
func (h *house) onDisk() map[string]int {
	h.t.Helper()
	out := map[string]int{}
	err := filepath.WalkDir(h.files, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".parquet" || strings.Contains(path, ".staging") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		a, err := archive.Open(f, info.Size())
		if err != nil {
			return err
		}
		for g := range a.RowGroups() {
			rec, err := a.Read(g, nil)
			if err != nil {
				return err
			}
			var e event.Event
			rows := columns.NewRows(a.Kind(), rec)
			for i := range a.GroupRows(g) {
				rows.Event(&e, i)
				out[string(event.AppendIDText(nil, e.Text(event.EventID)))]++
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

// want compares ids.
func (h *house) want(what string, got, want map[string]int) {
	h.t.Helper()
	if maps.Equal(got, want) {
		return
	}
	lost, doubled := 0, 0
	for id := range want {
		if got[id] == 0 {
			lost++
		}
	}
	for id, n := range got {
		if n > 1 || want[id] == 0 {
			doubled++
		}
	}
	h.t.Errorf("%s: %d events, want %d; %d lost, %d doubled or foreign", what, len(got), len(want), lost,
		doubled)
}

func TestArchivedDaysAreReadWithoutNotice(t *testing.T) {
	h := newHouse(t, t.TempDir(), t.TempDir())
	h.put(event.AIRequest, 300, 40)
	h.put(event.AIRequest, 200, 39)
	h.put(event.PageView, 100, 40)
	old := maps.Clone(h.acked)
	h.put(event.AIRequest, 50, 0) // today
	plan, err := h.lake.Plan(t.Context(), store.Default)
	if err != nil || len(plan) != 4 || plan[2].State != "waiting" {
		t.Fatalf("plan %+v %v, want 4 days and today to wait", plan, err)
	}
	done := h.run()
	if done[0].State != "archived" || done[0].Rows != 300 || done[3].Rows != 100 {
		t.Errorf("archived %+v", done)
	}
	h.want("on disk", h.onDisk(), old)
	if again := h.run(); again[0].State != "kept" || again[0].Rows != 300 {
		t.Errorf("archiving again gave %+v, want nothing to do", again[0])
	}
	if got := h.drop(event.AIRequest) + h.drop(event.PageView); got != 600 {
		t.Errorf("dropped %d events, want 600", got)
	}
	h.want("asked", h.asked(), h.acked)
	files, bad, err := h.lake.Verify(t.Context(), store.Default)
	if err != nil || files != 3 || len(bad) != 0 {
		t.Errorf("verify: %d files, %v, %v; want 3 whole ones", files, bad, err)
	}
	// A late event comes into a day that is archived and gone.
	h.put(event.AIRequest, 1, 39)
	h.run()
	h.drop(event.AIRequest)
	h.want("asked, with a late event", h.asked(), h.acked)
	if got := len(h.onDisk()); got != 601 {
		t.Errorf("%d events on disk, want 601", got)
	}
}

func TestDamagedArchiveFileKeepsEventsInTheStore(t *testing.T) {
	h := newHouse(t, t.TempDir(), t.TempDir())
	h.put(event.AIRequest, 300, 40)
	h.run()
	all, err := filepath.Glob(filepath.Join(h.files, "ai_request/tenant=default/date=2026-10-11/*.parquet"))
	if err != nil || len(all) != 1 {
		t.Fatalf("files %v %v", all, err)
	}
	whole, err := os.ReadFile(all[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := range 16 {
		damaged := append([]byte(nil), whole...)
		damaged[len(damaged)*i/16] ^= 1 << (i % 8)
		if err := os.WriteFile(all[0], damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := h.drop(event.AIRequest); got != 0 {
			t.Fatalf("byte %d of 16: %d events were dropped although their file is damaged", i, got)
		}
	}
	if err := os.WriteFile(all[0], whole[:len(whole)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, bad, err := h.lake.Verify(t.Context(), store.Default); err != nil || len(bad) != 1 {
		t.Errorf("verify lists %v, %v; want one file", bad, err)
	}
	if got := h.drop(event.AIRequest); got != 0 {
		t.Errorf("%d events were dropped although their file is short", got)
	}
	h.want("asked", h.asked(), h.acked)
}

func TestErasureReachesTheArchive(t *testing.T) {
	h := newHouse(t, t.TempDir(), t.TempDir())
	h.put(event.AIRequest, 300, 40)
	h.put(event.PageView, 30, 30)
	h.run()
	h.drop(event.AIRequest)
	if err := h.store.Erase(t.Context(), store.Default); err != nil {
		t.Fatal(err)
	}
	h.run()
	if got := len(h.onDisk()); got != 0 {
		t.Errorf("%d erased events are still in the archive", got)
	}
	err := filepath.WalkDir(h.files, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("%s is still there", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAnEmptyStoreRemovesNothing(t *testing.T) {
	h := newHouse(t, t.TempDir(), t.TempDir())
	h.put(event.AIRequest, 300, 40)
	h.run()
	other := newHouse(t, t.TempDir(), h.files)
	other.run()
	other.want("on disk", other.onDisk(), h.acked)
}

// copyFolder copies a folder that is in use: a name that goes meanwhile (HEAD.tmp, once a second) has
// it begin again.
func copyFolder(t *testing.T, to, from string) {
	t.Helper()
	for {
		err := os.CopyFS(to, os.DirFS(from))
		if err == nil {
			return
		}
		if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if err := os.RemoveAll(to); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKillsLoseAndDoubleNothing copies store and archive at every edge, as kill -9 would leave them.
// From each copy the events can be asked for once each; and after archiving and dropping again, the
// archive holds each of them once.
func TestKillsLoseAndDoubleNothing(t *testing.T) {
	type kill struct {
		name, dir, files string
		acked            map[string]int
	}
	times := 3
	if os.Getenv("ANALYTICS_TEST_STRICT") != "" { // the gate
		times = 10
	}
	var kills []kill
	seen := map[string]int{}
	h := newHouse(t, t.TempDir(), t.TempDir())
	h.edge = func(name string) {
		if seen[name]++; seen[name] > times {
			return
		}
		k := kill{fmt.Sprintf("%s-%d", name, seen[name]), filepath.Join(t.TempDir(), "store"),
			filepath.Join(t.TempDir(), "archive"), maps.Clone(h.acked)}
		for to, from := range map[string]string{k.dir: h.dir, k.files: h.files} {
			copyFolder(t, to, from)
		}
		kills = append(kills, k)
	}
	for round := range 5 {
		h.put(event.AIRequest, 40+round, 40)
		h.put(event.ToolCall, 30, 41+round/2)
		h.run()
		h.drop(event.AIRequest)
		h.drop(event.ToolCall)
		if round == 2 {
			h.put(event.AIRequest, 20, 40)
			if _, err := h.store.Merge(t.Context(), store.Default, event.AIRequest,
				event.MicrosOf(noon.AddDate(0, 0, -40).Truncate(24*time.Hour)).Hour()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, edge := range Edges() {
		if seen[edge] < times {
			t.Errorf("%s was met %d times, want %d", edge, seen[edge], times)
		}
	}
	for _, k := range kills {
		t.Run(k.name, func(t *testing.T) {
			again := newHouse(t, k.dir, k.files)
			again.want("asked after the kill", again.asked(), k.acked)
			again.run()
			again.drop(event.AIRequest)
			again.drop(event.ToolCall)
			again.want("asked after the next run", again.asked(), k.acked)
			again.want("on disk", again.onDisk(), k.acked)
			if err := again.store.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
