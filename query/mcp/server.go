package mcp

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/query"
	"analytics/query/catalog"
	"analytics/query/schema"
)

// Ask answers GET path?values with the JSON of the answer.
type Ask func(ctx context.Context, path string, values url.Values) ([]byte, error)

// maxAnswer bounds what a model is given to read.
const maxAnswer = 256 << 10

// New makes a server whose tools ask, about what the binding names only.
func New(version string, bound auth.Binding, ask Ask) *sdk.Server {
	return build(version, bound, bound, ask)
}

// build makes a server. It offers what has an answer for who is bound as offered says, and keeps it to
// bound; that is free where ask itself knows who asks.
func build(version string, offered, bound auth.Binding, ask Ask) *sdk.Server {
	s := sdk.NewServer(&sdk.Implementation{Name: "analytics", Title: "analytics", Version: version},
		&sdk.ServerOptions{Instructions: instructions, Capabilities: &sdk.ServerCapabilities{}})
	for _, t := range subjects(offered) {
		s.AddTool(t.tool(), t.handler(bound, ask))
	}
	if offered.Free() {
		s.AddTool(funnelsTool(), funnelsHandler(ask))
	}
	addPrompts(s)
	addResources(s, ask)
	return s
}

// subject is a tool: the verbs of one group.
type subject struct {
	name  string
	verbs []*query.Verb
	cat   *catalog.Catalog
}

// subjects are all tools for who is bound so, in the order of the table of verbs.
func subjects(bound auth.Binding) []*subject {
	var all []*subject
	table, cat := query.Verbs(), catalog.New()
	for i := range table {
		v := &table[i]
		if v.Group == "funnels" || !v.Answers(cat, bound) { // the tool of funnels lists them, too
			continue
		}
		at := slices.IndexFunc(all, func(t *subject) bool { return t.name == v.Group })
		if at < 0 {
			at = len(all)
			all = append(all, &subject{name: v.Group, cat: cat})
		}
		all[at].verbs = append(all[at].verbs, v)
	}
	return all
}

// tool describes the subject to a model.
func (t *subject) tool() *sdk.Tool {
	closed := false
	return &sdk.Tool{
		Name: "analytics_" + t.name, Description: t.describe(),
		InputSchema: t.input(), OutputSchema: t.output(),
		Annotations: &sdk.ToolAnnotations{Title: "Analytics: " + t.name, ReadOnlyHint: true, IdempotentHint: true,
			OpenWorldHint: &closed},
	}
}

func (t *subject) describe() string {
	if len(t.verbs) == 1 {
		v := t.verbs[0]
		return fmt.Sprintf("%s. Without a range it is of the last %s.", upper(v.Help), v.Since)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Questions about %s. question is one of:", t.name)
	for _, v := range t.verbs {
		fmt.Fprintf(&b, "\n- %s: %s", v.Name, v.Help)
		if !v.Fixed {
			fmt.Fprintf(&b, " (of the last %s unless a range is given)", v.Since)
		}
	}
	return b.String()
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// input is the schema of the arguments: the question, and the parameters of all of them.
func (t *subject) input() schema.Object {
	properties, required := schema.Object{}, []string{}
	by := map[string][]string{}
	if len(t.verbs) > 1 {
		var names []string
		for _, v := range t.verbs {
			names = append(names, v.Name)
		}
		which := schema.Object{"enum": names, "type": "string", "description": "which question"}
		if v := t.standard(nil); v == t.verbs[0] {
			which["default"] = v.Name
		} else {
			which["description"] = fmt.Sprintf("which question; %s unless said, or with an id %s", v.Name, names[0])
		}
		properties["question"] = which
	}
	for _, v := range t.verbs {
		for _, p := range v.Params() {
			if p.Name == "raw" { // for doctors
				continue
			}
			if properties[p.Name] == nil {
				properties[p.Name] = schema.Parameter(&p)
			}
			by[p.Name] = append(by[p.Name], v.Name)
			if p.Required && len(t.verbs) == 1 {
				required = append(required, p.Name)
			}
		}
	}
	for name, verbs := range by {
		if s := properties[name].(schema.Object); len(verbs) < len(t.verbs) {
			s["description"] = fmt.Sprintf("%s (only for %s)", s["description"], strings.Join(verbs, ", "))
		}
	}
	return schema.Object{"type": "object", "properties": properties, "required": required,
		"additionalProperties": false}
}

// output is the schema of the answers.
func (t *subject) output() schema.Object {
	var all []schema.Object
	seen := map[string]bool{}
	for _, v := range t.verbs {
		s := schema.Of(t.cat, v)
		if text := written(s); !seen[text] {
			seen[text] = true
			s["title"] = strings.TrimSpace(t.name + " " + v.Name)
			all = append(all, s)
		}
	}
	return either(all)
}

// handler answers calls. What is wrong with a question is told to the model, which can ask better.
func (t *subject) handler(bound auth.Binding, ask Ask) sdk.ToolHandler {
	return func(ctx context.Context, r *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		v, values, err := t.read(r.Params.Arguments)
		if err == nil {
			err = query.Narrow(v, values, bound)
		}
		var text []byte
		if err == nil {
			text, err = ask(ctx, v.Path(), values)
		}
		return result(text, err), nil
	}
}

// result is an answer as a model reads it, or what was wrong with the question.
func result(text []byte, err error) *sdk.CallToolResult {
	if err == nil && len(text) > maxAnswer {
		err = fault.At(fault.TooLarge, "answer_too_large", "limit",
			"the answer has %d KB, over %d; ask with a limit, fewer columns or a shorter range",
			len(text)>>10, maxAnswer>>10)
	}
	if err != nil {
		return failed(err)
	}
	return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: string(text)}},
		StructuredContent: json.RawMessage(text)}
}

