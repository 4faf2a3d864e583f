package double_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"analytics/ingest/dialect"
	"analytics/ingest/gateway/double"
)

// TestAnswersMeanWhatTheySay reads the double's answers with the dialect whose provider it plays.
func TestAnswersMeanWhatTheySay(t *testing.T) {
	server := httptest.NewServer(double.New())
	defer server.Close()
	f := func(name, path, body string, status int, input, output, calls int64, ended bool) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for _, header := range []string{"X-Api-Key", "X-Goog-Api-Key"} {
			r.Header.Set(header, double.Key)
		}
		r.Header.Set("Authorization", "Bearer "+double.Key)
		res, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		d, _ := dialect.ByName(name)
		q := d.Request("POST", r.URL.Path, "application/json", []byte(body))
		reader := d.Reader(q, res.StatusCode, res.Header.Get("Content-Type"))
		_, _ = io.Copy(reader, res.Body) // some are cut
		got := reader.Facts()
		if res.StatusCode != status || got.Usage.Input.N != input || got.Usage.Output.N != output ||
			got.ToolCalls != calls || got.Terminated != ended {
			t.Errorf("%s %s: got %d %+v", path, body, res.StatusCode, got)
		}
	}
	const chat, messages = "/v1/chat/completions", "/v1/messages"
	const generate, stream = "/v1beta/models/m:generateContent", "/v1beta/models/m:streamGenerateContent"
	f("openai", chat, `{}`, 200, 1000, 100, 0, true)
	f("openai", chat, `{"stream":true,"x":"double:tools"}`, 200, 0, 0, 2, true)
	f("openai", chat, `{"stream":true,"stream_options":{"include_usage":true}}`, 200, 1000, 100, 0, true)
	f("openai", chat, `{"stream":true,"x":"double:cut"}`, 200, 0, 0, 0, false)
	f("openai", chat, `{"x":"double:status429"}`, 429, 0, 0, 0, true)
	f("openai", "/v1/responses", `{"stream":true}`, 200, 1000, 100, 0, true)
	f("anthropic", messages, `{"x":"double:tools"}`, 200, 2800, 80, 2, true)
	f("anthropic", messages, `{"stream":true}`, 200, 2800, 80, 0, true)
	f("anthropic", messages, `{"stream":true,"x":"double:midway"}`, 200, 2800, 2, 0, false)
	f("anthropic", messages, `{"x":"double:status529"}`, 529, 0, 0, 0, true)
	f("gemini", generate, `{"x":"double:tools"}`, 200, 185, 225, 2, true)
	f("gemini", stream+"?alt=sse", `{}`, 200, 185, 225, 0, true)
	f("gemini", stream, `{}`, 200, 185, 225, 0, true)
	f("gemini", stream, `{"x":"double:cut"}`, 200, 185, 0, 0, false)
}
