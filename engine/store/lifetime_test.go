package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"analytics/engine/event"
)

// TestOrphanIDIsNotGivenAgain: pieces of a sealing that a crash cut short are swept by their id. A
// segment sealed after the restart must not get that id, even if the clock stands still.
func TestOrphanIDIsNotGivenAgain(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := openAt(t, dir, midday)
	appendAll(t, s, toolCalls("a", midday.Add(-5*time.Hour), 100), 100, 0)
	var crashed string
	s.cfg.Failpoint = func(name string) {
		if name == "seal.entry.before" && crashed == "" {
			crashed = copyStore(t, dir)
		}
	}
	if _, err := s.Seal(ctx, 0, true); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, crashed, midday)
	if _, err := s.Seal(ctx, 0, true); err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	wantRows(t, s, 100, 0)
	wantSound(t, s)
	if n := keysIn(t, s, spacePiece); n != 3 {
		t.Errorf("%d pieces, want one for each of 3 hours' segments", n)
	}
}

// keysIn counts the keys of a space.
func keysIn(t testing.TB, s *Store, sp space) (n int) {
	t.Helper()
	err := s.scan([]byte{byte(sp)}, false, func(_, _ []byte) error { n++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSnapshotReadsThroughMaintenance: a snapshot reads the segments it saw, whatever happens to
// them meanwhile, and when it lets go their keys are swept.
func TestSnapshotReadsThroughMaintenance(t *testing.T) {
	ctx := context.Background()
	s := openAt(t, t.TempDir(), midday)
	start := dayOf(midday.Add(-48 * time.Hour)).Start().Time()
	for i := range 3 {
		appendAll(t, s, toolCalls(fmt.Sprint(i), start.Add(time.Duration(i)*time.Minute), 200), 200, 0)
		if _, err := s.Seal(ctx, 0, true); err != nil {
			t.Fatal(err)
		}
	}
	read := func(n *Snapshot, when string) {
		t.Helper()
		rows := 0
		for _, c := range n.Chunks() {
			rec, err := c.Read(ctx, nil)
			if err != nil {
				t.Fatalf("%s: %v", when, err)
			}
			rows += int(rec.NumRows())
		}
		if rows != 600 {
			t.Fatalf("%s: %d rows, want 600", when, rows)
		}
		for _, seg := range n.Segments() {
			b, err := n.Block(ctx, &seg, 1)
			if err != nil || string(b) != fmt.Sprintf("%d rows", seg.Rows) {
				t.Fatalf("%s: block %q, %v", when, b, err)
			}
		}
	}
	snap := func() *Snapshot { return s.Snapshot(always(event.ToolCall)) }
	first := snap()
	if n, err := s.ReDerive(ctx, Default, event.ToolCall, 0, 1<<31); err != nil || n != 3 {
		t.Fatalf("re-derive: %d, %v", n, err)
	}
	read(first, "re-derived")
	if r, err := s.Merge(ctx, Default, event.ToolCall, dayOf(start)); err != nil || r.After != 1 {
		t.Fatalf("merge: %+v, %v", r, err)
	}
	third := snap()
	if err := s.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	read(first, "merged")
	if _, err := s.Drop(ctx, Default, event.ToolCall, 0, 1<<31); err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	for i, n := range []*Snapshot{first, third} {
		read(n, fmt.Sprintf("dropped, snapshot %d", i+1))
		n.Release()
	}
	if err := s.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	pieces, blocks := keysIn(t, s, spacePiece), keysIn(t, s, spaceBlock)
	if pieces != 0 || blocks != 1 {
		t.Errorf("%d pieces and %d blocks are left, want none and 1", pieces, blocks)
	}
	wantRows(t, s, 0, 0)
	wantSound(t, s)
}

// TestSealSweepsWhatACrashLeft: nobody has to ask for it.
func TestSealSweepsWhatACrashLeft(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := openAt(t, dir, midday)
	appendAll(t, s, toolCalls("a", midday.Add(-time.Hour), 30), 30, 0)
	var crashed string
	s.cfg.Failpoint = func(name string) {
		if name == "seal.pieces" {
			crashed = copyStore(t, dir)
		}
	}
	if _, err := s.Seal(ctx, 0, true); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, crashed, midday)
	before := keysIn(t, s, spacePiece)
	if _, err := s.Seal(ctx, 0, true); err != nil {
		t.Fatal(err)
	}
	if after := keysIn(t, s, spacePiece); before != 1 || after != 1 {
		t.Errorf("%d pieces after the crash, %d after sealing; want 1 and 1", before, after)
	}
	if n := keysIn(t, s, spaceJournal); n != 0 {
		t.Errorf("%d journal batches are left", n)
	}
}
