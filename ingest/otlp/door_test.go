package otlp

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"analytics/engine/auth"
	"analytics/engine/event"
)

func TestSpansAreStoredOnceHoweverTheyCome(t *testing.T) {
	h := newHouse(t)
	spans := chats(10, noon.Add(-time.Minute))
	asProtobuf, inJSON := protobufOf(t, spans), jsonOf(t, spans)
	f := func(path string, body []byte, headers ...string) {
		t.Helper()
		w := h.post(path, body, headers...)
		want := ""
		if w.Header().Get("Content-Type") == "application/json" {
			want = "{}"
		}
		if w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s %v: got %d %q, want 200 %q", path, headers, w.Code, w.Body, want)
		}
		if n := h.rows(event.AIRequest); n != 10 {
			t.Fatalf("%s %v: %d rows, want 10", path, headers, n)
		}
	}
	for _, path := range []string{"/v1/traces", "/otlp/v1/traces", "/otel/v1/traces",
		"/api/public/otel/v1/traces"} {
		f(path, asProtobuf)
		f(path, inJSON, "Content-Type", "application/json; charset=utf-8")
	}
	f("/v1/traces", gzipOf(t, asProtobuf), "Content-Encoding", "gzip")
	f("/v1/traces", zstdOf(t, asProtobuf), "Content-Encoding", "zstd")
	f("/v1/traces", gzipOf(t, inJSON), "Content-Encoding", "gzip", "Content-Type", "application/json")
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("pk-lf-any:"+h.key))
	f("/api/public/otel/v1/traces", asProtobuf, "Authorization", basic)
	f("/v1/traces", asProtobuf, "Authorization", "", "X-Analytics-Key", h.key)
	f("/v1/traces", asProtobuf, "Authorization", "", "X-Api-Key", h.key)
}

func TestLogsAndMetricsAreStored(t *testing.T) {
	h := newHouse(t)
	at := noon.Add(-time.Minute)
	for range 2 {
		if w := h.post("/v1/logs", protobufOf(t, calls(at))); w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("got %d %q", w.Code, w.Body)
		}
	}
	if n := h.rows(event.AIRequest); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
	if w := h.post("/v1/metrics", protobufOf(t, gauge(20_000, at))); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
	if n := h.rows(event.Metric); n != 20_000 {
		t.Errorf("%d metrics, want 20,000", n)
	}
}

func TestEmptyBatchesAreFine(t *testing.T) {
	h := newHouse(t)
	for i := range signals {
		path := "/v1/" + signals[i].name
		if w := h.post(path, nil); w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("%s: got %d %q", path, w.Code, w.Body)
		}
		if w := h.post(path, []byte("{}"), "Content-Type", "application/json"); w.Body.String() != "{}" {
			t.Errorf("%s: got %d %q", path, w.Code, w.Body)
		}
	}
}

// half is a batch of four spans of which the first two are too old.
func half() ptrace.Traces {
	spans := chats(2, noon.Add(-30*24*time.Hour))
	good := chats(4, noon.Add(-time.Minute)).ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	for _, i := range []int{2, 3} {
		good.At(i).CopyTo(spans.ResourceSpans().At(0).ScopeSpans().At(0).Spans().AppendEmpty())
	}
	return spans
}

