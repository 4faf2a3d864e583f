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
	golden, err := os.ReadFile("../../report/testdata/costs.month.md")
	if err != nil {
		t.Fatal(err)
	}
	f := func(value, written string, times int) {
		t.Helper()
		text := string(golden)
		if value != "ann" {
			text = strings.NewReplacer("| ann |", "| "+written+" |", "User ann:", "User "+written+":",
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
	f("ann", "ann", 3) // the headline, what changed, by user; the budget is of somebody else
	f("anna_b@example.com", `anna\_b\@example.com`, 4)
	f("1", "1", 4)
	f("100", "100", 4)
	f("user", "user", 4)
	f("nobody.here", "ann", 0)
}
