package otlp

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"analytics/engine/event"
	"analytics/engine/web"
)

// wrap is b as the field of a message, and that of another, and so on.
func wrap(b []byte, fields ...int) []byte {
	for _, f := range fields {
		b = appendText(nil, f, string(b))
	}
	return b
}

// sized is text repeated to about n bytes.
func sized(text string, n int) []byte { return bytes.Repeat([]byte(text), n/len(text)) }

func TestBodiesOverTheLimitsAreRefused(t *testing.T) {
	h := newHouse(t)
	over := make([]byte, web.MaxInflated+1)
	for _, packed := range []struct {
		name string
		body []byte
	}{{"gzip", gzipOf(t, over)}, {"zstd", zstdOf(t, over)}, {"", over[:web.MaxWire+1]}} {
		w := h.post("/v1/traces", packed.body, "Content-Encoding", packed.name)
		if code, _ := protobufFields(t, w.Body.Bytes()); w.Code != 413 || code != 8 {
			t.Errorf("%s: got %d %d", packed.name, w.Code, code)
		}
	}
}

// TestBombsOfRecordsAreRefusedBeforeTheyAreDecoded sends 20 MiB that would be gigabytes in memory.
func TestBombsOfRecordsAreRefusedBeforeTheyAreDecoded(t *testing.T) {
	h := newHouse(t)
	const size = web.MaxInflated - 1024
	f := func(name, path string, body []byte, headers ...string) {
		t.Helper()
		var before, after runtime.MemStats
		packed := zstdOf(t, body)
		runtime.ReadMemStats(&before)
		w := h.post(path, packed, append(headers, "Content-Encoding", "zstd")...)
		runtime.ReadMemStats(&after)
		if w.Code != 413 || !strings.Contains(w.Body.String(), "more records than text") {
			t.Errorf("%s: got %d %s", name, w.Code, w.Body)
		}
		// Reading 20 MiB into a buffer that doubles takes 64 MiB altogether.
		if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 200 {
			t.Errorf("%s: took %d MiB", name, mib)
		}
	}
	empty := func(field int) string { return string(appendText(nil, field, "")) }
	f("spans", "/v1/traces", wrap(sized(empty(2), size), 2, 1))
	f("old spans", "/v1/traces", wrap(wrap(sized(empty(2), size), 1000), 1))
	f("attributes", "/v1/traces", wrap(sized(empty(9), size), 2, 2, 1))
	f("span events", "/v1/traces", wrap(sized(empty(11), size), 2, 2, 1))
	f("resources", "/v1/traces", sized(empty(1), size))
	f("records", "/v1/logs", wrap(sized(empty(2), size), 2, 1))
	f("values", "/v1/logs", wrap(sized(empty(1), size), 5, 5, 2, 2, 1))
	f("points", "/v1/metrics", wrap(sized(empty(1), size), 5, 2, 2, 1))
	f("quantiles", "/v1/metrics", wrap(sized(empty(6), size), 1, 11, 2, 2, 1))
	inJSON := []string{"Content-Type", "application/json"}
	list := func(one string) []byte {
		return []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[` + string(sized(one+",", size)) + `{}]}]}]}`)
	}
	f("objects", "/v1/traces", list("{}"), inJSON...)
	f("lists", "/v1/traces", list("[]"), inJSON...)
	if n := h.rows(event.AIRequest); n != 0 {
		t.Errorf("%d rows, want none", n)
	}
}

// TestDeepValuesAreRefused sends values within values: the decoder calls itself for each, and a
// stack that runs out ends the process.
func TestDeepValuesAreRefused(t *testing.T) {
	h := newHouse(t)
	deep := []byte{}
	for range 1000 {
		deep = wrap(deep, 1, 5) // a value that is a list of one value
	}
	w := h.post("/v1/logs", wrap(deep, 5, 2, 2, 1))
	if _, text := protobufFields(t, w.Body.Bytes()); w.Code != 400 || !strings.Contains(text, "deeper") {
		t.Errorf("got %d %s", w.Code, text)
	}
	text := strings.Repeat(`{"arrayValue":{"values":[`, 100_000)
	w = h.post("/v1/logs", []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":`+text),
		"Content-Type", "application/json")
	if w.Code != 400 || !strings.Contains(w.Body.String(), "deeper") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// TestRealBatchesAreFarFromTheLimits keeps the scan from refusing what exporters send.
func TestRealBatchesAreFarFromTheLimits(t *testing.T) {
	small := ptrace.NewTraces()
	spans := small.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for range 10_000 { // with the shortest attributes that there can be
		s := spans.AppendEmpty()
		s.SetTraceID([16]byte{1})
		s.SetSpanID([8]byte{1})
		for _, name := range []string{"a", "b", "c", "d"} {
			s.Attributes().PutBool(name, true)
		}
	}
	for name, body := range map[string]any{
		"small": small, "chats": chats(10_000, noon), "logs": calls(noon), "gauge": gauge(10_000, noon),
	} {
		root := tracesData
		switch name {
		case "logs":
			root = logsData
		case "gauge":
			root = metricsData
		}
		text := protobufOf(t, body)
		if err := scanProtobuf(text, root); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		s := scan{left: len(text)*maxGrowth + grace}
		before := s.left
		if err := s.message(text, root, 0); err != nil {
			t.Error(err)
		}
		t.Logf("%s: %d bytes become about %.1f times as much", name, len(text),
			float64(before-s.left)/float64(len(text)))
		if err := scanJSON(jsonOf(t, body)); err != nil {
			t.Errorf("%s as JSON: %v", name, err)
		}
	}
}

func TestNullMeansThatAFieldIsNotSet(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		body := []byte(in)
		if err := scanJSON(body); err != nil || string(body) != want {
			t.Errorf("%s: got %s %v, want %s", in, body, err, want)
		}
	}
	f(`{"sum":null}`, `{"_":0     }`)
	f(`{"a" : null ,"b":"null","":null}`, `{"_":0      ,"b":"null","_":0  }`)
	f(`{"a\":null":null,"b":[{"c":null}]}`, `{"_":0          ,"b":[{"_":0   }]}`)
	for _, in := range []string{`[null]`, `{"a":[1,null]}`, `null`, `{"a":nul}`, `{"a":nullnull}`, `{null}`} {
		if err := scanJSON([]byte(in)); err == nil {
			t.Errorf("%s: no error", in)
		}
	}
}

func TestScanFindsWhatIsNoProtobuf(t *testing.T) {
	overlong := binary.AppendUvarint([]byte{0x0a}, 1<<63)
	for _, body := range [][]byte{
		{0x0a}, {0x0a, 5, 1}, {0x09, 1, 2}, {0x0d, 1}, {0x08, 0xff}, {0x0b}, {0xff}, overlong,
		bytes.Repeat([]byte{0xff}, 11),
	} {
		if err := scanProtobuf(body, tracesData); err == nil {
			t.Errorf("%x: no error", body)
		}
	}
}
