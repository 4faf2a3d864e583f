package cube_test

import (
	"bytes"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/rollup/cube"
)

// TestWithoutIsAsIfTheyHadNeverBeen: a block without a user's cells is the block of everybody else's
// events, byte by byte; cubes that do not count by users stay.
func TestWithoutIsAsIfTheyHadNeverBeen(t *testing.T) {
	all := typical(t, event.AIRequest, 400, 3)
	who := ""
	var kept []byte
	rows := columns.NewRows(event.AIRequest, all)
	var e event.Event
	for i := range int(all.NumRows()) {
		rows.Event(&e, i)
		user := string(e.Text(event.UserID))
		if who == "" {
			who = user
		}
		if user != who {
			kept = e.AppendRow(kept)
		}
	}
	b := columns.NewBuilder(event.AIRequest)
	check(t, b.AppendRows(kept))
	others := b.Record(nil)
	if who == "" || others.NumRows() == 0 || others.NumRows() == all.NumRows() {
		t.Fatalf("user %q of %d events leaves %d", who, all.NumRows(), others.NumRows())
	}
	want, err := cube.Maker{}.Derive(event.AIRequest, []arrow.Record{others})
	check(t, err)
	blocks, err := cube.Maker{}.Derive(event.AIRequest, []arrow.Record{all})
	check(t, err)
	changed := 0
	for i, block := range blocks {
		got, err := cube.Without(block.Data, "user_id", func(v string) bool { return v == who })
		check(t, err)
		if got == nil {
			continue
		}
		if changed++; !bytes.Equal(got, want[i].Data) {
			t.Errorf("cube %d is not that of everybody else's events", block.Cube)
		}
		if again, err := cube.Without(got, "user_id", func(v string) bool { return v == who }); again != nil || err != nil {
			t.Errorf("a second time there was something left: %v", err)
		}
	}
	if changed != 1 {
		t.Errorf("%d cubes have users by name, want 1", changed)
	}
	if _, err := cube.Without(blocks[0].Data[:9], "user_id", func(string) bool { return true }); err == nil {
		t.Error("a damaged block was read")
	}
}

// TestWithoutKeepsDays takes a model out of cells of days, and wants those of everything else.
func TestWithoutKeepsDays(t *testing.T) {
	rec := typical(t, event.AIRequest, 400, 72)
	low, high := bounds(rec)
	spec := cube.Spec{Kind: event.AIRequest, Dims: []string{"model"}, Measures: []string{"rows", "sum(cost)"},
		Edges: []event.Micros{low, (low + high) / 2, high + 1}}
	all, err := cube.NewTable(spec)
	check(t, err)
	check(t, all.Add(rec, cube.Always, cube.Never))
	gone := all.Dim(0, 0)
	spec.Filter = []cube.Predicate{{Field: "model", Compare: cube.Ne, Values: []string{gone}}}
	want, err := cube.NewTable(spec)
	check(t, err)
	check(t, want.Add(rec, cube.Always, cube.Never))
	got, err := cube.Without(all.Encode(), "model", func(v string) bool { return v == gone })
	check(t, err)
	if want.Len() == 0 || !bytes.Equal(got, want.Encode()) {
		t.Errorf("without %s there are %d bytes, want those of %d cells", gone, len(got), want.Len())
	}
}
