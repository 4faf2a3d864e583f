package crash

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// serve starts the binary with its defaults, a fresh folder and a TCP port, for a benchmark.
func serve(b *testing.B, dir string) (pid int, url, key string, stop func()) {
	b.Helper()
	path, err := binary()
	if err != nil {
		b.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(path, "serve", "--data", dir, "--listen", "127.0.0.1:18088", "--log-level", "error")
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	stop = func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	}
	url = "http://127.0.0.1:18088"
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(2 * time.Millisecond) {
		if r, err := http.Get(url + "/readyz"); err == nil {
			r.Body.Close()
			// It answers a moment before it prints its keys.
			if key := adminKey(dir, log.String()); r.StatusCode == http.StatusOK && key != "" {
				return cmd.Process.Pid, url, key, stop
			}
		}
	}
	stop()
	b.Fatalf("not ready:\n%s", &log)
	return 0, "", "", nil
}

// adminKey is the admin key that the first start printed; later starts find it beside the data.
func adminKey(dir, printed string) string {
	path := filepath.Clean(dir) + ".key"
	if m := adminLine.FindStringSubmatch(printed); m != nil {
		_ = os.WriteFile(path, []byte(m[1]), 0o600)
		return m[1]
	}
	key, _ := os.ReadFile(path)
	return string(key)
}

var adminLine = regexp.MustCompile(`admin key +(\S+)`)

// bodies makes NDJSON batches of AI requests of about 640 bytes with their own random ids, as a
// gateway reports them. The timestamps and ids are filled in on the way out, so a body is never sent
// twice.
type bodies struct {
	r     *rand.Rand
	users int
}

func (g *bodies) append(dst []byte, at time.Time) []byte {
	r := g.r
	model := []string{"gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5", "claude-haiku-4-5", "gemini-2.5-flash"}
	provider := []string{"openai", "openai", "anthropic", "anthropic", "google"}
	m := r.IntN(len(model))
	input, output := 200+r.IntN(4000), 20+r.IntN(1200)
	return fmt.Appendf(dst, `{"type":"ai_request","id":"%08x-%04x-4%03x-8%03x-%012x","timestamp":%q,`+
		`"trace_id":"%016x%016x","model":%q,"provider":%q,"endpoint":"/v1/chat/completions","method":"POST",`+
		`"operation":"chat","stream":true,"status_code":200,"success":true,"input_tokens":%d,"output_tokens":%d,`+
		`"cache_read_tokens":%d,"duration_ms":%d,"ttfb_ms":%d,"upstream_duration_ms":%d,"user_id":"user-%05d",`+
		`"project":"project-%d","agent":"agent-%d","session_id":"session-%06d","api_key_id":"key-%d",`+
		`"backend":%q,"request_bytes":%d,"response_bytes":%d,"message_count":%d}`+"\n",
		r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Uint64N(1<<48),
		at.Format("2006-01-02T15:04:05.000Z07:00"), r.Uint64(), r.Uint64(), model[m], provider[m], input, output,
		input/4, 300+output*9, 80+r.IntN(700), 290+output*9, r.IntN(g.users), r.IntN(8), r.IntN(12),
		r.IntN(g.users*3), r.IntN(6), provider[m], input*5, output*5, 1+r.IntN(20))
}

// drive sends b.N requests of size events from some connections and reports events/s, which it gives
// back, and the latency of an acknowledged request. beside, if not nil, goes on meanwhile, and is told
// when to stop.
func drive(
	b *testing.B, connections, size int, beside func(stop <-chan struct{}, url, key string),
) (rate float64) {
	dir := filepath.Join(b.TempDir(), "data")
	pid, url, key, stop := serve(b, dir)
	defer stop()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	var next atomic.Int64
	var peak atomic.Int64
	took := make([][]time.Duration, connections)
	var group sync.WaitGroup
	// What a client does before it sends is not the server's time: bodies are made ahead.
	ready := make([][][]byte, connections)
	for c := range connections {
		g := bodies{r: rand.New(rand.NewPCG(uint64(c), uint64(time.Now().UnixNano()))), users: 5000}
		for range b.N/connections + 1 {
			var body []byte
			for range size {
				body = g.append(body, time.Now())
			}
			ready[c] = append(ready[c], body)
		}
	}
	stopped := make(chan struct{})
	var others sync.WaitGroup
	if beside != nil {
		others.Go(func() { beside(stopped, url, key) })
	}
	busy := processor(pid)
	b.ResetTimer()
	begin := time.Now()
	for c := range connections {
		group.Go(func() {
			for _, body := range ready[c] {
				if next.Add(1) > int64(b.N) {
					return
				}
				sent := time.Now()
				post(b, client, url, key, body)
				took[c] = append(took[c], time.Since(sent))
				if len(took[c])%64 == 0 {
					peak.Store(max(peak.Load(), anonymous(pid)))
				}
			}
		})
	}
	group.Wait()
	elapsed := time.Since(begin)
	b.StopTimer()
	close(stopped)
	others.Wait()
	all := slices.Concat(took...)
	slices.Sort(all)
	rate = float64(b.N*size) / elapsed.Seconds()
	b.ReportMetric(rate, "events/s")
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(max(peak.Load(), anonymous(pid)))/(1<<20), "RssAnon-MB")
	b.ReportMetric(float64((processor(pid)-busy).Microseconds())/float64(b.N*size), "cpu-µs/event")
	b.SetBytes(int64(len(ready[0][0])))
	return rate
}

// processor is the processor time that a process has used, which says more than a clock on a machine
// that others use too; 0 where the system does not say.
func processor(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, after, _ := bytes.Cut(stat, []byte(") ")) // the name before it may hold anything
	fields := bytes.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(string(fields[11]))
	system, _ := strconv.Atoi(string(fields[12]))
	return time.Duration(user+system) * 10 * time.Millisecond // ticks are a hundredth of a second
}

func post(b *testing.B, client *http.Client, url, key string, body []byte) {
	req, err := http.NewRequest("POST", url+"/v1/events", bytes.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	req.Header.Set("Authorization", "Bearer "+key)
	r, err := client.Do(req)
	if err != nil {
		b.Error(err)
		return
	}
	defer r.Body.Close()
	out, _ := io.ReadAll(r.Body)
	if r.StatusCode != http.StatusOK || !bytes.Contains(out, []byte(`"rejected":0`)) {
		b.Errorf("status %d: %.200s", r.StatusCode, out)
	}
}

var anonLine = regexp.MustCompile(`RssAnon:\s+(\d+) kB`)

// anonymous is the anonymous memory of a process in bytes; 0 where the system does not say.
func anonymous(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	m := anonLine.FindSubmatch(text)
	if m == nil {
		return 0
	}
	kb, _ := strconv.ParseInt(string(m[1]), 10, 64)
	return kb << 10
}

// BenchmarkIngestBatches is durable ingest of NDJSON batches of 1,000 over 4 connections.
// Run it with -benchtime 1500x for a figure that lasts.
func BenchmarkIngestBatches(b *testing.B) { drive(b, 4, 1000, nil) }

// BenchmarkIngestSingles is durable ingest of one event a request over 64 connections.
// Run it with -benchtime 200000x.
func BenchmarkIngestSingles(b *testing.B) { drive(b, 64, 1, nil) }
