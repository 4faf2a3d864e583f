package answer

import (
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"analytics/engine/archive"
	"analytics/engine/event"
	"analytics/query/catalog"
)

// WriteParquet writes the rows as a Parquet file, with the types that exports of events have.
func (a *Answer) WriteParquet(w io.Writer) error {
	cols := make([]archive.TableColumn, len(a.Columns))
	fields := make([]arrow.Field, len(a.Columns))
	for i, c := range a.Columns {
		fields[i] = arrow.Field{Name: c.Name, Type: a.arrowType(c.Type), Nullable: true}
		cols[i] = archive.TableColumn{Name: c.Name, Type: event.Text}
		switch c.Type {
		case catalog.Integer:
			cols[i].Type = event.Int
		case catalog.Number:
			cols[i].Type = event.Float
		case catalog.Decimal: // an archive keeps money in 64 bits
			cols[i].Type, fields[i].Type = event.Money, arrow.PrimitiveTypes.Int64
		case catalog.Boolean:
			cols[i].Type = event.Bool
		case catalog.Time:
			cols[i].Type = event.Time
		}
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for _, row := range a.Rows {
		for c, cell := range row {
			appendArrow(b.Field(c), cell)
		}
	}
	rec := b.NewRecord()
	defer rec.Release()
	return archive.WriteTable(w, cols, rec)
}
