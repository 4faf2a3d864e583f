package compat

import (
	"time"

	"github.com/tidwall/gjson"

	"analytics/engine/event"
	"analytics/ingest/decode"
	"analytics/ingest/wire"
)

// readPromptOps reads one entry of the telemetry that PromptOps' clients send in batches of some
// hundred. Its documents name the endpoint and the columns (model_provider, prompt_id,
// tokens_used, cost_usd, response_time_ms …) but no format, so the usual other names are read too.
//
// tokens_used alone does not say what was read and what was written, which cost differently: an event has
// tokens of the one or of the other, and a share of each would be invented. It is kept as a property and is
// in no sum of tokens, total_tokens_used included; the cost is the client's.
func readPromptOps(l *wire.Lines, v gjson.Result) *decode.Problem {
	model := text(v, "model", "model_name", "model_id", "modelName")
	prompt := text(v, "prompt_id", "promptId", "prompt_name")
	endpoint := text(v, "endpoint", "path")
	if model == "" && prompt == "" && endpoint == "" {
		return bad(decode.MissingField, "the entry needs a model, prompt_id or endpoint")
	}
	if model == "" {
		model = unknownModel
	}
	l.Begin(event.AIRequest)
	if at := moment(v, "timestamp", "created_at", "time", "start_time"); !at.IsZero() {
		l.Time(event.Timestamp, at)
	}
	l.Text(event.EventID, idOf(text(v, "id", "log_id", "request_id", "requestId")))
	l.Text(event.AIModel, model)
	l.Text(event.AIProvider, text(v, "model_provider", "modelProvider", "provider"))
	l.Text(event.AIEndpoint, endpoint)
	l.Text(event.AIOperation, text(v, "operation"))
	l.Text(event.AIPromptID, prompt)
	l.Text(event.AIPromptVersion, text(v, "prompt_version", "promptVersion", "version"))
	l.Text(event.Project, text(v, "project_id", "projectId", "project"))
	l.Text(event.UserID, text(v, "user_id", "userId", "user"))
	l.Text(event.SessionID, text(v, "session_id", "sessionId"))
	l.Text(event.TraceID, idOf(text(v, "trace_id", "traceId")))
	if ms, ok := number(v, "response_time_ms", "duration_ms", "latency_ms", "responseTimeMs"); ok {
		l.Span(event.AIDurationMS, time.Duration(min(ms, maxMS)*float64(time.Millisecond)))
	}
	if hit, ok := truth(v, "cache_hit", "cacheHit", "cached"); ok {
		l.Bool(event.AICacheHit, hit)
	}
	if code := count(v, "status_code", "statusCode"); code.N >= 100 && code.N <= 599 {
		l.Int(event.AIStatusCode, code.N)
	}
	if good, ok := truth(v, "success", "is_success"); ok {
		l.Bool(event.AISuccess, good)
	}
	l.Text(event.AIErrorType, text(v, "error_type", "errorType", "error_code"))
	l.Text(event.AIErrorMessage, firstLine(text(v, "error_message", "errorMessage", "error")))
	if cost, ok := number(v, "cost_usd", "total_cost_usd", "costUsd", "cost"); ok && cost >= 0 {
		l.Float(event.AICostUSD, cost)
	}
	t := tags{}
	u := promptOpsUsage(v)
	if u.Known() {
		l.Usage(u)
	} else {
		t.set("tokens_used", text(v, "tokens_used", "tokensUsed", "total_tokens", "totalTokens"))
	}
	l.Text(event.AIUsageSource, "client")
	t.set("tokens_requested", text(v, "tokens_requested", "tokensRequested"))
	t.set("client_version", text(v, "client_version", "clientVersion", "sdk_version"))
	t.set("environment", text(v, "environment"))
	l.Properties(t)
	l.End()
	return nil
}

// maxMS is a day, more than a request takes.
const maxMS = 24 * 60 * 60 * 1000

// promptOpsUsage is the tokens, where the entry says which were read and which written.
func promptOpsUsage(v gjson.Result) wire.Usage {
	if u := usageOf(v.Get("usage")); u.Known() {
		return u
	}
	u := usageOf(v)
	u.Input = u.Input.Or(count(v, "tokens_input", "inputTokens", "promptTokens", "tokens_prompt"))
	u.Output = u.Output.Or(count(v, "tokens_output", "outputTokens", "completionTokens", "tokens_completion"))
	return consistent(u)
}