func TestHalfABatchIsStoredAndTheRestIsToldWhy(t *testing.T) {
	h := newHouse(t)
	w := h.post("/v1/traces", jsonOf(t, half()), "Content-Type", "application/json")
	var got struct {
		PartialSuccess struct{ RejectedSpans, ErrorMessage string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 ||
		got.PartialSuccess.RejectedSpans != "2" ||
		!strings.Contains(got.PartialSuccess.ErrorMessage, "(2 times)") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if n := h.rows(event.AIRequest); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
	// Protobuf says the same.
	w = h.post("/v1/traces", protobufOf(t, half()))
	number, text := protobufFields(t, nested(t, w.Body.Bytes()))
	if w.Code != 200 || number != 2 || text != got.PartialSuccess.ErrorMessage {
		t.Errorf("got %d %d %q", w.Code, number, text)
	}
}

func TestASpanWithoutIDsIsRejectedAlone(t *testing.T) {
	h := newHouse(t)
	spans := chats(2, noon)
	list := spans.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	list.At(0).SetTraceID([16]byte{})
	list.At(0).SetSpanID([8]byte{})
	w := h.post("/v1/traces", jsonOf(t, spans), "Content-Type", "application/json")
	if want := `{"partialSuccess":{"errorMessage":"a span has neither a trace id nor a span id",` +
		`"rejectedSpans":"1"}}`; w.Code != 200 || w.Body.String() != want {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if n := h.rows(event.AIRequest); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

func TestWhatIsSentToTheWrongPathIsToldTheRightOne(t *testing.T) {
	h := newHouse(t)
	bodies := map[string]any{"traces": chats(1, noon), "logs": calls(noon), "metrics": gauge(1, noon)}
	for is, body := range bodies {
		for _, to := range []string{"traces", "logs", "metrics"} {
			if to == is {
				continue
			}
			want := fmt.Sprintf("the body holds %s; send it to /v1/%s", is, is)
			code, text := protobufFields(t, h.post("/v1/"+to, protobufOf(t, body)).Body.Bytes())
			if code != 3 || text != want {
				t.Errorf("%s to %s: got %d %q", is, to, code, text)
			}
			w := h.post("/v1/"+to, jsonOf(t, body), "Content-Type", "application/json")
			if w.Code != 400 || !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s to %s: got %d %s", is, to, w.Code, w.Body)
			}
		}
	}
	// Logs that have a body and nothing else look like spans without ids.
	bare := calls(noon)
	rec := bare.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
	rec.SetTimestamp(0)
	if w := h.post("/v1/traces", protobufOf(t, bare)); w.Code != 400 ||
		!strings.Contains(w.Body.String(), "holds logs") {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
}

func TestRefusalsAreStatusesInTheEncodingOfTheRequest(t *testing.T) {
	h := newHouse(t)
	good := protobufOf(t, chats(1, noon))
	query := "Bearer " + h.secret(auth.Query)
	f := func(w *httptest.ResponseRecorder, httpStatus, code int, part string) {
		t.Helper()
		var gotCode int
		var text string
		switch kind := w.Header().Get("Content-Type"); kind {
		case "application/json":
			var got struct {
				Code    int
				Message string
			}
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Errorf("%v: %s", err, w.Body)
			}
			gotCode, text = got.Code, got.Message
		case "application/x-protobuf":
			gotCode, text = protobufFields(t, w.Body.Bytes())
		default:
			t.Errorf("content type %q", kind)
		}
		if w.Code != httpStatus || gotCode != code || !strings.Contains(text, part) {
			t.Errorf("got %d %d %q, want %d %d …%s…", w.Code, gotCode, text, httpStatus, code, part)
		}
	}
	inJSON := []string{"Content-Type", "application/json"}
	f(h.post("/v1/traces", []byte("\x0a\xff")), 400, 3, "protobuf")
	f(h.post("/v1/traces", good[:len(good)-3]), 400, 3, "cut short")
	f(h.post("/v1/traces", []byte(`{"resourceSpans":[{]}`), inJSON...), 400, 3, "not JSON")
	f(h.post("/v1/traces", []byte(`{"resourceSpans":7}`), inJSON...), 400, 3, "JSON that OTLP has")
	f(h.post("/v1/traces", good, inJSON...), 400, 3, "not JSON")
	f(h.post("/v1/traces", good, "Content-Type", "text/plain"), 415, 12, "text/plain")
	f(h.post("/v1/traces", good, "Content-Type", ""), 415, 12, "application/x-protobuf")
	f(h.post("/v1/traces", good, "Content-Encoding", "br"), 415, 12, "encoding")
	f(h.post("/v1/traces", gzipOf(t, good)[:20], "Content-Encoding", "gzip"), 400, 3, "cut short")
	f(h.post("/v1/traces", good, "Authorization", ""), 401, 16, "")
	f(h.post("/v1/traces", good, "Authorization", "Bearer ak_ing_wrong"), 401, 16, "")
	f(h.post("/v1/traces", good, "Authorization", query), 403, 7, "ingest")
	f(h.post("/v1/traces", good, append(inJSON, "Authorization", "")...), 401, 16, "")
	if n := h.rows(event.AIRequest); n != 0 {
		t.Errorf("%d rows, want none", n)
	}
	r := httptest.NewRequest("GET", "/v1/traces", nil)
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
		t.Errorf("GET: got %d %s", w.Code, w.Header())
	}
	if w := h.post("/v1/traces/x", good); w.Code != 404 {
		t.Errorf("got %d, want 404", w.Code)
	}
}

func TestOverloadAndAFullStoreAskToComeAgain(t *testing.T) {
	h := newHouse(t)
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	w := h.post("/v1/traces", protobufOf(t, chats(1, noon)))
	if code, _ := protobufFields(t, w.Body.Bytes()); w.Code != 503 || code != 14 ||
		w.Header().Get("Retry-After") == "" {
		t.Errorf("got %d %d %v", w.Code, code, w.Header())
	}
}

func TestNeitherAnswersNorTheLogRepeatABody(t *testing.T) {
	h := newHouse(t)
	for _, body := range []string{
		`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"canary-secret"}]}]}]}`,
		`{"resourceSpans":"canary-secret"}`, `{"resourceSpans":[{"canary-secret":}]}`,
	} {
		w := h.post("/v1/traces", []byte(body), "Content-Type", "application/json")
		if w.Code != 400 || strings.Contains(w.Body.String(), "canary") {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	}
	if strings.Contains(h.log.String(), "canary") {
		t.Errorf("the log: %s", h.log.String())
	}
}
