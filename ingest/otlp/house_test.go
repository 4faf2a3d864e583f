package otlp

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/engine/web"
	"analytics/ingest/enrich"
	"analytics/ingest/events"
	"analytics/ingest/pricing"
)

// house is the real thing around the doors: a store, keys, the intake, routes.
type house struct {
	t     testing.TB
	store *store.Store
	keys  *auth.Keyring
	door  *Door
	mux   *web.Mux
	key   string
	log   bytes.Buffer
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t}
	now := func() time.Time { return noon }
	lists, err := enrich.OpenLists()
	if err != nil {
		t.Fatal(err)
	}
	book, err := pricing.NewBook(nil)
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	if h.store, err = store.Open(t.Context(), store.Config{Space: storetest.Room,
		Dir: t.TempDir(), Log: quiet, Now: now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.store.Close() })
	if h.keys, err = auth.Open(t.Context(), h.store, now); err != nil {
		t.Fatal(err)
	}
	salts := enrich.NewSalts(h.store.Shelf(store.Default, "settings"))
	intake := events.NewIntake(h.store, enrich.New(lists, salts), book, events.DefaultConfig(), now)
	if h.door, err = New(intake, slog.New(slog.NewTextHandler(&h.log, nil))); err != nil {
		t.Fatal(err)
	}
	h.mux = web.NewMux(web.Options{Keys: h.keys, Now: now})
	h.door.Routes(h.mux)
	h.key = h.secret(auth.Ingest)
	return h
}

// secret is a new key with the scopes.
func (h *house) secret(scopes ...auth.Scope) string {
	h.t.Helper()
	secret, _, err := h.keys.Create(h.t.Context(), auth.NewKey{Name: "test", Scopes: scopes})
	if err != nil {
		h.t.Fatal(err)
	}
	return secret
}

// post sends a body with the key as protobuf; headers come in pairs and may say otherwise.
func (h *house) post(path string, body []byte, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+h.key)
	r.Header.Set("Content-Type", "application/x-protobuf")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w
}

// get is the answer to a question with the key.
func (h *house) get(path string) string {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Authorization", "Bearer "+h.key)
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w.Body.String()
}

// rows is how many events of a kind are stored.
func (h *house) rows(k event.Kind) (n int64) {
	s := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: k, From: 0, To: 1 << 60})
	defer s.Release()
	chunks := s.Chunks()
	for i := range chunks {
		rec, err := chunks[i].Read(h.t.Context(), nil)
		if err != nil {
			h.t.Fatal(err)
		}
		n += rec.NumRows()
	}
	return n
}

// chats are n spans of calls of a model, each with a trace of its own.
func chats(n int, at time.Time) ptrace.Traces {
	all := ptrace.NewTraces()
	r := all.ResourceSpans().AppendEmpty()
	r.Resource().Attributes().PutStr("service.name", "shop")
	spans := r.ScopeSpans().AppendEmpty()
	spans.Scope().SetName("test")
	for i := range n {
		s := spans.Spans().AppendEmpty()
		s.SetName("chat gpt-4o")
		s.SetKind(ptrace.SpanKindClient)
		s.SetTraceID(pcommon.TraceID([]byte(fmt.Sprintf("%08d%08d", n, i+1))))
		s.SetSpanID(pcommon.SpanID([]byte(fmt.Sprintf("%08d", i+1))))
		s.SetStartTimestamp(pcommon.NewTimestampFromTime(at))
		s.SetEndTimestamp(pcommon.NewTimestampFromTime(at.Add(time.Second)))
		a := s.Attributes()
		a.PutStr("gen_ai.operation.name", "chat")
		a.PutStr("gen_ai.provider.name", "openai")
		a.PutStr("gen_ai.request.model", "gpt-4o")
		a.PutStr("gen_ai.response.model", "gpt-4o-2024-08-06")
		a.PutInt("gen_ai.usage.input_tokens", 1000)
		a.PutInt("gen_ai.usage.output_tokens", 100)
	}
	return all
}

// calls is a log of one call, as Claude Code writes it.
func calls(at time.Time) plog.Logs {
	all := plog.NewLogs()
	r := all.ResourceLogs().AppendEmpty()
	r.Resource().Attributes().PutStr("service.name", "claude-code")
	list := r.ScopeLogs().AppendEmpty()
	list.Scope().SetName("com.anthropic.claude_code.events")
	rec := list.LogRecords().AppendEmpty()
	rec.SetTimestamp(pcommon.NewTimestampFromTime(at))
	rec.Body().SetStr("claude_code.api_request")
	a := rec.Attributes()
	a.PutStr("event.name", "api_request")
	a.PutStr("event.timestamp", at.Format(time.RFC3339Nano))
	a.PutStr("session.id", "session-1")
	a.PutStr("request_id", "req_1")
	a.PutStr("model", "claude-sonnet-4-5")
	a.PutStr("input_tokens", "500")
	a.PutStr("output_tokens", "80")
	a.PutStr("cost_usd", "0.0027")
	a.PutStr("duration_ms", "1500")
	return all
}

// gauge is a metric with n data points.
func gauge(n int, at time.Time) pmetric.Metrics {
	all := pmetric.NewMetrics()
	r := all.ResourceMetrics().AppendEmpty()
	r.Resource().Attributes().PutStr("service.name", "shop")
	m := r.ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("queue.length")
	points := m.SetEmptyGauge().DataPoints()
	for i := range n {
		p := points.AppendEmpty()
		p.SetTimestamp(pcommon.NewTimestampFromTime(at))
		p.SetIntValue(int64(i))
		p.Attributes().PutInt("shard", int64(i))
	}
	return all
}

// protobufOf is a batch as it is sent.
func protobufOf(t testing.TB, v any) []byte {
	t.Helper()
	var b []byte
	var err error
	switch v := v.(type) {
	case ptrace.Traces:
		b, err = (&ptrace.ProtoMarshaler{}).MarshalTraces(v)
	case plog.Logs:
		b, err = (&plog.ProtoMarshaler{}).MarshalLogs(v)
	case pmetric.Metrics:
		b, err = (&pmetric.ProtoMarshaler{}).MarshalMetrics(v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func jsonOf(t testing.TB, v any) []byte {
	t.Helper()
	var b []byte
	var err error
	switch v := v.(type) {
	case ptrace.Traces:
		b, err = (&ptrace.JSONMarshaler{}).MarshalTraces(v)
	case plog.Logs:
		b, err = (&plog.JSONMarshaler{}).MarshalLogs(v)
	case pmetric.Metrics:
		b, err = (&pmetric.JSONMarshaler{}).MarshalMetrics(v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func gzipOf(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstdOf(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(b, nil)
}

// protobufFields reads an answer with a number (1) and a text (2).
func protobufFields(t testing.TB, b []byte) (number int, text string) {
	t.Helper()
	for len(b) > 0 {
		tag := b[0]
		v, n := binary.Uvarint(b[1:])
		b = b[1+n:]
		switch tag {
		case 1 << 3:
			number = int(v)
		case 2<<3 | 2:
			text, b = string(b[:v]), b[v:]
		default:
			t.Fatalf("field %d in %q", tag, b)
		}
	}
	return number, text
}

// nested is the message that is the first and only field of another.
func nested(t testing.TB, b []byte) []byte {
	t.Helper()
	if len(b) == 0 || b[0] != 1<<3|2 {
		t.Fatalf("%q does not begin with a message", b)
	}
	size, n := binary.Uvarint(b[1:])
	if b = b[1+n:]; uint64(len(b)) != size {
		t.Fatalf("got %d bytes, want %d", len(b), size)
	}
	return b
}
