package openapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/engine/web"
	"analytics/query"
	"analytics/query/mcp"
	"analytics/rollup"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// newMux is the routes of the room with some of others, as the house hangs them.
func newMux(t testing.TB) *web.Mux {
	t.Helper()
	quiet, now := slog.New(slog.DiscardHandler), func() time.Time { return noon }
	st, err := store.Open(context.Background(), store.Config{Space: storetest.Room,
		Dir: t.TempDir(), MemTableSize: 8 << 20, Now: now,
		Log: quiet, Derive: rollup.Derive(time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	mill := rollup.New(rollup.Config{Store: st, Zone: time.UTC, Now: now, Log: quiet})
	desk, err := query.New(st, query.Config{Timezone: "UTC", RetentionDays: 90, Mill: mill}, now, quiet)
	if err != nil {
		t.Fatal(err)
	}
	mux := web.NewMux(web.Options{Now: now})
	Routes(mux, "1.2.3") // also what is added later is described
	desk.Routes(mux)
	mcp.Routes(mux, "1.2.3")
	nothing := func(http.ResponseWriter, *http.Request) error { return nil }
	for pattern, scope := range map[string]auth.Scope{
		"POST /v1/events": auth.Any(auth.Ingest, auth.Public), "DELETE /v1/keys/{id}": auth.Admin,
		"POST /v1/alerts/{id}/acknowledge": auth.Admin, "GET /healthz": auth.None, "GET /{$}": auth.Query,
		"POST /login": auth.None, "GET /count": auth.None, "POST /count": auth.None,
	} {
		mux.Handle(pattern, scope, nothing)
	}
	mux.Pass("/gateway/", auth.Ingest, nothing)
	return mux
}

func get(t testing.TB, mux http.Handler, path string, local bool) (int, http.Header, []byte) {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	if local {
		r = r.WithContext(web.AsLocal(r.Context()))
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w.Code, w.Header(), w.Body.Bytes()
}

func read(t testing.TB, mux http.Handler) map[string]any {
	t.Helper()
	status, header, body := get(t, mux, "/openapi.json", false)
	if status != http.StatusOK || header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s", status, header)
	}
	var d map[string]any
	if err := json.Unmarshal(body, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// operations calls f for each operation.
func operations(d map[string]any, f func(method, path string, o map[string]any)) {
	for path, item := range d["paths"].(map[string]any) {
		for method, o := range item.(map[string]any) {
			f(method, path, o.(map[string]any))
		}
	}
}

func TestEveryRouteIsDescribedOnce(t *testing.T) {
	mux := newMux(t)
	d := read(t, mux)
	paths, ids := d["paths"].(map[string]any), map[string]bool{}
	for pattern := range mux.Routes() {
		method, path, ok := strings.Cut(pattern, " ")
		if !ok {
			method, path = "POST", pattern+"{path}"
		}
		path = strings.Replace(path, "...}", "}", 1)
		item, _ := paths[path].(map[string]any)
		if there := item[strings.ToLower(method)] != nil; there == pages[pattern] {
			t.Errorf("%s: described %t", pattern, there)
		}
	}
	parameters := regexp.MustCompile(`\{(\w+)\}`)
	operations(d, func(method, path string, o map[string]any) {
		id := o["operationId"].(string)
		if ids[id] || o["summary"] == "" {
			t.Errorf("%s %s: id %s, summary %q", method, path, id, o["summary"])
		}
		ids[id] = true
		declared := map[string]bool{}
		list, _ := o["parameters"].([]any)
		for _, p := range list {
			p := p.(map[string]any)
			key := p["in"].(string) + " " + p["name"].(string)
			if declared[key] {
				t.Errorf("%s %s has %s twice", method, path, key)
			}
			declared[key] = true
		}
		for _, m := range parameters.FindAllStringSubmatch(path, -1) {
			if !declared["path "+m[1]] {
				t.Errorf("%s %s does not declare %s", method, path, m[1])
			}
		}
	})
}

func TestReferencesLeadSomewhere(t *testing.T) {
	d := read(t, newMux(t))
	n := 0
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				walk(one)
			}
		case map[string]any:
			for name, one := range v {
				ref, ok := one.(string)
				if name != "$ref" || !ok {
					walk(one)
					continue
				}
				n++
				var at any = d
				for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
					at = at.(map[string]any)[part]
				}
				if at == nil {
					t.Errorf("%s leads nowhere", ref)
				}
			}
		}
	}
	walk(d)
	if n < 100 {
		t.Errorf("only %d references", n)
	}
}

// TestParametersAreTheOnesThatAreTaken asks each question with each parameter by its name.
func TestParametersAreTheOnesThatAreTaken(t *testing.T) {
	mux := newMux(t)
	operations(read(t, mux), func(method, path string, o map[string]any) {
		if _, ok := o["responses"].(map[string]any)["200"].(map[string]any)["content"].(map[string]any)["text/csv"]; !ok {
			return // no question
		}
		for _, p := range o["parameters"].([]any) {
			p := p.(map[string]any)
			status, _, body := get(t, mux, strings.Replace(path, "{id}", "x", 1)+"?"+p["name"].(string)+"=", true)
			if p["in"] == "query" && strings.Contains(string(body), "unknown_parameter") {
				t.Errorf("%s does not take %s: %d %s", path, p["name"], status, body)
			}
		}
	})
}

func TestEventsAreDescribedAsTheyAreSent(t *testing.T) {
	d := read(t, newMux(t))
	schemas := d["components"].(map[string]any)["schemas"].(map[string]any)
	for _, k := range event.Sent() {
		s, _ := schemas[k.String()].(map[string]any)
		if s == nil {
			t.Errorf("%s is missing", k)
			continue
		}
		for _, f := range k.Fields() {
			if has := s["properties"].(map[string]any)[f.Name] != nil; has == f.Derived {
				t.Errorf("%s.%s: described %t", k, f.Name, has)
			}
		}
	}
}

func TestThePageLoadsNothingFromElsewhere(t *testing.T) {
	mux := newMux(t)
	status, header, body := get(t, mux, "/docs", false)
	page := string(body)
	if status != http.StatusOK || header.Get("Content-Security-Policy") != policy {
		t.Fatalf("%d %s", status, header)
	}
	for _, never := range []string{"<script", "style=", "http://", "https://", "onclick", "javascript:"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %s", never)
		}
	}
	for _, want := range []string{"/v1/costs/breakdown", "analytics costs breakdown", "/v1/agents/{id}", "p95_duration_ms"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not tell of %s", want)
		}
	}
	if status, header, _ := get(t, mux, "/docs/style.css", false); status != http.StatusOK ||
		!strings.HasPrefix(header.Get("Content-Type"), "text/css") {
		t.Errorf("the style: %d %s", status, header)
	}
}

