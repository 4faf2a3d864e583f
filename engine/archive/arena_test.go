package archive_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"analytics/engine/archive"
	"analytics/engine/columns"
	"analytics/engine/event"
)

// TestArenaGivesTheSameRows reads row groups of different kinds, fields and lengths into one arena:
// what was in it before does not show.
func TestArenaGivesTheSameRows(t *testing.T) {
	kinds := []event.Kind{event.AIRequest, event.PageView, event.Metric}
	var files []*archive.File
	for _, k := range kinds {
		opt := archive.Options{GroupRows: 8000, PageRows: 1 << 11}
		files = append(files, open(t, write(t, k, typical(t, k, 20_000), opt).Data))
	}
	var arena archive.Arena
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")
		g := rapid.IntRange(0, 2).Draw(t, "group")
		fields := []int{event.Timestamp, event.EventID}
		for range rapid.IntRange(0, 10).Draw(t, "fields") {
			fields = append(fields, rapid.IntRange(0, len(kinds[i].Fields())-1).Draw(t, "field"))
		}
		got, err := files[i].ReadInto(&arena, g, fields)
		if err != nil {
			t.Fatal(err)
		}
		want, err := files[i].Read(g, fields)
		if err != nil {
			t.Fatal(err)
		}
		a, b := columns.NewRows(kinds[i], got), columns.NewRows(kinds[i], want)
		for row := range int(want.NumRows()) {
			if x, y := a.Append(nil, row), b.Append(nil, row); !bytes.Equal(x, y) {
				t.Fatalf("row %d: got %q, want %q", row, x, y)
			}
		}
	})
}
