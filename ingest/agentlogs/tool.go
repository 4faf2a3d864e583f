package agentlogs

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"analytics/engine/event"
)

// tool is one call of a tool.
type tool struct {
	agent, id, name, server, session, project, agentID string
	at                                                 time.Time
	took                                               time.Duration
	size                                               int64
	kind                                               string // of error
	answered, failed                                   bool
}

// setName splits the names that agents give to tools of MCP servers: mcp__server__tool.
func (t *tool) setName(name string) {
	t.name = name
	if server, tool, ok := strings.Cut(strings.TrimPrefix(name, "mcp__"), "__"); ok &&
		strings.HasPrefix(name, "mcp__") && tool != "" {
		t.server, t.name = server, tool
	}
}

// write writes the call, unless it was written before or its answer may be still to come.
func (t *tool) write(s *Stream, growing bool) {
	if !t.answered {
		if growing {
			return
		}
		t.failed, t.kind = true, "no_result" // the session ended first
	}
	id := idOf(t.agent, "tool", t.id)
	if !s.first(id) {
		return
	}
	l := &s.lines
	l.Begin(event.ToolCall)
	l.Text(event.EventID, idText(id))
	l.Time(event.Timestamp, t.at)
	l.Text(event.ToolTool, t.name)
	l.Text(event.ToolServer, t.server)
	l.Bool(event.ToolSuccess, !t.failed)
	if t.failed {
		l.Text(event.ToolErrorType, t.kind)
	}
	if t.took > 0 {
		l.Span(event.ToolDurationMS, t.took)
	}
	if t.answered {
		l.Int(event.ToolResultBytes, t.size)
	}
	l.Text(event.Agent, t.agent)
	l.Text(event.SessionID, t.session)
	l.Text(event.ConversationID, t.session)
	l.Text(event.Project, t.project)
	if t.agentID != "" {
		l.Properties(map[string]any{"sub_agent": t.agentID})
	}
	l.End()
	s.countTool()
}

// sizeOf is how many bytes of text a result has.
func sizeOf(v gjson.Result) (n int64) {
	if v.Type == gjson.String {
		return int64(len(v.Str))
	}
	v.ForEach(func(_, part gjson.Result) bool {
		n += int64(len(part.Get("text").Str))
		return true
	})
	return n
}
