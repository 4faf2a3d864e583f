package gateway

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
)

func TestUnreachableUpstreamIs502AndRecorded(t *testing.T) {
	h := newHouse(t, nil, nil)
	h.upstream.Close()
	for _, c := range []struct{ path, body, shape string }{
		{"/gateway/openai/v1/chat/completions", chatBody, `"code":"upstream_unreachable"`},
		{"/gateway/anthropic/v1/messages", chatBody, `"type":"api_error"`},
		{"/gateway/gemini/v1beta/models/gpt-4o:generateContent", `{"contents":[]}`, `"status":"UNAVAILABLE"`},
	} {
		res, body := h.call("POST", c.path, c.body).with("X-Analytics-Key", h.key(auth.Ingest)).do()
		if res.StatusCode != 502 || !strings.Contains(body, c.shape) ||
			!strings.Contains(body, "connection was refused") || res.Header.Get(idHeader) == "" {
			t.Errorf("%s: got %d %s", c.path, res.StatusCode, body)
		}
		if strings.Contains(body, "127.0.0.1") || res.Header.Get("X-Should-Retry") != "" {
			t.Errorf("%s: got %s %v", c.path, body, res.Header)
		}
	}
	all := h.rows()
	if len(all) != 3 {
		t.Fatalf("got %d rows, want 3", len(all))
	}
	for _, row := range all {
		check(t, row, map[string]string{"status_code": "502", "success": "0", "model": "gpt-4o",
			"error_type": "upstream_unreachable", "usage_source": "none"})
	}
}

func TestPrivateUpstreamNeedsPermission(t *testing.T) {
	up := &seen{}
	h := newHouse(t, up.ServeHTTP, nil)
	if err := h.gateway.Use(h.config(nil), nil); err != nil {
		t.Fatal(err)
	}
	res, body := h.chat(chatBody).do()
	if res.StatusCode != 502 || !strings.Contains(body, "network.allow") || up.n != 0 {
		t.Errorf("got %d %s, %d calls upstream", res.StatusCode, body, up.n)
	}
	check(t, h.row(), map[string]string{"error_type": "upstream_unreachable"})
	warnings := strings.Join(h.config(nil).Warnings(nil), "\n")
	if !strings.Contains(warnings, "gateway.upstreams.local cannot be reached") {
		t.Errorf("got warnings %q", warnings)
	}
	if got := h.config(nil).Warnings(loopback); got != nil {
		t.Errorf("got warnings %q", got)
	}
}

func TestSlowUpstreamsAreGivenUp(t *testing.T) {
	t.Run("no answer", func(t *testing.T) {
		h := newHouse(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}, func(c *Config) { c.AnswerTimeout = 20 * time.Millisecond })
		res, body := h.chat(chatBody).do()
		if res.StatusCode != 504 || !strings.Contains(body, `"code":"upstream_timeout"`) {
			t.Errorf("got %d %s", res.StatusCode, body)
		}
		check(t, h.row(), map[string]string{"status_code": "504", "error_type": "upstream_timeout"})
	})
	t.Run("no end", func(t *testing.T) {
		h := newHouse(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, event1)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, func(c *Config) { c.IdleTimeout = 50 * time.Millisecond })
		res, body := h.chat(streamBody).do()
		if res.StatusCode != 200 || !strings.HasPrefix(body, event1+" cut: ") {
			t.Errorf("got %d %q", res.StatusCode, body)
		}
		check(t, h.row(), map[string]string{"status_code": "200", "success": "0", "error_type": "upstream_timeout"})
	})
}

// raw sends bytes as they are and gives the status lines of what came back.
func (h *house) raw(request string) (status []int) {
	h.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.WriteString(c, request)
	_ = c.(*net.TCPConn).CloseWrite()
	for in := bufio.NewReader(c); ; {
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			return status
		}
		_, _ = io.Copy(io.Discard, res.Body)
		status = append(status, res.StatusCode)
	}
}

