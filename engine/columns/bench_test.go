package columns_test

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/columns"
	"analytics/engine/columns/sample"
	"analytics/engine/event"
)

const batch = 5000

func perEvent(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/event")
}

func BenchmarkAppendRows(b *testing.B) {
	for _, kind := range []event.Kind{event.AIRequest, event.PageView} {
		b.Run(kind.String(), func(b *testing.B) {
			rows := sample.New(1).Rows(nil, kind, batch, hour.Start(), hour.End())
			builder := columns.NewBuilder(kind)
			b.ReportAllocs()
			for b.Loop() {
				if err := builder.AppendRows(rows); err != nil {
					b.Fatal(err)
				}
				builder.Record(nil)
			}
			perEvent(b, batch)
		})
	}
}

func BenchmarkOneEvent(b *testing.B) {
	rows := sample.New(1).Rows(nil, event.AIRequest, 1, hour.Start(), hour.End())
	builder := columns.NewBuilder(event.AIRequest)
	b.ReportAllocs()
	for b.Loop() {
		if err := builder.AppendRows(rows); err != nil {
			b.Fatal(err)
		}
		builder.Record(nil)
	}
}

func BenchmarkSorted(b *testing.B) {
	source := sample.New(1)
	var parts [][]byte
	const n = 20
	for range n { // parts that overlap in time, as from many clients
		parts = append(parts, source.Rows(nil, event.AIRequest, batch, hour.Start(), hour.End()))
	}
	for b.Loop() {
		if _, err := columns.Sorted(event.AIRequest, parts); err != nil {
			b.Fatal(err)
		}
	}
	perEvent(b, n*batch)
}

func BenchmarkConcat(b *testing.B) {
	source := sample.New(1)
	var recs []arrow.Record
	const n = 20
	builder := columns.NewBuilder(event.AIRequest)
	for range n {
		rows := source.Rows(nil, event.AIRequest, batch, hour.Start(), hour.End())
		if err := builder.AppendRows(rows); err != nil {
			b.Fatal(err)
		}
		recs = append(recs, builder.Record(nil))
	}
	for b.Loop() {
		if _, err := columns.Concat(event.AIRequest, recs, true); err != nil {
			b.Fatal(err)
		}
	}
	perEvent(b, n*batch)
}

func BenchmarkAppendRowAt(b *testing.B) {
	rows := sample.New(1).Rows(nil, event.AIRequest, batch, hour.Start(), hour.End())
	builder := columns.NewBuilder(event.AIRequest)
	if err := builder.AppendRows(rows); err != nil {
		b.Fatal(err)
	}
	rec := builder.Record(nil)
	var buf []byte
	for b.Loop() {
		reader := columns.NewRows(event.AIRequest, rec)
		for i := range batch {
			buf = reader.Append(buf[:0], i)
		}
	}
	perEvent(b, batch)
}
