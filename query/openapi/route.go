package openapi

import (
	"regexp"
	"strings"

	"analytics/engine/auth"
	"analytics/engine/event"
)

// pages are routes for browsers, which are no interface.
var pages = map[string]bool{
	"GET /{$}": true, "GET /login": true, "POST /login": true, "POST /logout": true, "GET /docs": true,
	"GET /docs/style.css": true,
}

// words say what routes are for that are no questions; others go by their path.
var words = map[string]string{
	"POST /v1/events":                  "Send events: one object, an array, or a line for each",
	"GET /v1/catalog":                  "List all metrics, dimensions and questions",
	"POST /mcp":                        "Ask by the Model Context Protocol",
	"GET /openapi.json":                "This document",
	"GET /metrics":                     "Counts of the server, for Prometheus",
	"GET /healthz":                     "Whether the process lives",
	"GET /readyz":                      "Whether it takes and answers requests",
	"GET /v1/throttle":                 "List the visitors that are slowed down",
	"GET /v1/throttle/decision":        "Say how much a visitor is to be slowed down",
	"POST /v1/throttle/report":         "Report what an application saw of a visitor",
	"POST /v1/throttle/reset":          "Let visitors in again",
	"GET /v1/export":                   "Take events away, as Parquet, CSV or a line for each",
	"POST /v1/client/usage/log":        "Send the usage of a prompt, in the form of PromptOps",
	"POST /v1/litellm":                 "Send events in the form of LiteLLM",
	"POST /api/public/ingestion":       "Send events in the form of Langfuse",
	"POST /v1/traces":                  "Send spans by OpenTelemetry",
	"POST /v1/logs":                    "Send logs by OpenTelemetry",
	"POST /v1/metrics":                 "Send metrics by OpenTelemetry",
	"GET /v1/keys":                     "List keys, without their secrets",
	"POST /v1/keys":                    "Make a key; its secret is told once",
	"GET /v1/pricing":                  "List prices",
	"POST /v1/pricing/reprice":         "Price history again",
	"GET /v1/alerts":                   "List alerts that fired",
	"POST /v1/alerts/{id}/acknowledge": "Acknowledge an alert",
	"GET /v1/jobs":                     "List jobs and when they ran",
	"POST /v1/jobs/{name}/run":         "Run a job now",
	"POST /v1/doctor":                  "Check the store",
	"GET /v1/reports/{name}":           "Read a report, as Markdown",
	"GET /v1/sites":                    "List registered sites",
	"POST /v1/sites":                   "Register a site",
	"GET /v1/funnels":                  "List funnels",
	"POST /v1/funnels":                 "Make a funnel",
}

var wildcard = regexp.MustCompile(`\{([a-zA-Z_]+)(\.\.\.)?\}`)

// route describes a route that is no question.
func (d *document) route(pattern string, scope auth.Scope) {
	if pages[pattern] {
		return
	}
	method, path, ok := strings.Cut(pattern, " ")
	if !ok { // a door for every path below
		method, path = "POST", pattern+"{path}"
	}
	path = wildcard.ReplaceAllString(strings.TrimSuffix(path, "{$}"), "{$1}")
	if strings.HasSuffix(path, "/") && path != "/" {
		path += "{path}"
	}
	if path == "/mcp/{path}" {
		return
	}
	o := Object{
		"operationId": name(method, path), "summary": words[pattern], "tags": []string{tag(path)},
		"description": "Needs the scope " + strings.ReplaceAll(string(scope), "|", " or ") + ".",
		"responses": responses("200", Object{"description": "done",
			"content": Object{"application/json": Object{"schema": Object{}}}}),
	}
	if o["summary"] == "" {
		o["summary"] = method + " " + path
	}
	if scope == auth.None {
		o["security"], o["description"] = []any{}, "Open to everybody, or asks for what its protocol asks for."
	}
	var params []any
	for _, m := range wildcard.FindAllStringSubmatch(path, -1) {
		params = append(params, Object{"name": m[1], "in": "path", "required": true,
			"schema": Object{"type": "string"}})
	}
	if params != nil {
		o["parameters"] = params
	}
	if pattern == "POST /v1/events" {
		events(o)
	} else if method == "POST" || method == "PUT" || method == "PATCH" {
		o["requestBody"] = Object{"required": false, "content": Object{"application/json": Object{"schema": Object{}}}}
	}
	d.add(strings.ToLower(method), path, o)
}

// name is the operation's name for programs that make code of the document.
func name(method, path string) string {
	path = strings.NewReplacer("{", "by_", "}", "", "/", "_", ".", "_", "-", "_").Replace(path)
	return strings.ToLower(method) + path
}

// tag is the first word of a path that says something.
func tag(path string) string {
	for part := range strings.SplitSeq(path, "/") {
		switch part {
		case "", "v1", "v0", "api", "public":
		default:
			if strings.HasPrefix(part, "{") {
				return "other"
			}
			return strings.TrimSuffix(part, ".json")
		}
	}
	return "other"
}

// events describes how events are sent.
func events(o Object) {
	o["parameters"] = []any{Object{"name": "strict", "in": "query", "required": false,
		"description": "1: all or nothing", "schema": Object{"type": "string", "enum": []string{"0", "1"}}}}
	one := reference("Event")
	o["requestBody"] = Object{"required": true, "content": Object{
		"application/json": Object{"schema": Object{"anyOf": []any{one, Object{"type": "array", "items": one}}}},
		"application/x-ndjson": Object{"schema": Object{"type": "string",
			"description": "one event a line"}},
	}}
	o["responses"] = responses("200", Object{"description": "what became of the events",
		"content": Object{"application/json": Object{"schema": reference("Taken")}}})
}

// taken is the schema of what became of events.
func taken() Object {
	whole := Object{"type": "integer"}
	return Object{"type": "object", "required": []string{"accepted", "duplicates", "rejected", "errors"},
		"properties": Object{"accepted": whole, "duplicates": whole, "rejected": whole,
			"errors": Object{"type": "array", "items": Object{"type": "object", "properties": Object{
				"index": whole, "code": Object{"type": "string"}, "message": Object{"type": "string"}}}},
			"dropped_fields": Object{"type": "integer", "description": "keys that no field knows"},
			"sampled":        Object{"type": "integer", "description": "events that the sampling rate left out"}}}
}

// sent is the schema of an event as it is sent.
func sent(k event.Kind) Object {
	fields := Object{"type": Object{"const": k.String()}}
	required := []string{"type"}
	list := k.Fields()
	for i := range list {
		f := &list[i]
		if f.Derived {
			continue
		}
		s := Object{"type": jsonType(f.Type)}
		if f.Max > 0 && f.Type.Numeric() {
			s["maximum"] = f.Max
		} else if f.Max > 0 {
			s["maxLength"] = f.Max
		}
		if f.Unit != "" {
			s["description"] = "in " + f.Unit
		}
		if i == event.Timestamp {
			s = Object{"type": []string{"string", "number"},
				"description": "RFC 3339, or unix seconds or milliseconds; now unless given"}
		}
		if i == event.PropertiesField {
			s = Object{"type": "object", "description": "at most 32 texts, numbers and truths"}
		}
		fields[f.Name] = s
		if f.Required {
			required = append(required, f.Name)
		}
	}
	return Object{"type": "object", "properties": fields, "required": required}
}

func jsonType(t event.Type) string {
	switch {
	case t == event.Bool:
		return "boolean"
	case t == event.Int:
		return "integer"
	case t.Numeric():
		return "number"
	}
	return "string"
}
