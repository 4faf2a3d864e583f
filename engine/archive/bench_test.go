package archive_test

import (
	"bytes"
	"testing"

	"analytics/engine/archive"
	"analytics/engine/columns"
	"analytics/engine/columns/sample"
	"analytics/engine/event"
)

const benchRows = 1 << 18

func BenchmarkWrite(b *testing.B) {
	for _, kind := range []event.Kind{event.AIRequest, event.PageView} {
		b.Run(kind.String(), func(b *testing.B) {
			rec := typical(b, kind, benchRows)
			size := 0
			for b.Loop() {
				size = len(write(b, kind, rec, archive.Options{}).Data)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/event")
			b.ReportMetric(float64(size)/benchRows, "B/event")
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	data := write(b, event.AIRequest, typical(b, event.AIRequest, benchRows), archive.Options{}).Data
	b.ReportAllocs()
	for b.Loop() {
		if _, err := archive.Open(bytes.NewReader(data), int64(len(data))); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadGroupBy is requests, tokens and average duration by model, from the file's bytes.
func BenchmarkReadGroupBy(b *testing.B) {
	fields := []int{event.AIModel, event.AIInputUncachedTokens, event.AIOutputTextTokens,
		event.AIDurationMS}
	data := write(b, event.AIRequest, typical(b, event.AIRequest, benchRows), archive.Options{}).Data
	f := open(b, data)
	var total int64
	for b.Loop() {
		total = 0
		for g := range f.RowGroups() {
			rec, err := f.Read(g, fields)
			if err != nil {
				b.Fatal(err)
			}
			total += sample.ByModel(rec)
		}
	}
	if total != benchRows {
		b.Fatalf("counted %d", total)
	}
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

// BenchmarkReadColumn says what each column costs to read and keep.
func BenchmarkReadColumn(b *testing.B) {
	rec := typical(b, event.AIRequest, benchRows)
	f := open(b, write(b, event.AIRequest, rec, archive.Options{}).Data)
	for field, at := range columns.Index(rec, event.AIRequest) {
		if at < 0 {
			continue
		}
		b.Run(event.AIRequest.Fields()[field].Name, func(b *testing.B) {
			for b.Loop() {
				for g := range f.RowGroups() {
					if _, err := f.Read(g, []int{field}); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
			b.ReportMetric(float64(f.ColumnSize(field))/benchRows, "B/row")
		})
	}
}
