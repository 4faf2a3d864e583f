package store

import (
	"context"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"

	"analytics/engine/columns/sample"
	"analytics/engine/event"
)

// filled is a store of n sealed AI requests, all in a few hours before testClock.
func filled(b *testing.B, n int) *Store {
	b.Helper()
	cfg := small(b.TempDir())
	cfg.MemTableSize, cfg.MaxHeadBytes = 0, 4<<30
	s := open(b, cfg)
	const batch = 5000
	for i, part := range benchBatches(n/batch, batch) {
		if _, err := s.Append(context.Background(), Default, part); err != nil {
			b.Fatal(err)
		}
		if i%50 == 49 {
			sealAll(b, s)
		}
	}
	sealAll(b, s)
	return s
}

func sealAll(b *testing.B, s *Store) SealReport {
	b.Helper()
	r, err := s.Seal(context.Background(), 0, true)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// BenchmarkSeal seals 200,000 AI requests at a time: sorting, Parquet, pieces, reading back and
// sweeping the journal. Derive costs extra.
func BenchmarkSeal(b *testing.B) {
	cfg := small(b.TempDir())
	cfg.MemTableSize, cfg.MaxHeadBytes = 0, 4<<30
	s := open(b, cfg)
	rows, bytes := int64(0), int64(0)
	for b.Loop() {
		b.StopTimer()
		for _, part := range benchBatches(40, 5000) {
			if _, err := s.Append(context.Background(), Default, part); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		r := sealAll(b, s)
		rows += r.Rows
		bytes += r.Bytes
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(bytes)/float64(rows), "B/event")
}

// BenchmarkMerge merges 16 segments of 12,500 AI requests.
func BenchmarkMerge(b *testing.B) {
	cfg := small(b.TempDir())
	cfg.MemTableSize, cfg.MaxHeadBytes = 0, 4<<30
	s := open(b, cfg)
	ctx := context.Background()
	rows := int64(0)
	for b.Loop() {
		b.StopTimer()
		if _, err := s.Drop(ctx, Default, event.AIRequest, 0, 1<<31); err != nil {
			b.Fatal(err)
		}
		for range 16 {
			for _, part := range benchBatches(1, 12_500) {
				if _, err := s.Append(ctx, Default, part); err != nil {
					b.Fatal(err)
				}
			}
			sealAll(b, s)
		}
		b.StartTimer()
		r, err := s.Merge(ctx, Default, event.AIRequest, dayOf(testClock))
		if err != nil || r.After != 1 {
			b.Fatal(r, err)
		}
		rows += r.Rows
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkRawGroupBy reads four columns of a million sealed AI requests on one core and groups
// them by model: nothing is kept from one round to the next but open footers.
func BenchmarkRawGroupBy(b *testing.B) {
	const n = 1_000_000
	s := filled(b, n)
	fields := []int{event.AIModel, event.AIInputUncachedTokens, event.AIOutputTextTokens,
		event.AIDurationMS}
	for b.Loop() {
		snap := s.Snapshot(always(event.AIRequest))
		rows := int64(0)
		for _, c := range snap.Chunks() {
			rec, err := c.Read(context.Background(), fields)
			if err != nil {
				b.Fatal(err)
			}
			rows += sample.ByModel(rec)
		}
		snap.Release()
		if rows != n {
			b.Fatalf("%d rows", rows)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

// BenchmarkTraceLookup finds the one event of a trace among a million sealed AI requests: the
// filters, the column of the trace, then the event.
func BenchmarkTraceLookup(b *testing.B) {
	s := filled(b, 1_000_000)
	ctx := context.Background()
	traces := traceOf(b, s, 1000)
	n := 0
	for b.Loop() {
		trace := traces[n%len(traces)]
		n++
		snap := s.Snapshot(always(event.AIRequest))
		found := 0
		for _, c := range snap.SealedChunks() {
			if !c.MayContain(event.TraceID, trace) {
				continue
			}
			rec, err := c.Read(ctx, []int{event.TraceID})
			if err != nil {
				b.Fatal(err)
			}
			ids := rec.Column(0).(*array.Binary)
			for row := range ids.Len() {
				if string(ids.Value(row)) != string(trace) {
					continue
				}
				one, first, err := c.ReadRows(ctx, nil, row, row+1)
				if err != nil || one.NumRows() <= int64(row-first) {
					b.Fatal(one, err)
				}
				found++
			}
		}
		snap.Release()
		if found != 1 {
			b.Fatalf("found %d events", found)
		}
	}
}

// traceOf lists traces of some events.
func traceOf(b *testing.B, s *Store, n int) (traces [][]byte) {
	b.Helper()
	snap := s.Snapshot(always(event.AIRequest))
	defer snap.Release()
	chunks := snap.SealedChunks()
	for i := range n {
		c := &chunks[i%len(chunks)]
		rec, first, err := c.ReadRows(context.Background(), []int{event.TraceID}, i, i+1)
		if err != nil {
			b.Fatal(err)
		}
		traces = append(traces, rec.Column(0).(*array.Binary).Value(i-first))
	}
	return traces
}
