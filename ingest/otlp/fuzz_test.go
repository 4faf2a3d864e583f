package otlp

import (
	"encoding/json"
	"testing"

	"analytics/engine/web"
)

// FuzzDoors sends anything to the three paths in both encodings. Nothing may panic, and every answer
// is one that OTLP has.
func FuzzDoors(f *testing.F) {
	for _, body := range []any{chats(2, noon), calls(noon), gauge(2, noon), half()} {
		f.Add(protobufOf(f, body), false)
		f.Add(jsonOf(f, body), true)
	}
	f.Add([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[null,{}]}]}]}`), true)
	f.Add([]byte(`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":null}]}]}]}`), true)
	f.Add([]byte{0x0a, 0x04, 0x12, 0x02, 0x12, 0x00}, false)
	h := newHouse(f)
	f.Fuzz(func(t *testing.T, body []byte, inJSON bool) {
		kind := "application/x-protobuf"
		if inJSON {
			kind = "application/json"
		}
		for i := range signals {
			w := h.post("/v1/"+signals[i].name, body, "Content-Type", kind)
			if w.Code != 200 && w.Code != 400 && w.Code != 413 {
				t.Fatalf("%s: got %d %s", signals[i].name, w.Code, w.Body)
			}
			if w.Header().Get("Content-Type") != kind {
				t.Fatalf("got %s", w.Header().Get("Content-Type"))
			}
			if inJSON && !json.Valid(w.Body.Bytes()) {
				t.Fatalf("%s is not JSON", w.Body)
			}
		}
	})
}

// FuzzFrame reads anything as a call of gRPC.
func FuzzFrame(f *testing.F) {
	f.Add(frame(0, []byte("abc")), "")
	f.Add(frame(1, []byte("abc")), "gzip")
	f.Add([]byte{0, 0xff, 0xff, 0xff, 0xff}, "")
	f.Fuzz(func(t *testing.T, body []byte, name string) {
		got, err := readFrame(body, name)
		if err == nil && (len(body) < 5 || len(got) != len(body)-5 || len(got) > web.MaxWire) {
			t.Fatalf("%x is read as %x", body, got)
		}
	})
}
