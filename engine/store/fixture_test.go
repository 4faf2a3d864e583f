package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/store/storetest"
)

// testClock is the clock of most tests: 2026-11-20 12:00 UTC.
var testClock = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// small is a config for tests: small memtables, a clock that stands still, no log.
func small(dir string) Config {
	return Config{
		Dir: dir, MemTableSize: 8 << 20, Now: func() time.Time { return testClock },
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Space: storetest.Room,
	}
}

// open opens a store that the test closes.
func open(t testing.TB, cfg Config) *Store {
	t.Helper()
	s, err := Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// put is one event in the words of the duplicate rules.
type put struct {
	id      string // none: made by the server
	at      time.Duration
	untimed bool
}

// views makes a batch of page views; times are offsets from testClock.
func views(puts ...put) *event.Batch {
	var b event.Batch
	var e event.Event
	for i, p := range puts {
		e.Reset(event.PageView)
		e.SetInt(event.Timestamp, int64(event.MicrosOf(testClock.Add(p.at))))
		id := p.id
		if id == "" {
			id = "server-made-" + strconv.Itoa(i)
		}
		e.SetID(event.EventID, []byte(id))
		e.SetText(event.PagePath, []byte("/"+id))
		e.Named, e.Timed = p.id != "", !p.untimed
		b.Add(&e)
	}
	return &b
}

// add appends and wants a receipt.
func add(t testing.TB, s *Store, accepted, duplicates int, b *event.Batch) {
	t.Helper()
	got, err := s.Append(context.Background(), Default, b)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Receipt{accepted, duplicates}); got != want {
		t.Fatalf("receipt %+v, want %+v", got, want)
	}
}

// always is a range of everything.
func always(k event.Kind) Range {
	return Range{Tenant: Default, Kind: k, From: 0, To: 1 << 62}
}

// idsIn lists the ids a snapshot sees, with how often it sees each.
func idsIn(t testing.TB, s *Store, r Range) map[string]int {
	t.Helper()
	n := s.Snapshot(r)
	defer n.Release()
	out := map[string]int{}
	for _, c := range n.Chunks() {
		rec, err := c.Read(context.Background(), []int{event.Timestamp, event.EventID})
		if err != nil {
			t.Fatal(err)
		}
		if int(rec.NumRows()) != c.Rows {
			t.Fatalf("chunk says %d rows and has %d", c.Rows, rec.NumRows())
		}
		at := columns.Index(rec, r.Kind)[event.EventID]
		col := rec.Column(at).(*array.Binary)
		for i := range col.Len() {
			out[event.IDText(col.Value(i))]++
		}
		rec.Release()
	}
	return out
}

// copyStore copies a store as a crash would leave it.
func copyStore(t testing.TB, dir string) string {
	t.Helper()
	for { // again if Badger removed a file meanwhile
		to := filepath.Join(t.TempDir(), "copy")
		err := os.CopyFS(to, os.DirFS(dir))
		if err == nil {
			return to
		}
		if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
}
