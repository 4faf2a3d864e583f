package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"analytics/engine/auth"
)

// labelled is a call with all that a caller may say about it.
func labelled(h *house, ours string) *sent {
	return h.call("POST", "/gateway/openai/v1/chat/completions?x=1&y=%2F", chatBody).
		as("sk-their-own-key").with("X-Analytics-Key", ours).
		with("X-Analytics-User", "u1").with("X-Analytics-Session", "s1").with("X-Analytics-Agent", "a1").
		with("X-Analytics-Prompt", "p1").with("X-Analytics-Prompt-Version", "7").
		with("X-Analytics-Project", "pr1").with("X-Analytics-Conversation", "co1").
		with("X-Analytics-Property-Team", "blue").with("Helicone-Property-Team", "red").
		with("Helicone-Property-Env", "prod").with("Helicone-Auth", "Bearer sk-helicone").
		with("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").
		with("X-Stainless-Retry-Count", "1").with("User-Agent", "OpenAI/Python 2.1").
		with("Openai-Organization", "org-1").with("Cookie", "analytics_session=secret").
		with("X-Forwarded-For", "203.0.113.77")
}

func TestCallPassesAndIsRecorded(t *testing.T) {
	var got *http.Request
	var gotBody string
	h := newHouse(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, gotBody = r.Clone(r.Context()), string(body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", "req_upstream")
		w.Header().Set("X-Ratelimit-Remaining-Requests", "99")
		w.Header().Set("Set-Cookie", "__cf_bm=1")
		w.Header().Set("Strict-Transport-Security", "max-age=1")
		w.Header().Set("Content-Length", strconv.Itoa(len(chatAnswer)))
		_, _ = io.WriteString(w, chatAnswer)
	}, nil)
	ours := h.key(auth.Ingest)
	res, body := labelled(h, ours).do()
	if res.StatusCode != 200 || body != chatAnswer {
		t.Fatalf("got %d %s", res.StatusCode, body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "X-Request-Id": "req_upstream",
		"X-Ratelimit-Remaining-Requests": "99", "Content-Length": strconv.Itoa(len(chatAnswer)),
		"Set-Cookie": "", "Strict-Transport-Security": "", "X-Content-Type-Options": "nosniff",
	} {
		if v := res.Header.Get(name); v != want {
			t.Errorf("answer's %s: got %q, want %q", name, v, want)
		}
	}
	if got.Method != "POST" || got.RequestURI != "/v1/chat/completions?x=1&y=%2F" || gotBody != chatBody ||
		got.ContentLength != int64(len(chatBody)) || "http://"+got.Host != h.upstream.URL {
		t.Errorf("upstream got %s %s (%d bytes) at %s: %s", got.Method, got.RequestURI, got.ContentLength,
			got.Host, gotBody)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer sk-their-own-key", "User-Agent": "OpenAI/Python 2.1",
		"Openai-Organization": "org-1", "X-Stainless-Retry-Count": "1", "Accept-Encoding": "",
		"X-Analytics-Key": "", "X-Analytics-User": "", "Helicone-Auth": "", "Cookie": "",
		"X-Forwarded-For": "",
	} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("upstream's %s: got %q, want %q", name, v, want)
		}
	}
	recorded(t, h, res, ours)
}

