package openapi

import (
	"slices"
	"strings"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/query"
	"analytics/query/catalog"
	"analytics/query/schema"
)

// Object is a JSON object.
type Object = schema.Object

// Document is the description of an interface with these routes.
func Document(version string, routes map[string]auth.Scope) Object {
	said, err := readWords(wordsText)
	if err != nil {
		panic("openapi: " + err.Error()) // a test reads it
	}
	d := &document{cat: catalog.New(), words: said, paths: Object{}, tags: map[string]bool{}}
	d.questions()
	for _, pattern := range sorted(routes) {
		d.route(pattern, routes[pattern])
	}
	return Object{
		"openapi": "3.1.0",
		"info": Object{
			"title": "analytics", "version": version, "summary": "what your AI costs and who reads your site",
			"description": about, "license": Object{"name": "MIT", "identifier": "MIT"},
		},
		"servers":    []any{Object{"url": "/", "description": "this server"}},
		"security":   []any{Object{"key": []string{}}, Object{"header": []string{}}},
		"tags":       d.tagList(),
		"paths":      d.paths,
		"components": d.components(),
	}
}

const about = "Every question is the same by shell, HTTP and MCP: `analytics costs breakdown --by model` is " +
	"`GET /v1/costs/breakdown?by=model`. Keys go into `Authorization: Bearer` or `X-Analytics-Key`; " +
	"`analytics keys create NAME --scope query` makes one."

// document is a description that is being written.
type document struct {
	cat   *catalog.Catalog
	words map[string]*words // by route
	paths Object
	tags  map[string]bool
}

func sorted(routes map[string]auth.Scope) []string {
	var all []string
	for pattern := range routes {
		all = append(all, pattern)
	}
	slices.Sort(all)
	return all
}

// questions describes the verbs.
func (d *document) questions() {
	table := query.Verbs()
	for i := range table {
		v := &table[i]
		paths := []string{v.Path()}
		if v.Group == "events" {
			paths = append(paths, "/v1/events")
		}
		if v.ByID() != "" {
			paths = append(paths, strings.Replace(v.ByID(), "...", "", 1))
		}
		for _, path := range paths {
			o := d.question(v, strings.Contains(path, "{id}"))
			if path == "/v1/events" {
				o["operationId"] = "events"
			}
			d.add("get", path, o)
		}
	}
}

// question describes a verb, asked for a thing by its path or by parameters alone.
func (d *document) question(v *query.Verb, byPath bool) Object {
	name := strings.TrimSpace(v.Group + " " + v.Name)
	o := Object{
		"operationId": strings.ReplaceAll(name, " ", "_"), "summary": capital(v.Help), "tags": []string{v.Group},
		"description": "In the shell: `" + v.Example + "`. Needs the scope query." + rangeOf(v),
	}
	if byPath {
		o["operationId"] = name[:len(name)-len(v.Name)] + "by_id"
		o["operationId"] = strings.ReplaceAll(o["operationId"].(string), " ", "_")
	}
	var params []any
	for _, p := range v.Params() {
		in := "query"
		if p.Name == "id" && byPath {
			in = "path"
		}
		s := schema.Parameter(&p)
		help := s["description"]
		delete(s, "description")
		params = append(params, Object{"name": p.Name, "in": in, "required": in == "path" || p.Required,
			"description": help, "schema": s})
	}
	formats := []string{"json", "csv", "ndjson", "arrow", "parquet"}
	params = append(params, Object{"name": "format", "in": "query", "required": false,
		"description": "form of the answer; the header Accept says the same" + formOf(v),
		"schema":      Object{"type": "string", "enum": formats, "default": "json"}})
	o["parameters"] = params
	content := Object{"application/json": Object{"schema": d.answer(v)},
		"text/csv":                            Object{"schema": Object{"type": "string"}},
		"application/x-ndjson":                Object{"schema": Object{"type": "string"}},
		"application/vnd.apache.arrow.stream": Object{"schema": Object{"type": "string"}},
		"application/vnd.apache.parquet":      Object{"schema": Object{"type": "string"}}}
	o["responses"] = responses("200", Object{"description": "the answer", "content": content})
	return o
}

// rangeOf says what range a verb is of where none is named.
func rangeOf(v *query.Verb) string {
	if v.Fixed {
		return ""
	}
	return " Without a range it is of the last " + v.Since + "."
}

// formOf says what is special about the files of a verb.
func formOf(v *query.Verb) string {
	switch {
	case len(v.Panels) > 0:
		return ". All but json have a line for each number; a panel has a table of its own, by its name in panel"
	case v.List:
		return ". All but json hold every event of the range unless limit is given; of a list that limit cut, the " +
			"header " + query.NextHeader + " is the cursor"
	}
	return ""
}

// answer is the schema of what answers a verb, by reference to what all answers have.
func (d *document) answer(v *query.Verb) Object {
	of := func(f *query.Form, title string) Object {
		own := Object{"type": "object", "properties": Object{"rows": Object{"type": "array",
			"items": Object{"type": "object", "properties": schema.Row(d.cat, f)}}}}
		s := Object{"allOf": []any{reference("Answer"), own}}
		if title != "" {
			s["description"] = title
		}
		return s
	}
	switch {
	case v.Trail:
		return reference("Trail")
	case len(v.Panels) > 0:
		panels := Object{}
		for i := range v.Panels {
			panels[v.Panels[i].Name] = of(&v.Panels[i].Form, v.Panels[i].Title)
		}
		return Object{"type": "object", "properties": panels}
	}
	return of(&v.Form, "")
}

func reference(name string) Object { return Object{"$ref": "#/components/schemas/" + name} }

// responses are those of an operation: what is good, and errors.
func responses(status string, good Object) Object {
	return Object{status: good, "4XX": Object{"$ref": "#/components/responses/Error"},
		"5XX": Object{"$ref": "#/components/responses/Error"}}
}

// add adds an operation unless there is one.
func (d *document) add(method, path string, operation Object) {
	item, ok := d.paths[path].(Object)
	if !ok {
		item = Object{}
		d.paths[path] = item
	}
	if item[method] == nil {
		item[method] = operation
		d.tags[operation["tags"].([]string)[0]] = true
	}
}

func (d *document) tagList() []any {
	var names []string
	for name := range d.tags {
		names = append(names, name)
	}
	slices.Sort(names)
	var all []any
	for _, name := range names {
		all = append(all, Object{"name": name, "description": "about " + name})
	}
	return all
}

func (d *document) components() Object {
	schemas := Object{"Answer": schema.Answer(Object{}), "Trail": schema.Trail(), "Error": schema.Fault(),
		"Taken": taken(), "Event": Object{"description": "one event of any type"}}
	var kinds []any
	for _, k := range event.Sent() {
		schemas[k.String()] = sent(k)
		kinds = append(kinds, reference(k.String()))
	}
	schemas["Event"].(Object)["oneOf"] = kinds
	return Object{
		"schemas": schemas,
		"responses": Object{"Error": Object{"description": "what went wrong",
			"content": Object{"application/json": Object{"schema": reference("Error")}}}},
		"securitySchemes": Object{
			"key":    Object{"type": "http", "scheme": "bearer", "description": "an API key, ak_…"},
			"header": Object{"type": "apiKey", "in": "header", "name": "X-Analytics-Key"},
		},
	}
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
