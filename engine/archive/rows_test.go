package archive_test

import (
	"bytes"
	"fmt"
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

// TestLocateFindsEveryIdentifierAndNoOther also where most rows have none, and where one row's
// identifier is text so that all are kept as text.
func TestLocateFindsEveryIdentifierAndNoOther(t *testing.T) {
	for _, text := range []bool{false, true} {
		var e event.Event
		var rows []byte
		source := sample.New(4)
		for i := range 20_000 {
			source.Event(&e, event.AIRequest, hour.Start()+event.Micros(i))
			e.Clear(event.SpanID)
			if i%7 == 0 {
				e.SetID(event.SpanID, fmt.Appendf(nil, "%016x", i))
			}
			if text && i == 5 {
				e.SetID(event.SpanID, []byte("mine"))
			}
			rows = e.AppendRow(rows)
		}
		rec, err := columns.Sorted(event.AIRequest, [][]byte{rows})
		if err != nil {
			t.Fatal(err)
		}
		f := open(t, write(t, event.AIRequest, rec, archive.Options{PageRows: 1 << 10}).Data)
		for row := 0; row < 20_000; row += 7 * 131 {
			id := event.AppendID(nil, fmt.Appendf(nil, "%016x", row))
			from, to, err := f.Locate(0, event.SpanID, id)
			if err != nil || row < from || row >= to || !text && to-from > 1<<10 {
				t.Errorf("row %d: got [%d, %d), %v", row, from, to, err)
			}
		}
		for _, absent := range []string{"0000000000000001", "00f067aa0ba902b7", "yours"} {
			from, to, err := f.Locate(0, event.SpanID, event.AppendID(nil, []byte(absent)))
			if err != nil || !text && to != 0 {
				t.Errorf("%s: got [%d, %d), %v; it is nowhere", absent, from, to, err)
			}
		}
		if _, to, err := f.Locate(0, event.ParentSpanID, []byte{3, 1, 2, 3, 4, 5, 6, 7, 8}); to != 0 || err != nil {
			t.Errorf("found up to %d, %v in a column that has no values", to, err)
		}
	}
}
