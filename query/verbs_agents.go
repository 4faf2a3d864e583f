package query

import (
	"strings"

	"analytics/engine/event"
)

const (
	noAgents = "No agents in this range. Send agent_task events, or requests with agent=NAME, to " +
		"POST /v1/events, or widen --since."
	noTools         = "No tool calls in this range. Send tool_call events to POST /v1/events, or widen --since."
	noConversations = "No conversations in this range. Send conversation_id with AI requests, or widen --since."
	noErrors        = "Nothing failed in this range."
)

// ofAgents leaves out what no agent did, and ofConversations what belongs to no conversation. Durations and
// errors are of AI requests, too, unless the question says ofTools.
const (
	ofAgents        = `agent!=""`
	ofTools         = `type==tool_call`
	ofConversations = `conversation_id!=""`
)

// named is the operand of a verb that shows one thing: word is how help calls it, field what events
// have it in.
func named(word, field, help string) []Param {
	return []Param{{Name: "id", Word: word, Field: field, Help: help, Required: true}}
}

// verbsOfAgents are about agents, the tools they call, and conversations.
var verbsOfAgents = []Verb{
	{
		Group: "agents", Name: "stats", Since: "7d",
		Help:    "agents in numbers: tasks, how they ended, what they used",
		Example: "analytics agents stats --since 30d --compare previous", Empty: noAgents,
		Form: asks(Question{Filter: ofAgents, Order: "-agent_tasks", Metrics: []string{
			"agent_tasks", "agents", "errors", "success_rate", "avg_duration_ms", "p95_duration_ms",
			"conversations", "tool_calls", "requests", "total_tokens", "cost",
		}}),
	},
	{
		Group: "agents", Name: "list", Since: "30d",
		Help:    "agents by what they did and cost",
		Example: "analytics agents list --since 7d --order -cost", Empty: noAgents,
		Form: asks(Question{Filter: ofAgents, By: []string{"agent"}, Order: "-requests", Limit: 50,
			Metrics: []string{
				"agent_tasks", "errors", "success_rate", "cost", "avg_duration_ms", "requests", "tool_calls",
			}}),
	},
	{
		Group: "agents", Name: "trends", Since: "7d",
		Help:    "agents over time",
		Example: "analytics agents trends --days 30 --group-by day", Empty: noAgents,
		Form: trend(Question{Filter: ofAgents, Metrics: []string{
			"agent_tasks", "errors", "tool_calls", "requests", "cost",
		}}),
	},
	{
		Group: "agents", Name: "show", Since: "30d", Operand: "id",
		Own:     named("NAME", "agent", "name of the agent"),
		Help:    "one agent: tasks, models, tools, errors, latest events",
		Example: "analytics agents show writer --since 7d",
		Panels: []Panel{
			{"tasks", "Tasks", asks(Question{Compare: "previous", Metrics: []string{
				"agent_tasks", "errors", "success_rate", "avg_duration_ms", "p95_duration_ms",
			}})},
			{"requests", "AI requests", asks(Question{Compare: "previous", Metrics: []string{
				"requests", "errors", "cost", "total_tokens", "users", "conversations",
				"avg_duration_ms", "p95_duration_ms",
			}})},
			{"trend", "Over time", trend(Question{Metrics: []string{"agent_tasks", "requests", "cost"}})},
			{"models", "Models", asks(Question{By: []string{"model"}, Order: "-requests", Limit: 10,
				Metrics: []string{"requests", "errors", "cost", "total_tokens", "p95_duration_ms"}})},
			{"tools", "Tools", asks(Question{By: []string{"tool"}, Order: "-tool_calls", Limit: 10,
				Metrics: []string{"tool_calls", "errors", "avg_duration_ms", "p95_duration_ms"}})},
			{"outcomes", "How tasks ended", asks(Question{By: []string{"task", "status", "error_type"},
				Order: "-agent_tasks", Limit: 10, Metrics: []string{"agent_tasks", "avg_duration_ms"}})},
			{"latest", "Latest events", Form{List: true, Question: Question{Limit: 10}}},
		},
	},
	{
		Group: "tools", Name: "stats", Since: "7d",
		Help:    "tool calls in numbers: how many, how fast, how often they fail",
		Example: "analytics tools stats --since 30d --by server", Empty: noTools,
		Form: asks(Question{Filter: ofTools, Order: "-tool_calls", Metrics: []string{
			"tool_calls", "tools", "errors", "success_rate", "avg_duration_ms", "p50_duration_ms",
			"p95_duration_ms", "p99_duration_ms", "users", "conversations", "result_bytes",
		}}),
	},
	{
		Group: "tools", Name: "list", Since: "30d",
		Help:    "tools by how often they are called",
		Example: "analytics tools list --since 7d --order -errors", Empty: noTools,
		Form: asks(Question{Filter: ofTools, By: []string{"tool", "server"}, Order: "-tool_calls", Limit: 50,
			Metrics: []string{"tool_calls", "errors", "success_rate", "avg_duration_ms",
				"p95_duration_ms", "users"}}),
	},
	{
		Group: "tools", Name: "trends", Since: "7d",
		Help:    "tool calls over time",
		Example: "analytics tools trends --days 30 --filter tool==search", Empty: noTools,
		Form: trend(Question{Filter: ofTools, Metrics: []string{"tool_calls", "errors", "p95_duration_ms"}}),
	},
	{
		Group: "tools", Name: "show", Since: "30d", Operand: "id",
		Own:     named("NAME", "tool", "name of the tool"),
		Help:    "one tool: speed, errors, who calls it, latest calls",
		Example: "analytics tools show search --since 7d",
		Panels: []Panel{
			{"calls", "Calls", asks(Question{Compare: "previous", Metrics: []string{
				"tool_calls", "errors", "success_rate", "avg_duration_ms", "p50_duration_ms",
				"p95_duration_ms", "p99_duration_ms", "users", "conversations", "result_bytes",
			}})},
			{"trend", "Over time", trend(Question{Metrics: []string{"tool_calls", "errors"}})},
			{"agents", "Called by", asks(Question{By: []string{"agent"}, Order: "-tool_calls",
				Limit: 10, Metrics: []string{"tool_calls", "errors", "avg_duration_ms"}})},
			{"errors", "Errors", asks(Question{By: []string{"error_type"}, Order: "-tool_calls",
				Limit: 10, Filter: "success==false", Metrics: []string{"tool_calls", "users"}})},
			{"latest", "Latest calls", Form{List: true, Kinds: []event.Kind{event.ToolCall},
				Question: Question{Limit: 10}}},
		},
	},
	{
		Group: "conversations", Name: "stats", Since: "7d",
		Help:    "conversations in numbers: how many, how long, how dear",
		Example: "analytics conversations stats --since 30d --by agent", Empty: noConversations,
		Form: asks(Question{Filter: ofConversations, Order: "-conversations", Metrics: []string{
			"requests", "conversations", "requests_per_conversation", "errors", "users",
			"total_tokens", "cost", "avg_duration_ms",
		}}),
	},
	{
		Group: "conversations", Name: "list", Since: "24h",
		Help:    "conversations, the latest first",
		Example: "analytics conversations list --since 7d --order -cost", Empty: noConversations,
		Form: asks(Question{Filter: ofConversations, By: []string{"conversation_id"},
			Order: "-last_seen", Limit: 50, Metrics: []string{
				"requests", "errors", "total_tokens", "cost", "last_seen", "first_seen",
			}}),
	},
	{
		Group: "conversations", Name: "trends", Since: "7d",
		Help:    "conversations over time",
		Example: "analytics conversations trends --days 30", Empty: noConversations,
		Form: trend(Question{Filter: ofConversations, Metrics: []string{
			"requests", "conversations", "requests_per_conversation", "cost",
		}}),
	},
	{
		Group: "conversations", Name: "show", Since: "30d", Operand: "id",
		Own:     named("ID", "conversation_id", "id of the conversation"),
		Help:    "one conversation: models, tools and every event",
		Example: "analytics conversations show c1 --since 90d",
		Panels: []Panel{
			{"summary", "Conversation", asks(Question{Metrics: []string{
				"requests", "errors", "total_tokens", "cost", "users", "avg_duration_ms",
				"first_seen", "last_seen",
			}})},
			{"models", "Models", asks(Question{By: []string{"model"}, Order: "-requests", Limit: 10,
				Metrics: []string{"requests", "errors", "cost", "total_tokens", "avg_duration_ms"}})},
			{"tools", "Tools", asks(Question{By: []string{"tool"}, Order: "-tool_calls", Limit: 10,
				Metrics: []string{"tool_calls", "errors", "avg_duration_ms"}})},
			{"events", "Events, newest first", Form{List: true, Question: Question{Limit: 50}}},
		},
	},
}

