package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/retention/depot"
	"analytics/retention/erasures"
)

func TestARestoredStoreIsTheOneOfTheBackup(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	want := totals(t, h.store)
	m := h.create(false)
	if m.Events() != 3*300+6+70+90 || len(m.Needs) > 0 || len(m.Files) < 5 {
		t.Errorf("manifest %+v", m)
	}
	h.put(store.Default, event.PageView, 300, 1, true) // after the backup
	h.whole(m.ID)
	back, out := h.restore("")
	if got := totals(t, back); got != want {
		t.Errorf("restored\n%s\nwant\n%s", got, want)
	}
	for name, key := range map[string]string{"keys": "key/x", "budgets": "b"} {
		if _, ok, err := back.Shelf(store.Default, name).Get(key); !ok || err != nil {
			t.Errorf("%s/%s did not come along: %v", name, key, err)
		}
	}
	if _, ok, _ := back.Shelf(store.Default, "keys").Get("session/x"); ok || out.Logins != 1 {
		t.Errorf("a login came along (%d ended)", out.Logins)
	}
}

// TestABackupIsOfOneMoment: what is acknowledged before is in it, also while everything goes on.
func TestABackupIsOfOneMoment(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	want := totals(t, h.store)
	steps := 0
	h.edge = func(name string) {
		if name == "backup.begin" || name == "backup.state" {
			h.put(store.Default, event.PageView, 50, 79-steps, true)
			if _, err := h.store.Merge(t.Context(), store.Default, event.PageView, 1<<31); err != nil {
				t.Error(err)
			}
			steps++
		}
		if name == "backup.state" {
			if err := h.store.Erase(t.Context(), store.Tenant{'o'}); err != nil {
				t.Error(err)
			}
		}
	}
	m := h.create(false)
	h.edge = func(string) {}
	h.whole(m.ID)
	back, _ := h.restore("")
	if got := totals(t, back); got != want || steps != 2 {
		t.Errorf("%d steps; restored\n%s\nwant\n%s", steps, got, want)
	}
}

func TestAnIncrementalBackupIsTheSameAsAFullOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	first := h.create(true) // there is none to rest on
	if len(first.Chain) > 0 {
		t.Errorf("the first backup rests on %v", first.Chain)
	}
	h.put(store.Default, event.ToolCall, 500, 50, true)
	second := h.create(true)
	if second.Size() > first.Size()/2 || len(second.Needs) == 0 || second.Chain[0] != first.ID {
		t.Errorf("incremental of %d bytes, full of %d; it rests on %v", second.Size(), first.Size(), second.Chain)
	}
	// Merged, dropped and erased: nothing of it may come back.
	if _, err := h.store.Merge(t.Context(), store.Default, event.ToolCall, 1<<31); err != nil {
		t.Fatal(err)
	}
	day := event.MicrosOf(noon).Hour()/24*24 - 96
	done, err := h.store.Drop(t.Context(), store.Default, event.PageView, day, day+48)
	if err != nil || done.Rows == 0 {
		t.Fatalf("dropped %+v, %v", done, err)
	}
	if err := h.store.Erase(t.Context(), store.Tenant{'o'}); err != nil {
		t.Fatal(err)
	}
	want := totals(t, h.store)
	third := h.create(true)
	full := h.create(false)
	if third.Size() >= full.Size() || fmt.Sprint(third.Totals) != fmt.Sprint(full.Totals) {
		t.Errorf("incremental has %d bytes, full %d; totals %v, %v", third.Size(), full.Size(),
			third.Totals, full.Totals)
	}
	for _, m := range []*Manifest{first, second, third, full} {
		h.whole(m.ID)
	}
	back, _ := h.restore(third.ID)
	if got := totals(t, back); got != want {
		t.Errorf("restored\n%s\nwant\n%s", got, want)
	}
	// Without the one it rests on it is refused, and says which files it misses.
	if err := os.RemoveAll(filepath.Join(h.place.String(), first.ID)); err != nil {
		t.Fatal(err)
	}
	problems, err := h.verify(third.ID)
	if err != nil || len(problems) == 0 || !strings.Contains(problems[0], first.ID) {
		t.Errorf("without its chain: %v, %v", problems, err)
	}
	h.whole(full.ID)
}

