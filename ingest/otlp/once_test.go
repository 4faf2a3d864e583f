package otlp

import (
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/web"
)

// recorded is what an emitter sent once.
func recorded(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile("semconv/testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestAClaudeCodeSessionCountsOnce: spans, logs and metrics of one session, in any order, from two
// exporters that send everything twice. The logs hold one call that failed beside the one that the
// spans know, and one tool run beside theirs.
func TestAClaudeCodeSessionCountsOnce(t *testing.T) {
	for _, order := range [][]string{
		{"traces", "logs", "metrics"}, {"logs", "metrics", "traces"}, {"metrics", "traces", "logs"},
	} {
		h := newHouse(t)
		for _, signal := range order {
			name := map[string]string{"traces": "spans", "logs": "logs", "metrics": "metrics"}[signal]
			body := recorded(t, "claude_code_"+name)
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					w := h.post("/v1/"+signal, body, "Content-Type", "application/json")
					if w.Code != 200 || w.Body.String() != "{}" {
						t.Errorf("%s: got %d %s", signal, w.Code, w.Body)
					}
				})
			}
			all.Wait()
		}
		for kind, want := range map[event.Kind]int64{
			event.AIRequest: 2, event.ToolCall: 2, event.Activity: 1, event.Metric: 3,
		} {
			if n := h.rows(kind); n != want {
				t.Errorf("%v: %d of %s, want %d", order, n, kind, want)
			}
		}
	}
}

// TestACallToldThreeWaysCountsOnce: a span that began before the hour, a log record after it that
// lost its trace, and the metrics of the convention.
func TestACallToldThreeWaysCountsOnce(t *testing.T) {
	h := newHouse(t)
	spans := chats(1, noon.Add(-time.Second))
	attributes := spans.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).Attributes()
	attributes.PutStr("gen_ai.response.id", "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG")

	logs := plog.NewLogs()
	rec := logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	rec.SetEventName("gen_ai.client.inference.operation.details")
	rec.SetTimestamp(pcommon.NewTimestampFromTime(noon.Add(time.Second)))
	attributes.CopyTo(rec.Attributes())

	metrics := pmetric.NewMetrics()
	m := metrics.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("gen_ai.client.token.usage")
	m.SetEmptyHistogram().SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
	p := m.Histogram().DataPoints().AppendEmpty()
	p.SetTimestamp(pcommon.NewTimestampFromTime(noon))
	p.SetCount(1)
	p.SetSum(1000)
	p.Attributes().PutStr("gen_ai.token.type", "input")

	for range 2 {
		for path, body := range map[string][]byte{"/v1/traces": protobufOf(t, spans),
			"/v1/logs": protobufOf(t, logs), "/v1/metrics": protobufOf(t, metrics)} {
			if w := h.post(path, body); w.Code != 200 || w.Body.Len() != 0 {
				t.Errorf("%s: got %d %q", path, w.Code, w.Body)
			}
		}
	}
	if n := h.rows(event.AIRequest); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
	if n := h.rows(event.Metric); n != 2 { // how many, and their sum
		t.Errorf("%d metrics, want 2", n)
	}
}

// TestRetriesCountOnceHoweverOldTheyAre, since exporters that were cut off catch up.
func TestRetriesCountOnceHoweverOldTheyAre(t *testing.T) {
	h := newHouse(t)
	for _, age := range []time.Duration{time.Minute, 23 * time.Hour, 26 * time.Hour, 6 * 24 * time.Hour} {
		before := h.rows(event.AIRequest)
		spans := chats(5, noon.Add(-age))
		list := spans.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
		for i := range list.Len() {
			list.At(i).SetTraceID([16]byte{byte(age / time.Minute), byte(age / time.Hour), byte(i)})
		}
		for range 3 {
			if w := h.post("/v1/traces", protobufOf(t, spans)); w.Code != 200 || w.Body.Len() != 0 {
				t.Errorf("%v: got %d %q", age, w.Code, w.Body)
			}
		}
		if n := h.rows(event.AIRequest) - before; n != 5 {
			t.Errorf("%v old: %d calls, want 5", age, n)
		}
	}
}

// TestWhatIsIgnoredIsCountedAndNoError: half a batch are spans that mean nothing here.
func TestWhatIsIgnoredIsCountedAndNoError(t *testing.T) {
	h := newHouse(t)
	metrics := web.NewMetrics()
	h.door.Measure(metrics)
	h.mux.Handle("GET /metrics", auth.Ingest, metrics.Handler())
	spans := chats(6, noon.Add(-time.Minute))
	list := spans.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	for i := range 2 {
		list.At(i).Attributes().Clear()
		list.At(i).SetName("GET /checkout")
		list.At(i+2).Attributes().PutStr("gen_ai.operation.name", "invoke_workflow")
	}
	list.At(4).SetStartTimestamp(0)
	w := h.post("/v1/traces", protobufOf(t, spans))
	if n, _ := protobufFields(t, nested(t, w.Body.Bytes())); w.Code != 200 || n != 1 {
		t.Errorf("got %d, %d rejected, want 200 and 1", w.Code, n)
	}
	if n := h.rows(event.AIRequest); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
	got := h.get("/metrics")
	for _, line := range []string{`{fate="used",signal="traces"} 1`, `{fate="ignored",signal="traces"} 4`,
		`{fate="rejected",signal="traces"} 1`, `{fate="used",signal="logs"} 0`} {
		if !strings.Contains(got, "\nanalytics_otlp_records_total"+line) {
			t.Errorf("no %s in %s", line, got)
		}
	}
}
