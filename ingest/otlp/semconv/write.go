package semconv

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/ingest/wire"
)

// write adds the event.
func (c *call) write(l *wire.Lines, k kind) error {
	switch k {
	case request:
		c.request(l)
	case toolRun:
		return c.toolCall(l)
	case agentRun:
		return c.agentTask(l)
	case ifDenied:
		c.denial(l)
	}
	return nil
}

// common writes what every kind has.
func (c *call) common(l *wire.Lines, id string) {
	l.Text(event.EventID, id)
	if !c.start.IsZero() {
		l.Time(event.Timestamp, c.start)
	}
	l.Text(event.Project, c.text(project))
	l.Text(event.UserID, short(c.text(user)))
	session, conversation := c.text(session), c.text(conversation)
	l.Text(event.SessionID, short(or(session, conversation)))
	l.Text(event.ConversationID, short(or(conversation, session)))
	l.Text(event.TraceID, c.trace)
	l.Text(event.SpanID, c.span)
	l.Text(event.ParentSpanID, c.parent)
}

// maxID is the longest id that the native door takes; longer ones become a hash, not a cut.
const maxID = 64

func short(id string) string {
	if len(id) > maxID {
		return idOf(id)
	}
	return id
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// who is the agent that acted.
func (c *call) who() string {
	name := c.text(agent)
	if name == "" && c.from.agent {
		return c.from.name
	}
	return name
}

// request writes a call to a model.
func (c *call) request(l *wire.Lines) {
	own := or(c.text(responseID), c.text(requestID))
	if c.from.requestID {
		own = or(c.text(requestID), c.text(responseID))
	}
	asked, answered := c.text(model), c.text(responseModel)
	whose := c.table.provider(or(c.text(provider), c.from.provider))
	l.Begin(event.AIRequest)
	c.common(l, c.id("ai_request", own))
	l.Text(event.Agent, c.who())
	l.Text(event.AIModel, or(or(asked, answered), "unknown"))
	l.Text(event.AIResponseModel, answered)
	l.Text(event.AIProvider, whose)
	l.Text(event.AIOperation, c.operation())
	if yes, known := c.truth(stream); known {
		l.Bool(event.AIStream, yes)
	}
	if n, ok := c.number(statusCode); ok && n >= 100 && n < 600 {
		l.Int(event.AIStatusCode, int64(n))
	}
	l.Bool(event.AISuccess, !c.bad)
	l.Text(event.AIErrorType, c.why)
	l.Text(event.AIFinishReason, c.text(finishReason))
	l.Text(event.AITier, c.text(tier))
	if c.timed {
		l.Span(event.AIDurationMS, c.took)
	}
	c.firstByte(l)
	l.Text(event.AIPromptID, c.text(promptID))
	l.Text(event.AIPromptVersion, c.text(promptVersion))
	l.Text(event.AIBackend, c.text(backend))
	if n, ok := c.number(attempt); ok && n >= 1 && n <= 1000 {
		l.Int(event.AIAttempt, int64(n))
	}
	if n, ok := c.messageCount(); ok {
		l.Int(event.AIMessageCount, n)
	}
	if usd, ok := c.cost(); ok && usd <= maxCost {
		l.Float(event.AICostUSD, usd)
	}
	u, guessed := c.usage(whose)
	if u.Known() {
		l.Usage(u)
		l.Text(event.AIUsageSource, "client")
	}
	if guessed {
		c.property("usage_ambiguous", pcommon.NewValueBool(true))
	}
	l.Properties(c.properties)
	l.End()
}

// maxCost is the most that one request may cost in USD, as the native door has it.
const maxCost = 1_000_000

// operation is what was asked for, in the words of the convention.
func (c *call) operation() string {
	said := strings.ToLower(or(or(or(c.text(kindOperation), c.text(kindOpenInference)),
		c.text(kindLangfuse)), or(c.text(kindVercel), c.text(kindRequestType))))
	switch {
	case strings.Contains(said, "embed"):
		return "embeddings"
	case said == "generate_content", said == "text_completion":
		return said
	case said == "completion":
		return "text_completion"
	case said == "rerank":
		return said
	}
	return "chat"
}

// firstByte writes the time to the first part of the answer.
func (c *call) firstByte(l *wire.Lines) {
	if d, ok := c.reading.span(ttfb); ok {
		l.Span(event.AITTFBMS, d)
		return
	}
	text := strings.Trim(c.text(ttfbAt), `"`)
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil && !c.start.IsZero() &&
		!at.Before(c.start) && at.Sub(c.start) <= longest {
		l.Span(event.AITTFBMS, at.Sub(c.start))
	}
}

// messageCount counts the messages of the request and reads none.
func (c *call) messageCount() (int64, bool) {
	if !c.has(messages) {
		return 0, false
	}
	v := c.values[messages]
	switch {
	case v.Type() == pcommon.ValueTypeSlice:
		return int64(v.Slice().Len()), true
	case v.Type() == pcommon.ValueTypeStr && strings.HasPrefix(v.Str(), "[") && gjson.Valid(v.Str()):
		return gjson.Get(v.Str(), "#").Int(), true
	}
	return 0, false
}

// toolCall writes the run of a tool.
func (c *call) toolCall(l *wire.Lines) error {
	name, where := c.text(tool), c.text(server)
	// Claude Code says which server's tool it was among the parameters, of which nothing else is read.
	if p := c.text(toolParameters); p != "" && gjson.Valid(p) {
		where = or(where, gjson.Get(p, "mcp_server_name").Str)
		if own := gjson.Get(p, "mcp_tool_name").Str; own != "" {
			name = own
		}
	}
	if rest, ok := strings.CutPrefix(name, "mcp__"); ok {
		if s, t, ok := strings.Cut(rest, "__"); ok && t != "" {
			name, where = t, or(where, s)
		}
	}
	for _, prefix := range []string{"execute_tool ", "tools/call "} {
		if rest, ok := strings.CutPrefix(c.name, prefix); ok {
			name = or(name, rest)
		}
	}
	name = or(name, c.text(entity))
	if c.has(kindMCP) {
		where = or(where, c.text(backend))
	}
	if name == "" && (c.has(kindOpenInference) || c.has(kindLangfuse)) {
		name = c.name // they name the span after the tool
	}
	if name == "" {
		return fault.At(fault.Invalid, "missing_field", "gen_ai.tool.name",
			"the tool call has no name; set gen_ai.tool.name")
	}
	l.Begin(event.ToolCall)
	c.common(l, c.id("tool_call", c.text(toolID)))
	l.Text(event.Agent, c.who())
	l.Text(event.ToolTool, name)
	l.Text(event.ToolServer, where)
	l.Bool(event.ToolSuccess, !c.bad)
	l.Text(event.ToolErrorType, c.why)
	if c.timed {
		l.Span(event.ToolDurationMS, c.took)
	}
	if n, ok := c.number(resultBytes); ok && n >= 0 && n <= event.MaxNumber {
		l.Int(event.ToolResultBytes, int64(n))
	}
	l.Properties(c.properties)
	l.End()
	return nil
}

// agentTask writes the run of an agent.
func (c *call) agentTask(l *wire.Lines) error {
	name := or(c.who(), c.text(entity))
	for _, prefix := range []string{"invoke_agent ", "create_agent "} {
		if rest, ok := strings.CutPrefix(c.name, prefix); ok {
			name = or(name, rest)
		}
	}
	name = or(name, c.name)
	if name == "" {
		return fault.At(fault.Invalid, "missing_field", "gen_ai.agent.name",
			"the agent has no name; set gen_ai.agent.name")
	}
	status := "completed"
	switch strings.ToLower(c.text(finishReason)) {
	case "error", "timeout", "abort", "aborted", "max_turns":
		c.bad, c.why = true, or(c.why, strings.ToLower(c.text(finishReason)))
	}
	if c.bad {
		status = "failed"
	}
	l.Begin(event.AgentTask)
	c.common(l, c.id("agent_task", ""))
	l.Text(event.Agent, name)
	l.Text(event.TaskTask, c.text(task))
	l.Text(event.TaskStatus, status)
	l.Bool(event.TaskSuccess, !c.bad)
	l.Text(event.TaskErrorType, c.why)
	if c.timed {
		l.Span(event.TaskDurationMS, c.took)
	}
	l.Properties(c.properties)
	l.End()
	return nil
}

// denial writes that somebody did not let a tool run.
func (c *call) denial(l *wire.Lines) {
	l.Begin(event.Activity)
	c.common(l, c.id("denial", c.text(toolID)))
	l.Text(event.Agent, c.who())
	l.Text(event.ActivityCategory, "authorization")
	l.Text(event.ActivityAction, "tool_denied")
	l.Text(event.ActivityActor, c.text(user))
	l.Text(event.ActivityTarget, c.text(tool))
	l.Text(event.ActivityOutcome, "denied")
	l.Properties(c.properties)
	l.End()
}
