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

// parquetRows is how many rows a row group has: readers want large ones, and it is what a long list
// costs in memory, about 8 MB of the usual columns and 60 of all.
const parquetRows = 1 << 15

// WriteParquet writes the rows as a Parquet file, with the types that exports of events have.
func (a *Answer) WriteParquet(w io.Writer) error { return a.Write(w, "parquet") }

// parquetWriter writes row groups.
type parquetWriter struct {
	out *archive.TableWriter
	b   *array.RecordBuilder
	n   int
}

func newParquet(w io.Writer, a *Answer) (*parquetWriter, error) {
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
	out, err := archive.NewTableWriter(w, cols, a.zone())
	return &parquetWriter{
		out: out, b: array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil)),
	}, err
}

// Row adds a row, and writes a row group where there are enough.
func (p *parquetWriter) Row(row []any) error {
	for c, cell := range row {
		appendArrow(p.b.Field(c), cell)
	}
	if p.n++; p.n < parquetRows {
		return nil
	}
	return p.flush()
}

func (p *parquetWriter) flush() error {
	rec := p.b.NewRecord()
	defer rec.Release()
	p.n = 0
	return p.out.Write(rec)
}

// Close writes what is left, and the footer.
func (p *parquetWriter) Close() error {
	defer p.b.Release()
	if p.n > 0 {
		if err := p.flush(); err != nil {
			return err
		}
	}
	return p.out.Close()
}
