package agentlogs

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"analytics/engine/event"
	"analytics/ingest/dialect"
	"analytics/ingest/wire"
)

// codex reads one session of Codex. After each answer of the model there is a token_count with the
// tokens of that answer and of the session so far; it is repeated when only a rate limit changed.
//
// A session that continues another, or was spawned by it, begins with a copy of it, some with the
// times of the original and some with their own. What the parent's file has too is a copy; when that
// file is not there, what happened before the session or as it began.
type codex struct {
	s *Stream
	// session is the file's own; parents are the sessions it may begin with a copy of.
	session, project, model, provider, version string
	parents                                    []string
	start                                      time.Time
	own                                        bool // the copy is over
	counted                                    bool
	total                                      counters
	vectors                                    map[[16]byte]bool
	order                                      []*turn
	tools                                      map[string]*tool
	toolList                                   []*tool
}

// copied is how long after its begin a session may still be busy with the copy.
const copied = 2 * time.Second

// turn is one answer of the model.
type turn struct {
	id             [16]byte
	at             time.Time
	model, project string
	usage          counters
}

// counters are Codex' counts: input includes what was cached, output includes reasoning.
type counters struct {
	input, cached, written, output, reasoning int64
}

func newCodex(s *Stream) *codex {
	return &codex{s: s, tools: map[string]*tool{}, vectors: map[[16]byte]bool{}}
}

func (c *codex) line(v gjson.Result) {
	p := v.Get("payload")
	switch v.Get("type").Str {
	case "session_meta":
		c.meta(v, p)
	case "turn_context":
		if model := text(p, "model"); model != "" {
			c.model = model
		}
		c.place(p)
	case "event_msg":
		switch p.Get("type").Str {
		case "token_count":
			c.tokens(v, p.Get("info"))
		case "exec_command_end", "mcp_tool_call_end", "patch_apply_end":
			c.ended(p)
		}
	case "response_item":
		c.item(v, p)
	}
}

// meta reads whose session it is. Those of the sessions it continues follow in the copies.
func (c *codex) meta(v, p gjson.Result) {
	id := text(p, "id")
	if c.session == "" {
		c.session, c.start = id, timeOf(v.Get("timestamp"))
		c.provider, c.version = text(p, "model_provider"), label(p, "cli_version")
	}
	for _, parent := range []string{
		id, text(p, "forked_from_id"), text(p, "parent_thread_id"),
		text(p, "source.subagent.thread_spawn.parent_thread_id"),
	} {
		if parent != "" && parent != c.session && !c.own {
			c.parents = append(c.parents, parent)
		}
	}
	c.place(p)
}

// copy reports whether something is from the parent's session.
func (c *codex) copy(at time.Time, vector [16]byte) bool {
	if c.own || len(c.parents) == 0 {
		return false
	}
	known := false
	for _, parent := range c.parents {
		if vectors := c.s.sessions[parent]; vectors != nil {
			if vectors[vector] {
				return true
			}
			known = true
		}
	}
	return !known && at.Before(c.start.Add(copied))
}

func (c *codex) place(p gjson.Result) {
	if cwd := p.Get("cwd").Str; cwd != "" {
		c.project = projectOf(cwd)
	}
}

// tokens reads a token_count.
func (c *codex) tokens(v, info gjson.Result) {
	if !info.IsObject() {
		return // rate limits only
	}
	total, last := countersOf(info.Get("total_token_usage")), countersOf(info.Get("last_token_usage"))
	if c.counted && total == c.total && total != (counters{}) {
		c.s.countRepeated()
		return
	}
	used := last
	if !info.Get("last_token_usage").IsObject() {
		used = total.since(c.total)
	}
	c.counted, c.total = true, total
	at := timeOf(v.Get("timestamp"))
	switch {
	case used == (counters{}):
		return
	case at.IsZero():
		c.s.skip("no time")
		return
	}
	vector := idOf(fmt.Sprint(total), fmt.Sprint(used))
	c.vectors[vector] = true
	if c.copy(at, vector) {
		c.s.countRepeated()
		return
	}
	c.own = true
	id := idOf("codex", c.session, string(vector[:]))
	if total == (counters{}) || c.session == "" {
		id = idOf("codex", c.session, v.Get("timestamp").Str, string(vector[:]))
	}
	c.order = append(c.order, &turn{id: id, at: at, model: c.model, project: c.project, usage: used})
}

func countersOf(v gjson.Result) counters {
	n := func(name string) int64 { return min(max(v.Get(name).Int(), 0), 1<<40) }
	return counters{
		input: n("input_tokens"), cached: n("cached_input_tokens"), written: n("cache_write_input_tokens"),
		output: n("output_tokens"), reasoning: n("reasoning_output_tokens"),
	}
}

// since is what came to the counters; all of them if they began anew.
func (n counters) since(before counters) counters {
	d := counters{
		n.input - before.input, n.cached - before.cached, n.written - before.written,
		n.output - before.output, n.reasoning - before.reasoning,
	}
	if min(d.input, d.cached, d.written, d.output, d.reasoning) < 0 {
		return n
	}
	return d
}

