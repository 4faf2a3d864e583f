package compat

import (
	"encoding/json"
	"strings"
	"testing"

	"analytics/engine/event"
)

// log is a body of Helicone's manual loggers.
func log(url, request, response string) string {
	return `{"providerRequest":{"url":"` + url + `","json":` + request + `,"meta":` +
		`{"Helicone-User-Id":"bob","Helicone-Property-Plan":"gold","Helicone-Auth":"Bearer CANARY"}},` +
		`"providerResponse":` + response + `,"timing":{"startTime":{"seconds":1795262400,"milliseconds":250},` +
		`"endTime":{"seconds":1795262402,"milliseconds":0},"timeToFirstToken":120}}`
}

func TestHeliconeLogsOfProviders(t *testing.T) {
	stream := strings.Join([]string{
		`event: message_start`,
		`data: {"type":"message_start","message":{"model":"claude-sonnet-4-5-20250929","usage":` +
			`{"input_tokens":1000,"cache_read_input_tokens":3000,"cache_creation_input_tokens":0,"output_tokens":1}}}`,
		`data: {"type":"content_block_delta","delta":{"text":"CANARY"}}`,
		`data: {"type":"message_delta","usage":{"output_tokens":100}}`, `data: [DONE]`, ``,
	}, "\n")
	body, _ := json.Marshal(stream)
	for _, c := range []struct {
		path, url, request, response string
		want                         map[string]string
	}{
		{
			"/oai/v1/log", "https://api.openai.com/v1/chat/completions",
			`{"model":"gpt-4o","stream":false,"messages":[{"content":"CANARY"}]}`,
			`{"status":200,"headers":{},"json":{"id":"c","model":"gpt-4o-2024-08-06","choices":` +
				`[{"finish_reason":"stop","message":{"content":"CANARY"}}],"usage":{"prompt_tokens":120,` +
				`"completion_tokens":30,"prompt_tokens_details":{"cached_tokens":100}}}}`,
			map[string]string{
				"model": "gpt-4o", "response_model": "gpt-4o-2024-08-06", "provider": "openai",
				"backend": "api.openai.com", "cost": "475000", "duration_ms": "1750000", "ttfb_ms": "120000",
				"user_id": "bob", "session_id": "s1", "status_code": "200", "success": "1", "stream": "0",
				"finish_reason": "stop", "message_count": "1", "timestamp": "1795262400250000",
				"properties": `{"plan":"gold","team":"blue"}`,
			},
		},
		{ // 1,000 x 3,000 + 3,000 x 300 + 100 x 15,000
			"/anthropic/v1/log", "https://api.anthropic.com/v1/messages",
			`{"model":"claude-sonnet-4-5","stream":true}`, `{"status":200,"textBody":` + string(body) + `}`,
			map[string]string{
				"input_uncached_tokens": "1000", "cache_read_tokens": "3000", "output_text_tokens": "100",
				"cost": "5400000", "stream": "1", "response_model": "claude-sonnet-4-5-20250929",
			},
		},
		{
			"/custom/v1/log", "custom-model-nopath", `{"model":"gemini-2.5-flash"}`,
			`{"status":200,"json":{"modelVersion":"gemini-2.5-flash","usageMetadata":{"promptTokenCount":220,` +
				`"candidatesTokenCount":5,"thoughtsTokenCount":185,"totalTokenCount":410}}}`,
			map[string]string{
				"input_uncached_tokens": "220", "output_text_tokens": "5", "reasoning_tokens": "185", "provider": "-",
			},
		},
		{
			"/custom/v1/log", "custom-model-nopath", `{"model":"gpt-4o"}`,
			`{"status":-1,"json":{"error":{"type":"aborted","message":"CANARY"}}}`,
			map[string]string{"success": "0", "status_code": "-", "error_type": "aborted", "input_uncached_tokens": "-"},
		},
	} {
		h := newHouse(t)
		for _, want := range []string{`"accepted":1`, `"duplicates":1`} {
			status, answer := h.post(c.path, log(c.url, c.request, c.response),
				"Helicone-Session-Id", "s1", "Helicone-Property-Team", "blue")
			if status != 200 || !strings.Contains(answer, want) {
				t.Errorf("%s: got %d %s, want %s", c.path, status, answer, want)
			}
		}
		for _, row := range h.stored(event.AIRequest) {
			has(t, row, c.want)
		}
		noContent(t, h)
	}
}

func TestHeliconeLogsOfTools(t *testing.T) {
	h := newHouse(t)
	ok := `{"status":200,"json":{"_type":"tool","status":"success"}}`
	h.post("/custom/v1/log", log("x", `{"_type":"tool","toolName":"search","input":"CANARY"}`, ok))
	h.post("/custom/v1/log", log("x", `{"_type":"vector_db","operation":"query","vector":[1]}`, ok))
	if _, got := h.post("/custom/v1/log", log("x", `{"_type":"data","name":"step"}`, ok)); !strings.Contains(got, `"accepted":0`) {
		t.Errorf("data: got %s", got)
	}
	seen := map[string]bool{}
	for _, row := range h.stored(event.ToolCall) {
		seen[row["tool"]+" "+row["server"]+" "+row["duration_ms"]] = true
	}
	if !seen["search  1750000"] || !seen["query vector_db 1750000"] || len(seen) != 2 {
		t.Errorf("got %v", seen)
	}
	if status, _ := h.post("/custom/v1/log", `{"x":1}`); status != 400 {
		t.Errorf("got %d, want 400", status)
	}
}