// recorded checks the row of the labelled call.
func recorded(t *testing.T, h *house, res *http.Response, ours string) {
	t.Helper()
	row := h.row()
	check(t, row, map[string]string{
		"id": res.Header.Get("X-Analytics-Request-Id"), "model": "gpt-4o",
		"response_model": "gpt-4o-2024-08-06", "provider": "openai", "backend": "openai",
		"endpoint": "/v1/chat/completions", "method": "POST", "operation": "chat", "status_code": "200",
		"success": "1", "stream": "0", "input_uncached_tokens": "600", "cache_read_tokens": "400",
		"output_text_tokens": "70", "reasoning_tokens": "30", "usage_source": "provider",
		// 600 × 2.50 + 400 × 1.25 + 100 × 10 USD per million, from OpenAI's price list of gpt-4o.
		"cost": "3000000", "cost_source": "computed", "tier": "default", "finish_reason": "stop",
		"message_count": "1", "requested_tool_calls": "0", "attempt": "2", "user_id": "u1",
		"session_id": "s1", "agent": "a1", "prompt_id": "p1", "prompt_version": "7", "project": "pr1",
		"conversation_id": "co1", "properties": `{"env":"prod","team":"blue"}`,
		"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "parent_span_id": "00f067aa0ba902b7",
		"request_bytes": strconv.Itoa(len(chatBody)), "response_bytes": strconv.Itoa(len(chatAnswer)),
		"user_agent": "OpenAI/Python 2.1", "api_key_id": hashed("sk-their-own-key"),
		"api_key_label": "test", "auth_method": "gateway_key_and_own", "authenticated": "1",
		"error_type": "",
	})
	for _, name := range []string{"duration_ms", "ttfb_ms", "upstream_duration_ms", "overhead_ms", "span_id"} {
		if row[name] == "" || row[name] == "0" {
			t.Errorf("%s is %q", name, row[name])
		}
	}
	whole, _ := json.Marshal(row)
	for _, secret := range []string{"canary", "sk-their", ours, "203.0.113.77"} {
		if strings.Contains(string(whole), secret) || strings.Contains(h.log.String(), secret) {
			t.Errorf("%s was kept", secret)
		}
	}
}

func TestEveryMethodAndPathPasses(t *testing.T) {
	h := newHouse(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Seen", r.Method+" "+r.RequestURI)
		w.WriteHeader(http.StatusTeapot)
	}, nil)
	key := h.key(auth.Ingest)
	for _, c := range [][2]string{
		{"GET", "/v1/models"}, {"GET", "/v1/models/meta%2Fllama"}, {"DELETE", "/v1/files/file-1?a=b&c"},
		{"PUT", "/x/"}, {"PATCH", "/"}, {"HEAD", "/v1/models"}, {"OPTIONS", "/v1/chat/completions"},
		{"POST", "/v1beta/models/m:countTokens?key=AIza-theirs"}, {"POST", "/v1/batches"},
		{"GET", "/v1/a%20b+c/@x;y=1?q=%zz"},
	} {
		res, _ := h.call(c[0], "/gateway/local"+c[1], "").with("X-Analytics-Key", key).do()
		if res.StatusCode != http.StatusTeapot || res.Header.Get("X-Seen") != c[0]+" "+c[1] {
			t.Errorf("%s %s: got %d %q", c[0], c[1], res.StatusCode, res.Header.Get("X-Seen"))
		}
	}
	if n := len(h.rows()); n != 0 {
		t.Errorf("%d rows of calls that no model worked for", n)
	}
}

func TestErrorsPassUnchanged(t *testing.T) {
	for status, body := range map[int]string{
		400: `{"error":{"message":"bad","type":"invalid_request_error","param":"x","code":null}}`,
		401: `{"error":{"message":"Incorrect API key provided: sk-abcdefghijklmnopqrstuv","code":"invalid_api_key"}}`,
		429: `{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}`,
		500: `{"error":{"message":"oops","type":"server_error"}}`,
		529: `overloaded`,
	} {
		h := newHouse(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}, nil)
		res, got := h.chat(chatBody).do()
		if res.StatusCode != status || got != body || res.Header.Get("Retry-After") != "7" {
			t.Errorf("%d: got %d %s", status, res.StatusCode, got)
		}
		row := h.row()
		check(t, row, map[string]string{
			"status_code": strconv.Itoa(status), "success": "0", "model": "gpt-4o", "usage_source": "none",
		})
		if row["error_type"] == "" || strings.Contains(row["error_message"], "sk-abc") {
			t.Errorf("%d: got %q %q", status, row["error_type"], row["error_message"])
		}
	}
}

func TestManyRowsAreWrittenTogether(t *testing.T) {
	h := newHouse(t, answers(200, "application/json", chatAnswer), nil)
	key := h.key(auth.Ingest)
	for range 300 {
		if res, _ := h.call("POST", "/gateway/openai/v1/chat/completions", chatBody).as(key).do(); res.StatusCode != 200 {
			t.Fatal(res.Status)
		}
	}
	ids := map[string]bool{}
	for _, row := range h.rows() {
		ids[row["id"]] = true
	}
	if len(ids) != 300 {
		t.Errorf("got %d rows, want 300", len(ids))
	}
}
