package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// dirHash is a hash of every name and byte below a directory.
func dirHash(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fmt.Fprintln(h, path[len(dir):], d.IsDir())
		if d.IsDir() {
			return nil
		}
		b, err := os.ReadFile(path)
		h.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// filled makes a store with a few hundred events in tables and in the log, copies it while it is
// open, and closes it: both kinds of stop.
func filledStores(t *testing.T) (crashed, closed string) {
	t.Helper()
	closed = filepath.Join(t.TempDir(), "data")
	s := open(t, small(closed))
	for i := range 200 { // in tables after the reopening
		add(t, s, 1, 0, views(put{id: fmt.Sprint("old-", i)}))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, small(closed))
	for i := range 200 {
		add(t, s, 1, 0, views(put{id: fmt.Sprint("new-", i)}))
	}
	close(s.closing) // the keeper, which writes HEAD each second
	s.keepers.Wait()
	s.closing = make(chan struct{})
	if err := s.writeTail(false); err != nil {
		t.Fatal(err)
	}
	crashed = copyStore(t, closed)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return crashed, closed
}

// badgerFile is the first file of Badger's that has the suffix.
func badgerFile(t *testing.T, dir, suffix string) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, badgerFolder, "*"+suffix))
	if err != nil || len(all) == 0 {
		t.Fatalf("no %s in %s: %v", suffix, dir, err)
	}
	return all[0]
}

func cutFile(t *testing.T, path string, by int64) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if by == 0 {
		by = info.Size()
	}
	if err := os.Truncate(path, info.Size()-by); err != nil {
		t.Fatal(err)
	}
}

