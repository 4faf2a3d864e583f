package enrich

import "testing"

func TestNeededTextChangesNoAnswer(t *testing.T) {
	l := openLists(t)
	agents, _ := people(t)
	for _, ua := range append(agents, "mozilla/5.0 newsy", "mozilla/5.0 (x; y;", "mozilla/5.0 robots", "a@bc-d.e",
		"x wget/1.0; y", "perl", "mozilla a.com") {
		for _, p := range l.words.patterns {
			q := wordList{patterns: []pattern{{"", p.Regexp}}}
			with := wordList{patterns: []pattern{p}}
			if with.find(ua) != q.find(ua) {
				t.Fatalf("%s needs %q: not so in %q", p, p.needs, ua)
			}
		}
	}
}
