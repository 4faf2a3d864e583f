package dialect_test

import (
	"encoding/json"
	"testing"

	"analytics/ingest/dialect"
	"analytics/ingest/wire"
)

func TestUsageObjects(t *testing.T) {
	n := wire.Some
	f := func(read func([]byte) wire.Usage, raw string, want wire.Usage) {
		t.Helper()
		if got := read([]byte(raw)); got != want {
			t.Errorf("%s\n got %+v\nwant %+v", raw, got, want)
		}
	}
	f(dialect.OpenAIUsage, `{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":`+
		`{"cached_tokens":4,"cache_write_tokens":3}}`,
		wire.Usage{Input: n(10), CacheRead: n(4), CacheWrite: n(3), Output: n(5)})
	f(dialect.OpenAIUsage, `{"input_tokens":10,"output_tokens":null,"total_tokens":12}`,
		wire.Usage{Input: n(10)})
	f(dialect.OpenAIUsage, `{"prompt_cache_hit_tokens":7,"prompt_cache_miss_tokens":2}`,
		wire.Usage{Input: n(9), CacheRead: n(7)})
	// More cached than input proves that input excludes it.
	f(dialect.OpenAIUsage, `{"prompt_tokens":2,"completion_tokens":1,"cache_read_input_tokens":100}`,
		wire.Usage{Input: n(102), CacheRead: n(100), Output: n(1)})
	f(dialect.OpenAIUsage, `{"prompt_tokens":12.0}`, wire.Usage{Input: n(12)})
	f(dialect.OpenAIUsage, `null`, wire.Usage{})
	f(dialect.OpenAIUsage, ``, wire.Usage{})
	f(dialect.AnthropicUsage, `{"input_tokens":1,"cache_creation":{"ephemeral_5m_input_tokens":5,`+
		`"ephemeral_1h_input_tokens":6},"cache_read_input_tokens":null,"output_tokens":0}`,
		wire.Usage{Input: n(12), CacheWrite: n(11), CacheWrite1h: n(6), Output: n(0)})
	f(dialect.AnthropicUsage, `{"output_tokens":9}`, wire.Usage{Output: n(9)})
	f(dialect.GeminiUsage, `{"promptTokenCount":10,"toolUsePromptTokenCount":3,"totalTokenCount":10}`,
		wire.Usage{Input: n(10), Output: n(0)})
	f(dialect.BedrockUsage, `{"inputTokens":9,"outputTokens":4,"totalTokens":13,`+
		`"cacheReadInputTokens":2,"cacheWriteInputTokens":3,`+
		`"cacheDetails":[{"inputTokens":1,"ttl":"5m"},{"inputTokens":2,"ttl":"1h"}]}`,
		wire.Usage{Input: n(14), CacheRead: n(2), CacheWrite: n(3), CacheWrite1h: n(2), Output: n(4)})
}

func TestErrorsAreInTheProvidersShape(t *testing.T) {
	f := func(name string, status int, want string) {
		t.Helper()
		d, _ := dialect.ByName(name)
		contentType, body := d.ErrorBody(status, "some_code", `no "key"`)
		if string(body) != want || contentType != "application/json" || !json.Valid(body) {
			t.Errorf("%s %d: got %s %s, want %s", name, status, contentType, body, want)
		}
		// Our own reader finds in it what we said.
		q := d.Request("POST", "/v1/x", "", nil)
		r := d.Reader(q, status, contentType)
		_, _ = r.Write(body)
		if f := r.Facts(); f.ErrorMessage != `no "key"` || f.ErrorType == "" || !f.Terminated {
			t.Errorf("%s %d is read back as %+v", name, status, f)
		}
	}
	f("openai", 401, `{"error":{"code":"some_code","message":"no \"key\"","param":null,`+
		`"type":"invalid_request_error"}}`)
	f("openai", 502, `{"error":{"code":"some_code","message":"no \"key\"","param":null,`+
		`"type":"server_error"}}`)
	f("anthropic", 401, `{"error":{"message":"no \"key\"","type":"authentication_error"},"type":"error"}`)
	f("anthropic", 413, `{"error":{"message":"no \"key\"","type":"request_too_large"},"type":"error"}`)
	f("anthropic", 502, `{"error":{"message":"no \"key\"","type":"api_error"},"type":"error"}`)
	f("gemini", 404, `{"error":{"code":404,"details":[{"@type":`+
		`"type.googleapis.com/google.rpc.ErrorInfo","domain":"analytics","reason":"some_code"}],`+
		`"message":"no \"key\"","status":"NOT_FOUND"}}`)
	f("gemini", 413, `{"error":{"code":413,"details":[{"@type":`+
		`"type.googleapis.com/google.rpc.ErrorInfo","domain":"analytics","reason":"some_code"}],`+
		`"message":"no \"key\"","status":"INVALID_ARGUMENT"}}`)
}
