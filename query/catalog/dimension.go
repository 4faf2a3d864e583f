package catalog

import (
	"slices"

	"analytics/engine/event"
	"analytics/rollup/cube"
)

// TypeDimension is the dimension that every event has: its type. It is no field.
const TypeDimension = "type"

// Dimension is something events can be counted or filtered by.
type Dimension struct {
	Name  string
	Type  Type
	Unit  string
	Help  string
	Kinds []event.Kind
	// Group says that events can be counted by it; otherwise it can only be filtered by.
	Group bool
}

// dimensions lists what the kinds' fields give, each name once.
func dimensions() []Dimension {
	all := []Dimension{{
		Name: TypeDimension, Type: String, Group: true, Kinds: event.Sent(),
		Help: help[TypeDimension],
	}}
	at := map[string]int{TypeDimension: 0}
	add := func(kind event.Kind, name string, d Dimension) {
		i, known := at[name]
		if !known {
			i = len(all)
			at[name] = i
			d.Name, d.Help = name, help[name]
			all = append(all, d)
		}
		all[i].Kinds = append(all[i].Kinds, kind)
	}
	for _, kind := range event.Kinds() {
		for _, f := range kind.Fields() {
			_, group := cube.DimOf(kind, f.Name)
			if group || filterable(kind, f.Name) {
				add(kind, f.Name, Dimension{Type: typeOf(f.Type), Unit: f.Unit, Group: group})
			}
		}
		for _, name := range []string{"input_tokens", "output_tokens", "total_tokens"} {
			i, known := at[name]
			if filterable(kind, name) && !(known && slices.Contains(all[i].Kinds, kind)) {
				add(kind, name, Dimension{Type: Integer, Unit: "tokens"})
			}
		}
	}
	return all
}

// filterable reports whether a kind's events can be filtered by a name.
func filterable(kind event.Kind, name string) bool {
	return cube.Predicate{Field: name, Compare: cube.Eq, Values: []string{""}}.Check(kind) == nil
}

func typeOf(t event.Type) Type {
	switch t {
	case event.Int:
		return Integer
	case event.Bool:
		return Boolean
	case event.Money:
		return Decimal
	case event.Millis, event.Float:
		return Number
	}
	return String
}

// help says what a dimension is where its name does not.
var help = map[string]string{
	TypeDimension:           "type of event",
	"id":                    "identifier of the event",
	"project":               "project the sender named",
	"user_id":               "user the sender named",
	"session_id":            "session of a browser, shell or client",
	"trace_id":              "trace that links the events of one action",
	"agent":                 "agent that acted",
	"conversation_id":       "conversation the event belongs to",
	"model":                 "model as the provider reported it",
	"provider":              "who runs the model",
	"endpoint":              "path of the API that was called",
	"operation":             "what was asked of the model: chat, embeddings and so on",
	"stream":                "whether the answer was streamed",
	"status_code":           "HTTP status",
	"success":               "whether it succeeded",
	"error_type":            "class of the error",
	"error_message":         "what the error said, shortened",
	"cost_source":           "computed, client or unpriced",
	"cost":                  "cost of the request",
	"price_version":         "version of the price table used",
	"api_key_id":            "key that paid for the request",
	"api_key_label":         "label of that key",
	"backend":               "backend that the request was routed to",
	"upstream_mode":         "chat or responses",
	"prompt_id":             "prompt template",
	"prompt_version":        "version of the prompt template",
	"cache_hit":             "whether a gateway's cache answered",
	"tier":                  "service tier",
	"attempt":               "number of the attempt",
	"duration_ms":           "how long it took",
	"ttfb_ms":               "time to the first byte",
	"input_tokens":          "tokens sent to the model",
	"output_tokens":         "tokens made by the model",
	"total_tokens":          "tokens in and out",
	"client":                "web, cli, api or mcp: what a session was had with",
	"landing_page":          "first page of a session",
	"exit_page":             "last page of a session",
	"bounce":                "whether a visit was one page view or event, and under 10 seconds",
	"engaged":               "whether a visit had 10 seconds of engagement, two page views or an event",
	"reading_pattern":       "bounce, skimmer, scanner, reader or engaged",
	"page_view_count":       "page views of a session",
	"page_count":            "different pages of a session",
	"event_count":           "events of a session, of every type",
	"request_count":         "AI requests of a session",
	"tool_call_count":       "tool calls of a session",
	"error_count":           "calls and tasks of a session that failed",
	"click_count":           "clicks of a session",
	"country":               "country, from the address, which is not kept",
	"tool":                  "tool that was called",
	"server":                "server that offers the tool",
	"task":                  "task of the agent",
	"status":                "started, completed or failed",
	"site":                  "web site",
	"path":                  "path of the page",
	"title":                 "title of the page",
	"referrer_host":         "host of the page that linked here",
	"source":                "where the visit came from",
	"channel":               "kind of source: search, social, direct and so on",
	"medium":                "utm_medium",
	"campaign":              "utm_campaign",
	"region":                "region, where a geo database is set up",
	"city":                  "city, where a geo database is set up",
	"device":                "class of device",
	"browser":               "browser",
	"os":                    "operating system",
	"browser_version":       "browser's version, its first number",
	"os_version":            "operating system's version, where browsers tell it; 10+ is Windows 10 or 11",
	"network":               "who runs the visitor's network, where a file of networks is set up",
	"bot_class":             "human, or the class of bot; empty where nothing tells",
	"bot_name":              "name of the bot",
	"visitor_id":            "visitor, new each day",
	"content_id":            "content item",
	"language":              "language the browser asks for",
	"screen":                "size of the screen",
	"name":                  "name of the event or metric",
	"category":              "category of the activity",
	"action":                "what was done",
	"actor":                 "who did it",
	"target":                "what it was done to",
	"outcome":               "how it ended",
	"severity":              "low, medium, high or critical",
	"sample_weight":         "how many events one stands for that sampling kept; missing is one",
	"authenticated":         "whether the caller was authenticated",
	"auth_method":           "how the caller was authenticated",
	"mcp_enabled":           "whether MCP was used",
	"mcp_servers":           "MCP servers that were used",
	"system_prompt_applied": "whether a system prompt was added",
}
