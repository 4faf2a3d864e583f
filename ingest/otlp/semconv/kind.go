package semconv

import "strings"

// kind is what a record becomes.
type kind uint8

const (
	ignored kind = iota
	request
	toolRun
	agentRun
	ifFailed
	ifCompleted
	ifDenied
)

var kindNames = map[string]kind{"ai_request": request, "tool_call": toolRun, "agent_task": agentRun,
	"failure": ifFailed, "completed": ifCompleted, "decision": ifDenied}

// places are where a span says what it is, the strongest word first.
var places = [...]struct {
	field field
	name  string
}{
	{kindMCP, "mcp "}, {kindLangfuse, "langfuse "}, {kindOpenInference, "openinference "},
	{kindOperation, "operation "}, {kindGenkit, "genkit "}, {kindVercel, "vercel "},
	{kindTraceloop, "traceloop "}, {kindRequestType, "request_type "},
}

// kindOfSpan decides by the first place that says anything.
func (r *reading) kindOfSpan(name string) kind {
	if k, ok := r.table.kinds["span "+name]; ok {
		return k
	}
	for _, p := range places {
		said := r.text(p.field)
		if said == "" {
			continue
		}
		// Vercel puts the function's id behind the name.
		said, _, _ = strings.Cut(strings.ToLower(said), " ")
		return r.table.kinds[p.name+said]
	}
	switch {
	case r.from.events != "": // a coding agent's other spans
		return ignored
	case r.has(tool) && r.has(toolID):
		return toolRun
	case r.has(model) && r.has(provider) && (r.has(input) || r.has(output)):
		return request
	}
	return ignored
}

// kindOfLog decides by the event's name.
func (r *reading) kindOfLog(name string) kind {
	k := r.table.kinds["log "+name]
	switch k {
	case ifFailed:
		if r.failed() {
			return request
		}
		return ignored
	case ifCompleted:
		switch r.text(eventKind) {
		case "response.completed", "response.failed":
			return request
		}
		return ignored
	case ifDenied:
		switch strings.ToLower(r.text(decision)) {
		case "reject", "rejected", "denied", "deny", "abort":
			return ifDenied
		}
		return ignored
	}
	if r.from.noDetails && name == detailsEvent {
		return ignored
	}
	return k
}

// detailsEvent is the convention's own log record of a call.
const detailsEvent = "gen_ai.client.inference.operation.details"
