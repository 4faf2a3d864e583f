package gateway

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"analytics/engine/auth"
)

// BenchmarkGateway measures what the gateway adds to a call, with all rows stored: the same calls
// direct and through, in turns, in one run, from the moment a call is due to the last byte of its
// answer. Client, gateway, store and upstream share the machine and the process.
//
//	go test ./ingest/gateway -run '^$' -bench Gateway -benchtime 5000x
func BenchmarkGateway(b *testing.B) {
	const every = time.Millisecond
	for _, c := range []struct {
		name  string
		conns int
		pace  time.Duration // 0: each connection calls again when it has its answer
		body  string
	}{
		{"conns=1", 1, 0, chatBody},
		{"conns=64", 64, 0, chatBody},
		{"rate=1000", 64, every, chatBody},
		{"rate=1000,stream", 64, every, streamBody},
	} {
		b.Run(c.name, func(b *testing.B) {
			h := newHouse(b, benchUpstream, nil)
			h.log.off()
			key := h.key(auth.Ingest)
			direct := loader{h.upstream.URL + "/v1/chat/completions", key, c.body, c.conns, c.pace,
				new(atomic.Int64)}
			through := direct
			through.url = h.url + "/gateway/openai/v1/chat/completions"
			through.made = new(atomic.Int64)
			for _, l := range []loader{direct, through} { // connections, buffers
				l.run(b, 200)
			}
			heap, rss := memory()
			const rounds = 4
			var without, with []time.Duration
			b.ResetTimer()
			for range rounds {
				without = append(without, direct.run(b, b.N/rounds+1)...)
				with = append(with, through.run(b, b.N/rounds+1)...)
			}
			b.StopTimer()
			heapAfter, rssAfter := memory()
			report(b, without, with)
			b.ReportMetric(float64(heap)/1e6, "heap-MB")
			b.ReportMetric(float64(heapAfter)/1e6, "heap-after-MB")
			b.ReportMetric(float64(rss)/1e6, "rss-MB")
			b.ReportMetric(float64(rssAfter)/1e6, "rss-after-MB")
			h.stop()
			if stored, lost := h.gateway.Counts(); lost != 0 || stored != through.made.Load() {
				b.Errorf("%d rows stored, %d lost, of %d", stored, lost, through.made.Load())
			}
		})
	}
}

func report(b *testing.B, without, with []time.Duration) {
	at := func(all []time.Duration, part float64) float64 {
		slices.Sort(all)
		return float64(all[int(part*float64(len(all)-1))].Nanoseconds()) / 1e6
	}
	for _, q := range []struct {
		name string
		part float64
	}{{"p50", .5}, {"p99", .99}} {
		direct, through := at(without, q.part), at(with, q.part)
		b.ReportMetric(direct, q.name+"-direct-ms")
		b.ReportMetric(through, q.name+"-through-ms")
		b.ReportMetric(through-direct, q.name+"-added-ms")
	}
}

// benchUpstream answers at once: what is measured is what we add, not what models need.
func benchUpstream(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if !strings.Contains(string(body), `"stream":true`) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, chatAnswer)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for range 20 {
		_, _ = io.WriteString(w, event1)
	}
	_, _ = io.WriteString(w, event2+eventUsage+eventDone)
}

// loader makes calls over a number of connections.
type loader struct {
	url, key, body string
	conns          int
	pace           time.Duration
	made           *atomic.Int64
}

// run makes n calls and returns how long each took. With a pace, calls are due at fixed times
// whether or not those before are over, and the time they wait for a connection counts.
func (l loader) run(b *testing.B, n int) []time.Duration {
	client := &http.Transport{MaxIdleConnsPerHost: l.conns, DisableCompression: true}
	defer client.CloseIdleConnections()
	due := make(chan time.Time, n)
	took := make([][]time.Duration, l.conns)
	var all, ready sync.WaitGroup
	ready.Add(l.conns)
	for i := range l.conns {
		all.Go(func() {
			l.one(b, client)
			ready.Done()
			ready.Wait() // all connections are there before time counts
			for at := range due {
				if l.pace == 0 {
					at = time.Now()
				}
				l.one(b, client)
				took[i] = append(took[i], time.Since(at))
			}
		})
	}
	ready.Wait()
	for start, i := time.Now(), 0; i < n; i++ {
		if l.pace > 0 {
			time.Sleep(time.Until(start.Add(time.Duration(i) * l.pace)))
		}
		due <- time.Now()
	}
	close(due)
	all.Wait()
	return slices.Concat(took...)
}

func (l loader) one(b *testing.B, client *http.Transport) {
	l.made.Add(1)
	r, err := http.NewRequestWithContext(b.Context(), "POST", l.url, strings.NewReader(l.body))
	if err != nil {
		b.Error(err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+l.key)
	r.Header.Set("Content-Type", "application/json")
	res, err := client.RoundTrip(r)
	if err != nil {
		b.Error(err)
		return
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
		b.Error(res.Status, err)
	}
}

// memory is the live heap, and what the process holds of the machine's memory.
func memory() (heap, rss int64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	var size, pages int64
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		_, _ = fmt.Sscan(string(text), &size, &pages)
	}
	return int64(m.HeapAlloc), pages * int64(os.Getpagesize())
}
