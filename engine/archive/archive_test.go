package archive_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"pgregory.net/rapid"

	"analytics/engine/archive"
	"analytics/engine/columns"
	"analytics/engine/columns/sample"
	"analytics/engine/event"
)

const hour = event.Hour(493_000)

// typical is a sorted record of n typical events.
func typical(t testing.TB, kind event.Kind, n int) arrow.Record {
	t.Helper()
	rows := sample.New(1).Rows(nil, kind, n, hour.Start(), hour.End())
	rec, err := columns.Sorted(kind, [][]byte{rows})
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func open(t testing.TB, data []byte) *archive.File {
	t.Helper()
	f, err := archive.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func write(t testing.TB, kind event.Kind, rec arrow.Record, opt archive.Options) *archive.Segment {
	t.Helper()
	seg, err := archive.Write(kind, rec, opt)
	if err != nil {
		t.Fatal(err)
	}
	return seg
}

// rowsOf reads a file back as rows.
func rowsOf(t interface{ Fatal(...any) }, f *archive.File) [][]byte {
	var all [][]byte
	for g := range f.RowGroups() {
		rec, err := f.Read(g, nil)
		if err != nil {
			t.Fatal(err)
		}
		reader := columns.NewRows(f.Kind(), rec)
		for i := range int(rec.NumRows()) {
			all = append(all, reader.Append(nil, i))
		}
	}
	return all
}

func TestSegmentGivesBackWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := sample.Kind(t)
		var e event.Event
		var rows []byte
		for range rapid.IntRange(1, 60).Draw(t, "rows") {
			sample.Any(t, &e, kind, hour)
			rows = e.AppendRow(rows)
		}
		rec, err := columns.Sorted(kind, [][]byte{rows})
		if err != nil {
			t.Fatal(err)
		}
		opt := archive.Options{GroupRows: rapid.SampledFrom([]int{0, 8, 13, 24}).Draw(t, "group")}
		seg, err := archive.Write(kind, rec, opt)
		if err != nil {
			t.Fatal(err)
		}
		f, err := archive.Open(bytes.NewReader(seg.Data), int64(len(seg.Data)))
		if err != nil {
			t.Fatal(err)
		}
		var want [][]byte
		for i := range int(rec.NumRows()) {
			want = append(want, columns.AppendRowAt(nil, kind, rec, i))
		}
		if got := rowsOf(t, f); !slices.EqualFunc(got, want, bytes.Equal) {
			t.Fatalf("got %q, want %q", got, want)
		}
		if f.Kind() != kind || f.Rows() != rec.NumRows() {
			t.Fatalf("kind %v, %d rows", f.Kind(), f.Rows())
		}
	})
}

func TestLargeSegmentGivesBackWhatWasWritten(t *testing.T) {
	for _, kind := range []event.Kind{event.AIRequest, event.PageView, event.Metric} {
		rec := typical(t, kind, 40_003)
		f := open(t, write(t, kind, rec, archive.Options{GroupRows: 20_000}).Data)
		if f.RowGroups() != 3 || f.GroupRows(2) != 3 {
			t.Errorf("%v: %d groups, last of %d rows", kind, f.RowGroups(), f.GroupRows(2))
		}
		reader := columns.NewRows(kind, rec)
		for i, got := range rowsOf(t, f) {
			if want := reader.Append(nil, i); !bytes.Equal(got, want) {
				t.Fatalf("%v row %d: got %q, want %q", kind, i, got, want)
			}
		}
		first, _ := f.GroupTime(0)
		_, last := f.GroupTime(2)
		if first < hour.Start() || last >= hour.End() || last <= first {
			t.Errorf("%v: spans %d to %d", kind, first, last)
		}
	}
}

func TestFilterKnowsEveryID(t *testing.T) {
	rec := typical(t, event.AIRequest, 5000)
	f := open(t, write(t, event.AIRequest, rec, archive.Options{}).Data)
	var e event.Event
	reader := columns.NewRows(event.AIRequest, rec)
	for i := range 5000 {
		reader.Event(&e, i)
		for _, field := range []int{event.EventID, event.TraceID} {
			if may, err := f.MayContain(field, e.Text(field)); err != nil || !may {
				t.Fatalf("row %d field %d: may %v, %v", i, field, may, err)
			}
		}
	}
	other, found := sample.New(99), 0
	for range 5000 {
		other.Event(&e, event.AIRequest, hour.Start())
		if may, _ := f.MayContain(event.EventID, e.Text(event.EventID)); may {
			found++
		}
	}
	if found > 50 {
		t.Errorf("%d of 5000 strange ids look known", found)
	}
	if may, err := f.MayContain(event.SpanID, []byte{0, 'x'}); may || err != nil {
		t.Errorf("absent column: may %v, %v", may, err)
	}
	keys, times, err := f.IDs()
	if err != nil || len(keys) != 5000 || len(times) != 5000 {
		t.Fatalf("IDs: %d, %d, %v", len(keys), len(times), err)
	}
	reader.Event(&e, 4321)
	if keys[4321] != event.KeyOf(e.Text(event.EventID)) || times[4321] != e.Time() {
		t.Errorf("row 4321: got %x at %d", keys[4321], times[4321])
	}
}

// counting is a reader that counts bytes.
type counting struct {
	r io.ReaderAt
	n int
}

func (c *counting) ReadAt(p []byte, at int64) (int, error) {
	c.n += len(p)
	return c.r.ReadAt(p, at)
}

func TestReadFetchesOnlyItsColumns(t *testing.T) {
	seg := write(t, event.AIRequest, typical(t, event.AIRequest, 50_000), archive.Options{})
	r := &counting{r: bytes.NewReader(seg.Data)}
	f, err := archive.Open(r, int64(len(seg.Data)))
	if err != nil {
		t.Fatal(err)
	}
	if r.n > 32<<10 {
		t.Errorf("Open reads %d bytes of %d", r.n, len(seg.Data))
	}
	r.n = 0
	rec, err := f.Read(0, []int{event.AIModel, event.SpanID})
	if err != nil || rec.NumCols() != 1 || rec.NumRows() != 50_000 {
		t.Fatalf("got %v, %v", rec, err)
	}
	if r.n > 30_000 {
		t.Errorf("Read of one column reads %d bytes of %d", r.n, len(seg.Data))
	}
}

func TestReaderErrorsPassThrough(t *testing.T) {
	seg := write(t, event.Metric, typical(t, event.Metric, 100), archive.Options{})
	want := errors.New("no such piece")
	_, err := archive.Open(failing{want}, int64(len(seg.Data)))
	if !errors.Is(err, want) || errors.Is(err, archive.ErrDamaged) {
		t.Errorf("got %v, want %v", err, want)
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }
