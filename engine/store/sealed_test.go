package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
	"analytics/engine/store/storetest"
)

// midday is the clock of the tests in this file.
var midday = time.Date(2026, 11, 18, 12, 30, 0, 0, time.UTC)

func openAt(t *testing.T, dir string, now time.Time) *Store {
	t.Helper()
	s, err := Open(context.Background(), Config{
		Dir: dir, MemTableSize: 8 << 20, Space: storetest.Room, Now: func() time.Time { return now },
		Derive: func(_ event.Kind, recs []arrow.Record) ([]Block, error) {
			n := int64(0)
			for _, r := range recs {
				n += r.NumRows()
			}
			return []Block{{Cube: 1, Data: fmt.Appendf(nil, "%d rows", n)}}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// toolCalls makes n tool calls, a minute apart, whose ids are the prefix and a number.
func toolCalls(prefix string, start time.Time, n int) *event.Batch {
	var b event.Batch
	for i := range n {
		var e event.Event
		e.Reset(event.ToolCall)
		e.Timed, e.Named = true, true
		e.SetInt(event.Timestamp, int64(event.MicrosOf(start.Add(time.Duration(i)*time.Minute))))
		e.SetID(event.EventID, []byte(fmt.Sprintf("%s-%d", prefix, i)))
		e.SetText(event.ToolTool, []byte(fmt.Sprintf("tool-%d", i%7)))
		e.SetInt(event.ToolDurationMS, int64(i))
		b.Add(&e)
	}
	return &b
}

func appendAll(t *testing.T, s *Store, b *event.Batch, accepted, duplicates int) {
	t.Helper()
	r, err := s.Append(context.Background(), Default, b)
	if err != nil {
		t.Fatal(err)
	}
	if r.Accepted != accepted || r.Duplicates != duplicates {
		t.Fatalf("receipt %+v, want %d accepted and %d duplicates", r, accepted, duplicates)
	}
}

// rowsSeen counts the rows of a snapshot of everything.
func rowsSeen(t *testing.T, s *Store) (rows, head int) {
	t.Helper()
	n := s.Snapshot(Range{Default, event.ToolCall, 0, 1 << 62})
	defer n.Release()
	for _, c := range n.Chunks() {
		rec, err := c.Read(context.Background(), []int{event.Timestamp, event.ToolTool})
		if err != nil {
			t.Fatal(err)
		}
		rows += int(rec.NumRows())
		if c.Head {
			head += int(rec.NumRows())
		}
		rec.Release()
	}
	return rows, head
}

func wantRows(t *testing.T, s *Store, rows, head int) {
	t.Helper()
	if r, h := rowsSeen(t, s); r != rows || h != head {
		t.Fatalf("%d rows, %d of them in the head; want %d and %d", r, h, rows, head)
	}
}

func wantSound(t *testing.T, s *Store) {
	t.Helper()
	problems, err := s.Verify(context.Background(), nil)
	if err != nil || len(problems) > 0 {
		t.Fatalf("verify: %v, %d problems: %v", err, len(problems), problems)
	}
}

// TestLifeOfEvents takes events from the journal to a segment, through a merge, late arrivals and
// reopening, and drops them.
func TestLifeOfEvents(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := openAt(t, dir, midday)
	start := midday.Add(-30 * time.Hour)
	appendAll(t, s, toolCalls("a", start, 600), 600, 0) // ten hours, over midnight
	wantRows(t, s, 600, 600)
	wantSound(t, s)

	r, err := s.Seal(ctx, event.MicrosOf(midday).Hour(), false)
	if err != nil || r.Rows != 600 {
		t.Fatalf("seal: %+v, %v", r, err)
	}
	wantRows(t, s, 600, 0)
	wantSound(t, s)
	appendAll(t, s, toolCalls("a", start, 600), 0, 600)
	appendAll(t, s, toolCalls("late", start, 300), 300, 0)
	wantRows(t, s, 900, 300)

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, dir, midday)
	wantRows(t, s, 900, 300)
	appendAll(t, s, toolCalls("late", start, 300), 0, 300)
	if _, err := s.Seal(ctx, 0, true); err != nil {
		t.Fatal(err)
	}
	wantRows(t, s, 900, 0)
	for _, d := range s.Crowded() {
		if _, err := s.Merge(ctx, d.Tenant, d.Kind, d.First); err != nil {
			t.Fatal(err)
		}
	}
	if left := s.Crowded(); len(left) > 0 {
		t.Fatalf("still crowded after merging: %+v", left)
	}
	wantRows(t, s, 900, 0)
	wantSound(t, s)
	appendAll(t, s, toolCalls("a", start, 600), 0, 600)

	n, err := s.ReDerive(ctx, Default, event.ToolCall, 0, 1<<31)
	if err != nil || n == 0 {
		t.Fatalf("re-derive: %d, %v", n, err)
	}
	wantSound(t, s)
	d, err := s.Drop(ctx, Default, event.ToolCall, 0, event.MicrosOf(midday).Hour())
	if err != nil || d.Rows != 900 {
		t.Fatalf("drop: %+v, %v", d, err)
	}
	wantRows(t, s, 0, 0)
	wantSound(t, s)
	snap := s.Snapshot(Range{Default, event.ToolCall, 0, 1 << 62})
	defer snap.Release()
	for _, seg := range snap.Segments() {
		b, err := snap.Block(ctx, &seg, 1)
		if err != nil || string(b) != fmt.Sprintf("%d rows", seg.Rows) || !seg.RawDropped {
			t.Fatalf("block %q of %d rows, dropped %v: %v", b, seg.Rows, seg.RawDropped, err)
		}
	}
}

func TestEraseLeavesNothing(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := openAt(t, dir, midday)
	appendAll(t, s, toolCalls("a", midday.Add(-5*time.Hour), 200), 200, 0)
	if _, err := s.Seal(ctx, 0, true); err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, toolCalls("b", midday.Add(-5*time.Hour), 100), 100, 0)
	if err := s.Erase(ctx, Default); err != nil {
		t.Fatal(err)
	}
	wantRows(t, s, 0, 0)
	wantSound(t, s)
	appendAll(t, s, toolCalls("a", midday.Add(-5*time.Hour), 200), 200, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, dir, midday)
	wantRows(t, s, 200, 200)
	wantSound(t, s)
}
