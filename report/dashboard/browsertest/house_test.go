package browsertest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// house is the real binary, serving.
type house struct {
	t                *testing.T
	url, login       string
	adminKey, ingest string
}

// binary is built once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "dashboard")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "analytics")
	build := exec.Command("go", "build", "-o", path, ".")
	build.Dir = "../../.."
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// settings have a budget that the first request passes.
const settings = `analytics:
  alerts:
    - {type: daily_cost, threshold: 1.00, action: notify}
`

// start serves a new folder until the test ends.
func start(t *testing.T) *house {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "analytics.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	serve := exec.Command(path, "--config", filepath.Join(dir, "analytics.yaml"), "--data",
		filepath.Join(dir, "data"), "--listen", "127.0.0.1:0", "--log-level", "error", "serve")
	out, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	serve.Env = append(os.Environ(), "ANALYTICS_STORE_MIN_FREE_BYTES=16777216") // however full the disk is
	serve.Stderr = os.Stderr
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = serve.Process.Signal(os.Interrupt); _ = serve.Wait() })
	h := &house{t: t}
	var said strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
		if strings.Contains(lines.Text(), "/login?token=") {
			break
		}
	}
	find := func(pattern string) string { return regexp.MustCompile(pattern).FindString(said.String()) }
	h.login, h.adminKey, h.ingest = find(`http\S+/login\?token=\S+`), find(`ak_adm_\w+`), find(`ak_ing_\w+`)
	h.url, _, _ = strings.Cut(h.login, "/login")
	if h.login == "" || h.adminKey == "" {
		t.Fatalf("the server said\n%s", said.String())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return h
}

// call sends a request with the admin key and decodes the answer.
func (h *house) call(method, path string, body, into any) {
	h.t.Helper()
	var b bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&b).Encode(body); err != nil {
			h.t.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.url+path, &b)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.adminKey)
	if strings.HasPrefix(path, "/v1/events") && method == http.MethodPost {
		r.Header.Set("Authorization", "Bearer "+h.ingest)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		h.t.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, text, err)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			h.t.Fatal(err)
		}
	}
}

// send takes events in.
func (h *house) send(events ...map[string]any) {
	h.t.Helper()
	var got struct {
		Rejected int
		Errors   []any
	}
	h.call(http.MethodPost, "/v1/events", events, &got)
	if got.Rejected > 0 {
		h.t.Fatalf("%d events were refused: %v", got.Rejected, got.Errors)
	}
}

// work sends a small day: requests of two models, a tool, a task, a page that is read.
func (h *house) work() {
	h.t.Helper()
	at := func(ago time.Duration) string { return time.Now().Add(-ago).UTC().Format(time.RFC3339Nano) }
	var all []map[string]any
	for i := range 12 {
		model, provider := "gpt-4o", "openai"
		if i%3 == 0 {
			model, provider = "claude-sonnet-4-5", "anthropic"
		}
		trace := fmt.Sprintf("trace-%d", i/4)
		ago := time.Duration(i*7+5) * time.Minute
		all = append(all, map[string]any{"type": "ai_request", "timestamp": at(ago), "model": model,
			"provider": provider, "agent": "writer", "user_id": fmt.Sprint("u", i%4), "input_tokens": 100000,
			"output_tokens": 20000, "duration_ms": 900 + i*100, "status_code": 200 + 300*(i%6/5),
			"trace_id": trace, "conversation_id": trace + "-c", "project": "demo"},
			map[string]any{"type": "tool_call", "timestamp": at(ago - time.Second), "tool": "search",
				"agent": "writer", "duration_ms": 120, "success": i != 3, "trace_id": trace},
			map[string]any{"type": "agent_task", "timestamp": at(ago), "agent": "writer", "task": "draft",
				"status": "completed", "duration_ms": 4000, "trace_id": trace},
			map[string]any{"type": "page_view", "timestamp": at(ago), "url": "https://example.org/pricing",
				"visitor_id": fmt.Sprint("v", i), "session_id": fmt.Sprint("s", i),
				"referrer": "https://www.google.com/"})
	}
	h.send(all...)
}
