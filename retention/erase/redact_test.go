package erase

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"analytics/engine/person"
)

// TestReportsLoseThePersonAndNoFigure redacts the reports that package report writes in its own tests: an
// id with characters that Markdown escapes, an id that is also a count, and one that is a word.
func TestReportsLoseThePersonAndNoFigure(t *testing.T) {
	var golden string // headlines of both kinds, that name who moved and who spent
	for _, name := range []string{"costs.month.md", "costs.md"} {
		text, err := os.ReadFile("../../report/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		golden += string(text) + "\n\n"
	}
	f := func(value, written string, times int) {
		t.Helper()
		text := golden
		if value != "ann" {
			text = strings.NewReplacer("| ann |", "| "+written+" |", "User ann:", "User "+written+":", "user ann (", "user "+written+" (",
				`(ann\|x)`, "("+written+")").Replace(text)
		}
		dir := t.TempDir()
		path := filepath.Join(dir, "reports", "2026-11-monthly_cost_report.md")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p := &person.Person{Is: func(s string) bool { return s == value }}
		if _, err := redact(dir, p); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || strings.Count(string(got), person.Erased) != times ||
			strings.ReplaceAll(string(got), person.Erased, written) != text {
			t.Errorf("%s: %d times in %v\n%s", value, strings.Count(string(got), person.Erased), err, got)
		}
	}
	f("ann", "ann", 5) // the headlines, what changed, by user; the budget is of somebody else
	f("anna_b@example.com", `anna\_b\@example.com`, 6)
	f("user a: b", "user a: b", 6)
	f("1", "1", 6)
	f("100", "100", 6)
	f("user", "user", 6)
	f("nobody.here", "ann", 0)
}
