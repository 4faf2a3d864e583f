package store

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"analytics/engine/columns/sample"
	"analytics/engine/event"
)

// anonymous is the process's anonymous memory in MB.
func anonymous() float64 {
	b, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := strings.Cut(string(b), "RssAnon:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kb, _ := strconv.Atoi(fields[0])
	return float64(kb) / 1024
}

// cpuTime is what the process used so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkIngestWhileSealing is full speed for as long as b.N batches of 1,000 last: 4 clients that
// make their events themselves (2 µs each, in the figures), and a sealing that obeys Pressure. Run
// it with -benchtime 2000x or more.
func BenchmarkIngestWhileSealing(b *testing.B) {
	const clients, size = 4, 1000
	cfg := small(b.TempDir())
	cfg.MemTableSize = 0
	s := open(b, cfg)
	stop := make(chan struct{})
	var sealing, clientsDone sync.WaitGroup
	sealing.Go(func() {
		for {
			select {
			case <-s.Pressure():
				if _, err := s.Relieve(context.Background()); err != nil {
					b.Error(err)
				}
			case <-stop:
				return
			}
		}
	})
	var mu sync.Mutex
	var took []time.Duration
	highest := 0.0
	before := cpuTime()
	b.ResetTimer()
	for c := range clients {
		clientsDone.Go(func() {
			source := sample.New(uint64(time.Now().UnixNano()) + uint64(c))
			var e event.Event
			var batch event.Batch
			at := event.MicrosOf(testClock)
			for range b.N / clients {
				batch.Reset()
				for range size {
					source.Event(&e, event.AIRequest, at)
					e.Named, e.Timed = true, true
					at++
					batch.Add(&e)
				}
				start := time.Now()
				if _, err := s.Append(context.Background(), Default, &batch); err != nil {
					b.Error(err)
				}
				mu.Lock()
				took = append(took, time.Since(start))
				if len(took)%100 == 0 {
					highest = max(highest, anonymous())
				}
				mu.Unlock()
			}
		})
	}
	clientsDone.Wait()
	b.StopTimer()
	close(stop)
	sealing.Wait()
	if len(took) == 0 {
		return
	}
	n := float64(len(took) * size)
	slices.Sort(took)
	b.ReportMetric(n/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64((cpuTime()-before).Nanoseconds())/n, "cpu-ns/event")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(highest, "anon-MB")
}
