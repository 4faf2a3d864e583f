package sdktest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"analytics/ingest/gateway/double"
)

// server is the real binary, with the double behind its gateway.
type server struct {
	t        testing.TB
	url      string
	key      string // scope ingest
	upstream *double.Upstream
	http     *http.Client // over the socket, where no key is needed
}

// built is the binary, built once for all tests.
var built = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("ANALYTICS_BINARY"); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "sdktest-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "analytics")
	build := exec.Command("go", "build", "-o", path, ".")
	build.Dir, build.Env = "../../..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// minFree lets the servers take events in however full the disk is.
const minFree = "ANALYTICS_STORE_MIN_FREE_BYTES=16777216"

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := built(); err == nil && os.Getenv("ANALYTICS_BINARY") == "" {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

const settings = `
network:
  allow: [127.0.0.0/8]
gateway:
  upstreams:
    openai: {base_url: %[1]q, api_key: %[2]q, include_usage: "true", provider: openai}
    anthropic: {base_url: %[1]q, api_key: %[2]q, provider: anthropic}
    gemini: {base_url: %[1]q, api_key: %[2]q, provider: google}
`

// start runs the binary on an empty folder until the test ends.
func start(t *testing.T) *server {
	t.Helper()
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, upstream: double.New()}
	provider := httptest.NewServer(s.upstream)
	t.Cleanup(provider.Close)
	dir := t.TempDir()
	config := filepath.Join(dir, "analytics.yaml")
	text := fmt.Sprintf(settings, provider.URL, double.Key)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	cmd := exec.Command(binary, "--config", config, "serve", "--data", data, "--listen", "127.0.0.1:0")
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "ANALYTICS_") })
	cmd.Env = append(cmd.Env, minFree)
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the server's log:\n%s", log.String())
		}
	})
	s.greeting(out)
	s.http = &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(data, "analytics.sock"))
		}}}
	t.Cleanup(s.http.CloseIdleConnections)
	return s
}

// greeting reads the address and the key that the first start prints.
func (s *server) greeting(out io.Reader) {
	s.t.Helper()
	lines := bufio.NewScanner(out)
	for (s.url == "" || s.key == "") && lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if rest, ok := strings.CutPrefix(line, "listening"); ok {
			s.url = strings.TrimSpace(rest)
		}
		if rest, ok := strings.CutPrefix(line, "ingest key"); ok {
			s.key = strings.TrimSpace(rest)
		}
	}
	if s.url == "" || s.key == "" {
		s.t.Fatal("the server did not say where it is")
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
}

// rows are the recorded calls of a user, the oldest first, once there are n.
func (s *server) rows(user string, n int) []map[string]any {
	s.t.Helper()
	q := url.Values{"format": {"ndjson"}, "filter": {"user_id==" + user}, "fields": {strings.Join(fields, ",")}}
	var text []byte
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		res, err := s.http.Get("http://analytics/v1/requests/list?" + q.Encode())
		if err != nil {
			s.t.Fatal(err)
		}
		text, err = io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			s.t.Fatalf("%d %v %s", res.StatusCode, err, text)
		}
		if bytes.Count(text, []byte("\n")) >= n {
			break
		}
		time.Sleep(10 * time.Millisecond) // a row is durable some milliseconds after its answer
	}
	var all []map[string]any
	for line := range bytes.Lines(text) {
		row := map[string]any{}
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&row); err != nil {
			s.t.Fatalf("%v: %s", err, line)
		}
		all = append([]map[string]any{row}, all...)
	}
	if len(all) != n {
		s.t.Fatalf("%s has %d rows, want %d: %s", user, len(all), n, text)
	}
	return all
}

// fields are what the tests look at.
var fields = []string{"provider", "model", "response_model", "operation", "endpoint", "stream",
	"status_code", "success", "error_type", "finish_reason", "requested_tool_calls", "usage_source",
	"input_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens",
	"output_tokens", "reasoning_tokens", "audio_input_tokens", "image_input_tokens",
	"image_output_tokens", "cost", "cost_source", "attempt", "duration_ms", "ttfb_ms", "tier",
	"message_count", "user_id"}

// want are fields of a row as they print; a missing one is "<nil>".
type want map[string]string

// with is want and more of it.
func (w want) with(more want) want {
	all := want{}
	for name, v := range w {
		all[name] = v
	}
	for name, v := range more {
		all[name] = v
	}
	return all
}

// recorded checks the rows of a user.
func (s *server) recorded(user string, all ...want) {
	s.t.Helper()
	rows := s.rows(user, len(all))
	for i, w := range all {
		for name, v := range w {
			if got := fmt.Sprint(rows[i][name]); got != v {
				s.t.Errorf("%s: row %d has %s %s, want %s", user, i, name, got, v)
			}
		}
		first, total := number(rows[i]["ttfb_ms"]), number(rows[i]["duration_ms"])
		if first <= 0 || total < first {
			s.t.Errorf("%s: row %d has its first byte after %v of %v ms", user, i, first, total)
		}
	}
}

func number(v any) float64 {
	n, _ := v.(json.Number)
	f, _ := n.Float64()
	return f
}

// What the double's usual answers are recorded as. The costs by hand, in USD per million tokens:
//
//	gpt-4o             600 * 2.50 + 400 * 1.25 + 100 * 10                              = 3000
//	claude-sonnet-4-5  500 * 3 + 2000 * 0.30 + 200 * 3.75 + 100 * 6 + 80 * 15          = 4650
//	gemini-2.5-flash   185 * 0.30 + 225 * 2.50                                         =  618
var (
	openAIRow = want{
		"provider": "openai", "model": "gpt-4o", "response_model": double.OpenAIModel,
		"operation": "chat", "status_code": "200", "success": "true", "error_type": "<nil>",
		"usage_source": "provider", "input_tokens": "1000", "cache_read_tokens": "400",
		"output_tokens": "100", "reasoning_tokens": "30", "cost": "0.003", "cost_source": "computed",
		"attempt": "1", "tier": "default",
	}
	anthropicRow = want{
		"provider": "anthropic", "model": "claude-sonnet-4-5", "response_model": double.AnthropicModel,
		"operation": "chat", "status_code": "200", "success": "true", "error_type": "<nil>",
		"usage_source": "provider", "input_tokens": "2800", "cache_read_tokens": "2000",
		"cache_write_tokens": "300", "cache_write_1h_tokens": "100", "output_tokens": "80",
		"cost": "0.00465", "cost_source": "computed", "attempt": "1", "tier": "standard",
	}
	geminiRow = want{
		"provider": "google", "model": "gemini-2.5-flash", "response_model": double.GeminiModel,
		"operation": "generate_content", "status_code": "200", "success": "true",
		"error_type": "<nil>", "usage_source": "provider", "input_tokens": "185",
		"output_tokens": "225", "reasoning_tokens": "220", "cost": "0.000618",
		"cost_source": "computed", "finish_reason": "STOP",
	}
	noUsage = want{"usage_source": "none", "input_tokens": "<nil>", "cache_read_tokens": "<nil>",
		"output_tokens": "<nil>", "reasoning_tokens": "<nil>", "success": "false",
		"response_model": "<nil>", "tier": "<nil>"}
)

// failure is the row of a call that got an error instead of an answer.
func (w want) failure(status int, kind, cost string) want {
	return want{"provider": w["provider"], "model": w["model"], "operation": w["operation"]}.
		with(noUsage).with(want{"status_code": fmt.Sprint(status), "error_type": kind, "cost": cost})
}
