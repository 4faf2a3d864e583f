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

var wildcard = regexp.MustCompile(`\{([a-zA-Z_]+)(\.\.\.)?\}`)

// route describes a route that is no question.
func (d *document) route(pattern string, scope auth.Scope) {
	if pages[pattern] || strings.HasPrefix(pattern, "OPTIONS ") || strings.Contains(pattern, " /assets/") {
		return
	}
	method, path, ok := strings.Cut(pattern, " ")
	if !ok { // a door for every method, and for every path below if it ends so
		method, path = "POST", pattern
	}
	path = wildcard.ReplaceAllString(strings.TrimSuffix(path, "{$}"), "{$1}")
	if strings.HasSuffix(path, "/") && path != "/" {
		path += "{path}"
	}
	w := d.words[pattern]
	if w == nil {
		w = &words{says: method + " " + path, status: "200", answer: []word{{name: "=", typ: "application/json"}}}
	}
	o := Object{
		"operationId": name(method, path), "summary": w.says, "tags": []string{tag(path)},
		"description": "Needs the scope " + strings.ReplaceAll(string(scope), "|", " or ") + ".",
		"responses":   responses(w.status, w.response()),
	}
	if scope == auth.None {
		o["security"], o["description"] = []any{}, "Open to everybody, or asks for what its protocol asks for."
	}
	var params []any
	for _, m := range wildcard.FindAllStringSubmatch(path, -1) {
		params = append(params, Object{"name": m[1], "in": "path", "required": true,
			"schema": Object{"type": "string"}})
	}
	for _, p := range w.parameters {
		params = append(params, Object{"name": p.name, "in": "query", "required": false, "description": p.help,
			"schema": Object{"type": "string"}})
	}
	if params != nil {
		o["parameters"] = params
	}
	if len(w.body) > 0 {
		o["requestBody"] = Object{"required": true, "content": content(w.body)}
	}
	if pattern == "POST /v1/events" {
		events(o)
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
