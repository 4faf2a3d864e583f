package answer

import (
	"cmp"
	"io"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"analytics/engine/event"
	"analytics/query/catalog"
)

// arrowRows is how many rows a record of the stream has: large enough for readers, small enough
// that a long list is never in memory.
const arrowRows = 8192

// WriteArrow writes the rows as an Arrow IPC stream. Money is decimal128(19,9), moments are
// timestamps in the zone of the answer, units are field metadata.
func (a *Answer) WriteArrow(w io.Writer) error { return a.Write(w, "arrow") }

// arrowWriter writes records of the stream.
type arrowWriter struct {
	out *ipc.Writer
	b   *array.RecordBuilder
	n   int
}

func newArrow(w io.Writer, a *Answer) *arrowWriter {
	schema := a.schema()
	return &arrowWriter{
		out: ipc.NewWriter(w, ipc.WithSchema(schema)), b: array.NewRecordBuilder(memory.DefaultAllocator, schema),
	}
}

// Row adds a row, and writes a record where there are enough.
func (r *arrowWriter) Row(row []any) error {
	for c, cell := range row {
		appendArrow(r.b.Field(c), cell)
	}
	if r.n++; r.n < arrowRows {
		return nil
	}
	return r.flush()
}

func (r *arrowWriter) flush() error {
	rec := r.b.NewRecord()
	defer rec.Release()
	r.n = 0
	return r.out.Write(rec)
}

// Close writes what is left, and the end of the stream.
func (r *arrowWriter) Close() error {
	defer r.b.Release()
	if r.n > 0 {
		if err := r.flush(); err != nil {
			return err
		}
	}
	return r.out.Close()
}

func (a *Answer) schema() *arrow.Schema {
	fields := make([]arrow.Field, len(a.Columns))
	for i, c := range a.Columns {
		fields[i] = arrow.Field{Name: c.Name, Type: a.arrowType(c.Type), Nullable: true}
		if c.Unit != "" {
			fields[i].Metadata = arrow.NewMetadata([]string{"unit"}, []string{c.Unit})
		}
	}
	return arrow.NewSchema(fields, nil)
}

func (a *Answer) arrowType(t catalog.Type) arrow.DataType {
	switch t {
	case catalog.Integer:
		return arrow.PrimitiveTypes.Int64
	case catalog.Number:
		return arrow.PrimitiveTypes.Float64
	case catalog.Decimal:
		return &arrow.Decimal128Type{Precision: 19, Scale: 9}
	case catalog.Boolean:
		return arrow.FixedWidthTypes.Boolean
	case catalog.Time:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: a.zone()}
	}
	return arrow.BinaryTypes.String
}

// zone is the zone of moments.
func (a *Answer) zone() string { return cmp.Or(a.Meta.TZ, "UTC") }

// appendArrow adds a cell. One that does not have the type of its column, such as the text that
// stands for all small groups in a column of numbers, becomes null.
func appendArrow(b array.Builder, cell any) {
	switch b := b.(type) {
	case *array.Int64Builder:
		switch v := cell.(type) {
		case int64:
			b.Append(v)
			return
		case event.NanoUSD:
			b.Append(int64(v))
			return
		}
	case *array.Float64Builder:
		switch v := cell.(type) {
		case float64:
			b.Append(v)
			return
		case int64:
			b.Append(float64(v))
			return
		}
	case *array.Decimal128Builder:
		if v, ok := cell.(event.NanoUSD); ok {
			b.Append(decimal128.FromI64(int64(v)))
			return
		}
	case *array.BooleanBuilder:
		if v, ok := cell.(bool); ok {
			b.Append(v)
			return
		}
	case *array.TimestampBuilder:
		if v, ok := cell.(time.Time); ok {
			b.Append(arrow.Timestamp(v.UnixMicro()))
			return
		}
	case *array.StringBuilder:
		switch v := cell.(type) {
		case nil:
		case string:
			b.Append(v)
			return
		case Raw:
			b.Append(string(v))
			return
		default:
			b.Append(string(AppendCell(nil, v)))
			return
		}
	}
	b.AppendNull()
}
