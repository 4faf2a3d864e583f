package backup

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"analytics/engine/doctor"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/retention/depot"
)

var (
	kills = flag.Int("kills", 0, "how often TestKill kills a backup and a restore at random moments")
	seed  = flag.Uint64("seed", 0, "seed of TestKill; 0 takes one from the clock")
)

// The tests of this file run this program again, as a process that is ended from one moment to the
// next. What it does is in its environment.
const (
	childVerb  = "BACKUP_TEST_VERB" // create, incremental or restore
	childData  = "BACKUP_TEST_DATA"
	childPlace = "BACKUP_TEST_PLACE"
	childEdge  = "BACKUP_TEST_EDGE"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVerb) != "" {
		if err := child(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child makes or restores a backup as the program does.
func child(ctx context.Context) error {
	edge, err := store.ExitAt(os.Getenv(childEdge))
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	cfg := store.Config{Space: storetest.Room, Dir: os.Getenv(childData), MemTableSize: 8 << 20, Log: log}
	place := depot.NewFolder(os.Getenv(childPlace))
	if os.Getenv(childVerb) == "restore" {
		b, err := Open(ctx, place, "")
		if err != nil {
			return err
		}
		_, err = b.Restore(ctx, Restoration{Dir: cfg.Dir, Store: cfg, Now: time.Now, Log: log, Failpoint: edge})
		return err
	}
	s, err := store.Open(ctx, cfg)
	if err != nil {
		return err
	}
	_, err = Create(ctx, s, place, Options{Incremental: os.Getenv(childVerb) == "incremental", Now: time.Now,
		Log: log, Failpoint: edge, packSize: 64 << 10})
	return errors.Join(err, s.Close())
}

// run runs a child and gives its exit code; after a while, if that is not 0, it is killed.
func run(t *testing.T, verb, data, place, edge string, after time.Duration) int {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childVerb+"="+verb, childData+"="+data, childPlace+"="+place, childEdge+"="+edge)
	out, err := os.CreateTemp(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		defer time.AfterFunc(after, func() { _ = cmd.Process.Kill() }).Stop()
	}
	_ = cmd.Wait()
	code := cmd.ProcessState.ExitCode()
	if code == 1 {
		text, _ := os.ReadFile(out.Name())
		t.Fatalf("%s: %s", verb, text)
	}
	return code
}

// print is a fingerprint of all files below a folder.
func print(t *testing.T, dir string) uint64 {
	t.Helper()
	h := fnv.New64a()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			fmt.Fprintf(h, "%s:", path)
			_, err = h.Write(read(t, filepath.Join(dir, path)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return h.Sum64()
}

// sound opens a data folder, has the doctor look at it, and gives what it holds.
func sound(t *testing.T, dir string) string {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: dir, MemTableSize: 8 << 20,
		Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := doctor.Examine(t.Context(), s, time.Now, nil)
	if err != nil || !r.Sound {
		t.Fatalf("%v %v", r.Problems, err)
	}
	return totals(t, s)
}

// all verifies every backup of a place and says how many there are.
func (h *house) all() int {
	h.t.Helper()
	list, err := List(h.t.Context(), h.place)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, l := range list {
		h.whole(l.ID)
	}
	return len(list)
}

// TestABackupThatIsKilledIsWholeOrNone ends the process at every edge.
func TestABackupThatIsKilledIsWholeOrNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	want := sound(t, h.dir)
	edges, _ := Edges()
	there := 0
	for i, edge := range edges {
		verb := "create"
		if i%2 == 1 && there > 0 {
			verb = "incremental"
		}
		if code := run(t, verb, h.dir, h.place.String(), edge, 0); code != 137 {
			t.Fatalf("%s: exit code %d; the failpoint was not reached", edge, code)
		}
		if edge == "backup.published" {
			there++
		}
		if got := h.all(); got != there {
			t.Errorf("killed at %s there are %d backups, want %d", edge, got, there)
		}
		if i == 3 { // one to rest on
			run(t, "create", h.dir, h.place.String(), "", 0)
			there++
		}
	}
	if got := sound(t, h.dir); got != want {
		t.Errorf("the store holds\n%s\nwant\n%s", got, want)
	}
	// A day later what the crashes left is removed.
	h.pass(time.Since(noon) + 25*time.Hour)
	s := h.open(h.dir)
	if _, err := Create(t.Context(), s, h.place, h.options()); err != nil {
		t.Fatal(err)
	}
	if left := names(t, h.place.String()); len(left) != there+2 {
		t.Errorf("a day later there are %v, want %d backups and .staging", left, there+1)
	}
	if left := names(t, filepath.Join(h.place.String(), ".staging")); len(left) > 0 {
		t.Errorf("a day later %v are staged", left)
	}
}

// TestARestoreThatIsKilledIsWholeOrNone ends the process at every edge.
func TestARestoreThatIsKilledIsWholeOrNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.lived()
	want := totals(t, h.store)
	h.create(false)
	before := print(t, h.place.String())
	dir := filepath.Join(t.TempDir(), "new")
	_, edges := Edges()
	for _, edge := range edges {
		if code := run(t, "restore", dir, h.place.String(), edge, 0); code != 137 {
			t.Fatalf("%s: exit code %d; the failpoint was not reached", edge, code)
		}
		if _, err := os.Stat(dir); (err == nil) != (edge == "restore.published") {
			t.Errorf("killed at %s: the folder is there: %v", edge, err == nil)
		}
	}
	if got := sound(t, dir); got != want {
		t.Errorf("restored\n%s\nwant\n%s", got, want)
	}
	if print(t, h.place.String()) != before {
		t.Error("the backup was changed by restoring it")
	}
}

// TestKill is the long form: at random moments, as often as -kills says.
func TestKill(t *testing.T) {
	t.Parallel()
	if *kills == 0 {
		t.Skip("run with -kills 100 to kill backups and restores at random moments")
	}
	n := *seed
	if n == 0 {
		n = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d (give it back with -seed)", n)
	r := rand.New(rand.NewPCG(n, 1))
	h := newHouse(t)
	h.lived()
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	want := sound(t, h.dir)
	run(t, "create", h.dir, h.place.String(), "", 0)
	whole := 0
	for i := range *kills {
		verb := []string{"create", "incremental"}[i%2]
		run(t, verb, h.dir, h.place.String(), "", time.Duration(1+r.IntN(400))*time.Millisecond)
		dir := filepath.Join(t.TempDir(), "new")
		if run(t, "restore", dir, h.place.String(), "", time.Duration(1+r.IntN(600))*time.Millisecond) == 0 {
			whole++
		}
		if _, err := os.Stat(dir); err == nil {
			if got := sound(t, dir); got != want {
				t.Fatalf("restored\n%s\nwant\n%s", got, want)
			}
		}
		if i%10 == 9 {
			h.all()
		}
	}
	if got := sound(t, h.dir); got != want {
		t.Errorf("the store holds\n%s\nwant\n%s", got, want)
	}
	t.Logf("%d backups are there and whole; %d of %d restores were not cut short", h.all(), whole, *kills)
}
