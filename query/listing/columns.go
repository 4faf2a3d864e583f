package listing

import (
	"slices"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/query/answer"
	"analytics/query/catalog"
)

// totals are the sums of disjoint token fields under the names that people sent them with.
var totals = map[string][]int{
	"input_tokens": {event.AIInputUncachedTokens, event.AICacheReadTokens,
		event.AICacheWriteTokens, event.AICacheWrite1hTokens, event.AIAudioInputTokens},
	"output_tokens": {event.AIOutputTextTokens, event.AIReasoningTokens, event.AIAudioOutputTokens},
	"total_tokens": {event.AIInputUncachedTokens, event.AICacheReadTokens,
		event.AICacheWriteTokens, event.AICacheWrite1hTokens, event.AIAudioInputTokens,
		event.AIOutputTextTokens, event.AIReasoningTokens, event.AIAudioOutputTokens},
	"cache_write_tokens": {event.AICacheWriteTokens, event.AICacheWrite1hTokens},
	"cost_usd":           {event.AICost},
}

// Parts are the fields whose sum a name stands for; for most names it is one. nil for no field.
func Parts(kind event.Kind, name string) []int {
	if kind == event.AIRequest {
		if parts := totals[name]; parts != nil {
			return parts
		}
	}
	field, ok := kind.Field(name)
	if !ok || kind.Fields()[field].Transient {
		return nil
	}
	return []int{field}
}

// usual are the columns of a list of one kind: what one looks for first, in that order.
var usual = map[event.Kind][]string{
	event.AIRequest: {"timestamp", "id", "provider", "model", "agent", "success", "cost", "duration_ms",
		"input_tokens", "output_tokens", "user_id", "status_code", "error_type"},
	event.ToolCall: {"timestamp", "id", "tool", "server", "agent", "user_id", "success",
		"error_type", "duration_ms", "result_bytes"},
	event.AgentTask: {"timestamp", "id", "agent", "task", "status", "success", "error_type",
		"duration_ms"},
	event.PageView: {"timestamp", "id", "site", "path", "title", "channel", "source", "country",
		"device", "browser", "bot_class"},
	event.Engagement: {"timestamp", "id", "site", "path", "time_on_page_ms", "scroll_depth",
		"clicks"},
	event.Custom: {"timestamp", "id", "name", "site", "path", "user_id", "session_id"},
	event.Activity: {"timestamp", "id", "category", "action", "actor", "target", "outcome",
		"severity"},
	event.Metric: {"timestamp", "id", "name", "value", "unit", "project"},
	event.Session: {"timestamp", "id", "client", "site", "user_id", "landing_page", "exit_page",
		"page_view_count", "event_count", "duration_ms", "source", "country", "device",
		"reading_pattern", "cost", "bot_class"},
}

// mixed are the columns of a list of several kinds. "subject" is what the event is about.
var mixed = []string{"timestamp", "type", "id", "subject", "project", "user_id", "agent", "trace_id"}

// subjects are what an event of each kind is about: the first of the fields that is set.
var subjects = map[event.Kind][]int{
	event.AIRequest:  {event.AIModel},
	event.ToolCall:   {event.ToolTool},
	event.AgentTask:  {event.TaskTask, event.Agent},
	event.PageView:   {event.PagePath},
	event.Engagement: {event.EngagementPath},
	event.Custom:     {event.CustomName},
	event.Activity:   {event.ActivityAction, event.ActivityCategory},
	event.Metric:     {event.MetricName},
	event.Session:    {event.SessionLandingPage, event.SessionClient},
}

// Columns are the columns of a list: the names asked for, "all", or the usual ones.
func Columns(kinds []event.Kind, names []string) ([]answer.Column, error) {
	if len(names) == 0 {
		names = mixed
		if len(kinds) == 1 {
			names = usual[kinds[0]]
		}
		if slices.ContainsFunc(kinds, weighs) {
			names = append(slices.Clip(names), Weight)
		}
	} else if len(names) == 1 && names[0] == "all" {
		names = Everything(kinds)
	}
	cols := make([]answer.Column, 0, len(names))
	for _, name := range names {
		c, ok := column(kinds, name)
		if !ok {
			hint := "all lists everything"
			if near := catalog.Nearest(name, Everything(kinds)); len(near) > 0 {
				hint = "did you mean " + catalog.Choices(near) + "?"
			}
			return nil, fault.At(fault.Invalid, "unknown_field", "fields",
				"these events have no field %q; %s", name[:min(len(name), 64)], hint)
		}
		cols = append(cols, c)
	}
	return cols, nil
}

// Weight is the column of how many events one stands for. It ends a list of the usual columns where
// sampling is in use.
const Weight = "sample_weight"

func weighs(k event.Kind) bool {
	_, ok := k.Weight()
	return ok
}

// Everything is the names of all columns that a list of the kinds can have.
func Everything(kinds []event.Kind) []string {
	names := []string{"timestamp", "type"}
	for _, k := range kinds {
		for _, f := range k.Fields() {
			if Parts(k, f.Name) != nil && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// column describes a column by the first kind that has it.
func column(kinds []event.Kind, name string) (answer.Column, bool) {
	c := answer.Column{Name: name, Kind: answer.KindField, Type: catalog.String}
	if name == "type" || name == "subject" {
		return c, true
	}
	for _, k := range kinds {
		parts := Parts(k, name)
		if parts == nil {
			continue
		}
		f := k.Fields()[parts[0]]
		c.Unit, c.Type = f.Unit, typeOf(f.Type)
		return c, true
	}
	return c, false
}

func typeOf(t event.Type) catalog.Type {
	switch t {
	case event.Time:
		return catalog.Time
	case event.Int:
		return catalog.Integer
	case event.Bool:
		return catalog.Boolean
	case event.Money:
		return catalog.Decimal
	case event.Millis, event.Float:
		return catalog.Number
	}
	return catalog.String
}
