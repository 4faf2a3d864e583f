package sdktest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// victim is the binary on a folder, which is killed and started again.
type victim struct {
	t          testing.TB
	dir        string
	cmd        *exec.Cmd
	url, key   string
	socket     *http.Client
	generation sync.RWMutex // held for reading by who calls, so that nobody calls between two starts
}

func (v *victim) start() {
	v.t.Helper()
	binary, err := built()
	if err != nil {
		v.t.Fatal(err)
	}
	v.cmd = exec.Command(binary, "--config", filepath.Join(v.dir, "analytics.yaml"), "serve",
		"--data", filepath.Join(v.dir, "data"), "--listen", "127.0.0.1:0")
	v.cmd.Env = append(os.Environ(), minFree)
	out, err := v.cmd.StdoutPipe()
	if err != nil {
		v.t.Fatal(err)
	}
	if err := v.cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	v.url = ""
	for lines := bufio.NewScanner(out); (v.url == "" || v.key == "") && lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if rest, ok := strings.CutPrefix(line, "listening"); ok {
			v.url = strings.TrimSpace(rest)
		}
		if rest, ok := strings.CutPrefix(line, "ingest key"); ok {
			v.key = strings.TrimSpace(rest)
		}
	}
	if v.url == "" {
		v.t.Fatal("the server did not say where it is")
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
}

// ask asks over the socket.
func (v *victim) ask(method, path, body string, out any) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, "http://analytics"+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := v.socket.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(out); err != nil || res.StatusCode != http.StatusOK {
		v.t.Fatalf("%s %s: %s, %v", method, path, res.Status, err)
	}
}

// spent is what the budget says, and what the costs of all rows say, in nanodollars, once no call is
// under way.
func (v *victim) spent() (ledger, rows int64) {
	v.t.Helper()
	var b struct {
		Budgets []struct {
			Spent    float64 `json:"spent"`
			Reserved float64 `json:"reserved"`
		} `json:"budgets"`
	}
	for v.ask("GET", "/v1/budgets/dollar", "", &b); b.Budgets[0].Reserved > 0; {
		v.ask("GET", "/v1/budgets/dollar", "", &b)
	}
	var a struct {
		Totals struct {
			Cost float64 `json:"cost"`
		} `json:"totals"`
	}
	v.ask("GET", "/v1/query?metrics=cost&since=30d", "", &a)
	return int64(math.Round(b.Budgets[0].Spent * 1e9)), int64(math.Round(a.Totals.Cost * 1e9))
}

const (
	answerMost = 500                         // tokens that a call may answer with
	callMost   = answerMost*10_000 + 100_000 // nanodollars of a call: gpt-4o's answers are $10 a million
)

// earner is a provider that answers as its callers wish, and counts what it earned in nanodollars.
func earner(earned *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			Seed int64 `json:"seed"`
		}
		_ = json.NewDecoder(r.Body).Decode(&q)
		earned.Add(10*2500 + q.Seed*10_000)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":"c","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,"message":`+
			`{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,`+
			`"completion_tokens":%d,"total_tokens":%d}}`, q.Seed, q.Seed+10)
	}
}

// TestABudgetSurvivesKills has 64 clients spend a dollar while the server is killed three times. After each
// start the ledger is the sum of the rows, and at the end they are the dollar, never more. What was earned
// beyond them is exactly what had no row yet when the server was killed.
func TestABudgetSurvivesKills(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var earned, calls atomic.Int64
	provider := httptest.NewServer(earner(&earned))
	t.Cleanup(provider.Close)
	v := &victim{t: t, dir: t.TempDir()}
	text := fmt.Sprintf(settings, provider.URL, "key")
	if err := os.WriteFile(filepath.Join(v.dir, "analytics.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	v.socket = &http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(v.dir, "data", "analytics.sock"))
		}}}
	v.start()
	t.Cleanup(v.kill)
	v.ask("PUT", "/v1/budgets/dollar", `{"limit":1,"period":"30d","action":"pause_requests"}`, &struct{}{})
	passed := make(chan struct{}, 1<<16)
	var all sync.WaitGroup
	for i := range uint64(64) {
		all.Go(func() {
			random := rand.New(rand.NewPCG(seed, i))
			for v.call(random.IntN(answerMost)+1, func() { calls.Add(1); passed <- struct{}{} }) {
			}
		})
	}
	lost := int64(0)
	for range 3 {
		for range 60 {
			<-passed
		}
		v.kill()
		v.generation.Lock() // callers have seen it die
		v.start()
		ledger, rows := v.spent()
		if ledger != rows {
			t.Errorf("the ledger says %d, the rows %d", ledger, rows)
		}
		lost = earned.Load() - rows
		v.generation.Unlock()
	}
	all.Wait()
	const limit = 1_000_000_000
	ledger, rows := v.spent()
	if ledger != rows || rows > limit || rows < limit-callMost || earned.Load() != rows+lost {
		t.Errorf("ledger %d, rows %d, lost in kills %d, earned %d", ledger, rows, lost, earned.Load())
	}
	t.Logf("%d calls, $%.9f of $1 in rows, $%.6f without", calls.Load(), float64(rows)/1e9, float64(lost)/1e9)
}

// call makes a call and reports whether to make another.
func (v *victim) call(tokens int, ok func()) bool {
	v.generation.RLock()
	defer v.generation.RUnlock()
	body := fmt.Sprintf(`{"model":"gpt-4o","max_tokens":%d,"seed":%d,"messages":[]}`, answerMost, tokens)
	r, err := http.NewRequestWithContext(v.t.Context(), "POST", v.url+"/gateway/openai/v1/chat/completions",
		strings.NewReader(body))
	if err != nil {
		v.t.Error(err)
		return false
	}
	r.Header.Set("Authorization", "Bearer "+v.key)
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return true // it was killed
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	switch res.StatusCode {
	case http.StatusOK:
		ok()
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
	case http.StatusPaymentRequired:
		return false
	default:
		v.t.Errorf("%d: %s", res.StatusCode, text)
		return false
	}
	return true
}
