package mcp

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"analytics/engine/auth"
	"analytics/query"
)

// text is what a model reads of a result.
func text(r *sdk.CallToolResult) string {
	var all []string
	for _, c := range r.Content {
		if t, ok := c.(*sdk.TextContent); ok {
			all = append(all, t.Text)
		}
	}
	return strings.Join(all, "\n")
}

func call(t testing.TB, s *sdk.ClientSession, tool string, arguments map[string]any) *sdk.CallToolResult {
	t.Helper()
	r, err := s.CallTool(t.Context(), &sdk.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		t.Fatalf("%s %v: %v", tool, arguments, err)
	}
	return r
}

func tools(t testing.TB, s *sdk.ClientSession) map[string]*sdk.Tool {
	t.Helper()
	all := map[string]*sdk.Tool{}
	for tool, err := range s.Tools(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		all[tool.Name] = tool
	}
	return all
}

func schemaOf(t testing.TB, v any) *jsonschema.Resolved {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	r, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestEveryQuestionIsAnsweredAsItsSchemaSays asks each verb through the SDK's client with a real key.
func TestEveryQuestionIsAnsweredAsItsSchemaSays(t *testing.T) {
	h := newHouse(t)
	s := h.session()
	all := tools(t, s)
	for _, name := range []string{"analytics_costs", "analytics_requests", "analytics_errors", "analytics_audit",
		"analytics_overview", "analytics_trace", "analytics_traffic", "analytics_query"} {
		if all[name] == nil {
			t.Errorf("there is no tool %s", name)
		}
	}
	subject := map[string]int{}
	table := query.Verbs()
	for i := range table {
		subject[table[i].Group]++
	}
	for i := range table {
		v := &table[i]
		tool := all["analytics_"+v.Group]
		if tool == nil || !tool.Annotations.ReadOnlyHint || tool.Description == "" {
			t.Errorf("the tool of %s: %+v", v.Group, tool)
			continue
		}
		if v.Group == "funnels" {
			continue // TestFunnelsAreListedAndCounted
		}
		arguments := map[string]any{}
		if subject[v.Group] > 1 {
			arguments["question"] = v.Name
		}
		for _, p := range v.Params() {
			switch {
			case p.Required && v.Trail:
				arguments[p.Name] = "4bf92f3577b34da6a3ce929d0e0e4736"
			case p.Required:
				arguments[p.Name] = "coder"
			case p.Name == "metrics" && v.Group == "query":
				arguments[p.Name] = "requests,cost"
			}
		}
		if err := schemaOf(t, tool.InputSchema).Validate(arguments); err != nil {
			t.Errorf("%s %v does not fit its own schema: %v", tool.Name, arguments, err)
		}
		r := call(t, s, tool.Name, arguments)
		if r.IsError {
			if v.Name != "show" || !strings.HasPrefix(text(r), "unknown_") && !strings.Contains(text(r), "not_found") &&
				!strings.HasPrefix(text(r), "no_") {
				t.Errorf("%s %v: %s", tool.Name, arguments, text(r))
			}
			continue
		}
		if err := schemaOf(t, tool.OutputSchema).Validate(r.StructuredContent); err != nil {
			t.Errorf("%s %v: the answer is not as the schema says: %v\n%.500s", tool.Name, arguments, err, text(r))
		}
	}
}

func TestAnswersAreTheOnesOfHTTP(t *testing.T) {
	h := newHouse(t)
	r := call(t, h.session(), "analytics_costs", map[string]any{"question": "breakdown", "by": []any{"agent"},
		"since": "24h", "limit": 1, "share": true, "other": false})
	var a struct {
		Rows []struct {
			Agent string
			Cost  json.Number
			Share float64
		}
		Totals struct{ Cost json.Number }
	}
	if err := json.Unmarshal([]byte(text(r)), &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Rows) != 1 || a.Rows[0].Agent != "coder" || a.Rows[0].Cost != "0.012" || a.Totals.Cost != "0.021" {
		t.Errorf("%s", text(r))
	}
}

func TestAModelIsToldHowToAskBetter(t *testing.T) {
	s := newHouse(t).session()
	f := func(want, tool string, arguments map[string]any) {
		t.Helper()
		if r := call(t, s, tool, arguments); !r.IsError || !strings.Contains(text(r), want) {
			t.Errorf("%s %v: error %t, %s; want %q in it", tool, arguments, r.IsError, text(r), want)
		}
	}
	f("there are summary, trends, breakdown", "analytics_costs", map[string]any{"question": "sumary"})
	f("did you mean", "analytics_costs", map[string]any{"question": "breakdown", "by": "modle"})
	f("did you mean", "analytics_query", map[string]any{"metrics": "costs"})
	f("there is no parameter", "analytics_overview", map[string]any{"sinse": "7d"})
	f("invalid", "analytics_requests", map[string]any{"filter": "model"})
	f("bad_argument", "analytics_requests", map[string]any{"since": map[string]any{"days": 7}})
}

// Who asks for the audit trail or for traces without an id gets the newest.
func TestWithoutAnIDThereIsAList(t *testing.T) {
	s := newHouse(t).session()
	f := func(want, tool string, arguments map[string]any) {
		t.Helper()
		if r := call(t, s, tool, arguments); !strings.Contains(text(r), want) {
			t.Errorf("%s %v: error %t, %.300s; want %q in it", tool, arguments, r.IsError, text(r), want)
		}
	}
	f(`"action":"login"`, "analytics_audit", nil)
	f(`"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"`, "analytics_trace", nil)
	f(`"found_by":"trace_id"`, "analytics_trace", map[string]any{"id": "4bf92f3577b34da6a3ce929d0e0e4736"})
	f(`not_found`, "analytics_audit", map[string]any{"id": "nothing"})
	f(`ID is missing`, "analytics_trace", map[string]any{"question": "show"})
}

func TestFunnelsAreListedAndCounted(t *testing.T) {
	h := newHouse(t)
	s := h.session()
	f := func(want string, arguments map[string]any) {
		t.Helper()
		if err := schemaOf(t, tools(t, s)["analytics_funnels"].InputSchema).Validate(arguments); err != nil {
			t.Errorf("%v does not fit its own schema: %v", arguments, err)
		}
		r := call(t, s, "analytics_funnels", arguments)
		if !strings.Contains(text(r), want) {
			t.Errorf("%v: error %t, %.300s; want %q in it", arguments, r.IsError, text(r), want)
		}
		said := schemaOf(t, tools(t, s)["analytics_funnels"].OutputSchema)
		if err := said.Validate(r.StructuredContent); !r.IsError && err != nil {
			t.Errorf("%v: the answer is not as the schema says: %v", arguments, err)
		}
	}
	f(`{"funnels":[{"name":"signup","steps":["page:/","event:signup"]`, map[string]any{})
	f(`"totals":{"conversion":0,"completed":0,`, map[string]any{"name": "signup", "days": 2, "per": "session"})
	f(`"totals":{"conversion":0,"completed":0,`,
		map[string]any{"name": "signup", "filter": "path==/", "site": "example.com"})
	f("not_found", map[string]any{"name": "sign"})
	f("not_found", map[string]any{"name": "../keys"})
	f("missing_parameter", map[string]any{"since": "7d"})
	f("invalid_range", map[string]any{"name": "signup", "since": "soon"})
}

func TestTheKeyDecidesWhoMayAsk(t *testing.T) {
	h := newHouse(t)
	for _, key := range []string{h.key(auth.Ingest), "ak_ing_12345678_nonsense", ""} {
		if s, err := h.dial(key); err == nil {
			_ = s.Close()
			t.Errorf("%.8s… is let in", key)
		}
	}
	r, err := http.Get(h.server.URL + "/mcp")
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET /mcp: %d", r.StatusCode)
	}
}

