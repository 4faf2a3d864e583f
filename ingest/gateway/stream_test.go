package gateway

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"analytics/engine/auth"
)

const (
	streamBody = `{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"hi"}]}`
	event1     = `data: {"id":"c1","model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{"content":"a"}}]}` + "\n\n"
	event2     = `data: {"id":"c1","model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	eventUsage = `data: {"id":"c1","model":"gpt-4o-2024-08-06","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}` + "\n\n"
	eventDone  = "data: [DONE]\n\n"
)

func TestStreamPassesPieceByPiece(t *testing.T) {
	step := make(chan struct{})
	h := newHouse(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		for _, e := range []string{event1, event2, eventUsage, eventDone} {
			<-step
			_, _ = io.WriteString(w, e)
			w.(http.Flusher).Flush()
		}
	}, nil)
	res, err := plain.RoundTrip(h.chat(streamBody).Request)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("got %d %v", res.StatusCode, res.Header)
	}
	lines := bufio.NewReader(res.Body)
	for _, want := range []string{event1, event2, eventUsage, eventDone} {
		step <- struct{}{} // each event is there before the next is made
		got := ""
		for range 2 {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			got += line
		}
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if rest, err := io.ReadAll(lines); err != nil || len(rest) != 0 {
		t.Errorf("after the end: %q, %v", rest, err)
	}
	check(t, h.row(), map[string]string{
		"stream": "1", "success": "1", "input_uncached_tokens": "10", "output_text_tokens": "5",
		"usage_source": "provider", "finish_reason": "stop",
	})
}

func TestUsageIsAskedForAndHidden(t *testing.T) {
	var asked string
	upstream := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = string(body)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, event1+event2)
		if strings.Contains(asked, `"include_usage":true`) {
			_, _ = io.WriteString(w, eventUsage)
		}
		_, _ = io.WriteString(w, eventDone)
	}
	for _, c := range []struct {
		takes   string
		body    string
		asked   bool
		visible bool
	}{
		{"true", streamBody, true, false},
		{"true", strings.Replace(streamBody, `"stream":true`, `"stream":true,"stream_options":{"include_usage":true}`, 1), true, true},
		{"true", chatBody, false, false},
		{"false", streamBody, false, false},
		{"", streamBody, false, false}, // not known of this address
	} {
		h := newHouse(t, upstream, func(cfg *Config) {
			u := cfg.Upstreams["local"]
			u.IncludeUsage = c.takes
			cfg.Upstreams["local"] = u
		})
		res, body := h.call("POST", "/gateway/local/v1/chat/completions", c.body).as(h.key(auth.Ingest)).
			with("Accept-Encoding", "gzip").do()
		want := event1 + event2 + eventDone
		if c.visible {
			want = event1 + event2 + eventUsage + eventDone
		}
		if res.StatusCode != 200 || body != want {
			t.Errorf("%s: got %q, want %q", c.body, body, want)
		}
		if got := strings.Contains(asked, `"include_usage":true`); got != c.asked {
			t.Errorf("%s: asked for usage: %v", asked, got)
		}
		row := h.row()
		if known := row["input_uncached_tokens"] == "10"; known != c.asked {
			t.Errorf("%s: got %v", c.body, row)
		}
	}
}

func TestStreamWithoutEndIsAFailure(t *testing.T) {
	f := func(upstream http.HandlerFunc, cut bool, want map[string]string) {
		t.Helper()
		h := newHouse(t, upstream, nil)
		_, body := h.chat(streamBody).do()
		if strings.Contains(body, "cut: ") != cut || !strings.HasPrefix(body, event1) {
			t.Errorf("the caller got %q", body)
		}
		check(t, h.row(), want)
	}
	f(func(w http.ResponseWriter, r *http.Request) { // ends as if all were well
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, event1)
	}, false, map[string]string{"success": "0", "error_type": "upstream_truncated", "status_code": "200"})
	f(func(w http.ResponseWriter, r *http.Request) { // the connection breaks
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, event1)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}, true, map[string]string{"success": "0", "error_type": "upstream_truncated", "status_code": "200"})
}

func TestErrorInsideAStreamIsAFailure(t *testing.T) {
	const failure = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"
	h := newHouse(t, answers(200, "text/event-stream", failure), nil)
	_, body := h.call("POST", "/gateway/anthropic/v1/messages",
		`{"model":"claude-sonnet-4-5","stream":true,"messages":[]}`).with("X-Api-Key", h.key(auth.Ingest)).do()
	if body != failure {
		t.Errorf("got %q", body)
	}
	check(t, h.row(), map[string]string{"success": "0", "error_type": "overloaded_error"})
}

