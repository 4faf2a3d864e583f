package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// visits are rows of n sessions a second apart, each of so many seconds.
func visits(start time.Time, n, seconds int) [][]byte {
	var slab []byte
	var e event.Event
	for i := range n {
		e.Reset(event.Session)
		e.SetInt(event.Timestamp, int64(event.MicrosOf(start.Add(time.Duration(i)*time.Second))))
		e.SetID(event.EventID, fmt.Appendf(nil, "visit-%d-%d", start.Unix(), i))
		e.SetInt(event.SessionDurationMS, int64(seconds)*1e6)
		slab = e.AppendRow(slab)
	}
	if n == 0 {
		return nil
	}
	return [][]byte{slab}
}

func appendVisits(t *testing.T, s *Store, start time.Time, n int) {
	t.Helper()
	var b event.Batch
	for _, slab := range visits(start, n, 1) {
		for len(slab) > 0 {
			row, rest, err := event.NextRow(slab)
			if err != nil {
				t.Fatal(err)
			}
			var e event.Event
			if err := e.DecodeRow(event.Session, row); err != nil {
				t.Fatal(err)
			}
			e.Timed, e.Named = true, true
			b.Add(&e)
			slab = rest
		}
	}
	if _, err := s.Append(context.Background(), Default, &b); err != nil {
		t.Fatal(err)
	}
}

// TestSessionsNeedAReaderThatKnowsTheirFields: an older program would call them damaged.
func TestSessionsNeedAReaderThatKnowsTheirFields(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := openAt(t, dir, midday)
	reader := func(want int, when string) {
		t.Helper()
		if f, _, err := readFormat(dir); err != nil || f.MinReader != want {
			t.Errorf("%s a reader of %d will do, %v; want %d", when, f.MinReader, err, want)
		}
	}
	appendAll(t, s, toolCalls("a", midday.Add(-3*time.Hour), 90), 90, 0)
	day := event.MicrosOf(midday).Hour()
	if _, err := s.Replace(ctx, Default, event.Session, day, nil); err != nil {
		t.Fatal(err)
	}
	reader(1, "without sessions")
	if _, err := s.Replace(ctx, Default, event.Session, day, visits(midday.Add(-3*time.Hour), 9, 2)); err != nil {
		t.Fatal(err)
	}
	reader(2, "with sessions")
	image, err := s.Image(ctx)
	if err != nil || image.Reader != 2 {
		t.Errorf("an image is for readers of %d, %v; want 2", image.Reader, err)
	}
	image.Close()
}

func TestReplacePutsRowsInThePlaceOfADay(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := openAt(t, dir, midday)
	start := midday.Add(-3 * time.Hour)
	day := event.MicrosOf(midday).Hour()
	count := func(want int, when string) {
		t.Helper()
		if got := len(idsIn(t, s, always(event.Session))); got != want {
			t.Errorf("%s: %d sessions, want %d", when, got, want)
		}
		wantSound(t, s)
	}
	appendVisits(t, s, start.Add(-24*time.Hour), 10) // the day before stays
	appendVisits(t, s, start, 100)
	if _, err := s.Seal(ctx, 0, true); err != nil {
		t.Fatal(err)
	}
	appendVisits(t, s, start.Add(2*time.Hour), 50)
	before := s.Snapshot(always(event.Session))
	for _, n := range []int{70, 0, 0, 30, 120} {
		r, err := s.Replace(ctx, Default, event.Session, day+5, visits(start, n, 2))
		if err != nil || r.After != int64(n) {
			t.Fatalf("%+v, %v, want %d rows", r, err, n)
		}
		count(10+n, "after a replacement")
	}
	got := 0
	for _, c := range before.Chunks() {
		rec, err := c.Read(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		got += int(rec.NumRows())
		rec.Release()
	}
	if got != 160 {
		t.Errorf("a snapshot from before sees %d, want 160", got)
	}
	before.Release()
	appendVisits(t, s, start, 120) // the same again: duplicates
	count(130, "after the same was appended")
	appendVisits(t, s, start.Add(time.Hour), 7) // in the head when the day is replaced again
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, dir, midday)
	count(10+120+7, "after a restart")
	if _, err := s.Replace(ctx, Default, event.Session, day, visits(start, 5, 3)); err != nil {
		t.Fatal(err)
	}
	count(15, "after a restart and a replacement")
	if _, err := s.Replace(ctx, Default, event.Session, day+24, visits(start, 5, 3)); err == nil {
		t.Error("rows of another day were taken")
	}
	if _, err := s.Replace(ctx, Default, event.ToolCall, day, nil); err == nil {
		t.Error("what senders sent was replaced")
	}
	if _, err := s.Drop(ctx, Default, event.Session, 0, day/24*24+24); err != nil {
		t.Fatal(err)
	}
	_, err := s.Replace(ctx, Default, event.Session, day, visits(start, 5, 3))
	if fault.Of(err).Kind != fault.Conflict {
		t.Errorf("a dropped day: %v, want a conflict", err)
	}
}

// TestReplaceDeletesOnlyLedgersThatAreThere: what Badger is told to delete it remembers.
func TestReplaceDeletesOnlyLedgersThatAreThere(t *testing.T) {
	ctx := context.Background()
	s := openAt(t, t.TempDir(), midday)
	day := event.MicrosOf(midday).Hour()
	there, deleted := 0, 0
	s.cfg.Failpoint = func(edge string) {
		if edge != "replace.after" { // before tables are put together
			return
		}
		there, deleted = 0, 0
		err := s.db.View(func(txn *badger.Txn) error {
			it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte{byte(spaceLedger)}, AllVersions: true})
			defer it.Close()
			for it.Rewind(); it.Valid(); it.Next() {
				if there++; it.Item().IsDeletedOrExpired() {
					there--
					deleted++
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	for i, start := range []time.Time{midday.Add(-3 * time.Hour), midday.Add(-2 * time.Hour)} {
		if _, err := s.Replace(ctx, Default, event.Session, day, visits(start, 9, 2)); err != nil {
			t.Fatal(err)
		}
		if there == 0 || deleted != i {
			t.Errorf("%d rows are there and %d deleted, want some and %d", there, deleted, i)
		}
	}
	wantSound(t, s)
}