func TestPromptsAndResourcesHelpToAsk(t *testing.T) {
	s := newHouse(t).session()
	list, err := s.ListPrompts(t.Context(), nil)
	if err != nil || len(list.Prompts) != len(prompts) {
		t.Fatalf("%+v %v", list, err)
	}
	all := tools(t, s)
	for _, p := range prompts {
		got, err := s.GetPrompt(t.Context(), &sdk.GetPromptParams{Name: p.name, Arguments: map[string]string{"since": "3d"}})
		if err != nil {
			t.Fatal(err)
		}
		said := got.Messages[0].Content.(*sdk.TextContent).Text
		if !strings.Contains(said, "3d") {
			t.Errorf("%s: %s", p.name, said)
		}
		for word := range strings.FieldsSeq(said) { // what a prompt names, there is
			if name := strings.Trim(word, ",.;()"); strings.HasPrefix(name, "analytics_") && all[name] == nil {
				t.Errorf("%s names %s, which is no tool", p.name, name)
			}
		}
	}
	for uri, want := range map[string]string{"analytics://guide": "interval", "analytics://catalog": `"p95_duration_ms"`} {
		r, err := s.ReadResource(t.Context(), &sdk.ReadResourceParams{URI: uri})
		if err != nil || !strings.Contains(r.Contents[0].Text, want) {
			t.Errorf("%s: %v", uri, err)
		}
	}
}

