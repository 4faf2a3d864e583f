package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/fault"
)

func TestFormats(t *testing.T) {
	formats := Formats{"json", "csv", "ndjson", "arrow", "parquet"}
	f := func(query, accept, want string) {
		t.Helper()
		r := httptest.NewRequest("GET", "/?"+query, nil)
		if accept != "" {
			r.Header.Set("Accept", accept)
		}
		got, err := formats.Of(r)
		if err != nil {
			got = fault.Of(err).Code
		}
		if got != want {
			t.Errorf("%q with %q: got %s, want %s", query, accept, got, want)
		}
	}
	f("", "", "json")
	f("format=csv", "", "csv")
	f("format=CSV", "application/json", "csv")
	f("format=xls", "", "unknown_format")
	f("", "text/csv", "csv")
	f("", "text/html,application/xhtml+xml,*/*;q=0.8", "json")
	f("", "application/json;q=0.1, text/csv;q=0.9", "csv")
	f("", "text/csv;q=0, application/x-ndjson", "ndjson")
	f("", "text/csv; charset=utf-8", "csv")
	f("", "application/vnd.apache.parquet", "parquet")
	f("", "image/png", "json")
	f("", ";;q=,", "json")
}

func TestReadiness(t *testing.T) {
	m := bare(&lines{})
	h := NewHealth()
	h.Routes(m)
	var broken error
	h.Check("storage", func(context.Context) error { return broken })
	f := func(status int, reason string) {
		t.Helper()
		w := ask(m, "GET", "/readyz", nil)
		if w.Code != status || reason != "" && !strings.Contains(w.Body.String(), `"reason":"`+reason+`"`) {
			t.Errorf("readyz: got %d %s, want %d %s", w.Code, w.Body, status, reason)
		}
		if w := ask(m, "GET", "/healthz", nil); w.Code != 200 || w.Body.String() != "{\"status\":\"ok\"}\n" {
			t.Errorf("healthz: got %d %s", w.Code, w.Body)
		}
	}
	f(503, "starting")
	h.Ready()
	f(200, "")
	broken = fault.New(fault.Full, "storage_full", "the disk is full")
	f(503, "storage_full")
	broken = nil
	f(200, "")
	h.Drain()
	f(503, "draining")
}

func TestMetrics(t *testing.T) {
	metrics := NewMetrics()
	m := NewMux(Options{Metrics: metrics})
	m.Handle("GET /metrics", auth.None, metrics.Handler())
	m.Handle("GET /a/{id}", auth.None, ok)
	events := 7.0
	metrics.Func(Counter, "analytics_events_total", "Events.", []string{"kind"},
		func(emit func(float64, ...string)) { emit(events, "ai_request"); emit(2, "event") })
	for range 3 {
		ask(m, "GET", "/a/1", nil)
		ask(m, "GET", "/b", nil)
		ask(m, "GET", "/c", nil)
	}
	w := ask(m, "GET", "/metrics", nil)
	for _, line := range []string{
		`analytics_http_requests_total{route="GET /a/{id}",status="200"} 3`,
		`analytics_http_requests_total{route="none",status="404"} 6`,
		`analytics_http_request_seconds_count{route="none"} 6`,
		`analytics_events_total{kind="ai_request"} 7`, `analytics_events_total{kind="event"} 2`,
		`go_goroutines `, `process_resident_memory_bytes `,
	} {
		if !strings.Contains(w.Body.String(), "\n"+line) {
			t.Errorf("no %s", line)
		}
	}
	for _, path := range []string{"/debug/vars", "/debug/pprof/", "/debug/pprof/heap"} {
		if w := ask(m, "GET", path, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d", path, w.Code)
		}
	}
}

func BenchmarkMux(b *testing.B) {
	m := NewMux(Options{})
	m.HandleQuietly("POST /v1/events", auth.None, func(w http.ResponseWriter, r *http.Request) error {
		_, err := w.Write([]byte("{}"))
		return err
	})
	r := httptest.NewRequest("POST", "/v1/events", nil)
	b.ReportAllocs()
	for b.Loop() {
		m.ServeHTTP(discard{http.Header{}}, r)
	}
}

type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}
