package archive

import (
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/parquet-go/parquet-go/format"

	"analytics/engine/event"
)

// TableColumn is a column of a table that is not made of events, such as an answer. A Text is a
// utf8 array, an Int or Money an int64 one, the others are what columns makes of them.
type TableColumn struct {
	Name string
	Type event.Type
}

// WriteTable writes a table as Parquet for other programs, with the types that exports have: times
// are TIMESTAMP, money is USD as DECIMAL. Any cell may be null.
func WriteTable(out io.Writer, cols []TableColumn, rec arrow.Record) error {
	all := make([]column, len(cols))
	for i, c := range cols {
		all[i] = column{field: -1, typ: c.Type, name: c.Name, shape: shapeOf(c.Type), optional: true}
	}
	w, err := newWriter(0, all)
	if err != nil {
		return err
	}
	defer w.zip.Close()
	arrays := make([]arrow.Array, len(cols))
	for i := range cols {
		if arr := rec.Column(i); arr.NullN() < arr.Len() {
			arrays[i] = arr
		}
	}
	rows := int(rec.NumRows())
	for from := 0; from < rows; from += GroupRows {
		if err := w.group(arrays, from, min(from+GroupRows, rows)); err != nil {
			return err
		}
	}
	if err := w.finish(format.KeyValue{Key: exportKey, Value: "table"}); err != nil {
		return err
	}
	if _, err := out.Write(w.out); err != nil {
		return fmt.Errorf("archive: table: %w", err)
	}
	return nil
}
