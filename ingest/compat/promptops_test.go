package compat

import (
	"strings"
	"testing"

	"analytics/engine/event"
)

func TestPromptOpsLogs(t *testing.T) {
	h := newHouse(t)
	body := `{"logs":[
		{"id":"1","timestamp":"2026-11-21T11:00:00Z","tenant_id":"t","user_id":"u","project_id":"shop","prompt_id":"greet",
		 "prompt_version":"v2","model_provider":"openai","model_name":"gpt-4o","input_tokens":120,"output_tokens":30,
		 "cost_usd":"0.0006","response_time_ms":125.4,"success":true,"cache_hit":false},
		{"id":"2","timestamp":"2026-11-21T11:00:01","prompt_id":"greet","model":"gpt-4o","tokens_requested":500,
		 "tokens_used":420,"cost_usd":0.002,"success":false,"error_type":"timeout","prompt":"CANARY"},
		{"id":"3","endpoint":"/v1/client/render"},
		{"nothing":true}]}`
	_, answer := h.post("/v1/client/usage/log", body)
	if !strings.HasPrefix(answer, `{"accepted":3,"duplicates":0,"rejected":1,"errors":[{"index":3,"code":"missing_field"`) {
		t.Errorf("got %s", answer)
	}
	rows := h.stored(event.AIRequest)
	has(t, rows["1"], map[string]string{ // 120 x 2,500 + 30 x 10,000
		"model": "gpt-4o", "provider": "openai", "project": "shop", "user_id": "u", "prompt_id": "greet",
		"prompt_version": "v2", "cost": "600000", "client_cost": "600000", "duration_ms": "125400",
		"success": "1", "cache_hit": "0",
	})
	has(t, rows["2"], map[string]string{
		"success": "0", "error_type": "timeout", "input_uncached_tokens": "-", "client_cost": "2000000",
		"properties": `{"tokens_requested":"500","tokens_used":"420"}`,
	})
	has(t, rows["3"], map[string]string{"model": "unknown", "endpoint": "/v1/client/render"})
	noContent(t, h)
}
