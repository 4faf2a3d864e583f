package paths

import (
	"cmp"
	"slices"
	"strings"

	"analytics/engine/event"
)

// maxPairs is how many different transitions are told apart, and maxPages how many pages: some 100 MB
// of memory at most.
const (
	maxPairs = 200_000
	maxPages = 100_000
)

// Transitions counts from which page people went to which.
type Transitions struct {
	pages map[string]uint32 // by site, a zero byte and path; their number is their place in left
	names []string
	left  []int64 // of each page, how often it was followed by another or by the end of the session
	pairs map[pair]int64
	total int64
	key   []byte
}

// pair is two pages. The zero pair is of all that there are too many of.
type pair struct{ from, to uint32 }

// Transition is one way from a page to another.
type Transition struct {
	Site, From, To string
	Count          int64
	// Share is of all that followed on From: other pages and the end of the session.
	Share float64
}

// NewTransitions counts from nothing.
func NewTransitions() *Transitions {
	return &Transitions{pages: map[string]uint32{}, names: []string{""}, left: []int64{0},
		pairs: map[pair]int64{}}
}

// Add counts a session.
func (t *Transitions) Add(s *event.Event) {
	if !counts(s) {
		return
	}
	from, first := uint32(0), true
	lines(s.Text(event.SessionJourney), func(path []byte) bool {
		page := t.page(s.Text(event.SessionSite), path)
		if t.left[page]++; !first {
			t.add(pair{from, page})
		}
		from, first = page, false
		return true
	})
}

// page is the number of a page, 0 of those that there are too many of.
func (t *Transitions) page(site, path []byte) uint32 {
	if string(path) == Other {
		return 0
	}
	t.key = append(append(append(t.key[:0], site...), 0), path...)
	n, ok := t.pages[string(t.key)]
	if !ok && len(t.pages) < maxPages {
		n = uint32(len(t.left))
		t.names, t.left = append(t.names, string(t.key)), append(t.left, 0)
		t.pages[t.names[n]] = n
	}
	return n
}

func (t *Transitions) add(way pair) {
	t.total++
	if way.from == 0 || way.to == 0 {
		way = pair{}
	}
	if _, ok := t.pairs[way]; !ok && len(t.pairs) >= maxPairs {
		way = pair{}
	}
	t.pairs[way]++
}

// Rows are the most frequent transitions, at most limit, and Total is how many there were in all. What
// is beyond the limit is the last row, from (other) to (other), without a share.
func (t *Transitions) Rows(limit int) (rows []Transition, total int64) {
	rest := t.pairs[pair{}]
	for way, n := range t.pairs {
		if way != (pair{}) {
			site, from, _ := strings.Cut(t.names[way.from], "\x00")
			_, to, _ := strings.Cut(t.names[way.to], "\x00")
			rows = append(rows, Transition{site, from, to, n, share(n, t.left[way.from])})
		}
	}
	slices.SortFunc(rows, func(a, b Transition) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Site, b.Site),
			cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	for i := min(limit, len(rows)); i < len(rows); i++ {
		rest += rows[i].Count
	}
	rows = rows[:min(limit, len(rows))]
	if rest > 0 {
		rows = append(rows, Transition{Other, Other, Other, rest, 0})
	}
	return rows, t.total
}
