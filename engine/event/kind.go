package event

import "fmt"

// Kind is the table an event belongs to; it is "type" in JSON. The numbers are on disk in keys and
// never change. Zero is no kind.
type Kind uint8

// The kinds: eight that are taken in, and sessions, which are made of them. ParseKind and String map
// them to their names in JSON.
const (
	AIRequest Kind = 1 + iota
	ToolCall
	AgentTask
	PageView
	Engagement
	Custom
	Activity
	Metric
	Session

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
	Session:    "session",
}

// Kinds lists all kinds in the order of their numbers.
func Kinds() []Kind { return append(Sent(), Session) }

// Sent lists the kinds that senders send, in the order of their numbers.
func Sent() []Kind {
	return []Kind{AIRequest, ToolCall, AgentTask, PageView, Engagement, Custom, Activity, Metric}
}

// Derived reports whether events of the kind are made of others, and refused from senders.
func (k Kind) Derived() bool { return k == Session }

// String is the kind's name in JSON, such as "ai_request".
func (k Kind) String() string {
	if !k.Valid() {
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
	return kindNames[k]
}

// Valid reports whether k is a kind.
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
