package bots

import (
	"slices"
	"strings"
	"testing"
)

// TestOddityOfOneInTenIsNobodys: words count that most events of a side have.
func TestOddityOfOneInTenIsNobodys(t *testing.T) {
	var all Tally
	for i := range 10 {
		words := []string{"no_accept_language"}
		if i == 3 {
			words = append(words, "no_encoding")
		}
		all.Add("server", words)
	}
	all.Add("tracker", []string{"webdriver"})
	if got := all.Words(); !slices.Equal(got, []string{"no_accept_language", "webdriver"}) {
		t.Errorf("got %v", got)
	}
}

// TestOneTouchIsEnough: that nobody touched anything is said of visits, and one page that somebody
// touched speaks for all of a visit. Messages of less than a second, and of old scripts, say nothing.
func TestOneTouchIsEnough(t *testing.T) {
	still, jumped := []string{"no_input"}, []string{"jumping_mouse"}
	for _, c := range []struct {
		name string
		add  func(*Tally)
		want string
	}{
		{"nobody touched the only page", func(a *Tally) { a.Left("tracker", 0, still) }, "no_input"},
		{"nor any of five, one of which was left at once", func(a *Tally) {
			for range 4 {
				a.Left("tracker", 4000, still)
			}
			a.Left("tracker", 900, nil)
		}, "no_input"},
		{"one of five", func(a *Tally) {
			for range 4 {
				a.Left("tracker", 4000, still)
			}
			a.Left("tracker", 2000, nil)
		}, ""},
		{"a mouse jumped on one of two", func(a *Tally) {
			a.Left("tracker", 4000, jumped)
			a.Left("tracker", 4000, still)
		}, "jumping_mouse"},
		{"and went on another", func(a *Tally) {
			a.Left("tracker", 4000, jumped)
			a.Left("tracker", 4000, nil)
		}, ""},
		{"a script that does not know", func(a *Tally) { a.Left("tracker", 4000, nil) }, ""},
		{"a view, which is before anybody could", func(a *Tally) { a.Add("tracker", still) }, ""},
	} {
		var a Tally
		a.Add("tracker", nil)
		c.add(&a)
		if got := strings.Join(a.Words(), ","); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
