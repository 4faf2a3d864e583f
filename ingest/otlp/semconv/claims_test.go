package semconv

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"analytics/ingest/wire"
)

func shape(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// firstID is the id of the first event of a kind.
func firstID(t testing.TB, events []byte, kind string) string {
	t.Helper()
	for line := range bytes.Lines(events) {
		if gjson.GetBytes(line, "type").Str == kind {
			return gjson.GetBytes(line, "id").Str
		}
	}
	t.Fatalf("no %s in %s", kind, events)
	return ""
}

func TestTheSameCallAsSpanAndLogHasOneID(t *testing.T) {
	for _, pair := range [][3]string{
		{"claude_code_spans", "claude_code_logs", "ai_request"},
		{"claude_code_spans", "claude_code_logs", "tool_call"},
		{"semconv_new", "semconv_logs", "ai_request"},
	} {
		span := bytes.Clone(feed(t, newTable(t), shape(t, pair[0])))
		log := feed(t, newTable(t), shape(t, pair[1]))
		if a, b := firstID(t, span, pair[2]), firstID(t, log, pair[2]); a != b {
			t.Errorf("%s of %s is %s, of %s %s", pair[2], pair[0], a, pair[1], b)
		}
	}
}

// TestCallsAreNotLostToIDsThatRepeat: answers of servers that number them, and an agent's records
// inside one span, are calls of their own.
func TestCallsAreNotLostToIDsThatRepeat(t *testing.T) {
	table, l := newTable(t), &wire.Lines{}
	s := Source{Resource: pcommon.NewMap(), Scope: pcommon.NewInstrumentationScope()}
	for i := range byte(3) {
		for _, op := range []string{"chat", "execute_tool"} {
			span := ptrace.NewSpan()
			span.SetStartTimestamp(1795262400e9)
			span.SetTraceID([16]byte{1})
			span.SetSpanID([8]byte{i + 1})
			a := span.Attributes()
			a.PutStr("gen_ai.operation.name", op)
			a.PutStr("gen_ai.tool.name", "search")
			a.PutStr("gen_ai.response.id", "chatcmpl-7")
			a.PutStr("gen_ai.tool.call.id", "functions.search:0")
			if err := table.Span(l, s, span); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.Resource.PutStr("service.name", "codex_cli_rs")
	for i := range 3 {
		rec := plog.NewLogRecord()
		rec.SetTimestamp(pcommon.Timestamp(1795262400e9 + i))
		rec.SetTraceID([16]byte{1})
		rec.SetSpanID([8]byte{1})
		rec.Attributes().PutStr("event.name", "codex.sse_event")
		rec.Attributes().PutStr("event.kind", "response.completed")
		rec.Attributes().PutStr("model", "gpt-5-codex")
		if err := table.Log(l, s, rec); err != nil {
			t.Fatal(err)
		}
	}
	ids := map[string]bool{}
	for line := range bytes.Lines(l.Bytes()) {
		ids[gjson.GetBytes(line, "id").Str] = true
	}
	if len(ids) != 9 {
		t.Errorf("9 calls have %d ids", len(ids))
	}
}

// TestAnOddNumberLosesItselfAndNotTheCall: the native door refuses an event for a number that cannot
// be, and the call cost money all the same.
func TestAnOddNumberLosesItselfAndNotTheCall(t *testing.T) {
	table, l := newTable(t), &wire.Lines{}
	s := Source{Resource: pcommon.NewMap(), Scope: pcommon.NewInstrumentationScope()}
	f := func(name string, v float64) {
		t.Helper()
		span := ptrace.NewSpan()
		span.SetStartTimestamp(1795262400e9)
		span.SetSpanID([8]byte{1})
		span.Attributes().PutStr("gen_ai.operation.name", "chat")
		span.Attributes().PutStr("gen_ai.request.model", "gpt-4o")
		span.Attributes().PutDouble(name, v)
		l.Reset()
		if err := table.Span(l, s, span); err != nil || accepted(t, l.Bytes()) != 1 {
			t.Errorf("%s %v: %v\n%s", name, v, err, l.Bytes())
		}
	}
	for _, v := range []float64{-1, 0, 99, 600, 999, 1 << 41, 1e300, math.NaN(), math.Inf(1)} {
		for _, name := range []string{"http.response.status_code", "gen_ai.usage.input_tokens",
			"gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cost", "attempt", "ttft_ms"} {
			f(name, v)
		}
	}
}

func TestARunOfCodexInSpansIsNothing(t *testing.T) {
	table, l := newTable(t), &wire.Lines{}
	s := Source{Resource: pcommon.NewMap(), Scope: pcommon.NewInstrumentationScope()}
	for _, service := range []string{"codex_cli_rs", "codex_exec", "codex_tui", "codex-cli"} {
		s.Resource.PutStr("service.name", service)
		for i := range 780 {
			span := ptrace.NewSpan()
			span.SetName(fmt.Sprintf("run_turn_%d", i))
			span.SetStartTimestamp(1)
			span.Attributes().PutStr("gen_ai.operation.name", "chat")
			span.Attributes().PutStr("model", "gpt-5-codex")
			if err := table.Span(l, s, span); err != nil || l.Len() != 0 {
				t.Fatal(service, i, err, string(l.Bytes()))
			}
		}
	}
}

// points are a counter's values; the ladder says what each adds.
func TestACumulativeSumIsCountedOnce(t *testing.T) {
	at := func(s int64) pcommon.Timestamp { return pcommon.Timestamp(s * int64(time.Second)) }
	m := newSeries()
	f := func(start, when int64, v, want float64) {
		t.Helper()
		if got := m.grow(1, at(start), at(when), v); got != want {
			t.Errorf("start %d, at %d, value %v: got %v, want %v", start, when, v, got, want)
		}
	}
	f(1000, 1060, 100, 100) // young when first heard of: all of it is new
	f(1000, 1120, 130, 30)  // grew
	f(1000, 1120, 130, 30)  // sent again: the same event once more
	f(1000, 1060, 100, 0)   // late
	f(1000, 1180, 130, 0)   // nothing happened
	f(2000, 2010, 7, 7)     // began anew, with a new start
	f(2000, 2070, 3, 3)     // began anew and did not say so
	f(9000, 9601, 50, 0)    // old when first heard of: nobody knows what of it is new
	f(9000, 9661, 51, 1)    // but what comes after is
	f(0, 5000, 10, 0)       // without a start nothing is known of its age
	f(0, 5060, 12, 2)
}

func TestSeriesAreBounded(t *testing.T) {
	m := newSeries()
	for i := range uint64(maxSeries + 500) {
		m.grow(i, 1, 2, 1)
	}
	if m.order.Len() != maxSeries || len(m.known) != maxSeries {
		t.Errorf("%d and %d series are kept, at most %d may be", m.order.Len(), len(m.known), maxSeries)
	}
}

func TestATableIsSafeForConcurrentUse(t *testing.T) {
	table, body := newTable(t), shape(t, "semconv_metrics")
	spans := shape(t, "semconv_new")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { feed(t, table, body); feed(t, table, spans) })
	}
	all.Wait()
}

// FuzzAttributes: whatever attributes say, nothing panics, the native door takes what comes out, and
// what was said stays out.
func FuzzAttributes(f *testing.F) {
	table := newTable(f)
	names := slices.Sorted(maps.Keys(table.attributes)) // an input means the same in every run
	f.Add("chat gpt-4o", "gen_ai.operation.name", "chat", "-5", int64(7), 1e300, uint16(3))
	f.Add("tools/call x", "mcp.method.name", "tools/call", `{"a":[1e999]}`, int64(math.MinInt64), math.Inf(1), uint16(9))
	f.Add("\xff", "langfuse.observation.type", "generation", `{"input":-1,"output":"9e99"}`, int64(math.MaxInt64), -0.5, uint16(40))
	f.Add("r", "openinference.span.kind", "LLM", "1e18", int64(1)<<40, 1099511627776.5, uint16(77))
	f.Fuzz(func(t *testing.T, spanName, place, kind, text string, n int64, x float64, from uint16) {
		span, rec := ptrace.NewSpan(), plog.NewLogRecord()
		span.SetName(spanName)
		span.SetStartTimestamp(1795262400e9)
		span.SetEndTimestamp(pcommon.Timestamp(uint64(1795262400e9) + uint64(n)))
		span.SetTraceID([16]byte{1})
		span.SetSpanID([8]byte{2})
		a := span.Attributes()
		for i := range 12 {
			name := names[(int(from)*7+i*13)%len(names)]
			switch i % 4 {
			case 0:
				a.PutStr(name, text)
			case 1:
				a.PutInt(name, n)
			case 2:
				a.PutDouble(name, x)
			case 3:
				a.PutEmptySlice(name).AppendEmpty().SetStr(text)
			}
		}
		a.PutStr("traceloop.association.properties."+text, text)
		a.PutStr(place, kind)
		a.PutStr("gen_ai.prompt.0.content", "SECRET")
		a.CopyTo(rec.Attributes())
		rec.SetTimestamp(1795262400e9)
		rec.SetEventName("gen_ai.client.inference.operation.details")
		s := Source{Resource: pcommon.NewMap(), Scope: pcommon.NewInstrumentationScope()}
		l := &wire.Lines{}
		_ = table.Span(l, s, span)
		_ = table.Log(l, s, rec)
		accepted(t, l.Bytes())
		if bytes.Contains(l.Bytes(), []byte("SECRET")) {
			t.Errorf("content got through: %s", l.Bytes())
		}
	})
}

func BenchmarkSpan(b *testing.B) {
	table := newTable(b)
	traces, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(shape(b, "semconv_new"))
	if err != nil {
		b.Fatal(err)
	}
	r := traces.ResourceSpans().At(0)
	scope := r.ScopeSpans().At(0)
	s := Source{Resource: r.Resource().Attributes(), Scope: scope.Scope()}
	span := scope.Spans().At(0)
	l := &wire.Lines{}
	b.ReportAllocs()
	for b.Loop() {
		l.Reset()
		if err := table.Span(l, s, span); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "spans/s")
}
