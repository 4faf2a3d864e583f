package paths

import (
	"cmp"
	"math"
	"slices"

	"analytics/engine/event"
)

// The formula of quality: see doc.go.
const (
	weightEngaged    = 0.35
	weightDepth      = 0.25
	weightReturn     = 0.15
	weightConversion = 0.25
	deep             = 4  // pages after the first that are worth all of depth
	minSample        = 30 // sessions
)

const (
	maxSources = 10_000
	// maxVisitors is how many people are remembered to know who came back; whoever comes later is
	// counted as new.
	maxVisitors = 2_000_000
)

// Quality counts how good the visits from each source are.
type Quality struct {
	goals    []string
	sources  map[origin]*score
	visitors map[origin]map[string]struct{}
	people   int
}

// clicks are the names of events that are clicks on links.
var clicks = []string{"link_click", "outbound_click", "file_download"}

type origin struct{ source, channel string }

// score is a source while it is counted.
type score struct {
	sessions, engaged, first, converted int64
	depth                               float64
}

// SourceQuality is one source.
type SourceQuality struct {
	Source, Channel string
	Sessions        int64
	// The parts, each from 0 to 1.
	Engaged, Depth, Return, Conversion float64
	// Quality is from 0 to 100, nil with too few sessions.
	Quality *float64
}

// NewQuality counts conversions by the events of these names; without any by all custom events that
// are no clicks on links.
func NewQuality(goals []string) *Quality {
	return &Quality{goals: goals, sources: map[origin]*score{}, visitors: map[origin]map[string]struct{}{}}
}

// Add counts a session.
func (q *Quality) Add(s *event.Event) {
	if !counts(s) {
		return
	}
	o := origin{string(s.Text(event.SessionSource)), string(s.Text(event.SessionChannel))}
	if q.sources[o] == nil && len(q.sources) >= maxSources {
		o = origin{Other, Other}
	}
	if q.sources[o] == nil {
		q.sources[o], q.visitors[o] = &score{}, map[string]struct{}{}
	}
	n := q.sources[o]
	n.sessions++
	if s.Bool(event.SessionEngaged) {
		n.engaged++
	}
	n.depth += float64(min(max(s.Int(event.SessionPageCount)-1, 0), deep)) / deep
	if q.isNew(o, s) {
		n.first++
	}
	if q.converted(s) {
		n.converted++
	}
}

// converted says whether a session has a goal.
func (q *Quality) converted(s *event.Event) (yes bool) {
	lines(s.Text(event.SessionEventNames), func(name []byte) bool {
		if len(q.goals) > 0 {
			yes = isOneOf(q.goals, name)
		} else {
			yes = !isOneOf(clicks, name)
		}
		return !yes
	})
	return yes
}

// isNew says whether the person of a session was not met before; sessions of nobody are always new.
func (q *Quality) isNew(o origin, s *event.Event) bool {
	who := whoOf(s)
	if who == "" {
		return true
	}
	met := q.visitors[o]
	if _, ok := met[who]; ok {
		return false
	}
	if q.people < maxVisitors {
		met[who] = struct{}{}
		q.people++
	}
	return true
}

// Rows are the sources, those with most sessions first.
func (q *Quality) Rows() []SourceQuality {
	var rows []SourceQuality
	for o, n := range q.sources {
		r := SourceQuality{
			Source: o.source, Channel: o.channel, Sessions: n.sessions,
			Engaged: share(n.engaged, n.sessions), Depth: n.depth / float64(n.sessions),
			Return: share(n.sessions-n.first, n.sessions), Conversion: share(n.converted, n.sessions),
		}
		if n.sessions >= minSample {
			v := math.Round(1000*(weightEngaged*r.Engaged+weightDepth*r.Depth+weightReturn*r.Return+
				weightConversion*r.Conversion)) / 10
			r.Quality = &v
		}
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b SourceQuality) int {
		return cmp.Or(cmp.Compare(b.Sessions, a.Sessions), cmp.Compare(a.Source, b.Source),
			cmp.Compare(a.Channel, b.Channel))
	})
	return rows
}