func TestSmuggledRequestsReachNobodyElse(t *testing.T) {
	up := &seen{}
	h := newHouse(t, up.ServeHTTP, nil)
	key := h.key(auth.Ingest)
	host := strings.TrimPrefix(h.upstream.URL, "http://")
	head := "Host: gateway\r\nAuthorization: Bearer " + key + "\r\n"
	f := func(name, request, wantURI string) {
		t.Helper()
		before := up.n
		status := h.raw(request)
		got := up.take()
		switch {
		case wantURI == "" && got != nil:
			t.Errorf("%s: the upstream was asked for %s (answers %v)", name, got.RequestURI, status)
		case wantURI == "":
		case got == nil || up.n != before+1:
			t.Errorf("%s: %d calls upstream, answers %v", name, up.n-before, status)
		case got.Host != host || got.RequestURI != wantURI:
			t.Errorf("%s: got %s at %s, want %s at %s", name, got.RequestURI, got.Host, wantURI, host)
		}
		if got != nil {
			for field, values := range got.Header {
				if strings.Contains(strings.Join(values, ""), key) {
					t.Errorf("%s: our key travelled in %s", name, field)
				}
			}
		}
	}
	const post = "POST /gateway/openai/v1/chat/completions HTTP/1.1\r\n"
	f("both lengths", post+head+"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"+
		"GET /admin HTTP/1.1\r\nHost: x\r\n\r\n", "/v1/chat/completions")
	f("two lengths", post+head+"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "")
	f("odd encoding", post+head+"Transfer-Encoding: xchunked\r\n\r\n{}", "")
	f("two hosts", post+head+"Host: evil.example\r\nContent-Length: 2\r\n\r\n{}", "")
	f("line folding", post+head+"X-A: b\r\n c: d\r\nContent-Length: 2\r\n\r\n{}", "/v1/chat/completions")
	f("space before colon", post+head+"X-A : b\r\nContent-Length: 2\r\n\r\n{}", "")
	f("absolute URI", "POST http://evil.example/gateway/openai/v1/chat/completions HTTP/1.1\r\n"+head+
		"Content-Length: 2\r\n\r\n{}", "/v1/chat/completions")
	f("absolute URI of another path", "POST http://evil.example/v1/x HTTP/1.1\r\n"+head+
		"Content-Length: 2\r\n\r\n{}", "")
	f("host in path", "GET /gateway/openai@evil.example/v1/models HTTP/1.1\r\n"+head+"\r\n", "")
	f("host after name", "GET /gateway/openai/@evil.example/x HTTP/1.1\r\n"+head+"\r\n", "/@evil.example/x")
	f("key declared hop by hop", post+"Host: gateway\r\nX-Analytics-Key: "+key+"\r\n"+
		"Connection: X-Analytics-Key, Authorization\r\nAuthorization: Bearer sk-x\r\nContent-Length: 2\r\n\r\n{}",
		"/v1/chat/completions")
	f("two keys", post+"Host: gateway\r\nX-Analytics-Key: "+key+"\r\nX-Analytics-Key: "+key+
		"\r\nContent-Length: 2\r\n\r\n{}", "")
	f("connect", "CONNECT /gateway/openai/v1/x HTTP/1.1\r\n"+head+"\r\n", "")
	f("trace", "TRACE /gateway/openai/v1/x HTTP/1.1\r\n"+head+"\r\n", "")
	f("upgrade", "GET /gateway/openai/v1/realtime HTTP/1.1\r\n"+head+
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n", "")
	for _, path := range []string{
		"/../../admin", "/v1/../../../x", "/%2e%2e/%2e%2e/x", "//evil.example/x", "/v1//x", `/v1\..\x`,
		"/v1/..%2f..%2fx", "/v1/%5c%5cevil.example", "/v1/%252e%252e/x",
	} {
		f(path, "GET /gateway/openai"+path+" HTTP/1.1\r\n"+head+"\r\n", "")
	}
}

func TestUpgradesAreRefusedClearly(t *testing.T) {
	h := newHouse(t, (&seen{}).ServeHTTP, nil)
	res, body := h.call("GET", "/gateway/openai/v1/realtime?model=gpt-realtime", "").as(h.key(auth.Ingest)).
		with("Connection", "Upgrade").with("Upgrade", "websocket").do()
	if res.StatusCode != 501 || !strings.Contains(body, `"code":"unsupported_upgrade"`) ||
		res.Header.Get("X-Should-Retry") != "false" {
		t.Errorf("got %d %s", res.StatusCode, body)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	h := newHouse(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
	}, nil)
	res, _ := h.chat(chatBody).do()
	if res.StatusCode != 302 || res.Header.Get("Location") != "http://169.254.169.254/latest/meta-data" {
		t.Errorf("got %d %v", res.StatusCode, res.Header)
	}
}

func TestLargeBodiesPass(t *testing.T) {
	for _, c := range []struct {
		announced bool
		text      string
		model     string
	}{
		{true, `{"model":"gpt-4o","messages":[{"role":"user","content":"%s"}]}`, "gpt-4o"},
		{false, `{"model":"gpt-4o","messages":[{"role":"user","content":"%s"}]}`, "gpt-4o"},
		// What stands behind four megabytes is not looked for; the answer says it too.
		{true, `{"messages":[{"role":"user","content":"%s"}],"model":"gpt-4o"}`, "gpt-4o-2024-08-06"},
	} {
		body := fmt.Appendf(nil, c.text, strings.Repeat("x", 20<<20))
		var got [sha256.Size]byte
		h := newHouse(t, func(w http.ResponseWriter, r *http.Request) {
			sum := sha256.New()
			_, _ = io.Copy(sum, r.Body)
			sum.Sum(got[:0])
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, chatAnswer)
		}, nil)
		s := h.chat("")
		s.Body, s.ContentLength = io.NopCloser(bytes.NewReader(body)), -1
		if c.announced {
			s.ContentLength = int64(len(body))
		}
		if res, text := s.do(); res.StatusCode != 200 || text != chatAnswer {
			t.Errorf("got %d %s", res.StatusCode, text)
		}
		if got != sha256.Sum256(body) {
			t.Error("the body was changed")
		}
		if h.gateway.held.Load() != 0 {
			t.Errorf("%d bytes are counted as held", h.gateway.held.Load())
		}
		check(t, h.row(), map[string]string{"model": c.model, "request_bytes": fmt.Sprint(len(body))})
	}
}

func TestTooLargeBodiesAreRefusedUnread(t *testing.T) {
	up := &seen{}
	h := newHouse(t, up.ServeHTTP, nil)
	status := h.raw("POST /gateway/openai/v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
		h.key(auth.Ingest) + "\r\nContent-Length: 536870913\r\n\r\n{")
	if len(status) != 1 || status[0] != 413 || up.n != 0 {
		t.Errorf("got %v, %d calls upstream", status, up.n)
	}
}