func TestWhoIsBoundToAnAgentSeesNoOther(t *testing.T) {
	s, end := newHouse(t).shell("--agent", "writer")
	defer func() { _ = end() }()
	all := tools(t, s)
	if all["analytics_trace"] != nil && strings.Contains(string(must(json.Marshal(all["analytics_trace"]))), `"show"`) {
		t.Error("traces can be shown, which are of everybody")
	}
	for name := range all {
		for _, given := range []map[string]any{{}, {"filter": `agent==coder`}, {"filter": `model!="";agent==coder`}} {
			if name == "analytics_query" {
				given["metrics"] = "requests,cost"
				given["by"] = "agent"
			}
			if r := call(t, s, name, given); !r.IsError && strings.Contains(text(r), "coder") {
				t.Errorf("%s %v tells of another agent: %.400s", name, given, text(r))
			}
		}
	}
	if r := call(t, s, "analytics_costs", nil); !strings.Contains(text(r), `"totals":{"cost":0.009`) {
		t.Errorf("%.300s", text(r))
	}
}

// TestABoundKeyIsBoundOverHTTP goes by the SDK's own client, and tries to see more.
func TestABoundKeyIsBoundOverHTTP(t *testing.T) {
	h := newHouse(t)
	secret, _, err := h.keys.Create(t.Context(), auth.NewKey{
		Name: "writer", Scopes: auth.Scopes{auth.Query}, Bound: auth.Binding{Agent: "writer"}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := h.dial(secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	all, free := tools(t, s), tools(t, h.session())
	if len(all) == 0 || len(all) >= len(free) || all["analytics_performance"] != nil {
		t.Errorf("%d tools, and %d for who is not bound", len(all), len(free))
	}
	for name := range all {
		for _, given := range []map[string]any{{}, {"filter": `agent==coder`}, {"filter": `agent!=""`},
			{"include_bots": true}} {
			if name == "analytics_query" {
				given["metrics"], given["by"] = "requests,cost", "agent"
			}
			if r := call(t, s, name, given); !r.IsError && strings.Contains(text(r), "coder") {
				t.Errorf("%s %v tells of another agent: %.400s", name, given, text(r))
			}
		}
	}
	if r := call(t, s, "analytics_costs", nil); !strings.Contains(text(r), `"totals":{"cost":0.009`) {
		t.Errorf("%.300s", text(r))
	}
	if r := call(t, s, "analytics_agents", map[string]any{"question": "show", "id": "code"}); !r.IsError ||
		strings.Contains(text(r), "coder") {
		t.Errorf("%.300s", text(r))
	}
	if r, err := s.ReadResource(t.Context(), &sdk.ReadResourceParams{URI: "analytics://catalog"}); err != nil {
		t.Errorf("%+v, %v", r, err)
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func FuzzArguments(f *testing.F) {
	for _, s := range []string{`{}`, `{"question":"trends","limit":3}`, `{"by":["model",1,null]}`, `[]`, `null`, `{"a":{}}`, ``} {
		f.Add([]byte(s))
	}
	all := subjects(auth.Binding{})
	f.Fuzz(func(t *testing.T, arguments []byte) {
		for _, s := range all {
			v, values, err := s.read(bytes.Clone(arguments))
			if err == nil && (v == nil || values == nil) {
				t.Errorf("%q: neither a question nor an error", arguments)
			}
		}
	})
}

func BenchmarkCall(b *testing.B) {
	s := newHouse(b).session()
	for b.Loop() {
		call(b, s, "analytics_costs", nil)
	}
}

// TestSchemasSayThingsOnce: a client reads those of all tools before the first question.
func TestSchemasSayThingsOnce(t *testing.T) {
	total := 0
	for _, tool := range tools(t, newHouse(t).session()) {
		text := string(must(json.Marshal(tool)))
		if total += len(text); strings.Count(text, `"relative_error"`) > 1 {
			t.Errorf("%s says more than once what meta is", tool.Name)
		}
	}
	if total > 200<<10 {
		t.Errorf("the tools are described in %d bytes", total)
	}
}