func TestACopiedBackupIsWholeUnderAnyName(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	m := h.create(false)
	to := depot.NewFolder(t.TempDir())
	from := os.DirFS(filepath.Join(h.place.String(), m.ID))
	if err := os.CopyFS(filepath.Join(to.String(), "on a stick"), from); err != nil {
		t.Fatal(err)
	}
	b, err := Open(t.Context(), to, "on a stick")
	if err != nil {
		t.Fatal(err)
	}
	if problems, err := b.Verify(t.Context(), nil); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// TestWhatStopsABackupLeavesNothing stops it at every edge, as Ctrl-C does, and by a full disk.
func TestWhatStopsABackupLeavesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	edges, _ := Edges()
	for _, at := range edges[:len(edges)-1] {
		ctx, cancel := context.WithCancel(t.Context())
		o := h.options()
		o.Failpoint = func(name string) {
			if name == at {
				cancel()
			}
		}
		if _, err := Create(ctx, h.store, h.place, o); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped at %s: %v", at, err)
		}
		cancel()
		if all, err := List(t.Context(), h.place); err != nil || len(all) > 0 {
			t.Errorf("stopped at %s there is %v, %v", at, all, err)
		}
		left, staged := names(t, h.place.String()), names(t, filepath.Join(h.place.String(), ".staging"))
		if len(left) > 1 || len(staged) > 0 {
			t.Errorf("stopped at %s it left %v %v", at, left, staged)
		}
	}
	if err := depot.Full("x", &os.PathError{Err: syscall.ENOSPC}); fault.Of(err).Kind != fault.Full {
		t.Errorf("a full disk is %v", err)
	}
}

func TestARestoreWritesOnlyIntoAFreshFolder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	m := h.create(false)
	b, err := Open(t.Context(), h.place, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	base := t.TempDir()
	f := func(name, want string, prepare func(dir string)) {
		t.Helper()
		dir := filepath.Join(base, name)
		prepare(dir)
		_, err := b.Restore(t.Context(), h.restoration(dir))
		if got := fault.Of(err).Code; err != nil && got != want || err == nil && want != "" {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	f("new", "", func(string) {})
	f("empty", "", func(dir string) { os.Mkdir(dir, 0o700) })
	f("new", "not_empty", func(string) {}) // a second time
	f("file", "not_empty", func(dir string) {
		os.Mkdir(dir, 0o700)
		os.WriteFile(filepath.Join(dir, "mine"), nil, 0o600)
	})
	f("foreign", "not_empty", func(dir string) { os.Mkdir(dir+partialEnd, 0o700) })
	f("crashed", "", func(dir string) {
		os.Mkdir(dir+partialEnd, 0o700)
		os.WriteFile(filepath.Join(dir+partialEnd, restoringMark), nil, 0o600)
		os.WriteFile(filepath.Join(dir+partialEnd, "FORMAT"), nil, 0o600)
	})
	f("a/b/c", "", func(string) {})
	r := h.restoration(filepath.Join(base, "full"))
	r.Store.MinFree = 1 << 60
	_, err = b.Restore(t.Context(), r)
	if f := fault.Of(err); f.Code != "disk_full" || !strings.Contains(f.Message, "nothing was restored") {
		t.Errorf("on a disk without room: %v", err)
	}
	for _, name := range []string{"new", "empty", "crashed", "full"} {
		if _, err := os.Stat(filepath.Join(base, name+partialEnd)); err == nil {
			t.Errorf("%s%s is left", name, partialEnd)
		}
	}
}

// TestErasedStaysErased: what was erased after the backup does not come back with it.
func TestErasedStaysErased(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	m := h.create(false)
	gone := erasures.New(store.Tenant{'o'}, erasures.Tenant, nil, h.time())
	b, err := Open(t.Context(), h.place, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	// Known from a file.
	r := h.restoration(filepath.Join(t.TempDir(), "new"))
	r.Erasures = []erasures.Erasure{gone}
	out, err := b.Restore(t.Context(), r)
	if err != nil || out.Erased != 1 {
		t.Fatalf("restored %+v, %v", out, err)
	}
	back := h.open(r.Dir)
	if text := totals(t, back); strings.Contains(text, `"tenant":"o"`) {
		t.Errorf("the erased tenant is back: %s", text)
	}
	if all, err := erasures.Load(r.Dir); err != nil || len(all) != 1 {
		t.Errorf("the new folder knows of %v, %v", all, err)
	}
	// Known from a younger backup of the same place.
	h.pass(1e9)
	o := h.options()
	o.Erasures = []erasures.Erasure{gone}
	if _, err := Create(t.Context(), h.store, h.place, o); err != nil {
		t.Fatal(err)
	}
	if _, out := h.restore(m.ID); out.Erased != 1 {
		t.Errorf("%d erasures were made again, want the one of the younger backup", out.Erased)
	}
	if _, out := h.restore(""); out.Erased != 0 {
		t.Errorf("%d erasures were made again of a backup that knows of them", out.Erased)
	}
	// Of a scope that nobody can erase.
	r = h.restoration(filepath.Join(t.TempDir(), "new"))
	r.Erasures = []erasures.Erasure{erasures.New(store.Default, "shoe_size", []byte("44"), h.time())}
	if _, err := b.Restore(t.Context(), r); fault.Of(err).Code != "cannot_erase" {
		t.Errorf("restored although something erased would come back: %v", err)
	}
	if _, err := os.Stat(r.Dir); err == nil {
		t.Error("a folder was made")
	}
}
