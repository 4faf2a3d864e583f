package bots

import (
	"slices"
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
	still := []string{"no_input"}
	for _, c := range []struct {
		name string
		add  func(*Tally)
		want bool
	}{
		{"nobody touched the only page", func(a *Tally) { a.Left("tracker", 0, still) }, true},
		{"nor any of five, one of which was left at once", func(a *Tally) {
			for range 4 {
				a.Left("tracker", 4000, still)
			}
			a.Left("tracker", 900, nil)
		}, true},
		{"one of five", func(a *Tally) {
			for range 4 {
				a.Left("tracker", 4000, still)
			}
			a.Left("tracker", 2000, nil)
		}, false},
		{"a script that does not know", func(a *Tally) { a.Left("tracker", 4000, nil) }, false},
		{"a view, which is before anybody could", func(a *Tally) { a.Add("tracker", still) }, false},
	} {
		var a Tally
		a.Add("tracker", nil)
		c.add(&a)
		if got := slices.Contains(a.Words(), "no_input"); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}
