package query

// verbsOfEvents are about events of any type.
var verbsOfEvents = []Verb{
	{
		Group: "events", Name: "list", Since: "7d", Form: listed(),
		Help:    "single events of any type, newest first",
		Example: "analytics events list --type tool_call --limit 20", Empty: noEvents,
	},
	{
		Group: "query", Since: "7d", Operand: "metrics",
		Help:    "any question: metrics by dimensions, over time",
		Example: "analytics query --metrics cost,requests --by model --since 7d --interval day",
		Empty:   noEvents,
	},
}
