package archive_test

import (
	"bytes"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"analytics/engine/archive"
	"analytics/engine/event"
)

func TestAnotherReaderReadsTables(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "time", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}},
		{Name: "model", Type: arrow.BinaryTypes.String},
		{Name: "cost", Type: arrow.PrimitiveTypes.Int64},
		{Name: "share", Type: arrow.PrimitiveTypes.Float64},
		{Name: "stream", Type: arrow.FixedWidthTypes.Boolean},
		{Name: "nothing", Type: arrow.PrimitiveTypes.Int64},
	}, nil)
	cols := []archive.TableColumn{
		{"time", event.Time}, {"model", event.Text}, {"cost", event.Money},
		{"share", event.Float}, {"stream", event.Bool}, {"nothing", event.Int},
	}
	for _, rows := range []int{0, 1, 3, archive.GroupRows + 3} {
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		for i := range rows {
			b.Field(0).(*array.TimestampBuilder).Append(arrow.Timestamp(i))
			b.Field(1).(*array.StringBuilder).Append([]string{"gpt-4o", "", "ä"}[i%3])
			if i%3 == 1 {
				b.Field(2).AppendNull()
			} else {
				b.Field(2).(*array.Int64Builder).Append(int64(i) * 1_000_000_001)
			}
			b.Field(3).(*array.Float64Builder).Append(float64(i) / 4)
			b.Field(4).(*array.BooleanBuilder).Append(i%2 == 0)
			b.Field(5).AppendNull()
		}
		out := writeTable(t, cols, b.NewRecord())
		f := openWith(t, out.Bytes())
		if f.NumRows() != int64(rows) || len(f.Schema().Columns()) != len(cols) {
			t.Fatalf("%d rows of %d columns came back, want %d of %d", f.NumRows(),
				len(f.Schema().Columns()), rows, len(cols))
		}
		if rows == 0 {
			continue
		}
		last := rows - 1
		times, models, costs := column(t, f, "time"), column(t, f, "model"), column(t, f, "cost")
		if times[last].Int64() != int64(last) || models[0].String() != "gpt-4o" ||
			column(t, f, "share")[last].Double() != float64(last)/4 ||
			!column(t, f, "stream")[0].Boolean() || !column(t, f, "nothing")[last].IsNull() {
			t.Errorf("%d rows: a cell came back as another", rows)
		}
		for i, c := range costs {
			if c.IsNull() != (i%3 == 1) || !c.IsNull() && c.Int64() != int64(i)*1_000_000_001 {
				t.Fatalf("%d rows: cost %d came back as %v", rows, i, c)
			}
		}
		cost, _ := f.Schema().Lookup("cost")
		if got := cost.Node.Type().LogicalType().String(); got != "DECIMAL(18,9)" {
			t.Errorf("money is %s", got)
		}
		if zone, _ := f.Lookup("analytics.timezone"); zone != "Asia/Kolkata" {
			t.Errorf("the zone is %q", zone)
		}
		if _, err := archive.Open(bytes.NewReader(out.Bytes()), int64(out.Len())); err == nil {
			t.Error("a table opens as a segment")
		}
	}
}

// writeTable writes a record in two parts.
func writeTable(t *testing.T, cols []archive.TableColumn, rec arrow.Record) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	w, err := archive.NewTableWriter(&out, cols, "Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	rows := rec.NumRows()
	for _, part := range []arrow.Record{rec.NewSlice(0, rows/3), rec.NewSlice(rows/3, rows)} {
		if err := w.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &out
}
