package store

import (
	"context"
	"testing"
	"time"

	"analytics/engine/columns"
	"analytics/engine/event"
)

// durations counts the events of a snapshot by duration.
func durations(t *testing.T, n *Snapshot) map[int64]int {
	t.Helper()
	got := map[int64]int{}
	var e event.Event
	for _, c := range n.Chunks() {
		rec, err := c.Read(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		rows := columns.NewRows(event.ToolCall, rec)
		for i := range int(rec.NumRows()) {
			rows.Event(&e, i)
			got[e.Int(event.ToolDurationMS)]++
		}
		rec.Release()
	}
	return got
}

func TestRewriteChangesHeadAndSegmentsOfTheDay(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := openAt(t, dir, midday)
	day := event.MicrosOf(midday).Hour()
	appendAll(t, s, toolCalls("old", midday.Add(-26*time.Hour), 50), 50, 0)
	appendAll(t, s, toolCalls("a", midday.Add(-3*time.Hour), 100), 100, 0)
	if _, err := s.Seal(ctx, 0, true); err != nil {
		t.Fatal(err)
	}
	appendAll(t, s, toolCalls("b", midday.Add(-3*time.Hour), 30), 30, 0)
	before := s.Snapshot(always(event.ToolCall))
	was := durations(t, before)
	r, err := s.Rewrite(ctx, Default, event.ToolCall, day, slower)
	if err != nil || r.Changed != 130 || r.Segments < 2 || r.Gone != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := durations(t, before); got[123456] != 0 || len(got) != len(was) {
		t.Errorf("a snapshot from before sees %v, want %v", got, was)
	}
	before.Release()
	appendAll(t, s, toolCalls("c", midday.Add(-3*time.Hour), 20), 20, 0)
	appendAll(t, s, toolCalls("a", midday.Add(-3*time.Hour), 100), 0, 100)
	for range 2 { // the second time is after a restart
		n := s.Snapshot(always(event.ToolCall))
		if got := durations(t, n); got[123456] != 130 {
			t.Errorf("%d events are changed, want 130", got[123456])
		}
		n.Release()
		wantSound(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openAt(t, dir, midday)
	}
	if r, err = s.Rewrite(ctx, Default, event.ToolCall, day, slower); err != nil || r.Changed != 20 {
		t.Errorf("again: %+v, %v, want the 20 new ones", r, err)
	}
	if r, err = s.Rewrite(ctx, Default, event.ToolCall, day, slower); err != nil || r.Segments != 0 {
		t.Errorf("a third time: %+v, %v, want nothing", r, err)
	}
	if _, err := s.Drop(ctx, Default, event.ToolCall, 0, day+24); err != nil {
		t.Fatal(err)
	}
	if r, err = s.Rewrite(ctx, Default, event.ToolCall, day, slower); err != nil || r.Gone != 150 {
		t.Errorf("dropped: %+v, %v, want 150 gone", r, err)
	}
}
