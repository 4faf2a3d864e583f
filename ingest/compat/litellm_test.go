package compat

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"analytics/engine/event"
)

// The costs are worked out by hand, in nano-USD.
//
//	gpt-4o, a million tokens: 2.50 in, 1.25 cached, 10 out
//	  100 x 2,500 + 400 x 1,250 + 80 x 10,000 = 250,000 + 500,000 + 800,000 = 1,550,000
//	claude-sonnet-4-5: 3 in, 0.30 cached, 3.75 written for 5 minutes, 6 for an hour, 15 out
//	  1,000 x 3,000 + 3,000 x 300 + 400 x 3,750 + 600 x 6,000 + 100 x 15,000
//	  = 3,000,000 + 900,000 + 1,500,000 + 3,600,000 + 1,500,000 = 10,500,000
func TestLiteLLMCallsArriveWithTheirCosts(t *testing.T) {
	h := newHouse(t)
	status, answer := h.post("/v1/litellm", file(t, "litellm.json"))
	want := `{"accepted":4,"duplicates":0,"rejected":2,"errors":[` +
		`{"index":4,"code":"wrong_type","message":"an item must be a JSON object"},` +
		`{"index":5,"code":"missing_field","message":"the item is no StandardLoggingPayload: ` +
		`it has no model, call_type or status"}]}`
	if status != 200 || answer != want {
		t.Errorf("got %d %s\nwant %s", status, answer, want)
	}
	rows := h.stored(event.AIRequest)
	has(t, rows["chatcmpl-A1"], map[string]string{
		"model": "gpt-4o", "provider": "openai", "response_model": "gpt-4o-2024-08-06", "stream": "1",
		"operation": "chat", "timestamp": "1795258800250000", "duration_ms": "2500000", "ttfb_ms": "500000",
		"input_uncached_tokens": "100", "cache_read_tokens": "400", "output_text_tokens": "50",
		"reasoning_tokens": "30", "cost": "1550000", "client_cost": "1550000", "cost_source": "computed",
		"user_id": "end-7", "project": "support", "api_key_label": "ci-key", "backend": "api.openai.com",
		"trace_id": "4c1f0f6e-7d8e-4a53-9f5f-0f1f6f0a0001", "country": "US", "cache_hit": "0",
		"finish_reason": "tool_calls", "requested_tool_calls": "1", "message_count": "2",
		"success": "1", "status_code": "200", "properties": `{"model_group":"fast-chat","tags":"prod,eu"}`,
		"api_key_id": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
	})
	has(t, rows["msg_B2"], map[string]string{
		"input_uncached_tokens": "1000", "cache_read_tokens": "3000", "cache_write_tokens": "400",
		"cache_write_1h_tokens": "600", "output_text_tokens": "100", "cost": "10500000",
		"client_cost": "12600000", "ttfb_ms": "-", "user_id": "-", "cache_hit": "-",
	})
	has(t, rows["chatcmpl-A1_cache_hit1795258820"], map[string]string{
		"cache_hit": "1", "cost": "0", "cost_source": "client", "input_uncached_tokens": "-",
	})
	has(t, rows["call-4"], map[string]string{
		"success": "0", "status_code": "429", "error_type": "RateLimitError", "cost": "0",
		"client_cost": "-", "input_uncached_tokens": "-",
		"error_message": "litellm.RateLimitError: slow down, key [redacted]",
	})
	if id := rows["msg_B2"]["api_key_id"]; strings.HasPrefix(id, "sk-") || id == "" {
		t.Errorf("a raw key is kept as %q", id)
	}
	_, again := h.post("/v1/litellm", file(t, "litellm.json"))
	if !strings.HasPrefix(again, `{"accepted":0,"duplicates":4,"rejected":2`) {
		t.Errorf("sent again: got %s", again)
	}
	noContent(t, h)
}

// noContent looks for message content, keys and addresses in all files of the store.
func noContent(t *testing.T, h *house) {
	t.Helper()
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, word := range []string{"CANARY", "SECRETKEY", "8.8.8.8", "sk-1234"} {
			if strings.Contains(string(b), word) {
				t.Errorf("%s holds %s", filepath.Base(path), word)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLiteLLMSendsLinesOrOne(t *testing.T) {
	h := newHouse(t)
	one := `{"id":"a","call_type":"acompletion","status":"success","model":"gpt-4o","startTime":1795258800,` +
		`"prompt_tokens":5,"completion_tokens":1}`
	f := func(body, want string) {
		t.Helper()
		if status, got := h.post("/v1/litellm", body); status != 200 || !strings.HasPrefix(got, want) {
			t.Errorf("got %d %s, want %s", status, got, want)
		}
	}
	f(one, `{"accepted":1,"duplicates":0,"rejected":0`)
	f(one+"\n"+strings.Replace(one, `"a"`, `"b"`, 1)+"\n{broken\n", `{"accepted":1,"duplicates":1,"rejected":1`)
	f("[]", `{"accepted":0`)
	// A cost of zero beside tokens says nothing.
	has(t, h.stored(event.AIRequest)["a"], map[string]string{"client_cost": "-", "cost": "22500"})
}

func TestLiteLLMToolCallsAreToolCalls(t *testing.T) {
	h := newHouse(t)
	h.post("/v1/litellm", `{"id":"m","call_type":"call_mcp_tool","status":"success","model":"MCP: add",`+
		`"startTime":1795258800,"endTime":1795258800.5,"metadata":{"mcp_tool_call_metadata":`+
		`{"name":"add","arguments":{"a":1},"mcp_server_name":"sums"}}}`)
	has(t, h.stored(event.ToolCall)["m"], map[string]string{
		"tool": "add", "server": "sums", "success": "1", "duration_ms": "500000",
	})
}

func TestLiteLLMTotalsWithoutCachedTokens(t *testing.T) {
	h := newHouse(t)
	h.post("/v1/litellm", `{"id":"m","call_type":"anthropic_messages","status":"success","model":"claude-sonnet-4-5",`+
		`"startTime":1795258800,"metadata":{"usage_object":{"prompt_tokens":5000,"completion_tokens":10,`+
		`"prompt_tokens_details":{"cached_tokens":3000,"text_tokens":5000,"cache_creation_tokens":1000}}}}`)
	has(t, h.stored(event.AIRequest)["m"], map[string]string{
		"input_uncached_tokens": "5000", "cache_read_tokens": "3000", "cache_write_tokens": "1000",
	})
}
