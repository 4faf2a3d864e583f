package decode

import (
	"bytes"

	"analytics/engine/event"
)

// section is an object inside an ai_request that holds some of its fields, the way routers log a
// request: request, response, performance, auth and routing. A field may be given in one place
// only.
type section struct {
	name  string
	table *table
}

var sections = [...]section{
	newSection("request",
		"endpoint", "method", "model", "stream", "size_bytes", "message_count", "input_tokens",
		"user_agent", "client_ip"),
	newSection("response",
		"status_code", "size_bytes", "output_tokens", "success", "error_message"),
	newSection("performance", "duration_ms", "ttfb_ms", "upstream_duration_ms"),
	newSection("auth", "authenticated", "api_key_id", "api_key_label", "auth_method"),
	newSection("routing",
		"backend", "upstream_mode", "mcp_enabled", "mcp_servers", "system_prompt_applied"),
}

func newSection(name string, fields ...string) section {
	var keys []key
	for _, f := range fields {
		field := f
		if f == "size_bytes" {
			field = name + "_bytes"
		}
		number, ok := event.AIRequest.Field(field)
		if !ok {
			panic("decode: section " + name + " names no field: " + field)
		}
		keys = append(keys, fieldKey(f, number, event.AIRequest.Fields()[number]))
	}
	return section{name: name, table: newTable(keys)}
}

// isSection reports whether an object of this name makes an event without a type an ai_request.
func isSection(name []byte) bool {
	for i := range sections {
		if sections[i].name == string(name) {
			return true
		}
	}
	return false
}

// providers are backends whose name says who provides the model.
var providers = []string{
	"openai", "anthropic", "google", "gemini", "azure", "bedrock", "vertex", "mistral", "cohere",
	"groq", "deepseek", "xai", "openrouter", "together", "fireworks", "perplexity", "ollama",
}

// providerOf is the provider a backend stands for, nil if that is not known.
func providerOf(backend []byte) []byte {
	for _, p := range providers {
		if bytes.EqualFold([]byte(p), backend) {
			return []byte(p)
		}
	}
	return nil
}

// contents are names under which senders put what people and models wrote to each other. None is a
// field, so none is kept; as properties they are dropped too.
var contents = []string{
	"prompt", "prompts", "message", "messages", "content", "contents", "input", "inputs", "output",
	"outputs", "body", "system", "system_prompt", "instructions", "completion", "completions",
	"choices", "tools", "tool_calls", "arguments", "text", "request_body", "response_body",
}

func isContent(name []byte) bool {
	for _, c := range contents {
		if len(c) == len(name) && bytes.EqualFold([]byte(c), name) {
			return true
		}
	}
	return false
}
