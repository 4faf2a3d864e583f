package archive

import (
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/parquet-go/parquet-go/format"

	"analytics/engine/event"
)

// zoneKey is where a table says in which time zone its moments were asked for: a TIMESTAMP of
// Parquet is of UTC and names no other.
const zoneKey = "analytics.timezone"

// TableColumn is a column of a table that is not made of events, such as an answer. A Text is a
// utf8 array, an Int or Money an int64 one, the others are what columns makes of them.
type TableColumn struct {
	Name string
	Type event.Type
}

// TableWriter writes a table as Parquet for other programs, with the types that exports have: times
// are TIMESTAMP, money is USD as DECIMAL. Any cell may be null. It holds one record in memory.
type TableWriter struct {
	out  io.Writer
	w    *writer
	zone string
}

// NewTableWriter makes a writer of a table with these columns, whose moments are shown in a zone.
func NewTableWriter(out io.Writer, cols []TableColumn, zone string) (*TableWriter, error) {
	all := make([]column, len(cols))
	for i, c := range cols {
		all[i] = column{field: -1, typ: c.Type, name: c.Name, shape: shapeOf(c.Type), optional: true}
	}
	w, err := newWriter(0, all)
	return &TableWriter{out: out, w: w, zone: zone}, err
}

// Write adds the rows of a record.
func (t *TableWriter) Write(rec arrow.Record) error {
	arrays := make([]arrow.Array, len(t.w.cols))
	for i := range t.w.cols {
		if arr := rec.Column(i); arr.NullN() < arr.Len() {
			arrays[i] = arr
		}
	}
	rows := int(rec.NumRows())
	for from := 0; from < rows; from += GroupRows {
		if err := t.w.group(arrays, from, min(from+GroupRows, rows)); err != nil {
			return err
		}
		if err := t.drain(); err != nil {
			return err
		}
	}
	return nil
}

// Close writes the footer. It does not close the writer below.
func (t *TableWriter) Close() error {
	defer t.w.zip.Close()
	about := []format.KeyValue{{Key: exportKey, Value: "table"}, {Key: zoneKey, Value: t.zone}}
	if err := t.w.finish(about...); err != nil {
		return err
	}
	return t.drain()
}

// drain hands what is ready to the writer below.
func (t *TableWriter) drain() error {
	n, err := t.out.Write(t.w.out)
	t.w.past += int64(n)
	t.w.out = t.w.out[:0]
	if err != nil {
		return fmt.Errorf("archive: table: %w", err)
	}
	return nil
}
