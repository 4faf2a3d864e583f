package compat

import (
	"strings"

	"github.com/tidwall/gjson"

	"analytics/engine/event"
	"analytics/ingest/decode"
	"analytics/ingest/wire"
)

// readLiteLLM reads one StandardLoggingPayload, what LiteLLM's generic_api callback sends for each
// call that ended. LiteLLM does not repeat a request that failed, so all is taken that can be.
func readLiteLLM(l *wire.Lines, v gjson.Result) *decode.Problem {
	if name := text(v, "metadata.mcp_tool_call_metadata.name", "mcp_tool_call_metadata.name"); name != "" {
		return readLiteLLMTool(l, v, name)
	}
	if !v.Get("call_type").Exists() && !v.Get("status").Exists() && text(v, "model", "model_group") == "" {
		return bad(decode.MissingField, "the item is no StandardLoggingPayload: it has no model, call_type or status")
	}
	l.Begin(event.AIRequest)
	litellmIdentity(l, v)
	model := text(v, "model", "model_group", "hidden_params.litellm_model_name")
	if model == "" {
		model = unknownModel
	}
	l.Text(event.AIModel, model)
	l.Text(event.AIProvider, text(v, "custom_llm_provider", "error_information.llm_provider"))
	l.Text(event.AIBackend, hostOf(text(v, "api_base")))
	l.Text(event.AIOperation, litellmOperation(text(v, "call_type")))
	if stream, ok := truth(v, "stream"); ok {
		l.Bool(event.AIStream, stream)
	}
	start, end := moment(v, "startTime"), moment(v, "endTime")
	if !start.IsZero() && !end.IsZero() {
		l.Span(event.AIDurationMS, end.Sub(start))
	}
	first := moment(v, "completionStartTime")
	if !start.IsZero() && first.After(start) && first.Before(end) {
		l.Span(event.AITTFBMS, first.Sub(start))
	}
	litellmOutcome(l, v)
	l.Text(event.AIResponseModel, text(v, "response.model"))
	l.Text(event.AIFinishReason, text(v, "response.choices.0.finish_reason", "response.stop_reason"))
	l.Text(event.AITier, text(v, "response.service_tier", "model_parameters.service_tier"))
	if messages := v.Get("messages"); messages.IsArray() {
		l.Int(event.AIMessageCount, messages.Get("#").Int())
	}
	if calls := v.Get("response.choices.0.message.tool_calls"); calls.IsArray() {
		l.Int(event.AIRequestedToolCalls, calls.Get("#").Int())
	}
	l.Text(event.AIPromptID, text(v, "metadata.prompt_management_metadata.prompt_id"))
	l.Text(event.AIPromptVersion, text(v, "metadata.prompt_management_metadata.prompt_version"))
	t := tags{}
	if group := text(v, "model_group"); group != model {
		t.set("model_group", group)
	}
	t.set("tags", joined(v.Get("request_tags")))
	t.set("organization", text(v, "metadata.user_api_key_org_alias", "metadata.user_api_key_org_id"))
	l.Properties(t)
	l.End()
	return nil
}

// unknownModel stands where a sender does not say which model it was.
const unknownModel = "unknown"

// litellmIdentity writes what both kinds of events have: when, who, and where it belongs.
func litellmIdentity(l *wire.Lines, v gjson.Result) {
	if at := moment(v, "startTime", "endTime"); !at.IsZero() {
		l.Time(event.Timestamp, at)
	}
	l.Text(event.EventID, idOf(text(v, "id", "call_id")))
	l.Text(event.TraceID, idOf(text(v, "trace_id")))
	l.Text(event.UserID, text(v, "end_user", "metadata.user_api_key_end_user_id", "metadata.user_api_key_user_id"))
	l.Text(event.SessionID, text(v, "metadata.session_id", "metadata.requester_metadata.session_id"))
	l.Text(event.Project, text(v, "metadata.user_api_key_team_alias", "metadata.user_api_key_team_id"))
}

