package crash

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

var events = flag.Int("events", 1_000_000, "how many events BenchmarkLarge fills the store with")

// BenchmarkLarge fills a store with AI requests over 30 days and reports what a user feels then:
// bytes an event, the time from start to ready (after SIGTERM and after kill -9), memory at rest, and
// how long questions take. -events 10000000 gives the figures for ten million.
func BenchmarkLarge(b *testing.B) {
	base := *keep
	if base == "" {
		base = b.TempDir()
	}
	dir := filepath.Join(base, "data")
	pid, url, key, stop := serve(b, dir)
	fill(b, url, key, *events)
	settle(b, dir, pid)
	figures := map[string]float64{}
	note := func(figure float64, unit string) { figures[unit] = figure }
	syscall.Kill(pid, syscall.SIGKILL)
	stop()
	note(milliseconds(func() { pid, url, _, stop = serve(b, dir) }), "start-after-kill-ms")
	stop()
	note(float64(size(b, dir))/float64(*events), "B/event")
	note(milliseconds(func() { pid, url, _, stop = serve(b, dir) }), "start-ms")
	defer func() { stop() }()
	note(milliseconds(func() { settle(b, dir, pid) })/1000, "settle-s")
	time.Sleep(11 * time.Second) // rest is noticed after five seconds without work, or ten
	note(float64(anonymous(pid))/(1<<20), "idle-RssAnon-MB")
	asked := 0
	since := func() string { // each time another range: the same answer would be given again to many who ask
		asked++
		to := time.Now().UTC().Add(time.Hour + time.Duration(asked)*time.Second)
		return "&from=" + month().Format(time.RFC3339) + "&to=" + to.Format(time.RFC3339)
	}
	for _, q := range []struct{ unit, path string }{
		{"raw-group-ms", "/v1/query?metrics=requests,total_tokens,avg_duration_ms&by=model&raw=true"},
		{"raw-quantiles-ms", "/v1/query?metrics=p50_duration_ms,p95_duration_ms,p99_duration_ms&by=model&raw=true"},
		{"cube-panel-ms", "/v1/query?metrics=requests,cost,p95_duration_ms&by=model&interval=day"},
		{"newest-failed-ms", "/v1/requests/list?limit=50&filter=success==false"},
		{"trace-ms", "/v1/requests/list?limit=50&filter=trace_id==0123456789abcdef0123456789abcdef"},
	} {
		note(median(7, func() { ask(b, dir, "GET", q.path+since()) }), q.unit)
	}
	note(float64(anonymous(pid))/(1<<20), "asked-RssAnon-MB")
	for b.Loop() {
		ask(b, dir, "GET", "/v1/query?metrics=requests,cost,p95_duration_ms&by=model&interval=day"+since())
	}
	for unit, figure := range figures { // only now: the loop forgets what was reported before it
		b.ReportMetric(figure, unit)
	}
}

// settle runs the jobs that follow events until they find nothing to do, and waits until the server
// is at rest: Badger compacts for half a minute after ten million events, and after a kill once more.
// Questions asked meanwhile share two cores with that; what they take then is another figure.
func settle(b *testing.B, dir string, pid int) {
	b.Helper()
	for range 10 {
		spent := milliseconds(func() {
			for _, name := range []string{"seal", "merge", "daily_rollup"} {
				ask(b, dir, "POST", "/v1/jobs/"+name+"/run")
			}
		})
		if spent < 300 {
			rest(b, pid)
			return
		}
	}
	b.Fatal("jobs still find work after ten rounds")
}

// rest waits until a process needed less than 2 % of one core for five seconds.
func rest(b *testing.B, pid int) {
	b.Helper()
	const look = 5 * time.Second
	for range 60 {
		before := processor(pid)
		time.Sleep(look)
		if processor(pid)-before < look/50 {
			return
		}
	}
	b.Fatal("the server is not at rest after five minutes")
}

func month() time.Time { return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -29) }

// fill sends n events in the order of their time, as a month of reporting would have.
func fill(b *testing.B, url, key string, n int) {
	b.Helper()
	const batch, connections = 5000, 3
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	bodiesOut := make(chan []byte, connections)
	var group sync.WaitGroup
	for range connections {
		group.Go(func() {
			for body := range bodiesOut {
				post(b, client, url, key, body)
			}
		})
	}
	g := bodies{r: rand.New(rand.NewPCG(1, 2)), users: 5000}
	begin := month()
	step := time.Since(begin) / time.Duration(n)
	for first := 0; first < n; first += batch {
		var body []byte
		for i := first; i < min(first+batch, n); i++ {
			body = g.append(body, begin.Add(time.Duration(i)*step))
		}
		bodiesOut <- body
	}
	close(bodiesOut)
	group.Wait()
}

// ask sends a request over the socket and reads the whole answer.
func ask(b *testing.B, dir, method, path string) {
	b.Helper()
	client := &http.Client{Transport: socketTransport(dir)}
	defer client.CloseIdleConnections()
	path, query, _ := cutQuery(path)
	req, err := http.NewRequest(method, "http://analytics"+path+query, nil)
	if err != nil {
		b.Fatal(err)
	}
	r, err := client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		b.Fatalf("%s %s: status %d %v\n%.300s", method, path, r.StatusCode, err, body)
	}
}

// cutQuery encodes the query of a path written for people.
func cutQuery(path string) (before, query string, found bool) {
	u, err := url.Parse(path)
	if err != nil {
		return path, "", false
	}
	if u.RawQuery == "" {
		return u.Path, "", false
	}
	return u.Path, "?" + u.Query().Encode(), true
}

func milliseconds(f func()) float64 {
	begin := time.Now()
	f()
	return float64(time.Since(begin).Microseconds()) / 1000
}

func median(n int, f func()) float64 {
	var all []float64
	for range n {
		all = append(all, milliseconds(f))
	}
	slices.Sort(all)
	return all[n/2]
}

// size is what the folder takes on disk, sparse files by their blocks.
func size(b *testing.B, dir string) int64 {
	b.Helper()
	var total int64
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		var st syscall.Stat_t
		if err := syscall.Stat(path, &st); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("stat %s: %w", path, err)
		}
		total += st.Blocks * 512
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return total
}
