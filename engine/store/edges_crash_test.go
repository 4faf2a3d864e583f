package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"analytics/engine/event"
)

// crash is a store as it was on disk when maintenance came to an edge.
type crash struct {
	edge  string
	dir   string
	must  map[string]int // ids that have to be there, once each
	maybe map[string]int // ids that were being dropped
}

// TestCrashAtEveryEdge copies the data directory at every edge of sealing, merging, re-deriving,
// rewriting, replacing, purging, dropping and condensing, as kill -9 would leave it, and opens the copies:
// each event is there exactly once, all sums fit, and maintenance takes up where it was.
func TestCrashAtEveryEdge(t *testing.T) {
	crashes := liveThrough(t)
	seen := map[string]bool{}
	for _, c := range crashes {
		seen[c.edge] = true
		t.Run(c.edge, func(t *testing.T) { c.check(t) })
	}
	for _, edge := range Edges() {
		switch edge[:4] {
		case "seal", "merg", "rede", "rewr", "repl", "purg", "drop", "swee", "form", "cond":
			if !seen[edge] {
				t.Errorf("the test never came to %s", edge)
			}
		}
	}
}

// slower changes events, once.
func slower(e *event.Event) bool {
	was := e.Int(event.ToolDurationMS)
	e.SetInt(event.ToolDurationMS, 123456)
	return was != 123456
}

// isNow picks the events of today.
func isNow(e *event.Event) bool { return e.Time() > event.MicrosOf(midday.Add(-12*time.Hour)) }

// liveThrough does everything maintenance can do once, and lists the copies made on the way.
func liveThrough(t *testing.T) (crashes []*crash) {
	ctx := context.Background()
	dir := t.TempDir()
	s := openAt(t, dir, midday)
	acked, dropping := map[string]int{}, map[string]int{}
	copies := map[string]int{}
	s.cfg.Failpoint = func(edge string) {
		if edge[:4] == "comm" || copies[edge] >= 3 {
			return
		}
		copies[edge]++
		crashes = append(crashes, &crash{
			edge: edge, dir: copyStore(t, dir), must: maps.Clone(acked), maybe: maps.Clone(dropping),
		})
	}
	put := func(prefix string, start time.Time, n int) {
		appendAll(t, s, toolCalls(prefix, start, n), n, 0)
		for i := range n {
			acked[fmt.Sprintf("%s-%d", prefix, i)]++
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	old := midday.Add(-50 * time.Hour)
	put("old", old, 150)
	_, err := s.Seal(ctx, 0, true)
	must(err)
	put("now", midday.Add(-2*time.Hour), 30)
	put("late", old, 90)
	_, err = s.Seal(ctx, event.MicrosOf(midday).Hour()-1, false)
	must(err)
	for _, d := range s.Crowded() {
		_, err := s.Merge(ctx, d.Tenant, d.Kind, d.First)
		must(err)
	}
	_, err = s.ReDerive(ctx, Default, event.ToolCall, 0, 1<<31)
	must(err)
	_, err = s.Rewrite(ctx, Default, event.ToolCall, event.MicrosOf(old).Hour(), slower)
	must(err)
	for _, n := range []int{20, 30} { // sessions are replaced, and nothing else is touched by it
		_, err = s.Replace(ctx, Default, event.Session, event.MicrosOf(old).Hour(), visits(old, n, 1))
		must(err)
	}
	for id := range acked {
		if id[:3] == "now" {
			delete(acked, id)
			dropping[id]++
		}
	}
	_, err = s.Purge(ctx, Default, event.ToolCall, event.MicrosOf(midday).Hour(), Purge{Match: isNow})
	must(err)
	clear(dropping)
	put("later", old, 40)
	for id := range acked {
		if id[:4] == "old-" || id[:4] == "late" && id[4] == '-' {
			delete(acked, id)
			dropping[id]++
		}
	}
	_, err = s.Drop(ctx, Default, event.ToolCall, 0, dayOf(midday))
	must(err)
	for _, cells := range [][]Block{{{Cube: 1, Data: []byte("of days")}, {Cube: 2, Data: []byte("too")}}, nil} {
		must(condenseAll(t, s, cells))
	}
	return crashes
}

// condenseAll puts blocks in the place of those of each day without events.
func condenseAll(t *testing.T, s *Store, cells []Block) error {
	for day, segs := range droppedDays(s, event.ToolCall) {
		if _, err := s.Condense(t.Context(), segs, cells); err != nil {
			return err
		}
		wantOneOf(t, s, day, cells)
	}
	return s.Sweep(t.Context())
}

// droppedDays lists the segments that have lost their events, by the number of their day.
func droppedDays(s *Store, k event.Kind) map[event.Hour][]Segment {
	n := s.Snapshot(always(k))
	defer n.Release()
	days := map[event.Hour][]Segment{}
	for _, g := range n.Segments() {
		if g.RawDropped {
			days[dayOfHour(g.From)] = append(days[dayOfHour(g.From)], g)
		}
	}
	return days
}

// wantOneOf wants a day to be one segment with just these blocks.
func wantOneOf(t *testing.T, s *Store, day event.Hour, cells []Block) {
	t.Helper()
	segs := droppedDays(s, event.ToolCall)[day]
	if len(segs) != 1 || !segs[0].Daily || len(segs[0].entry.blocks) != len(cells) {
		t.Fatalf("the day has the segments %+v, want one with %d blocks", segs, len(cells))
	}
}

func (c *crash) check(t *testing.T) {
	ctx := context.Background()
	s := openAt(t, c.dir, midday)
	wantSound(t, s)
	c.wantIDs(t, s)
	if _, err := s.Seal(ctx, 0, true); err != nil {
		t.Fatal(err)
	}
	for _, d := range s.Crowded() {
		if _, err := s.Merge(ctx, d.Tenant, d.Kind, d.First); err != nil {
			t.Fatal(err)
		}
	}
	c.wantIDs(t, s)
	wantSound(t, s)
	if n := keysIn(t, s, spaceJournal); n != 0 {
		t.Errorf("%d journal batches are left after sealing", n)
	}
	pieces, blocks := 0, 0
	for _, list := range s.catalog.segments {
		for _, e := range list {
			if !e.dropped {
				pieces += len(e.pieces)
			}
			blocks += len(e.blocks)
		}
	}
	if p, b := keysIn(t, s, spacePiece), keysIn(t, s, spaceBlock); p != pieces || b != blocks {
		t.Errorf("%d pieces and %d blocks on disk, the catalog names %d and %d", p, b, pieces, blocks)
	}
	if _, isThere := c.must["old-0"]; isThere {
		appendAll(t, s, toolCalls("old", midday.Add(-50*time.Hour), 150), 0, 150)
	}
}

// wantIDs wants each id once, and of those being dropped all or none.
func (c *crash) wantIDs(t *testing.T, s *Store) {
	t.Helper()
	got := idsIn(t, s, always(event.ToolCall))
	want := maps.Clone(c.must)
	if len(got) > len(want) {
		maps.Copy(want, c.maybe)
	}
	if maps.Equal(got, want) {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if got[id] != 1 {
			t.Errorf("%s is there %d times", id, got[id])
		}
	}
	t.Fatalf("%d different ids, want %d", len(got), len(want))
}
