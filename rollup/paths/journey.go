package paths

import (
	"cmp"
	"slices"
	"strings"

	"analytics/engine/event"
)

// MaxDepth is how many steps before and after a page are looked at, at most.
const MaxDepth = 10

// Journey counts what people saw before and after a page, or one of several: a session counts once,
// from the first time it came there.
type Journey struct {
	starts   map[string]bool
	depth    int
	steps    map[int]map[string]int64
	distinct int
	sessions int64
}

// Stop is a page some steps away from the start.
type Stop struct {
	// Step is -1 for the page before, 1 for the page after.
	Step     int
	Path     string // or (entry), (exit) or (other)
	Sessions int64
	Share    float64 // of the sessions that came to the start
}

// NewJourney is about the paths, up to depth steps away.
func NewJourney(starts []string, depth int) *Journey {
	j := &Journey{starts: map[string]bool{}, depth: min(max(depth, 1), MaxDepth),
		steps: map[int]map[string]int64{}}
	for _, path := range starts {
		j.starts[path] = true
	}
	return j
}

// Add counts a session.
func (j *Journey) Add(s *event.Event) {
	if !counts(s) {
		return
	}
	journey := s.Text(event.SessionJourney)
	came := false
	lines(journey, func(path []byte) bool {
		came = j.starts[string(path)]
		return !came
	})
	if !came {
		return
	}
	pages := strings.Split(string(journey), "\n")
	start := slices.IndexFunc(pages, func(path string) bool { return j.starts[path] })
	if start < 0 {
		return
	}
	j.sessions++
	for d := 1; d <= j.depth; d++ {
		if start+d >= len(pages) {
			j.count(d, Exit)
			break
		}
		j.count(d, pages[start+d])
	}
	for d := 1; d <= j.depth; d++ {
		if start-d < 0 {
			j.count(-d, Entry)
			break
		}
		j.count(-d, pages[start-d])
	}
}

func (j *Journey) count(step int, path string) {
	at := j.steps[step]
	if at == nil {
		at = map[string]int64{}
		j.steps[step] = at
	}
	if at[path] == 0 && path != Exit && path != Entry {
		if j.distinct >= maxPairs {
			path = Other
		} else {
			j.distinct++
		}
	}
	at[path]++
}

// Rows are the most frequent stops of each step, from the first to the last, at most limit each; the
// others are (other). Sessions is how many came to the start.
func (j *Journey) Rows(limit int) (rows []Stop, sessions int64) {
	for step := -j.depth; step <= j.depth; step++ {
		var at []Stop
		beyond := j.steps[step][Other]
		for path, n := range j.steps[step] {
			if path != Other {
				at = append(at, Stop{step, path, n, share(n, j.sessions)})
			}
		}
		slices.SortFunc(at, func(a, b Stop) int {
			return cmp.Or(cmp.Compare(b.Sessions, a.Sessions), cmp.Compare(a.Path, b.Path))
		})
		for i := min(limit, len(at)); i < len(at); i++ {
			beyond += at[i].Sessions
		}
		rows = append(rows, at[:min(limit, len(at))]...)
		if beyond > 0 {
			rows = append(rows, Stop{step, Other, beyond, share(beyond, j.sessions)})
		}
	}
	return rows, j.sessions
}
