package columns_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"pgregory.net/rapid"

	"analytics/engine/columns"
	"analytics/engine/columns/sample"
	"analytics/engine/event"
)

const hour = event.Hour(493_000)

// draw makes a few rows of one kind, split into parts. No two are the same event: the store never
// has one twice, and which of two would come first is nobody's promise.
func draw(t *rapid.T, kind event.Kind) (parts [][]byte, rows [][]byte) {
	var e event.Event
	type identity struct {
		id string
		at event.Micros
	}
	drawn := map[identity]bool{}
	for range rapid.IntRange(1, 3).Draw(t, "parts") {
		var part []byte
		for range rapid.IntRange(0, 20).Draw(t, "rows") {
			sample.Any(t, &e, kind, hour)
			is := identity{string(e.Text(event.EventID)), e.Time()}
			if drawn[is] {
				continue
			}
			drawn[is] = true
			at := len(part)
			part = e.AppendRow(part)
			rows = append(rows, bytes.Clone(part[at:]))
		}
		parts = append(parts, part)
	}
	return parts, rows
}

func rowsOf(kind event.Kind, rec arrow.Record) [][]byte {
	var all [][]byte
	for i := range int(rec.NumRows()) {
		all = append(all, columns.AppendRowAt(nil, kind, rec, i))
	}
	return all
}

func same(t *rapid.T, what string, got, want [][]byte) {
	t.Helper()
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Fatalf("%s: got %d rows %q, want %d rows %q", what, len(got), got, len(want), want)
	}
}

func TestRowsComeBackByteForByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := sample.Kind(t)
		b := columns.NewBuilder(kind)
		for range 3 { // a reused builder must not remember
			parts, want := draw(t, kind)
			for _, part := range parts {
				if err := b.AppendRows(part); err != nil {
					t.Fatal(err)
				}
			}
			if b.Len() != len(want) {
				t.Fatalf("Len: got %d, want %d", b.Len(), len(want))
			}
			same(t, "record", rowsOf(kind, b.Record(nil)), want)
		}
	})
}

func TestSortedAndConcatAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := sample.Kind(t)
		parts, rows := draw(t, kind)
		sorted, err := columns.Sorted(kind, parts)
		if err != nil {
			t.Fatal(err)
		}
		got := rowsOf(kind, sorted)
		var recs []arrow.Record
		for _, part := range parts {
			b := columns.NewBuilder(kind)
			if err := b.AppendRows(part); err != nil {
				t.Fatal(err)
			}
			recs = append(recs, b.Record(nil))
		}
		plain, err := columns.Concat(kind, recs, false)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "concat in order", rowsOf(kind, plain), rows)
		byTime, err := columns.Concat(kind, recs, true)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "concat by time", rowsOf(kind, byTime), got)

		var e event.Event
		last := event.Micros(0)
		for _, row := range got {
			if err := e.DecodeRow(kind, row); err != nil || e.Time() < last {
				t.Fatalf("out of order: %d after %d, %v", e.Time(), last, err)
			}
			last = e.Time()
		}
		slices.SortFunc(got, bytes.Compare)
		slices.SortFunc(rows, bytes.Compare)
		same(t, "sorted", got, rows)
	})
}

// TestSortedOverYears: times too far apart to share a number with the row's place.
func TestSortedOverYears(t *testing.T) {
	var e event.Event
	var rows []byte
	times := []event.Micros{hour.End(), 5, hour.Start(), 1 << 60, hour.Start(), 0}
	for i, at := range times {
		e.Reset(event.Metric)
		e.SetInt(event.Timestamp, int64(at))
		e.SetID(event.EventID, []byte{'z' - byte(i)})
		rows = e.AppendRow(rows)
	}
	rec, err := columns.Sorted(event.Metric, [][]byte{rows})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"u", "y", "v", "x", "z", "w"} // the same moment: by id
	reader := columns.NewRows(event.Metric, rec)
	for i := range want {
		reader.Event(&e, i)
		if got := event.IDText(e.Text(event.EventID)); got != want[i] {
			t.Errorf("row %d: got %s, want %s", i, got, want[i])
		}
	}
}

func TestRecordHasOnlyPresentAndAskedColumns(t *testing.T) {
	b := columns.NewBuilder(event.AIRequest)
	rows := sample.New(1).Rows(nil, event.AIRequest, 100, hour.Start(), hour.End())
	if err := b.AppendRows(rows); err != nil {
		t.Fatal(err)
	}
	rec := b.Record([]int{event.AICost, event.SpanID, event.AIModel, event.Timestamp})
	names := []string{"timestamp", "model", "cost"}
	for i, f := range rec.Schema().Fields() {
		if i >= len(names) || f.Name != names[i] {
			t.Fatalf("columns: got %v, want %v", rec.Schema().Fields(), names)
		}
	}
	at := columns.Index(rec, event.AIRequest)
	if at[event.AICost] != 2 || at[event.AIModel] != 1 || at[event.UserID] != -1 {
		t.Fatalf("index: got %v", at)
	}
	models := rec.Column(1).(*array.Dictionary).Dictionary().Len()
	if models != 5 {
		t.Fatalf("dictionary: got %d models, want 5", models)
	}
}

func TestDamagedRowsAreRefused(t *testing.T) {
	rows := sample.New(1).Rows(nil, event.AIRequest, 3, hour.Start(), hour.End())
	b := columns.NewBuilder(event.AIRequest)
	refuse := func(name string, damaged []byte) {
		t.Helper()
		if err := b.AppendRows(damaged); !errors.Is(err, event.ErrRow) {
			t.Errorf("%s: got %v, want ErrRow", name, err)
		}
		if b.Len() != 0 {
			t.Errorf("%s: %d rows stay behind", name, b.Len())
		}
	}
	refuse("cut", rows[:len(rows)-1])
	refuse("no id", []byte{3, 0, 2, 2})
	refuse("fields in wrong order", []byte{7, 1, 1, 0, 0, 2, 0, 2})
	refuse("unknown field", []byte{8, 0, 2, 1, 2, 0, 65, 79, 1})
	refuse("endless length", bytes.Repeat([]byte{0xff}, 20))
}

func FuzzAppendRows(f *testing.F) {
	f.Add(uint8(1), sample.New(1).Rows(nil, event.AIRequest, 2, hour.Start(), hour.End()))
	f.Add(uint8(4), sample.New(1).Rows(nil, event.PageView, 2, hour.Start(), hour.End()))
	f.Fuzz(func(t *testing.T, k uint8, rows []byte) {
		kind := event.Kind(k%8 + 1)
		rec, err := columns.Sorted(kind, [][]byte{rows})
		b := columns.NewBuilder(kind)
		if buildErr := b.AppendRows(rows); (err == nil) != (buildErr == nil) {
			t.Fatalf("Sorted says %v, AppendRows says %v", err, buildErr)
		}
		if err == nil && int(rec.NumRows()) != b.Len() {
			t.Fatalf("rows: got %d, want %d", rec.NumRows(), b.Len())
		}
	})
}
