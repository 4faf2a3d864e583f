package store

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"analytics/engine/event"
)

// Whoever counted the first rows of an hour finds those that came since behind them, however many
// snapshots cut the runs and however small they are joined.
func TestRowsOfTheHeadKeepTheirPlaces(t *testing.T) {
	s := open(t, small(t.TempDir()))
	var known []string // ids in the order of their places
	var mark *Unsealed
	for i := range 300 {
		var puts []put
		for j := range 1 + i%5 {
			puts = append(puts, put{id: fmt.Sprint(i, "-", j)})
		}
		add(t, s, len(puts), 0, views(puts...))
		n := s.Snapshot(always(event.PageView))
		var ids []string
		for _, c := range n.HeadChunks() {
			if mark == nil {
				mark = c.Unsealed
			}
			if c.Unsealed != mark || c.Before != len(ids) {
				t.Fatalf("a chunk of %p begins at %d; want %d of %p", c.Unsealed, c.Before, len(ids), mark)
			}
			ids = append(ids, idsOf(t, &c)...)
		}
		n.Release()
		if len(ids) != len(known)+len(puts) || !slices.Equal(ids[:len(known)], known) {
			t.Fatalf("after %d requests the first %d of %d rows are others", i, len(known), len(ids))
		}
		known = ids
	}
	if mark.Gone() {
		t.Error("rows that are not sealed are said to be gone")
	}
}

func idsOf(t *testing.T, c *Chunk) (ids []string) {
	t.Helper()
	rec, err := c.Read(context.Background(), []int{event.EventID})
	if err != nil {
		t.Fatal(err)
	}
	for i := range int(rec.NumRows()) {
		ids = append(ids, rec.Column(0).ValueStr(i))
	}
	return ids
}

// What is sealed or erased is gone, also for a snapshot from before, which still reads it; what comes
// after it is another hour's beginning.
func TestUnsealedRowsAreGoneOnceSealedOrErased(t *testing.T) {
	leave := map[string]func(s *Store) error{
		"sealed": func(s *Store) error { _, err := s.Seal(context.Background(), 0, true); return err },
		"erased": func(s *Store) error { return s.Erase(context.Background(), Default) },
	}
	for name, f := range leave {
		s := open(t, small(t.TempDir()))
		add(t, s, 2, 0, views(put{id: "a"}, put{id: "b"}))
		before := s.Snapshot(always(event.PageView))
		old := before.HeadChunks()[0]
		if err := f(s); err != nil {
			t.Fatal(err)
		}
		if !old.Unsealed.Gone() {
			t.Errorf("%s rows are not said to be gone", name)
		}
		if ids := idsOf(t, &old); len(ids) != 2 {
			t.Errorf("a snapshot from before they were %s reads %v", name, ids)
		}
		before.Release()
		add(t, s, 1, 0, views(put{id: "c"}))
		after := s.Snapshot(always(event.PageView))
		if c := after.HeadChunks()[0]; c.Unsealed == old.Unsealed || c.Before != 0 || c.Unsealed.Gone() {
			t.Errorf("rows that came after the %s ones: %+v", name, c)
		}
		after.Release()
	}
}
