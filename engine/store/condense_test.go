package store

import (
	"bytes"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// dropped is a store with two days of segments that have blocks and no events, several of one day.
func dropped(t *testing.T, dir string) *Store {
	t.Helper()
	s := openAt(t, dir, midday)
	for i, start := range []time.Time{midday.AddDate(0, 0, -3), midday.AddDate(0, 0, -3), midday.AddDate(0, 0, -2)} {
		appendAll(t, s, toolCalls(string(rune('a'+i)), start, 90), 90, 0)
		if _, err := s.Seal(t.Context(), math.MaxUint32, true); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Drop(t.Context(), Default, event.ToolCall, 0, math.MaxUint32); err != nil {
		t.Fatal(err)
	}
	return s
}

var ofDays = []Block{{Cube: 1, Data: []byte("cells of days")}, {Cube: 7, Data: bytes.Repeat([]byte("x"), pieceSize+1)}}

// TestCondensedSegmentsAreOneAndCountTheSame has what was dropped become one segment a day, before and
// after a restart.
func TestCondensedSegmentsAreOneAndCountTheSame(t *testing.T) {
	dir := t.TempDir()
	s := dropped(t, dir)
	before, err := s.Ledger(Default, event.ToolCall, 0, math.MaxUint32)
	if err != nil {
		t.Fatal(err)
	}
	old := droppedDays(s, event.ToolCall)
	reader := s.Snapshot(always(event.ToolCall)) // who looked before sees what was there
	for _, segs := range old {
		r, err := s.Condense(t.Context(), segs, ofDays)
		if err != nil || r.Segments != len(segs) || r.After != 13+pieceSize+1 || r.Before == 0 {
			t.Fatalf("%+v, %v", r, err)
		}
		if r, err := s.Condense(t.Context(), segs, ofDays); fault.Of(err).Kind != fault.Conflict || r.Segments > 0 {
			t.Errorf("segments that have changed: %+v, %v", r, err)
		}
	}
	for _, g := range reader.Segments() {
		if data, err := reader.Block(t.Context(), &g, 1); err != nil || !strings.HasSuffix(string(data), "rows") {
			t.Errorf("the snapshot has the block %q, %v", data, err)
		}
	}
	reader.Release()
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for day, segs := range droppedDays(s, event.ToolCall) {
			wantOneOf(t, s, day, ofDays)
			n := s.Snapshot(always(event.ToolCall))
			data, err := n.Block(t.Context(), &segs[0], 7)
			if n.Release(); err != nil || !bytes.Equal(data, ofDays[1].Data) {
				t.Errorf("a block of %d bytes, %v", len(data), err)
			}
		}
		after, err := s.Ledger(Default, event.ToolCall, 0, math.MaxUint32)
		if err != nil || len(after) != len(before) || after[0] != before[0] {
			t.Errorf("the ledger is %+v, was %+v, %v", after, before, err)
		}
		if n := keysIn(t, s, spaceBlock); n != 2*3 {
			t.Errorf("%d pieces of blocks, want three of each day", n)
		}
		wantSound(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openAt(t, dir, midday)
	}
	for _, segs := range droppedDays(s, event.ToolCall) {
		if r, err := s.Condense(t.Context(), segs, nil); err != nil || r.After != 0 {
			t.Errorf("%+v, %v", r, err)
		}
	}
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := keysIn(t, s, spaceBlock); n != 0 {
		t.Errorf("%d pieces of blocks are left", n)
	}
	wantSound(t, s)
}

func TestOnlySegmentsOfADayWithoutEventsAreCondensed(t *testing.T) {
	s := dropped(t, t.TempDir())
	var all []Segment
	for _, segs := range droppedDays(s, event.ToolCall) {
		all = append(all, segs...)
	}
	appendAll(t, s, toolCalls("live", midday.AddDate(0, 0, -3), 9), 9, 0)
	if _, err := s.Seal(t.Context(), math.MaxUint32, true); err != nil {
		t.Fatal(err)
	}
	n := s.Snapshot(always(event.ToolCall))
	defer n.Release()
	for _, g := range n.Segments() {
		if !g.RawDropped {
			all = append(all, g)
			if _, err := s.Condense(t.Context(), []Segment{g}, nil); err == nil {
				t.Error("a segment with events lost its cells")
			}
		}
	}
	if _, err := s.Condense(t.Context(), all, nil); err == nil {
		t.Error("segments of two days became one")
	}
	if f, _, err := readFormat(s.cfg.Dir); err != nil || f.MinReader != 1 {
		t.Errorf("FORMAT is %+v, %v, though nothing was written that needs more", f, err)
	}
}

// TestAnArchivedSegmentIsCondensedWhereItIs keeps its id, by which the archive knows it, and its events.
func TestAnArchivedSegmentIsCondensedWhereItIs(t *testing.T) {
	s := openAt(t, t.TempDir(), midday)
	appendAll(t, s, toolCalls("a", midday.AddDate(0, 0, -2), 300), 300, 0)
	appendAll(t, s, toolCalls("b", midday.AddDate(0, 0, -2), 300), 300, 0)
	if _, err := s.Seal(t.Context(), math.MaxUint32, true); err != nil {
		t.Fatal(err)
	}
	want := idsIn(t, s, always(event.ToolCall))
	toArchive(t, s)
	n := s.Snapshot(always(event.ToolCall))
	defer n.Release()
	for _, g := range n.Segments() {
		if _, err := s.Condense(t.Context(), []Segment{g}, ofDays); err != nil {
			t.Fatal(err)
		}
	}
	if got := idsIn(t, s, always(event.ToolCall)); !maps.Equal(got, want) {
		t.Errorf("%d events from the archive, want %d", len(got), len(want))
	}
	if _, err := s.Condense(t.Context(), n.Segments(), nil); fault.Of(err).Kind != fault.Conflict {
		t.Errorf("segments that have changed: %v", err)
	}
	r, err := s.Purge(t.Context(), Default, event.ToolCall, event.MicrosOf(midday).Hour()-48, third)
	if err != nil || r.Erased == 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	after := s.Snapshot(always(event.ToolCall))
	defer after.Release()
	for _, g := range after.Segments() { // what an erasure writes anew is as young as any
		if g.Daily || g.RawDropped {
			t.Errorf("%+v", g)
		}
	}
	wantSound(t, s)
}

// TestTheFormatIsRaisedBeforeAnythingNeedsIt kills at each step of the first condensing: a copy of any of
// these moments opens, an older program is let in only while nothing has changed, and the next try ends.
func TestTheFormatIsRaisedBeforeAnythingNeedsIt(t *testing.T) {
	dir := t.TempDir()
	s := dropped(t, dir)
	if f, _, err := readFormat(dir); err != nil || f.Format != 1 || f.MinReader != 1 {
		t.Fatalf("a new store has %+v, %v", f, err)
	}
	needs := map[string]int{"format.before": 1, "format.after": 2, "condense.before": 2, "condense.after": 2}
	seen := map[string]string{}
	s.cfg.Failpoint = func(edge string) {
		if _, ok := needs[edge]; ok && seen[edge] == "" {
			seen[edge] = copyStore(t, dir)
		}
	}
	for _, segs := range droppedDays(s, event.ToolCall) {
		if _, err := s.Condense(t.Context(), segs, ofDays); err != nil {
			t.Fatal(err)
		}
	}
	torn := copyStore(t, seen["format.before"]) // killed while the new FORMAT was being written beside the old
	if err := os.WriteFile(filepath.Join(torn, formatFile+".tmp"), []byte(`{"form`), 0o600); err != nil {
		t.Fatal(err)
	}
	seen["a torn file"], needs["a torn file"] = torn, 1
	for edge, want := range needs {
		at := seen[edge]
		f, _, err := readFormat(at)
		if err != nil || f.MinReader != want {
			t.Errorf("%s: FORMAT is %+v, %v; want a reader of %d", edge, f, err, want)
		}
		again := openAt(t, at, midday)
		wantSound(t, again)
		if want == 1 {
			for _, list := range again.catalog.segments {
				for _, e := range list {
					if e.daily {
						t.Errorf("%s: there is an entry that format 1 does not know", edge)
					}
				}
			}
		}
		for day, segs := range droppedDays(again, event.ToolCall) {
			if _, err := again.Condense(t.Context(), segs, ofDays); err != nil {
				t.Fatal(err)
			}
			wantOneOf(t, again, day, ofDays)
		}
		if f, _, err := readFormat(at); err != nil || f.MinReader != 2 {
			t.Errorf("%s: FORMAT is %+v, %v at the end", edge, f, err)
		}
		wantSound(t, again)
	}
}

// TestAFilledStoreNeedsTheReaderOfWhatIsInIt restores an image of a condensed store.
func TestAFilledStoreNeedsTheReaderOfWhatIsInIt(t *testing.T) {
	s := dropped(t, t.TempDir())
	for i, want := range []int{1, 2} {
		for _, segs := range droppedDays(s, event.ToolCall) {
			if i == 0 {
				break
			}
			if _, err := s.Condense(t.Context(), segs, ofDays); err != nil {
				t.Fatal(err)
			}
		}
		image, err := s.Image(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		cfg := small(t.TempDir())
		f, err := NewFiller(cfg)
		if err == nil {
			err = image.Small(t.Context(), f.Put)
		}
		if err == nil {
			err = image.Large(t.Context(), f.Put)
		}
		image.Close()
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := readFormat(cfg.Dir); err != nil || got.MinReader != want {
			t.Errorf("FORMAT is %+v, %v; want a reader of %d", got, err, want)
		}
		wantSound(t, openAt(t, cfg.Dir, midday))
	}
}