// TestAPublicLinterFindsNothing needs npm and its registry, so it runs where ANALYTICS_TEST_LINT is
// set. ANALYTICS_OPENAPI may name another document, such as the one of a whole server.
func TestAPublicLinterFindsNothing(t *testing.T) {
	if os.Getenv("ANALYTICS_TEST_LINT") == "" {
		t.Skip("ANALYTICS_TEST_LINT is not set; the document is not linted here")
	}
	dir := t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", "redocly.yaml"} {
		text, err := os.ReadFile(filepath.Join("testdata", "lint", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, _, document := get(t, newMux(t), "/openapi.json", false)
	if other := os.Getenv("ANALYTICS_OPENAPI"); other != "" {
		var err error
		if document, err = os.ReadFile(other); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "openapi.json"), document, 0o600); err != nil {
		t.Fatal(err)
	}
	bad := strings.Replace(string(document), `"operationId": "costs_summary"`, `"operation": "costs_summary"`, 1)
	if err := os.WriteFile(filepath.Join(dir, "bad.json"), []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) (string, error) {
		c := exec.CommandContext(t.Context(), name, args...)
		c.Dir, c.Env = dir, append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
		out, err := c.CombinedOutput()
		return string(out), err
	}
	if out, err := run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	linter := filepath.Join(dir, "node_modules", ".bin", "redocly")
	if out, err := run(linter, "lint", "openapi.json", "--max-problems=30"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := run(linter, "lint", "bad.json"); err == nil {
		t.Errorf("the linter finds nothing in a bad document either:\n%s", out)
	}
}
