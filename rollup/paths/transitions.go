package paths

import (
	"cmp"
	"slices"

	"analytics/rollup/sessions"
)

// maxPairs is how many different transitions are told apart, and maxPages how many pages: some 100 MB
// of memory at most.
const (
	maxPairs = 200_000
	maxPages = 100_000
)

// Transitions counts from which page people went to which.
type Transitions struct {
	pairs map[pair]int64
	left  map[place]int64
	total int64
}

type place struct{ site, path string }

type pair struct{ site, from, to string }

// Transition is one way from a page to another.
type Transition struct {
	Site, From, To string
	Count          int64
	// Share is of all that followed on From: other pages and the end of the session.
	Share float64
}

// NewTransitions counts from nothing.
func NewTransitions() *Transitions {
	return &Transitions{pairs: map[pair]int64{}, left: map[place]int64{}}
}

// Add counts a session.
func (t *Transitions) Add(s *sessions.Session) {
	if !counts(s) {
		return
	}
	pages := pagesOf(s)
	for i, from := range pages {
		at := place{s.Site, from}
		if t.left[at] == 0 && len(t.left) >= maxPages {
			at = place{Other, Other}
		}
		t.left[at]++
		if i+1 == len(pages) {
			break
		}
		t.total++
		way := pair{s.Site, from, pages[i+1]}
		if at.path == Other || t.pairs[way] == 0 && len(t.pairs) >= maxPairs {
			way = pair{Other, Other, Other}
		}
		t.pairs[way]++
	}
}

// Rows are the most frequent transitions, at most limit, and Total is how many there were in all. What
// is beyond the limit is the last row, from (other) to (other), without a share.
func (t *Transitions) Rows(limit int) (rows []Transition, total int64) {
	beyond := t.pairs[pair{Other, Other, Other}]
	for way, n := range t.pairs {
		if way.site != Other {
			rows = append(rows, Transition{way.site, way.from, way.to, n,
				share(n, t.left[place{way.site, way.from}])})
		}
	}
	slices.SortFunc(rows, func(a, b Transition) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Site, b.Site),
			cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	for i := min(limit, len(rows)); i < len(rows); i++ {
		beyond += rows[i].Count
	}
	rows = rows[:min(limit, len(rows))]
	if beyond > 0 {
		rows = append(rows, Transition{Other, Other, Other, beyond, 0})
	}
	return rows, t.total
}
