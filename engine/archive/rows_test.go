package archive_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"analytics/engine/archive"
	"analytics/engine/columns"
	"analytics/engine/columns/sample"
	"analytics/engine/event"
)

func TestReadRowsGivesTheSameRows(t *testing.T) {
	rec := typical(t, event.AIRequest, 60_000)
	want := columns.NewRows(event.AIRequest, rec)
	opt := archive.Options{GroupRows: 50_000, PageRows: 1 << 12}
	f := open(t, write(t, event.AIRequest, rec, opt).Data)
	rapid.Check(t, func(t *rapid.T) {
		g := rapid.IntRange(0, 1).Draw(t, "group")
		from := rapid.IntRange(0, f.GroupRows(g)-1).Draw(t, "from")
		to := min(f.GroupRows(g), from+rapid.IntRange(1, 40).Draw(t, "rows"))
		rec, first, err := f.ReadRows(g, from, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		if first > from || first+int(rec.NumRows()) < to {
			t.Fatalf("rows %d to %d, asked for %d to %d", first, first+int(rec.NumRows()), from, to)
		}
		got := columns.NewRows(event.AIRequest, rec)
		for i := from; i < to; i++ {
			a, b := got.Append(nil, i-first), want.Append(nil, 50_000*g+i)
			if !bytes.Equal(a, b) {
				t.Fatalf("row %d: got %q, want %q", i, a, b)
			}
		}
	})
	if _, _, err := f.ReadRows(0, 10, 50_001, nil); err == nil {
		t.Error("rows beyond the group are read")
	}
}

// TestReadRowsLeavesOutWhatItDoesNotMeet: a column whose values are on other pages is not there.
func TestReadRowsLeavesOutWhatItDoesNotMeet(t *testing.T) {
	var e event.Event
	var rows []byte
	source := sample.New(3)
	for i := range 20_000 {
		source.Event(&e, event.Metric, hour.Start()+event.Micros(i))
		if i == 3 {
			e.SetText(event.Agent, []byte("a"))
			e.SetID(event.SpanID, []byte("00f067aa0ba902b7"))
		}
		rows = e.AppendRow(rows)
	}
	rec, err := columns.Sorted(event.Metric, [][]byte{rows})
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, write(t, event.Metric, rec, archive.Options{}).Data)
	for _, c := range []struct{ row, columns int }{{3, 3}, {19_000, 1}} {
		fields := []int{event.Timestamp, event.Agent, event.SpanID}
		rec, _, err := f.ReadRows(0, c.row, c.row+1, fields)
		if err != nil || int(rec.NumCols()) != c.columns {
			t.Errorf("row %d: %v, %v; want %d columns", c.row, rec, err, c.columns)
		}
	}
}

func BenchmarkReadRows(b *testing.B) {
	f := open(b, write(b, event.AIRequest, typical(b, event.AIRequest, benchRows),
		archive.Options{}).Data)
	for b.Loop() {
		if _, _, err := f.ReadRows(0, 70_000, 70_001, nil); err != nil {
			b.Fatal(err)
		}
	}
}
