package archive_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/parquet-go/parquet-go"

	"analytics/engine/archive"
	"analytics/engine/columns"
	"analytics/engine/event"
)

// column reads a column through parquet-go's own reader: a second opinion on the format.
func column(t *testing.T, f *parquet.File, name string) (values []parquet.Value) {
	t.Helper()
	leaf, ok := f.Schema().Lookup(name)
	if !ok {
		t.Fatalf("no column %s", name)
	}
	for _, g := range f.RowGroups() {
		pages := g.ColumnChunks()[leaf.ColumnIndex].Pages()
		defer pages.Close()
		for {
			p, err := pages.ReadPage()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			part := make([]parquet.Value, p.NumValues())
			n, err := p.Values().ReadValues(part)
			if err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			for _, v := range part[:n] {
				values = append(values, v.Clone())
			}
		}
	}
	return values
}

func openWith(t *testing.T, data []byte) *parquet.File {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAnotherReaderReadsSegments(t *testing.T) {
	const n = 30_000
	rec := typical(t, event.AIRequest, n)
	opt := archive.Options{GroupRows: 20_000}
	f := openWith(t, write(t, event.AIRequest, rec, opt).Data)
	var e event.Event
	rows := columns.NewRows(event.AIRequest, rec)
	times, ids, models := column(t, f, "timestamp"), column(t, f, "id"), column(t, f, "model")
	read, costs := column(t, f, "cache_read_tokens"), column(t, f, "cost")
	texts, stream := column(t, f, "error_message"), column(t, f, "stream")
	for i := range n {
		rows.Event(&e, i)
		switch {
		case times[i].Int64() != int64(e.Time()),
			!bytes.Equal(ids[i].ByteArray(), e.Text(event.EventID)[1:]),
			models[i].String() != string(e.Text(event.AIModel)),
			read[i].IsNull() == e.Has(event.AICacheReadTokens),
			!read[i].IsNull() && read[i].Int64() != e.Int(event.AICacheReadTokens),
			costs[i].Int64() != e.Int(event.AICost),
			string(texts[i].ByteArray()) != string(e.Text(event.AIErrorMessage)),
			stream[i].Boolean() != e.Bool(event.AIStream):
			t.Fatalf("row %d differs", i)
		}
		for _, name := range []string{"id", "trace_id"} {
			leaf, _ := f.Schema().Lookup(name)
			filter := f.RowGroups()[i/20_000].ColumnChunks()[leaf.ColumnIndex].BloomFilter()
			field, _ := event.AIRequest.Field(name)
			value := parquet.FixedLenByteArrayValue(e.Text(field)[1:])
			if ok, err := filter.Check(value); !ok || err != nil {
				t.Fatalf("row %d: filter of %s: %v, %v", i, name, ok, err)
			}
		}
	}
	if index := f.ColumnIndexes(); len(index) == 0 {
		t.Error("no page index")
	}
}

func TestExportHasOneSchemaAndWireNames(t *testing.T) {
	var e event.Event
	row := func(set func()) arrow.Record {
		e.Reset(event.AIRequest)
		e.SetInt(event.Timestamp, int64(hour.Start()))
		e.SetID(event.EventID, []byte("0190c6b4-3c5e-7cc3-98c4-dc0c0c07398f"))
		set()
		b := columns.NewBuilder(event.AIRequest)
		if err := b.AppendRow(&e); err != nil {
			t.Fatal(err)
		}
		return b.Record(nil)
	}
	var out bytes.Buffer
	w := archive.NewExportWriter(&out, event.AIRequest)
	for _, rec := range []arrow.Record{
		row(func() {}),
		row(func() {
			e.SetText(event.AIModel, []byte("gpt-4o"))
			e.SetInt(event.AIInputUncachedTokens, 100)
			e.SetInt(event.AICacheReadTokens, 20)
			e.SetInt(event.AICacheWrite1hTokens, 3)
			e.SetInt(event.AIReasoningTokens, 7)
			e.SetInt(event.AICost, 1_234_567)
			e.SetInt(event.AIDurationMS, 1_500_250)
		}),
	} {
		if err := w.Write(rec); err != nil {
			t.Fatal(err)
		}
		rec.Release() // the writer must not depend on it
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f := openWith(t, out.Bytes())
	for _, c := range []struct {
		name string
		want int64
	}{
		{"input_tokens", 123}, {"output_tokens", 7}, {"cache_write_tokens", 3},
		{"cache_write_1h_tokens", 3}, {"cost", 1_234_567}, {"duration_ms", 1_500_250},
	} {
		got := column(t, f, c.name)
		if len(got) != 2 || !got[0].IsNull() || got[1].Int64() != c.want {
			t.Errorf("%s: got %v, want null and %d", c.name, got, c.want)
		}
	}
	if got := column(t, f, "id")[0].String(); got != "0190c6b4-3c5e-7cc3-98c4-dc0c0c07398f" {
		t.Errorf("id: got %s", got)
	}
	for _, name := range []string{"cost", "cost_usd", "duration_ms", "timestamp"} {
		leaf, _ := f.Schema().Lookup(name)
		t.Logf("%s: %v", name, leaf.Node.Type().LogicalType())
	}
	if _, err := archive.Open(bytes.NewReader(out.Bytes()), int64(out.Len())); err == nil {
		t.Error("an export opens as a segment")
	}
}

func TestEmptyExportIsReadable(t *testing.T) {
	for _, kind := range event.Kinds() {
		var out bytes.Buffer
		w := archive.NewExportWriter(&out, kind)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		f := openWith(t, out.Bytes())
		if f.NumRows() != 0 || len(f.Schema().Columns()) < event.Common {
			t.Errorf("%v: %d rows, %d columns", kind, f.NumRows(), len(f.Schema().Columns()))
		}
	}
}
