package agentlogs

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"analytics/engine/event"
	"analytics/ingest/dialect"
	"analytics/ingest/wire"
)

// claude reads one session of Claude Code. A line is a message; an answer of the model is a line for
// each of its parts, all with the same message id and with counts that grow.
type claude struct {
	s        *Stream
	answers  map[string]*answer // by message id, or what stands for it
	order    []*answer
	tools    map[string]*tool // by the id of the call
	toolList []*tool
	last     *answer // the one that the file ends with
}

// answer is one answer of a model.
type answer struct {
	id, request, model, session, project, version, agentID string
	sidechain                                              bool
	at                                                     time.Time
	usage                                                  wire.Usage
	tier, finish                                           string
	tools                                                  int
	cost, duration                                         float64 // USD and ms; old versions wrote them
}

func newClaude(s *Stream) *claude {
	return &claude{s: s, answers: map[string]*answer{}, tools: map[string]*tool{}}
}

func (c *claude) line(v gjson.Result) {
	switch v.Get("type").Str {
	case "assistant":
		c.assistant(v)
	case "user":
		c.results(v)
	}
}

// assistant reads a part of an answer.
func (c *claude) assistant(v gjson.Result) {
	m := v.Get("message")
	at := timeOf(v.Get("timestamp"))
	switch model := m.Get("model").Str; {
	case model == "<synthetic>":
		c.s.skip("made by the agent itself")
		return
	case model == "":
		c.s.skip("no model")
		return
	case at.IsZero():
		c.s.skip("no time")
		return
	}
	a := c.find(v, m, at)
	c.last = a
	if v.Get("isSidechain").Bool() && !a.sidechain {
		return // a repetition for a sub-agent: the original counts
	}
	if u := m.Get("usage"); u.IsObject() {
		used := dialect.AnthropicUsage([]byte(u.Raw))
		if used.Output.N >= a.usage.Output.N { // the count grows; a line may be written again later
			a.usage = used
		}
		a.tier = text(u, "service_tier")
		if speed := text(u, "speed"); speed != "" && speed != "standard" {
			a.tier = speed
		}
	}
	if stop := text(m, "stop_reason"); stop != "" {
		a.finish = stop
	}
	a.cost, a.duration = v.Get("costUSD").Num, v.Get("durationMs").Num
	m.Get("content").ForEach(func(_, part gjson.Result) bool {
		if part.Get("type").Str == "tool_use" {
			c.call(a, part, at)
		}
		return true
	})
}

// find is the answer that a line is part of. Two requests share a message id only where a proxy
// makes the ids; a repetition for a sub-agent has another request, or none.
func (c *claude) find(v, m gjson.Result, at time.Time) *answer {
	id, request := text(m, "id"), text(v, "requestId")
	side := v.Get("isSidechain").Bool()
	if id == "" {
		id = "line " + v.Get("uuid").Str + v.Get("timestamp").Str
	}
	key := id
	if a := c.answers[key]; a != nil {
		if side || a.sidechain || request == "" || a.request == "" || a.request == request {
			return a
		}
		if key = id + " " + request; c.answers[key] != nil {
			return c.answers[key]
		}
	}
	a := &answer{
		id: id, request: request, model: text(m, "model"), at: at, sidechain: side,
		session: text(v, "sessionId"), project: projectOf(v.Get("cwd").Str),
		version: label(v, "version"), agentID: label(v, "agentId"),
	}
	c.answers[key] = a
	c.order = append(c.order, a)
	return a
}

// call notes a tool that the model asked for.
func (c *claude) call(a *answer, part gjson.Result, at time.Time) {
	id, name := text(part, "id"), text(part, "name")
	if id == "" || name == "" || c.tools[id] != nil {
		return
	}
	a.tools++
	t := &tool{agent: "claude-code", id: id, at: at, session: a.session, project: a.project, agentID: a.agentID}
	t.setName(name)
	c.tools[id] = t
	c.toolList = append(c.toolList, t)
}

// results reads what tools answered: whether they failed, how long they took where the file says so,
// and how much they said.
func (c *claude) results(v gjson.Result) {
	v.Get("message.content").ForEach(func(_, part gjson.Result) bool {
		t := c.tools[part.Get("tool_use_id").Str]
		if part.Get("type").Str != "tool_result" || t == nil || t.answered {
			return true
		}
		t.answered, t.failed = true, part.Get("is_error").Bool()
		t.size = sizeOf(part.Get("content"))
		result := v.Get("toolUseResult")
		if t.failed {
			t.kind = "error"
			if strings.HasPrefix(result.Str, "User rejected") {
				t.kind = "rejected"
			}
		}
		for _, name := range []string{"durationMs", "totalDurationMs"} {
			if ms := result.Get(name); ms.Type == gjson.Number && ms.Num >= 0 && ms.Num < maxMS {
				t.took = time.Duration(ms.Num * float64(time.Millisecond))
			}
		}
		return true
	})
}

// end writes the answers and tools of the file.
func (c *claude) end(growing bool) {
	for _, a := range c.order {
		if growing && a == c.last && a.finish == "" {
			c.s.skip("still being written")
			continue
		}
		c.write(a)
	}
	for _, t := range c.toolList {
		t.write(c.s, growing)
	}
}

func (c *claude) write(a *answer) {
	// The request is part of the id only where the id of the message alone is taken.
	id := idOf("claude-code", a.id)
	if c.answers[a.id] != a {
		id = idOf("claude-code", a.id, a.request)
	}
	if !c.s.first(id) {
		c.s.countRepeated()
		return
	}
	l := &c.s.lines
	l.Begin(event.AIRequest)
	l.Text(event.EventID, idText(id))
	l.Time(event.Timestamp, a.at)
	l.Text(event.AIModel, a.model)
	l.Text(event.AIProvider, claudeProvider(a.id, a.model))
	l.Text(event.AIOperation, dialect.Chat)
	l.Text(event.Agent, "claude-code")
	l.Text(event.SessionID, a.session)
	l.Text(event.ConversationID, a.session)
	l.Text(event.Project, a.project)
	l.Text(event.AITier, a.tier)
	l.Text(event.AIFinishReason, a.finish)
	l.Int(event.AIRequestedToolCalls, int64(a.tools))
	if a.cost > 0 {
		l.Float(event.AICostUSD, a.cost)
	}
	if a.duration > 0 && a.duration < maxMS {
		l.Span(event.AIDurationMS, time.Duration(a.duration*float64(time.Millisecond)))
	}
	if a.usage.Known() {
		l.Usage(a.usage)
		l.Text(event.AIUsageSource, "client")
	}
	properties := map[string]any{}
	if a.version != "" {
		properties["agent_version"] = a.version
	}
	if a.agentID != "" {
		properties["sub_agent"] = a.agentID
	}
	l.Properties(properties)
	l.End()
	c.s.count(a.usage)
}

// maxMS is a day: longer is no duration but a mistake.
const maxMS = 24 * 60 * 60 * 1000

// claudeProvider is who served an answer, as its id tells. Other makers' models come through proxies
// that do not say who they ask.
func claudeProvider(id, model string) string {
	switch {
	case strings.HasPrefix(id, "msg_bdrk_"):
		return "aws.bedrock"
	case strings.HasPrefix(id, "msg_vrtx_"):
		return "gcp.vertex_ai"
	case strings.Contains(model, "claude"):
		return "anthropic"
	}
	return ""
}