// flipAt inverts one bit; a negative offset counts from the end.
func flipAt(t *testing.T, path string, at int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 4
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func editFile(t *testing.T, path, old, new string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), old, new, 1)
	if text == string(b) {
		t.Fatalf("%s has no %q", path, old)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func removeFile(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func TestPreflightRefusesWithoutTouchingAByte(t *testing.T) {
	crashed, closed := filledStores(t)
	manifest := func(dir string) string { return manifestPath(dir) }
	format := func(dir string) string { return filepath.Join(dir, formatFile) }
	for _, c := range []struct {
		name string
		from string
		harm func(dir string)
		kind fault.Kind
		says string
	}{
		{"newer format", closed, func(d string) {
			editFile(t, format(d), `"min_reader":1`, `"min_reader":99`)
		}, fault.Newer, "newer version"},
		{"broken FORMAT", closed, func(d string) { cutFile(t, format(d), 9) }, fault.Damaged, "FORMAT"},
		{"missing FORMAT", closed, func(d string) { removeFile(t, format(d)) }, fault.Damaged, "FORMAT"},
		{"broken HEAD", closed, func(d string) { cutFile(t, filepath.Join(d, tailFile), 9) },
			fault.Damaged, "HEAD"},
		{"missing MANIFEST", closed, func(d string) { removeFile(t, manifest(d)) },
			fault.Damaged, "missing"},
		{"empty MANIFEST", closed, func(d string) { cutFile(t, manifest(d), 0) },
			fault.Damaged, "empty"},
		{"short MANIFEST", closed, func(d string) { cutFile(t, manifest(d), 5) }, fault.Damaged, "cut"},
		{"flipped MANIFEST", closed, func(d string) { flipAt(t, manifest(d), -3) },
			fault.Damaged, "MANIFEST"},
		{"short MANIFEST after a crash", crashed, func(d string) { cutFile(t, manifest(d), 5) },
			fault.Damaged, "cut"},
		{"missing MANIFEST after a crash", crashed, func(d string) { removeFile(t, manifest(d)) },
			fault.Damaged, "missing"},
		{"missing table", closed, func(d string) { removeFile(t, badgerFile(t, d, ".sst")) },
			fault.Damaged, "missing"},
		{"empty table", closed, func(d string) { cutFile(t, badgerFile(t, d, ".sst"), 0) },
			fault.Damaged, ".sst"},
		{"short table", closed, func(d string) { cutFile(t, badgerFile(t, d, ".sst"), 100) },
			fault.Damaged, ".sst"},
		{"flipped table data", closed, func(d string) { flipAt(t, badgerFile(t, d, ".sst"), 500) },
			fault.Damaged, ".sst"},
		{"flipped table index", closed, func(d string) { flipAt(t, badgerFile(t, d, ".sst"), -40) },
			fault.Damaged, ".sst"},
		{"flipped log", crashed, func(d string) { flipAt(t, badgerFile(t, d, ".mem"), 5000) },
			fault.Damaged, ".mem"},
		{"log cut short", crashed, func(d string) {
			if err := os.Truncate(badgerFile(t, d, ".mem"), 5000); err != nil {
				t.Fatal(err)
			}
		}, fault.Damaged, "lost acknowledged events"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := copyStore(t, c.from)
			c.harm(dir)
			before := dirHash(t, dir)
			s, err := Open(context.Background(), small(dir))
			if err == nil {
				s.Close()
				t.Fatal("it opened")
			}
			if f := fault.Of(err); f.Kind != c.kind || !strings.Contains(f.Message, c.says) {
				t.Errorf("error %v (%d), want kind %d saying %q", err, f.Kind, c.kind, c.says)
			}
			if err := Preflight(small(dir)); fault.Of(err).Kind != c.kind {
				t.Errorf("Preflight says %v", err)
			}
			if dirHash(t, dir) != before {
				t.Error("refusing changed the directory")
			}
		})
	}
}

func TestRepairsWhatACrashLeaves(t *testing.T) {
	crashed, _ := filledStores(t)
	for _, c := range []struct {
		name string
		harm func(dir string)
	}{
		{"nothing more", func(string) {}},
		{"empty log", func(d string) {
			path := filepath.Join(d, badgerFolder, "00099.mem")
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{"empty value log", func(d string) { cutFile(t, badgerFile(t, d, ".vlog"), 0) }},
		{"half a record in the manifest", func(d string) {
			f, err := os.OpenFile(manifestPath(d), os.O_APPEND|os.O_WRONLY, 0)
			if err == nil {
				_, err = f.Write([]byte{0, 0, 0, 9, 1, 2})
			}
			if err = errors.Join(err, f.Close()); err != nil {
				t.Fatal(err)
			}
		}},
		{"a table that no manifest names yet", func(d string) {
			b, err := os.ReadFile(badgerFile(t, d, ".sst"))
			if err == nil {
				err = os.WriteFile(filepath.Join(d, badgerFolder, "000077.sst"), b, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}},
		{"leftovers of an opening that was killed", func(d string) {
			if err := os.MkdirAll(filepath.Join(d, quarantine, "opening.tmp"), 0o700); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := copyStore(t, crashed)
			c.harm(dir)
			s := open(t, small(dir))
			if got := len(idsIn(t, s, always(event.PageView))); got != 400 {
				t.Errorf("%d events, want 400", got)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			f, err := inspect(small(dir).filled())
			if err != nil || f.crashed {
				t.Errorf("after closing: crashed %t, %v", f.crashed, err)
			}
		})
	}
}

func TestLossAfterHeadIsNoticedUnlessHeadIsRemoved(t *testing.T) {
	crashed, _ := filledStores(t)
	removeFile(t, badgerFile(t, crashed, ".mem"))
	for range 2 { // the second time the log is gone for good
		_, err := Open(context.Background(), small(crashed))
		if f := fault.Of(err); f.Kind != fault.Damaged || !strings.Contains(f.Message, "lost") {
			t.Fatalf("error %v, want one about lost events", err)
		}
	}
	kept, err := os.ReadDir(filepath.Join(crashed, quarantine, "opening"))
	if err != nil || len(kept) < 2 {
		t.Errorf("quarantine has %d files, %v; want tables and manifest", len(kept), err)
	}
	removeFile(t, filepath.Join(crashed, tailFile))
	s := open(t, small(crashed))
	if got := len(idsIn(t, s, always(event.PageView))); got != 200 {
		t.Errorf("%d events, want the 200 that are left", got)
	}
	if _, err := os.Stat(filepath.Join(crashed, quarantine)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("quarantine is still there: %v", err)
	}
}

func TestCrashWhileOpeningIsNotTakenForDamage(t *testing.T) {
	_, closed := filledStores(t)
	lock, _, err := prepare(small(closed).filled())
	if err != nil {
		t.Fatal(err)
	}
	lock.release() // here Badger would open and change its manifest; then the process is killed
	b, err := os.ReadFile(manifestPath(closed))
	if err != nil {
		t.Fatal(err)
	}
	more := append(b, 0, 0, 0, 0, 0, 0, 0, 0) // an empty record
	if err := os.WriteFile(manifestPath(closed), more, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, small(closed))
	if got := len(idsIn(t, s, always(event.PageView))); got != 400 {
		t.Errorf("%d events, want 400", got)
	}
}

func TestSecondProcessIsTold(t *testing.T) {
	dir := t.TempDir()
	open(t, small(dir))
	_, err := Open(context.Background(), small(dir))
	want := fmt.Sprintf("store is open in another process (pid %d); stop it or use its socket",
		os.Getpid())
	if f := fault.Of(err); f.Kind != fault.Conflict || f.Message != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestMemTableSizeNeverShrinks(t *testing.T) {
	dir := t.TempDir()
	cfg := small(dir)
	for _, c := range []struct{ ask, get int64 }{
		{16 << 20, 16 << 20}, {8 << 20, 16 << 20}, {24 << 20, 24 << 20},
	} {
		cfg.MemTableSize = c.ask
		s, err := Open(context.Background(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.db.Opts().MemTableSize; got != c.get {
			t.Errorf("asked for %d, got %d, want %d", c.ask, got, c.get)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFullDiskRefusesToOpenAndToTakeIn(t *testing.T) {
	dir := t.TempDir()
	cfg := small(dir)
	var free atomic.Int64
	free.Store(1 << 40)
	cfg.Space = func(string) (int64, int64, error) { return free.Load(), 2 << 40, nil }
	s := open(t, cfg)
	add(t, s, 1, 0, views(put{id: "a"}))
	free.Store(hardWatermark(2<<40, cfg.MemTableSize) - 1)
	_, err := s.Append(context.Background(), Default, views(put{id: "b"}))
	if f := fault.Of(err); f.Kind != fault.Full || f.Code != "disk_full" {
		t.Errorf("below the mark: %v", err)
	}
	shelf := s.Shelf(Default, "jobs")
	if got := len(idsIn(t, s, always(event.PageView))); got != 1 {
		t.Errorf("reads see %d events, want 1", got)
	}
	if err := shelf.Put(context.Background(), "k", nil); err != nil {
		t.Errorf("a shelf refused a small value: %v", err)
	}
	free.Store(1 << 20)
	if err := shelf.Put(context.Background(), "k", nil); fault.Of(err).Kind != fault.Full {
		t.Errorf("a shelf took a value on a disk quite full: %v", err)
	}
	free.Store(1 << 40)
	s.disk.look()
	add(t, s, 1, 0, views(put{id: "b"}))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	free.Store(1 << 20)
	if _, err := Open(context.Background(), cfg); fault.Of(err).Kind != fault.Full {
		t.Errorf("opening on a full disk: %v", err)
	}
}

func TestHardWatermarkScales(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	for _, c := range []struct{ total, mem, want int64 }{
		{100 * gib, 32 * mib, 5 * gib}, {10 * gib, 32 * mib, 512 * mib},
		{8 * gib, 32 * mib, 8 * gib / 20}, {4 * gib, 32 * mib, 384 * mib},
		{256 * mib, 8 * mib, 96 * mib}, {100 * mib, 8 * mib, 50 * mib},
	} {
		if got := hardWatermark(c.total, c.mem); got != c.want {
			t.Errorf("%d MiB with memtables of %d MiB: %d MiB, want %d", c.total/mib, c.mem/mib,
				got/mib, c.want/mib)
		}
	}
}