// litellmOutcome writes how the call ended, what it used and what LiteLLM says it cost.
func litellmOutcome(l *wire.Lines, v gjson.Result) {
	m := v.Get("metadata")
	if hash := text(m, "user_api_key_hash"); hash != "" {
		if strings.HasPrefix(hash, "sk-") { // an old LiteLLM may send the key itself
			hash = nameOf(hash)
		}
		l.Text(event.AIAPIKeyID, hash)
	}
	l.Text(event.AIAPIKeyLabel, text(m, "user_api_key_alias"))
	l.Text(event.AIClientIP, addressOf(text(m, "requester_ip_address")))
	hit, _ := truth(v, "cache_hit")
	if hit || v.Get("cache_hit").IsBool() {
		l.Bool(event.AICacheHit, hit)
	}
	u := litellmUsage(v)
	if failed := text(v, "status") == "failure"; failed {
		l.Bool(event.AISuccess, false)
		if code := count(v, "error_information.error_code"); code.N >= 400 && code.N <= 599 {
			l.Int(event.AIStatusCode, code.N)
		}
		kind := text(v, "error_information.error_class")
		if kind == "" {
			kind = "error"
		}
		l.Text(event.AIErrorType, kind)
		l.Text(event.AIErrorMessage, firstLine(text(v, "error_information.error_message", "error_str")))
		if u.Input.N+u.Output.N == 0 {
			u = wire.Usage{} // zeros stand for unknown here
		}
	} else {
		l.Bool(event.AISuccess, true)
		l.Int(event.AIStatusCode, 200)
	}
	if hit {
		u = wire.Usage{} // what the first answer used; this one used nothing
	}
	cost, ok := number(v, "response_cost")
	switch {
	case !ok || cost < 0 || cost == 0 && !hit:
	default:
		l.Float(event.AICostUSD, cost)
	}
	if u.Known() {
		l.Usage(u)
		l.Text(event.AIUsageSource, "client")
	}
}

// litellmUsage is the fullest of the places where LiteLLM keeps what was used.
func litellmUsage(v gjson.Result) wire.Usage {
	for _, at := range []string{"metadata.usage_object", "usage_object", "response.usage"} {
		if u := usageOf(v.Get(at)); u.Input.N+u.Output.N > 0 {
			return withCached(u, v, v.Get(at))
		}
	}
	return usageOf(v)
}

// withCached adds the cached tokens to a total that leaves them out, as some versions count calls of
// Anthropic's own API. All of the total is uncached text then.
func withCached(u wire.Usage, v, usage gjson.Result) wire.Usage {
	plain := count(usage, "prompt_tokens_details.text_tokens")
	if text(v, "call_type") == "anthropic_messages" && plain.Known && u.Input.Known && plain.N == u.Input.N {
		u.Input.N += u.CacheRead.N + u.CacheWrite.N
	}
	return u
}

// litellmOperation is a call type by the name OpenTelemetry has for it.
func litellmOperation(call string) string {
	name := strings.TrimSuffix(call, "_streaming")
	if known, ok := litellmOperations[name]; ok {
		return known
	}
	if known, ok := litellmOperations[strings.TrimPrefix(name, "a")]; ok { // acompletion and the like
		return known
	}
	return call
}

var litellmOperations = map[string]string{
	"completion": "chat", "responses": "chat", "anthropic_messages": "chat",
	"generate_content": "generate_content", "generate_content_stream": "generate_content",
	"text_completion": "text_completion", "embedding": "embeddings", "embeddings": "embeddings",
}

// readLiteLLMTool reads a call of an MCP server through LiteLLM.
func readLiteLLMTool(l *wire.Lines, v gjson.Result, name string) *decode.Problem {
	l.Begin(event.ToolCall)
	litellmIdentity(l, v)
	l.Text(event.ToolTool, name)
	l.Text(event.ToolServer, text(v, "metadata.mcp_tool_call_metadata.mcp_server_name",
		"mcp_tool_call_metadata.mcp_server_name"))
	start, end := moment(v, "startTime"), moment(v, "endTime")
	if !start.IsZero() && !end.IsZero() {
		l.Span(event.ToolDurationMS, end.Sub(start))
	}
	failed := text(v, "status") == "failure"
	l.Bool(event.ToolSuccess, !failed)
	if failed {
		l.Text(event.ToolErrorType, text(v, "error_information.error_class"))
	}
	l.End()
	return nil
}

// firstLine is what an error says before its trace.
func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
