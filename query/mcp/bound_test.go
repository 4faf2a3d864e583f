package mcp

import (
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/query"
)

// TestWhoIsBoundIsOfferedWhatAnswers: a question that can only be refused is not in a tool.
func TestWhoIsBoundIsOfferedWhatAnswers(t *testing.T) {
	h := newHouse(t)
	f := func(bound auth.Binding, offered, missing string) {
		t.Helper()
		secret, _, err := h.keys.Create(t.Context(), auth.NewKey{
			Name: "bound", Scopes: auth.Scopes{auth.Query}, Bound: bound})
		if err != nil {
			t.Fatal(err)
		}
		s, err := h.dial(secret)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		all := tools(t, s)
		if all["analytics_"+offered] == nil || all["analytics_"+missing] != nil || all["analytics_funnels"] != nil {
			t.Errorf("%+v is offered %d tools, with %s and without %s", bound, len(all), offered, missing)
		}
		for _, subject := range subjects(bound) {
			for _, v := range subject.verbs {
				if r := call(t, s, "analytics_"+v.Group, argumentsOf(subject, v)); r.IsError &&
					!strings.Contains(text(r), "not_found") {
					t.Errorf("%+v: %s is offered and says %.200s", bound, v.Path(), text(r))
				}
			}
		}
	}
	f(auth.Binding{Agent: "writer"}, "costs", "sessions")
	f(auth.Binding{Project: "shop"}, "costs", "sessions")
	f(auth.Binding{Site: "example.com"}, "sessions", "costs")
}

// argumentsOf are those that a question cannot do without.
func argumentsOf(t *subject, v *query.Verb) map[string]any {
	given := map[string]any{}
	if len(t.verbs) > 1 {
		given["question"] = v.Name
	}
	for _, p := range v.Params() {
		if p.Required {
			given[p.Name] = "coder"
		}
	}
	if v.Group == "query" {
		given["metrics"] = "events"
	}
	return given
}
