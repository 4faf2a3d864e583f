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
