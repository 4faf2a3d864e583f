package store

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"analytics/engine/columns/sample"
	"analytics/engine/event"
)

// benchBatches makes batches of typical AI requests, each event once, all in one hour.
func benchBatches(n, size int) []*event.Batch {
	source := sample.New(uint64(time.Now().UnixNano()))
	var e event.Event
	at := event.MicrosOf(testClock)
	out := make([]*event.Batch, n)
	for i := range out {
		out[i] = &event.Batch{}
		for range size {
			source.Event(&e, event.AIRequest, at)
			e.Named, e.Timed = true, true
			at++
			out[i].Add(&e)
		}
	}
	return out
}

// benchAppend appends batches of size from many clients at once; nothing is sealed meanwhile.
func benchAppend(b *testing.B, clients, size int) {
	cfg := small(b.TempDir())
	cfg.MemTableSize, cfg.MaxHeadBytes = 0, 4<<30
	s := open(b, cfg)
	total := max(b.N, clients)
	batches := benchBatches(total, size)
	b.ReportAllocs()
	var next atomic.Int64
	done := make(chan error, clients)
	b.ResetTimer()
	for range clients {
		go func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= total {
					done <- nil
					return
				}
				if _, err := s.Append(context.Background(), Default, batches[i]); err != nil {
					done <- err
					return
				}
			}
		}()
	}
	for range clients {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(batches[0].Size())/float64(size), "B/row")
	b.ReportMetric(float64(total*size)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkAppend1000x4(b *testing.B) { benchAppend(b, 4, 1000) }
func BenchmarkAppend1x64(b *testing.B)   { benchAppend(b, 64, 1) }
func BenchmarkAppend1x1(b *testing.B)    { benchAppend(b, 1, 1) }
