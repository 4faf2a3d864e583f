package budget

import "testing"

// What has no key has a budget of its own where each key has one, and it is told by what it lacks.
func TestABudgetSaysWhomItIsOf(t *testing.T) {
	f := func(want string, by, group []string) {
		t.Helper()
		s := Standing{Definition: Definition{By: by}, Group: group}
		if got := s.Of(); got != want {
			t.Errorf("%v of %v: got %q, want %q", group, by, got, want)
		}
	}
	f("", nil, nil)
	f("k1", []string{"api_key_id"}, []string{"k1"})
	f("no api_key_id", []string{"api_key_id"}, []string{""})
	f("gpt-4o, no agent", []string{"model", "agent"}, []string{"gpt-4o", ""})
}