// usage is the counters with the meaning of the native door, made to fit.
func (n counters) usage() wire.Usage {
	u := wire.Usage{
		Input: wire.Some(n.input), CacheRead: wire.Some(min(n.cached, n.input)),
		Output: wire.Some(n.output), Reasoning: wire.Some(min(n.reasoning, n.output)),
	}
	if written := min(n.written, n.input-u.CacheRead.N); written > 0 {
		u.CacheWrite = wire.Some(written)
	}
	return u
}

// item reads a call of a tool, or what it gave back.
func (c *codex) item(v, p gjson.Result) {
	id := text(p, "call_id")
	switch p.Get("type").Str {
	case "function_call", "custom_tool_call":
		c.call(v, id, text(p, "namespace"), text(p, "name"))
	case "local_shell_call":
		c.call(v, id, "", "local_shell")
	case "function_call_output", "custom_tool_call_output":
		if t := c.tools[id]; t != nil {
			t.readOutput(p.Get("output"))
		}
	}
}

func (c *codex) call(v gjson.Result, id, namespace, name string) {
	at := timeOf(v.Get("timestamp"))
	if id == "" || name == "" || at.IsZero() || c.tools[id] != nil || c.copy(at, [16]byte{}) {
		return
	}
	t := &tool{agent: "codex", id: id, at: at, session: c.session, project: c.project}
	if namespace != "" {
		name = namespace + "__" + name
	}
	t.setName(name)
	c.tools[id] = t
	c.toolList = append(c.toolList, t)
}

var (
	exitCode = regexp.MustCompile(`(?m)^(?:Exit code: |Process exited with code )(-?\d{1,6})$`)
	wallTime = regexp.MustCompile(`(?m)^Wall time: (\d{1,6}(?:\.\d{1,9})?) seconds$`)
)

// readOutput reads how a call went out of what it gave back: JSON with metadata, or a head of lines
// before the output itself.
func (t *tool) readOutput(output gjson.Result) {
	t.answered = true
	said := output.Str
	if output.IsObject() {
		t.fail(output.Get("success").Type == gjson.False)
		said = output.Get("content").Str
	}
	t.size = max(t.size, int64(len(said)))
	if strings.HasPrefix(said, "{") && json.Valid([]byte(said)) {
		if meta := gjson.Get(said, "metadata"); meta.IsObject() {
			t.size = int64(len(gjson.Get(said, "output").Str))
			t.fail(meta.Get("exit_code").Int() != 0)
			t.setSeconds(meta.Get("duration_seconds").Num)
			return
		}
	}
	head := said[:min(len(said), 200)]
	if m := exitCode.FindStringSubmatch(head); m != nil {
		t.fail(m[1] != "0")
	}
	if m := wallTime.FindStringSubmatch(head); m != nil {
		seconds, _ := strconv.ParseFloat(m[1], 64)
		t.setSeconds(seconds)
	}
}

func (t *tool) fail(failed bool) {
	if failed {
		t.failed, t.kind = true, "error"
	}
}

func (t *tool) setSeconds(s float64) {
	if s > 0 && s*1000 < maxMS && t.took == 0 {
		t.took = time.Duration(s * float64(time.Second))
	}
}

// ended reads the event that a tool is done, which knows more than what it gave back.
func (c *codex) ended(p gjson.Result) {
	t := c.tools[p.Get("call_id").Str]
	if t == nil {
		return
	}
	t.answered = true
	t.fail(p.Get("exit_code").Int() != 0 || p.Get("success").Type == gjson.False ||
		p.Get("result.Err").Exists() || p.Get("result.Ok.is_error").Bool() || p.Get("result.Ok.isError").Bool())
	if server, name := text(p, "invocation.server"), text(p, "invocation.tool"); server != "" && name != "" {
		t.server, t.name = server, name
	}
	if d := p.Get("duration"); d.IsObject() {
		t.took = 0
		t.setSeconds(d.Get("secs").Num + d.Get("nanos").Num/1e9)
	}
}

// end writes the answers and tools of the file.
func (c *codex) end(growing bool) {
	if known := c.s.sessions[c.session]; known == nil || len(known) < len(c.vectors) {
		c.s.sessions[c.session] = c.vectors
	}
	for _, t := range c.order {
		if !c.s.first(t.id) {
			c.s.countRepeated()
			continue
		}
		c.write(t)
	}
	for _, t := range c.toolList {
		t.write(c.s, growing)
	}
}

func (c *codex) write(t *turn) {
	l := &c.s.lines
	l.Begin(event.AIRequest)
	l.Text(event.EventID, idText(t.id))
	l.Time(event.Timestamp, t.at)
	model, provider := t.model, c.provider
	if model == "" {
		model = "unknown"
	}
	if provider == "" {
		provider = "openai"
	}
	l.Text(event.AIModel, model)
	l.Text(event.AIProvider, provider)
	l.Text(event.AIOperation, dialect.Chat)
	l.Text(event.Agent, "codex")
	l.Text(event.SessionID, c.session)
	l.Text(event.ConversationID, c.session)
	l.Text(event.Project, t.project)
	u := t.usage.usage()
	l.Usage(u)
	l.Text(event.AIUsageSource, "client")
	if c.version != "" {
		l.Properties(map[string]any{"agent_version": c.version})
	}
	l.End()
	c.s.count(u)
}
