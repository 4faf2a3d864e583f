package enrich

import (
	"strings"
	"testing"
)

// TestCheapLooksRuleOutNothingThatMatches asks every expression about user agents of people and bots,
// with and without the look before.
func TestCheapLooksRuleOutNothingThatMatches(t *testing.T) {
	l := openLists(t)
	agents, _ := people(t)
	for _, ua := range append(agents, "mozilla/5.0 newsy", "mozilla/5.0 (x; y;", "mozilla/5.0 robots", "a@bc-d.e",
		"x wget/1.0; y", "perl", "mozilla a.com", "mozilla/5.0 (x)", "a/b", "<x", "12 x", "mozilla/5.0 a.b",
		"mozilla/5.0 (compatible; x 1.0)", "clamav/1", "dispatch/3", strings.Repeat("x", 60), "wesearch x", "mozilla/5.0",
		"a ; b;", "bw/1", "\xff", ";\xff") {
		for i := range l.words.patterns {
			p := &l.words.patterns[i]
			if p.MatchString(ua) && !p.may(ua) {
				t.Fatalf("%s is ruled out for %q", p, ua)
			}
		}
	}
}

// TestTheFinderFindsWhatContainsFinds compares the walk with a look for each text.
func TestTheFinderFindsWhatContainsFinds(t *testing.T) {
	l := openLists(t)
	agents, _ := people(t)
	for _, f := range []*finder{&l.crawlers.literals, &l.words.anywhere, &l.tools} {
		check := func(text string) {
			want := map[int]bool{}
			for n, s := range f.texts {
				if strings.Contains(text, s) {
					want[n] = true
				}
			}
			got := map[int]bool{}
			f.in(text, func(n int) bool { got[n] = true; return true })
			for n := range want {
				if !got[n] {
					t.Fatalf("%q in %q is not found", f.texts[n], text)
				}
			}
			if len(got) != len(want) || f.any(text) != (len(want) > 0) {
				t.Fatalf("%q: got %v, want %v", text, got, want)
			}
		}
		for _, ua := range agents[:200] {
			check(ua)
			check(strings.ToLower(ua))
		}
		for _, s := range f.texts {
			check(s)
			check("x" + s + "y")
		}
	}
}