// packers are the content codings that clients of providers ask for.
var packers = map[string]func(string) []byte{
	"gzip": func(s string) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		fmt.Fprint(w, s)
		_ = w.Close()
		return b.Bytes()
	},
	"deflate": func(s string) []byte {
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		fmt.Fprint(w, s)
		_ = w.Close()
		return b.Bytes()
	},
	"br": func(s string) []byte {
		var b bytes.Buffer
		w := brotli.NewWriter(&b)
		fmt.Fprint(w, s)
		_ = w.Close()
		return b.Bytes()
	},
	"zstd": func(s string) []byte {
		w, err := zstd.NewWriter(nil)
		if err != nil {
			panic(err)
		}
		return w.EncodeAll([]byte(s), nil)
	},
}

func TestCompressedAnswersPassAsTheyAreAndAreRead(t *testing.T) {
	for coding, pack := range packers {
		for kind, text := range map[string]string{
			"application/json": chatAnswer, "text/event-stream": event1 + event2 + eventUsage + eventDone,
		} {
			packed := pack(text)
			var accepted string
			h := newHouse(t, func(w http.ResponseWriter, r *http.Request) {
				accepted = r.Header.Get("Accept-Encoding")
				w.Header().Set("Content-Type", kind)
				w.Header().Set("Content-Encoding", coding)
				half := len(packed) / 2
				_, _ = w.Write(packed[:half])
				w.(http.Flusher).Flush()
				_, _ = w.Write(packed[half:])
			}, nil)
			body := chatBody
			if kind != "application/json" {
				body = streamBody
			}
			res, got := h.chat(body).with("Accept-Encoding", "gzip, deflate, br, zstd").do()
			if got != string(packed) || res.Header.Get("Content-Encoding") != coding {
				t.Errorf("%s: the answer was changed", coding)
			}
			if accepted != "gzip, deflate, br, zstd" {
				t.Errorf("%s: Accept-Encoding became %q", coding, accepted)
			}
			row := h.row()
			check(t, row, map[string]string{"success": "1", "usage_source": "provider"})
		}
	}
}

func TestCompressedRequestsAreRead(t *testing.T) {
	h := newHouse(t, answers(200, "application/json", `{"choices":[]}`), nil)
	for coding, pack := range packers {
		packed := string(pack(`{"model":"` + coding + `-model","messages":[]}`))
		h.chat(packed).with("Content-Encoding", coding).do()
	}
	models := map[string]bool{}
	for _, row := range h.rows() {
		models[row["model"]] = true
	}
	for coding := range packers {
		if !models[coding+"-model"] {
			t.Errorf("%s: the model is not known: %v", coding, models)
		}
	}
}

func TestDamagedCompressionCostsNothing(t *testing.T) {
	h := newHouse(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, strings.Repeat("not gzip", 100_000))
	}, nil)
	res, got := h.chat(chatBody).do()
	if res.StatusCode != 200 || len(got) != 800_000 {
		t.Errorf("got %d, %d bytes", res.StatusCode, len(got))
	}
	check(t, h.row(), map[string]string{"usage_source": "none"})
}

func TestUpstreamsMaySpeakHTTP2(t *testing.T) {
	up := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("got %s", r.Proto)
		}
		answers(200, "text/event-stream", event1+event2+eventUsage+eventDone)(w, r)
	}))
	up.EnableHTTP2, up.Config.ErrorLog = true, log.New(io.Discard, "", 0)
	up.StartTLS()
	defer up.Close()
	h := newHouse(t, nil, func(c *Config) {
		c.Upstreams["secure"] = Upstream{BaseURL: up.URL, APIKey: "k", Provider: "openai"}
	})
	call := func() (*http.Response, string) {
		return h.call("POST", "/gateway/secure/v1/chat/completions", streamBody).as(h.key(auth.Ingest)).do()
	}
	if res, body := call(); res.StatusCode != 502 || !strings.Contains(body, "no secure connection") {
		t.Errorf("a certificate that nobody signed: got %d %s", res.StatusCode, body)
	}
	trusting := up.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	trusting.NextProtos = []string{"h2", "http/1.1"} // as the transport's own has it
	h.gateway.state.Load().upstreams["secure"].transport.TLSClientConfig = trusting
	if res, body := call(); res.StatusCode != 200 || body != event1+event2+eventUsage+eventDone {
		t.Errorf("got %d %q", res.StatusCode, body)
	}
	if n := len(h.rows()); n != 2 {
		t.Errorf("got %d rows, want 2", n)
	}
}
