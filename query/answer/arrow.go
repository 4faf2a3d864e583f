package answer

import (
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
// that a long list is never in memory twice.
const arrowRows = 8192

// WriteArrow writes the rows as an Arrow IPC stream. Money is decimal128(19,9), moments are
// timestamps in the zone of the answer, units are field metadata.
func (a *Answer) WriteArrow(w io.Writer) error {
	schema := a.schema()
	out := ipc.NewWriter(w, ipc.WithSchema(schema))
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	flush := func() error {
		rec := b.NewRecord()
		defer rec.Release()
		return out.Write(rec)
	}
	for i, row := range a.Rows {
		for c, cell := range row {
			appendArrow(b.Field(c), cell)
		}
		if i%arrowRows == arrowRows-1 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if len(a.Rows)%arrowRows != 0 {
		if err := flush(); err != nil {
			return err
		}
	}
	return out.Close()
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
		zone := a.Meta.TZ
		if zone == "" {
			zone = "UTC"
		}
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: zone}
	}
	return arrow.BinaryTypes.String
}

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
		if v, ok := cell.(float64); ok {
			b.Append(v)
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
