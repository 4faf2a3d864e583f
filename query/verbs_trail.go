package query

import "analytics/engine/event"

// ofTrail are the parameters of what shows everything that belongs together.
var ofTrail = []Param{
	{Name: "id", Word: "ID", Required: true, Help: "id of a trace, event, conversation or session"},
	{Name: "limit", Help: "how many events at most, the newest"},
	{Name: "filter", Help: "show only events that pass: type==tool_call;success==false;severity in high,critical"},
	{Name: "full", Bool: true, Help: "show every field of every event"},
}

// ofAudit are the parameters of lists of activities.
var ofAudit = []Param{
	{Name: "category", Field: "category", Help: "authentication, data_access, … (a,b or a* as well)"},
	{Name: "action", Field: "action", Help: "what was done: login, permission_denied, …"},
	{Name: "actor", Field: "actor", Help: "who did it"},
	{Name: "target", Field: "target", Help: "what it was done to"},
	{Name: "outcome", Field: "outcome", Help: "how it ended"},
	{Name: "severity", Field: "severity", Help: "low, medium, high or critical (high,critical as well)"},
}

const (
	noActivity = "No activity in this range. Send activity events to POST /v1/events, or widen --since."
	noTraces   = "No AI request in this range has a trace_id. Send one with each event of an action, or " +
		"widen --since."
)

// verbsOfTrails are about what belongs together, and who did what.
var verbsOfTrails = []Verb{
	{
		Group: "trace", Name: "show", Since: "90d", Operand: "id", Main: true, Own: ofTrail, Trail: true,
		Help:    "everything that shares a trace, request, conversation or session, as a waterfall",
		Example: "analytics trace 4bf92f3577b34da6a3ce929d0e0e4736",
	},
	{
		Group: "trace", Name: "list", Since: "24h",
		Help:    "traces with AI requests, the latest first",
		Example: "analytics trace list --since 7d --order -cost", Empty: noTraces,
		Form: asks(Question{Filter: `trace_id!=""`, By: []string{"trace_id"}, Order: "-first_seen",
			Limit: 50, Metrics: []string{"requests", "errors", "first_seen", "cost", "tool_calls",
				"total_tokens", "last_seen"}}),
	},
	{
		Group: "audit", Name: "show", Since: "90d", Operand: "id", Main: true, Own: ofTrail, Trail: true,
		Help:    "who did what, when and how it ended, around one request, trace or session",
		Example: "analytics audit req-42 --full",
	},
	{
		Group: "audit", Name: "list", Since: "7d", Own: ofAudit, Form: listed(event.Activity),
		Help:    "activities, newest first: logins, changes, refusals",
		Example: "analytics audit list --category authentication --severity high,critical",
		Empty:   noActivity,
	},
	{
		Group: "audit", Name: "stats", Since: "7d", Own: ofAudit,
		Help:    "activities in numbers: by category and action, who and when last",
		Example: "analytics audit stats --since 30d --by actor", Empty: noActivity,
		Form: asks(Question{By: []string{"category", "action", "outcome"}, Order: "-activities",
			Limit: 50, Metrics: []string{"activities", "actors", "last_seen"}}),
	},
}
