package archive_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/archive"
	"analytics/engine/columns"
	"analytics/engine/columns/sample"
	"analytics/engine/event"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden is a record whose segment is kept in testdata: a segment that was ever written must stay
// readable, and a change of the bytes must not happen by accident.
func golden(t testing.TB) arrow.Record {
	var e event.Event
	var rows []byte
	source := sample.New(7)
	for i := range 40 {
		source.Event(&e, event.AIRequest, hour.Start()+event.Micros(i*1_000_003))
		if i%7 == 0 {
			e.SetID(event.SpanID, []byte("00f067aa0ba902b7"))
			e.SetText(event.PropertiesField, []byte(`{"team":"a"}`))
		}
		rows = e.AppendRow(rows)
	}
	rec, err := columns.Sorted(event.AIRequest, [][]byte{rows})
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestGoldenSegmentStaysReadable(t *testing.T) {
	const path = "testdata/ai_request.v1.parquet"
	rec := golden(t)
	if *update {
		data := write(t, event.AIRequest, rec, archive.Options{}).Data
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	reader := columns.NewRows(event.AIRequest, rec)
	got := rowsOf(t, open(t, data))
	if len(got) != 40 {
		t.Fatalf("got %d rows, want 40", len(got))
	}
	for i, row := range got {
		if want := reader.Append(nil, i); !bytes.Equal(row, want) {
			t.Errorf("row %d: got %q, want %q", i, row, want)
		}
	}
	if now := write(t, event.AIRequest, rec, archive.Options{}).Data; !bytes.Equal(now, data) {
		t.Errorf("the same record is now %d bytes, was %d: a change of format needs a new version",
			len(now), len(data))
	}
}

// readAll opens a segment and reads all of it, and says what error it met.
func readAll(data []byte) (rows int64, err error) {
	f, err := archive.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return 0, err
	}
	for g := range f.RowGroups() {
		rec, err := f.Read(g, nil)
		if err != nil {
			return 0, err
		}
		rows += rec.NumRows()
		if _, err := f.GroupMayContain(g, event.EventID, []byte{0, 'x'}); err != nil {
			return 0, err
		}
	}
	if _, _, err := f.IDs(); err != nil {
		return 0, err
	}
	return rows, nil
}

func TestEveryFlippedByteOfAPageIsFound(t *testing.T) {
	data := write(t, event.AIRequest, golden(t), archive.Options{}).Data
	end := bytes.Index(data, []byte("PAR1")) + 4
	f := open(t, data)
	for field := range event.AIRequest.Fields() {
		end += int(f.ColumnSize(field))
	}
	silent := 0
	for i := 4; i < end; i += 5 {
		damaged := bytes.Clone(data)
		damaged[i] ^= 0x40
		rows, err := readAll(damaged)
		if err == nil {
			silent++ // a bit of a page header that carries nothing
			if rows != 40 {
				t.Fatalf("byte %d: %d rows without an error", i, rows)
			}
			got := rowsOf(t, open(t, damaged))
			reader := columns.NewRows(event.AIRequest, golden(t))
			for k := range got {
				if !bytes.Equal(got[k], reader.Append(nil, k)) {
					t.Fatalf("byte %d: row %d is another, without an error", i, k)
				}
			}
		} else if !errors.Is(err, archive.ErrDamaged) {
			t.Fatalf("byte %d: %v is not ErrDamaged", i, err)
		}
	}
	t.Logf("%d of %d flips changed nothing", silent, end/5)
}

func TestShortSegmentIsDamaged(t *testing.T) {
	data := write(t, event.AIRequest, golden(t), archive.Options{}).Data
	for n := 0; n < len(data); n += 7 {
		if _, err := readAll(data[:n]); !errors.Is(err, archive.ErrDamaged) {
			t.Fatalf("%d of %d bytes: got %v", n, len(data), err)
		}
	}
}

func TestNewerSegmentIsRefused(t *testing.T) {
	data := write(t, event.AIRequest, golden(t), archive.Options{}).Data
	at := bytes.LastIndex(data, []byte("analytics.format")) + len("analytics.format") + 2
	data[at] = '9'
	if _, err := readAll(data); !errors.Is(err, archive.ErrNewer) {
		t.Errorf("got %v, want ErrNewer", err)
	}
}

func FuzzOpen(f *testing.F) {
	data, err := os.ReadFile("testdata/ai_request.v1.parquet")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("PAR1\x00\x00\x00\x00PAR1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := readAll(data); err != nil && !errors.Is(err, archive.ErrDamaged) &&
			!errors.Is(err, archive.ErrNewer) {
			t.Fatalf("%v is not ErrDamaged", err)
		}
	})
}