// failed is an error as a model reads it.
func failed(err error) *sdk.CallToolResult {
	f := fault.Of(err)
	text := f.Code + ": " + f.Message
	if f.Field != "" {
		text += " (" + f.Field + ")"
	}
	return &sdk.CallToolResult{IsError: true, Content: []sdk.Content{&sdk.TextContent{Text: text}}}
}

// standard is the verb where no question is named: the first that needs nothing that was not given.
func (t *subject) standard(given map[string]any) *query.Verb {
	for _, v := range t.verbs {
		lacks := func(p query.Param) bool { return p.Required && given[p.Name] == nil }
		if !slices.ContainsFunc(v.Params(), lacks) {
			return v
		}
	}
	return t.verbs[0]
}

// read makes the parameters of a request of a call's arguments.
func (t *subject) read(arguments json.RawMessage) (*query.Verb, url.Values, error) {
	given, err := object(arguments)
	if err != nil {
		return nil, nil, err
	}
	v := t.standard(given)
	if name, ok := given["question"]; ok && len(t.verbs) > 1 {
		at := slices.IndexFunc(t.verbs, func(v *query.Verb) bool { return v.Name == name })
		if at < 0 {
			var names []string
			for _, v := range t.verbs {
				names = append(names, v.Name)
			}
			return nil, nil, fault.At(fault.Invalid, "unknown_question", "question",
				"there is no such question about %s; there are %s", t.name, strings.Join(names, ", "))
		}
		v = t.verbs[at]
		delete(given, "question")
	}
	values, err := parameters(given)
	return v, values, err
}

// object reads the arguments of a call.
func object(arguments json.RawMessage) (map[string]any, error) {
	given := map[string]any{}
	if len(arguments) == 0 {
		return given, nil
	}
	d := json.NewDecoder(strings.NewReader(string(arguments)))
	d.UseNumber()
	if err := d.Decode(&given); err != nil {
		return nil, fault.New(fault.Invalid, "bad_arguments", "the arguments must be a JSON object")
	}
	return given, nil
}

// parameters is arguments as parameters of a URL.
func parameters(given map[string]any) (url.Values, error) {
	values := url.Values{}
	for name, value := range given {
		text, err := plain(name, value)
		if err != nil {
			return nil, err
		}
		if text != "" {
			values.Set(name, text)
		}
	}
	return values, nil
}

// plain is an argument as a parameter of a URL. Models send lists where a text with commas is meant,
// and null for what they leave out.
func plain(name string, value any) (string, error) {
	switch value := value.(type) {
	case nil:
		return "", nil
	case string:
		return value, nil
	case bool, json.Number:
		return fmt.Sprint(value), nil
	case []any:
		var parts []string
		for _, part := range value {
			if text, ok := part.(string); ok {
				parts = append(parts, text)
			} else if n, ok := part.(json.Number); ok {
				parts = append(parts, n.String())
			}
		}
		if len(parts) == len(value) {
			return strings.Join(parts, ","), nil
		}
	}
	return "", fault.At(fault.Invalid, "bad_argument", name, "%s must be a text, number or truth", name)
}
