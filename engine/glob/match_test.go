package glob_test

import (
	"strings"
	"testing"

	"analytics/engine/glob"
)

func TestMatch(t *testing.T) {
	f := func(pattern, text string, want bool) {
		t.Helper()
		if got := glob.Match(pattern, text); got != want {
			t.Errorf("Match(%q, %q) is %v", pattern, text, got)
		}
	}
	f("", "", true)
	f("", "a", false)
	f("*", "", true)
	f("gpt-4*", "gpt-4o-mini", true)
	f("gpt-4*", "gpt-3", false)
	f("*mini", "gpt-4o-mini", true)
	f("*-4*-*", "gpt-4o-mini", true)
	f("g?t", "gpt", true)
	f("g?t", "gt", false)
	f("a*c", "aéc", true)
	f("*a*a*a*a*a*b", strings.Repeat("a", 10_000), false)
	f("a*b", "acb*", false)
}

// FuzzMatch holds a text against itself, in parts and with its letters unknown.
func FuzzMatch(f *testing.F) {
	f.Add("gpt-4*", "gpt-4o")
	f.Add("*?*", "größe")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		got := glob.Match(pattern, text)
		if !glob.Match("*", text) || !glob.Match(pattern+"*", pattern) ||
			!glob.Match(strings.Repeat("?", len(text)), text) || glob.Match(text+"?", text) && !strings.Contains(text, "*") {
			t.Fatalf("%q does not fit itself", text)
		}
		if got && !glob.Match("*"+pattern+"*", "x"+text+"y") {
			t.Fatalf("%q fits %q only alone", pattern, text)
		}
	})
}
