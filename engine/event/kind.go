package event

import "fmt"

// Kind is the table an event belongs to; it is "type" in JSON. The numbers are on disk in keys and
// never change. Zero is no kind.
type Kind uint8

// The eight kinds. ParseKind and String map them to their names in JSON.
const (
	AIRequest Kind = 1 + iota
	ToolCall
	AgentTask
	PageView
	Engagement
	Custom
	Activity
	Metric

	kindEnd
)

var kindNames = [kindEnd]string{
	AIRequest:  "ai_request",
	ToolCall:   "tool_call",
	AgentTask:  "agent_task",
	PageView:   "page_view",
	Engagement: "engagement",
	Custom:     "event",
	Activity:   "activity",
	Metric:     "metric",
}

// Kinds lists all kinds in the order of their numbers.
func Kinds() []Kind {
	return []Kind{AIRequest, ToolCall, AgentTask, PageView, Engagement, Custom, Activity, Metric}
}

// String is the kind's name in JSON, such as "ai_request".
func (k Kind) String() string {
	if !k.Valid() {
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
	return kindNames[k]
}

// Valid reports whether k is one of the eight kinds.
func (k Kind) Valid() bool { return k >= AIRequest && k < kindEnd }

// ParseKind finds a kind by its name in JSON; ok is false for any other name.
func ParseKind(name string) (k Kind, ok bool) {
	for k := AIRequest; k < kindEnd; k++ {
		if kindNames[k] == name {
			return k, true
		}
	}
	return 0, false
}
