package demo

import "time"

// model is a model the team uses, and how it behaves.
type model struct {
	name, provider, endpoint string
	tokensPerSecond          float64
	cached                   float64 // share of the input that is read from the provider's cache
}

var (
	gpt     = model{"gpt-4o", "openai", "/v1/chat/completions", 90, 0.3}
	mini    = model{"gpt-4o-mini", "openai", "/v1/chat/completions", 120, 0.2}
	sonnet  = model{"claude-sonnet-4-5", "anthropic", "/v1/messages", 70, 0.6}
	haiku   = model{"claude-haiku-4-5", "anthropic", "/v1/messages", 140, 0.5}
	opus    = model{"claude-opus-4-1", "anthropic", "/v1/messages", 45, 0.1}
	flash   = model{"gemini-2.5-flash", "google", "/v1beta/generateContent", 160, 0.1}
	unknown = model{"acme-support-7b", "self-hosted", "/v1/chat/completions", 60, 0}
)

// agent is one of the team's agents.
type agent struct {
	name, project string
	models        []model
	tools         []string
	input, output float64 // median tokens of a call
	calls         int     // most calls in one turn
}

var agents = []agent{
	{"support", "helpdesk", []model{haiku, haiku, mini, unknown}, []string{"search_tickets", "lookup_order"}, 2200, 240, 3},
	{"researcher", "docs", []model{sonnet, gpt, flash}, []string{"web_search", "read_page", "search_docs"}, 6400, 620, 5},
	{"reviewer", "code", []model{sonnet, sonnet, gpt}, []string{"read_file", "run_tests", "git_diff"}, 9800, 900, 6},
	{"writer", "marketing", []model{gpt, flash}, []string{"search_docs"}, 1500, 1100, 2},
}

var failures = []struct {
	status int
	kind   string
	text   string
}{
	{429, "rate_limit_error", "rate limit reached for requests"},
	{529, "overloaded_error", "overloaded"},
	{500, "api_error", "internal server error"},
	{504, "timeout", "upstream timed out"},
	{400, "invalid_request_error", "maximum context length exceeded"},
}

// turn is one task of an agent: calls to models with tool calls between them, on one trace.
func (h *hour) turn() {
	a := pick(h, agents)
	at := h.moment()
	base := map[string]any{
		"project": a.project, "agent": a.name, "trace_id": h.hex128(),
		"user_id": user(h), "conversation_id": h.uuid()[:13],
	}
	h.add(at, merge(base, map[string]any{"type": "agent_task", "task": a.name + "_turn", "status": "started"}))
	begin, ok := at, true
	for range 1 + h.IntN(a.calls) {
		took, good := h.call(at, a, pick(h, a.models), base)
		at += took
		ok = ok && good
		if h.Float64() < 0.6 {
			at += h.tool(at, a, base)
		}
	}
	end := map[string]any{"type": "agent_task", "task": a.name + "_turn", "status": "completed",
		"duration_ms": ms(at - begin)}
	if !ok {
		end["status"], end["error_type"] = "failed", "model_error"
	}
	h.add(at, merge(base, end))
}

// call is one request to a model; it says how long it took and whether it worked.
func (h *hour) call(at time.Duration, a agent, m model, base map[string]any) (time.Duration, bool) {
	input := int(h.around(a.input, 0.6))
	output := int(h.around(a.output, 0.7)) + 1
	ttfb := time.Duration(h.around(420, 0.5)) * time.Millisecond
	took := ttfb + time.Duration(float64(output)/m.tokensPerSecond*float64(time.Second))
	e := map[string]any{
		"type": "ai_request", "model": m.name, "provider": m.provider, "endpoint": m.endpoint,
		"method": "POST", "operation": "chat", "stream": h.Float64() < 0.7, "message_count": 2 + h.IntN(14),
		"prompt_id": a.name + "-v" + string(rune('1'+h.IntN(3))), "api_key_label": a.project,
		"backend": m.provider, "request_bytes": input * 5, "authenticated": true, "auth_method": "bearer",
	}
	if h.Float64() < 0.022 {
		f := pick(h, failures)
		e["status_code"], e["error_type"], e["error_message"] = f.status, f.kind, f.text
		e["duration_ms"] = ms(ttfb)
		h.add(at, merge(base, e))
		return ttfb, false
	}
	e["status_code"], e["input_tokens"], e["output_tokens"] = 200, input, output
	if m.cached > 0 {
		e["cache_read_tokens"] = int(float64(input) * m.cached * h.Float64())
	}
	if m.name == sonnet.name || m.name == flash.name {
		e["reasoning_tokens"] = output / 4
	}
	e["duration_ms"], e["ttfb_ms"], e["upstream_duration_ms"] = ms(took), ms(ttfb), ms(took-2*time.Millisecond)
	e["response_bytes"] = output * 5
	h.add(at, merge(base, e))
	return took, true
}

// runaway is one call of an agent that repeats itself on the dearest model.
func (h *hour) runaway() {
	loop := agent{"reviewer", "code", []model{opus}, []string{"run_tests"}, 42000, 2600, 1}
	base := map[string]any{"project": loop.project, "agent": loop.name, "trace_id": h.hex128(), "user_id": "u-ci"}
	h.call(h.moment(), loop, opus, base)
}

func (h *hour) tool(at time.Duration, a agent, base map[string]any) time.Duration {
	took := time.Duration(h.around(310, 0.9)) * time.Millisecond
	e := map[string]any{"type": "tool_call", "tool": pick(h, a.tools), "server": a.project + "-mcp",
		"success": true, "duration_ms": ms(took), "result_bytes": int(h.around(2400, 1))}
	if h.Float64() < 0.035 {
		e["success"], e["error_type"], e["error_message"] = false, "tool_error", "tool returned an error"
	}
	h.add(at, merge(base, e))
	return took
}

func user(h *hour) string { return "u-" + string(rune('a'+h.IntN(22))) + string(rune('a'+h.IntN(3))) }

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// merge copies both maps into a new one, without empty texts.
func merge(base, own map[string]any) map[string]any {
	out := make(map[string]any, len(base)+len(own)+2)
	for k, v := range base {
		out[k] = v
	}
	for k, v := range own {
		if v != "" {
			out[k] = v
		}
	}
	return out
}
