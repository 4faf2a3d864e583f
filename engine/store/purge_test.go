package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
)

// third picks every seventh tool call of toolCalls.
var third = Purge{Fields: []int{event.ToolTool}, Match: func(e *event.Event) bool {
	return string(e.Text(event.ToolTool)) == "tool-3"
}}

// wantTools wants a number of events, none of which a purge picks.
func wantTools(t *testing.T, s *Store, want int) {
	t.Helper()
	got := idsIn(t, s, always(event.ToolCall))
	if len(got) != want {
		t.Errorf("%d events, want %d", len(got), want)
	}
	n := s.Snapshot(always(event.ToolCall))
	defer n.Release()
	for _, c := range n.Chunks() {
		rec, err := c.Read(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if anyRow(event.ToolCall, rec, third.Match) {
			t.Error("an event that was purged is there")
		}
		rec.Release()
	}
}

// onDisk counts the files of a closed store that have a text in them.
func onDisk(t *testing.T, dir, text string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		n += bytes.Count(b, []byte(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPurgedEventsAreGoneFromHeadAndSegments(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir, midday)
	day := event.MicrosOf(midday).Hour()
	appendAll(t, s, toolCalls("old", midday.Add(-26*time.Hour), 70), 70, 0)
	appendAll(t, s, toolCalls("a", midday.Add(-3*time.Hour), 140), 140, 0)
	if _, err := s.Seal(t.Context(), 0, true); err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, toolCalls("b", midday.Add(-3*time.Hour), 70), 70, 0)
	before := s.Snapshot(always(event.ToolCall))
	p := third
	var told []event.Hour
	p.Announce = func(_ context.Context, hours []event.Hour) error {
		told = append(told, hours...)
		return nil
	}
	r, err := s.Purge(t.Context(), Default, event.ToolCall, day, p)
	if err != nil || r.Erased != 30 || r.Segments < 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if !slices.Equal(told, []event.Hour{day - 3, day - 2, day - 1}) {
		t.Errorf("told of the hours %v, want the three before %d", told, day)
	}
	if r, err = s.Purge(t.Context(), Default, event.ToolCall, day-26, p); err != nil || r.Erased != 10 {
		t.Errorf("the day before: %+v, %v", r, err)
	}
	rows := 0
	for _, c := range before.Chunks() { // who looked before sees what was there
		rec, err := c.Read(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		rows += int(rec.NumRows())
		rec.Release()
	}
	if before.Release(); rows != 280 {
		t.Errorf("a snapshot from before sees %d events, want 280", rows)
	}
	for range 2 { // the second time is after a restart
		wantTools(t, s, 240)
		wantSound(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openAt(t, dir, midday)
	}
	if r, err = s.Purge(t.Context(), Default, event.ToolCall, day, p); err != nil || r.Erased != 0 || r.Segments != 0 {
		t.Errorf("again: %+v, %v", r, err)
	}
	all := Purge{Match: func(*event.Event) bool { return true }}
	if r, err = s.Purge(t.Context(), Default, event.ToolCall, day, all); err != nil || r.Erased != 180 {
		t.Errorf("everything: %+v, %v", r, err)
	}
	wantTools(t, s, 60)
	wantSound(t, s)
}

// TestPurgedTextIsNotOnTheDisk looks for it in every file, as somebody with the disk would.
func TestPurgedTextIsNotOnTheDisk(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, dir, midday)
	const canary = "a-name-that-nobody-has"
	var b event.Batch
	for i := range 50 {
		var e event.Event
		e.Reset(event.ToolCall)
		e.Timed, e.Named = true, true
		e.SetInt(event.Timestamp, int64(event.MicrosOf(midday.Add(-5*time.Hour))))
		e.SetID(event.EventID, binary.BigEndian.AppendUint32([]byte("id-"), uint32(i)))
		e.SetText(event.ToolTool, []byte("kept"))
		if i == 7 {
			e.SetText(event.ToolTool, []byte(canary))
		}
		b.Add(&e)
	}
	appendAll(t, s, &b, 50, 0)
	reopen := func() {
		t.Helper()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	reopen()
	if onDisk(t, dir, canary) == 0 {
		t.Fatal("the text is not found while its event is there: the test looks in the wrong place")
	}
	s = openAt(t, dir, midday)
	r, err := s.Purge(t.Context(), Default, event.ToolCall, event.MicrosOf(midday).Hour(), Purge{
		Match: func(e *event.Event) bool { return strings.Contains(string(e.Text(event.ToolTool)), canary) }})
	if err != nil || r.Erased != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	reopen()
	if n := onDisk(t, dir, canary); n > 0 {
		t.Errorf("the text is in the files %d times", n)
	}
}

// TestPurgeReachesArchivedAndDroppedSegments: the first are in the store again, without what was
// purged; of the second there are only blocks.
func TestPurgeReachesArchivedAndDroppedSegments(t *testing.T) {
	s := openAt(t, t.TempDir(), midday)
	away := midday.AddDate(0, 0, -2)
	appendAll(t, s, toolCalls("a", away, 700), 700, 0)
	if _, err := s.Seal(t.Context(), math.MaxUint32, true); err != nil {
		t.Fatal(err)
	}
	toArchive(t, s)
	erased := int64(0)
	for day := dayOf(away); day <= dayOf(midday); day += hoursPerDay {
		r, err := s.Purge(t.Context(), Default, event.ToolCall, day, third)
		if err != nil {
			t.Fatal(err)
		}
		erased += r.Erased
	}
	if erased != 100 {
		t.Errorf("%d events were purged, want 100", erased)
	}
	wantTools(t, s, 600)
	wantSound(t, s)

	if _, err := s.Drop(t.Context(), Default, event.ToolCall, 0, dayOf(midday)); err != nil {
		t.Fatal(err)
	}
	p := third
	pruned := 0
	p.Prune = func(_ uint8, block []byte) ([]byte, error) {
		pruned++
		return append([]byte("pruned "), block...), nil
	}
	r, err := s.Purge(t.Context(), Default, event.ToolCall, dayOf(away), p)
	if err != nil || r.Pruned == 0 || r.Erased != 0 || pruned == 0 {
		t.Errorf("%+v, %v, %d blocks", r, err, pruned)
	}
	n := s.Snapshot(always(event.ToolCall))
	defer n.Release()
	found := 0
	for _, g := range n.Segments() {
		block, err := s.readBlock(t.Context(), g.entry, 1)
		if err == nil && bytes.HasPrefix(block, []byte("pruned ")) && g.RawDropped {
			found++
		}
	}
	if found != r.Pruned {
		t.Errorf("%d segments have pruned blocks, want %d", found, r.Pruned)
	}
	wantSound(t, s)
}