// failing are the kinds of events that have an outcome.
var failing = []event.Kind{event.AIRequest, event.ToolCall, event.AgentTask}

// verbsOfErrors are about what failed.
var verbsOfErrors = []Verb{
	{
		Group: "errors", Name: "stats", Since: "24h",
		Help:    "what fails: requests, tools and agents by kind of error",
		Example: "analytics errors stats --since 7d", Empty: noErrors,
		Panels: []Panel{
			{"requests", "AI requests", asks(Question{Compare: "previous", Metrics: []string{
				"requests", "errors", "error_rate",
			}})},
			{"tools", "Tool calls", asks(Question{Compare: "previous", Metrics: []string{
				"tool_calls", "errors", "error_rate",
			}})},
			{"agents", "Agent tasks", asks(Question{Compare: "previous", Metrics: []string{
				"agent_tasks", "errors", "error_rate",
			}})},
			{"trend", "Failed requests over time", trend(Question{Metrics: []string{"errors"}})},
			{"by_model", "Failed requests", failed("requests last_seen", "provider", "model", "status_code",
				"error_type")},
			{"by_tool", "Failed tool calls", failed("tool_calls users", "tool", "server", "error_type")},
			{"by_agent", "Failed tasks", failed("agent_tasks users", "agent", "task", "error_type")},
		},
	},
	{
		Group: "errors", Name: "list", Since: "7d",
		Help:    "single failures, newest first",
		Example: "analytics errors list --filter error_type==timeout --limit 20", Empty: noErrors,
		Form: Form{List: true, Kinds: failing, Question: Question{Filter: "success==false"},
			Fields: []string{"timestamp", "type", "id", "subject", "agent", "user_id", "status_code",
				"error_type", "error_message", "duration_ms", "trace_id"}},
	},
}

// failed is the form of what failed, by what; the numbers are those that a cube has.
func failed(metrics string, by ...string) Form {
	names := strings.Fields(metrics)
	return asks(Question{Metrics: names, By: by, Order: "-" + names[0], Limit: 20,
		Filter: "success==false"})
}
