package decode

import (
	"testing"

	"analytics/engine/event"
)

// unset marks a bucket that must have no value.
const unset = -1

func TestTokensBecomeDisjointBuckets(t *testing.T) {
	type buckets [8]int64 // uncached, read, write, write 1h, audio in, text, reasoning, audio out
	none := buckets{unset, unset, unset, unset, unset, unset, unset, unset}
	with := func(changes map[int]int64) buckets {
		b := none
		for i, v := range changes {
			b[i] = v
		}
		return b
	}
	for _, c := range []struct {
		json string
		want buckets
	}{
		{`"stream":true`, none},
		{`"input_tokens":100,"output_tokens":20`, with(map[int]int64{0: 100, 5: 20})},
		{`"input_tokens":0`, with(map[int]int64{0: 0})},
		{`"input_tokens":100,"cache_read_tokens":60,"cache_write_tokens":30,"audio_input_tokens":10`,
			with(map[int]int64{0: 0, 1: 60, 2: 30, 4: 10})},
		{`"input_tokens":100,"cache_write_tokens":30,"cache_write_1h_tokens":20`,
			with(map[int]int64{0: 70, 2: 10, 3: 20})},
		{`"cache_write_1h_tokens":20,"input_tokens":100`,
			with(map[int]int64{0: 80, 2: 0, 3: 20})},
		{`"cache_read_tokens":60`, with(map[int]int64{0: 0, 1: 60})},
		{`"output_tokens":50,"reasoning_tokens":30,"audio_output_tokens":5`,
			with(map[int]int64{5: 15, 6: 30, 7: 5})},
		{`"reasoning_tokens":30`, with(map[int]int64{5: 0, 6: 30})},
	} {
		e := one(t, `{"type":"ai_request","model":"m",`+c.json+`}`)
		got := none
		for i, f := range []int{
			event.AIInputUncachedTokens, event.AICacheReadTokens, event.AICacheWriteTokens,
			event.AICacheWrite1hTokens, event.AIAudioInputTokens, event.AIOutputTextTokens,
			event.AIReasoningTokens, event.AIAudioOutputTokens,
		} {
			if e.Has(f) {
				got[i] = e.Int(f)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %v, want %v", c.json, got, c.want)
		}
	}
}

func TestSuccessIsDerived(t *testing.T) {
	for _, c := range []struct {
		body string
		want int // 1, 0, or unset
	}{
		{`{"type":"ai_request","model":"m"}`, 1},
		{`{"type":"ai_request","model":"m","status_code":200}`, 1},
		{`{"type":"ai_request","model":"m","status_code":304}`, 1},
		{`{"type":"ai_request","model":"m","status_code":199}`, 0},
		{`{"type":"ai_request","model":"m","status_code":400}`, 0},
		{`{"type":"ai_request","model":"m","status_code":200,"error_type":"x"}`, 1},
		{`{"type":"ai_request","model":"m","status_code":500,"success":true}`, 1},
		{`{"type":"ai_request","model":"m","error_type":"x"}`, 0},
		{`{"type":"ai_request","model":"m","error_message":"x"}`, 0},
		{`{"type":"ai_request","model":"m","error_message":"","error_type":null}`, 1},
		{`{"type":"tool_call","tool":"t"}`, 1},
		{`{"type":"tool_call","tool":"t","error_type":"x"}`, 0},
		{`{"type":"tool_call","tool":"t","error_type":"x","success":true}`, 1},
		{`{"type":"agent_task","agent":"a"}`, unset},
		{`{"type":"agent_task","agent":"a","status":"started"}`, unset},
		{`{"type":"agent_task","agent":"a","status":"COMPLETED"}`, 1},
		{`{"type":"agent_task","agent":"a","status":"failed"}`, 0},
	} {
		e := one(t, c.body)
		field := map[event.Kind]int{
			event.AIRequest: event.AISuccess, event.ToolCall: event.ToolSuccess,
			event.AgentTask: event.TaskSuccess,
		}[e.Kind]
		got := unset
		if e.Has(field) {
			got = int(e.Int(field))
		}
		if got != c.want {
			t.Errorf("%s: got %d, want %d", c.body, got, c.want)
		}
	}
}

func TestNestedShapeIsAnAIRequest(t *testing.T) {
	e := one(t, `{"id":"550e8400-e29b-41d4-a716-446655440000","timestamp":1795219200,
		"request":{"endpoint":"/v1/chat/completions","method":"POST","model":"gpt-4o","stream":false,
			"size_bytes":256,"message_count":3,"input_tokens":42,"user_agent":"curl/7.64.1",
			"client_ip":"192.168.1.100"},
		"response":{"status_code":200,"size_bytes":512,"output_tokens":128,"success":true,
			"error_message":null},
		"performance":{"duration_ms":1247,"ttfb_ms":null,"upstream_duration_ms":1200},
		"auth":{"authenticated":true,"api_key_id":"key_abc123","api_key_label":"production-key",
			"auth_method":"bearer"},
		"routing":{"backend":"OpenAI","upstream_mode":"chat","mcp_enabled":false,"mcp_servers":[],
			"system_prompt_applied":true}}`)
	want := map[string]string{
		"endpoint": "/v1/chat/completions", "method": "POST", "model": "gpt-4o", "provider": "openai",
		"user_agent": "curl/7.64.1", "api_key_id": "key_abc123", "api_key_label": "production-key",
		"auth_method": "bearer", "backend": "OpenAI", "upstream_mode": "chat",
		"client_ip": "192.168.1.100",
	}
	numbers := map[string]int64{
		"timestamp": 1795219200e6, "stream": 0, "request_bytes": 256, "message_count": 3,
		"input_uncached_tokens": 42, "input_tokens": 42, "status_code": 200, "response_bytes": 512,
		"output_text_tokens": 128, "output_tokens": 128, "success": 1, "duration_ms": 1_247_000,
		"upstream_duration_ms": 1_200_000, "authenticated": 1, "mcp_enabled": 0,
		"system_prompt_applied": 1,
	}
	fields, n := e.Kind.Fields(), 0
	e.Each(func(i int) {
		n++
		if i == event.EventID {
			if got := event.IDText(e.Text(i)); got != "550e8400-e29b-41d4-a716-446655440000" {
				t.Errorf("id: got %s", got)
			}
			return
		}
		name := fields[i].Name
		if w, ok := want[name]; ok && string(e.Text(i)) == w {
			return
		}
		if w, ok := numbers[name]; ok && e.Int(i) == w {
			return
		}
		t.Errorf("%s: got %q %d, want %q %d", name, e.Text(i), e.Int(i), want[name], numbers[name])
	})
	if n != len(want)+len(numbers)+1 {
		t.Errorf("got %d fields, want %d", n, len(want)+len(numbers)+1)
	}
	if e.Kind != event.AIRequest || !e.Named || !e.Timed {
		t.Errorf("got %v, named %v, timed %v", e.Kind, e.Named, e.Timed)
	}
}
