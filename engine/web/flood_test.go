package web

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"analytics/engine/auth"
)

// BenchmarkFlood measures how much 2,000 clients that send a byte a second slow down 200 good ones;
// -benchtime 1x is enough. It needs 4,500 file descriptors.
func BenchmarkFlood(b *testing.B) {
	m := bare(&lines{})
	m.HandleQuietly("POST /echo", auth.None, echo)
	s := serve(b, b.TempDir(), m)
	alone, failed := goodClients(b, s.URL(), 3*time.Second)
	for range 2000 {
		c, err := net.Dial("tcp", s.Addr())
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		go func() {
			for _, r := range "POST /echo HTTP/1.1\r\nHost: a\r\nX-Slow: " + strings.Repeat("a", 1000) {
				if _, err := io.WriteString(c, string(r)); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
	}
	for b.Loop() {
		flooded, more := goodClients(b, s.URL(), 3*time.Second)
		b.ReportMetric(float64(flooded.Microseconds())/1000, "p99-flooded-ms")
		failed += more
	}
	b.ReportMetric(float64(alone.Microseconds())/1000, "p99-alone-ms")
	if failed > 0 {
		b.Errorf("%d good requests failed", failed)
	}
}

// goodClients asks with 200 clients and returns the 99th percentile and how many requests failed.
func goodClients(t testing.TB, url string, long time.Duration) (p99 time.Duration, failed int) {
	t.Helper()
	var all []time.Duration
	var mu sync.Mutex
	var clients sync.WaitGroup
	transport := &http.Transport{MaxIdleConnsPerHost: 200}
	defer transport.CloseIdleConnections()
	end := time.Now().Add(long)
	for range 200 {
		clients.Go(func() {
			c := http.Client{Transport: transport}
			for time.Now().Before(end) {
				start := time.Now()
				resp, err := c.Post(url+"/echo", "text/plain", strings.NewReader("hello"))
				if err == nil {
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
				mu.Lock()
				if err != nil {
					failed++
				}
				all = append(all, time.Since(start))
				mu.Unlock()
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	clients.Wait()
	slices.Sort(all)
	return all[len(all)*99/100], failed
}
