package semconv

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"analytics/engine/event"
	"analytics/ingest/decode"
	"analytics/ingest/wire"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func newTable(t testing.TB) *Table {
	t.Helper()
	table, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// feed gives a body of OTLP JSON to the table and returns the events.
func feed(t testing.TB, table *Table, body []byte) []byte {
	t.Helper()
	l := &wire.Lines{}
	check := func(err error) {
		if err != nil {
			t.Errorf("rejected: %v", err)
		}
	}
	traces, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(body)
	check(err)
	for _, r := range traces.ResourceSpans().All() {
		for _, s := range r.ScopeSpans().All() {
			for _, span := range s.Spans().All() {
				check(table.Span(l, Source{r.Resource().Attributes(), s.Scope()}, span))
			}
		}
	}
	logs, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(body)
	check(err)
	for _, r := range logs.ResourceLogs().All() {
		for _, s := range r.ScopeLogs().All() {
			for _, rec := range s.LogRecords().All() {
				check(table.Log(l, Source{r.Resource().Attributes(), s.Scope()}, rec))
			}
		}
	}
	metrics, err := (&pmetric.JSONUnmarshaler{}).UnmarshalMetrics(body)
	check(err)
	for _, r := range metrics.ResourceMetrics().All() {
		for _, s := range r.ScopeMetrics().All() {
			for _, m := range s.Metrics().All() {
				check(table.Metric(l, Source{r.Resource().Attributes(), s.Scope()}, m))
			}
		}
	}
	return l.Bytes()
}

// accepted fails unless the native door takes every event with every field.
func accepted(t testing.TB, events []byte) (n int) {
	t.Helper()
	if len(events) == 0 {
		return 0
	}
	d := &decode.Decoder{}
	d.Reset(events, true, decode.Window{Now: 0, From: -1 << 62, To: 1 << 62})
	var e event.Event
	for ; d.Next(&e); n++ {
		if p := d.Problem(); p != nil {
			raw, _ := d.Raw()
			t.Errorf("the native door refuses: %s\n%s", p.Message(), raw)
		}
	}
	if d.Err() != nil || d.Dropped() > 0 {
		t.Errorf("the native door drops %d fields, error %v\n%s", d.Dropped(), d.Err(), events)
	}
	return n
}

// TestEveryEmitterBecomesTheEventsInItsGoldenFile: testdata has the shape of each emitter, written from
// its documentation, and the events it means. Golden files are read in review, number by number.
func TestEveryEmitterBecomesTheEventsInItsGoldenFile(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 12 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := feed(t, newTable(t), body)
			accepted(t, got)
			if bytes.Contains(got, []byte("SECRET")) {
				t.Errorf("content got through: %s", got)
			}
			golden := strings.TrimSuffix(file, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
