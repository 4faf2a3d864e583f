package bots

import (
	"maps"
	"slices"

	"analytics/ingest/enrich"
)

// Tally counts the signals of a session's events and keeps those that most events have. A machine
// has its oddities with each request; of ten people behind one address somebody has some.
type Tally struct {
	sides [2]side // tracker, others: what only a script sees is on none of a server's
	// Of engagements: still are those before which nobody touched the page, jumped those before which a
	// mouse was pressed that had not gone there, and by hand the others.
	still, jumped, byHand int
}

// telling is from how many milliseconds on an engagement would say that no hand touched the page.
const telling = 1000

type side struct {
	events int
	words  map[string]int
}

// Add takes an event with the words of its signals. via is who saw it.
func (t *Tally) Add(via string, words []string) {
	s := &t.sides[1]
	if via == "tracker" {
		s = &t.sides[0]
	}
	s.events++
	for _, word := range words {
		if s.words == nil {
			s.words = map[string]int{}
		}
		s.words[word]++
	}
}

// Left takes an engagement of so many milliseconds. One is enough to show hands in a whole visit.
func (t *Tally) Left(via string, milliseconds int64, words []string) {
	t.Add(via, words)
	switch {
	case slices.Contains(words, enrich.NoInput):
		t.still++
	case slices.Contains(words, enrich.JumpingMouse):
		t.jumped++
	case milliseconds >= telling:
		t.byHand++
	}
}

// Words are those that at least half of the events of a side have, in order.
func (t *Tally) Words() []string {
	most := map[string]bool{}
	for _, s := range t.sides {
		for word, n := range s.words {
			if 2*n >= s.events {
				most[word] = true
			}
		}
	}
	delete(most, enrich.NoInput)
	delete(most, enrich.JumpingMouse)
	switch {
	case t.byHand > 0:
	case t.jumped > 0:
		most[enrich.JumpingMouse] = true
	case t.still > 0:
		most[enrich.NoInput] = true
	}
	return slices.Sorted(maps.Keys(most))
}
