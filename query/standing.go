package query

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// The limits of standing questions: those that somebody asks again and again, as the panels of a
// dashboard. What such a question counted of this hour and the one before is kept, and the next time
// only what came since is counted: with a million events in the hour, a refresh of eleven panels took
// 136 ms of a processor without, and takes 9 ms with it (BenchmarkRefresh).
const (
	// standsWithin is how soon a question must be asked again to stand, and how long it stands.
	standsWithin = time.Minute
	// mostStanding is how many questions are remembered, of all tenants.
	mostStanding = 1024
	// standingShare is the part of the memory that one may take: what takes more, such as a count by user,
	// is counted anew each time.
	standingShare = 4
)

// standings is the questions that were asked lately.
type standings struct {
	most int64 // bytes

	mu    sync.Mutex
	each  map[string]*standing // guarded by mu
	bytes int64                // guarded by mu; of all
	swept time.Time            // guarded by mu
}

// standing is a question: what is counted, of whose events, by what, and under which conditions; not
// of which range.
type standing struct {
	key string

	// Guarded by the mutex of standings.
	asked time.Time
	again bool // it was asked more than once
	bytes int64
	wide  time.Time // until when it is taken to be too large to be kept

	mu    sync.Mutex
	hours map[event.Hour]*standingHour // guarded by mu
}

// standingHour is what was counted of an hour of one kind.
type standingHour struct {
	sealed  *kept // of the segments in of
	of      map[store.SegmentID]bool
	growing map[*store.Unsealed]*kept
}

// kept is events that were counted, in buckets of the grain of cells.
type kept struct {
	table       *cube.Table
	first, last event.Micros // they lie in between
	rows        int          // of those that are not sealed: the first so many
	from        sources
}

// standingKey is what makes two questions one.
func (s *scan) standingKey() string {
	spec := &s.part.spec
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "%s%d %v %d %v %q %q", s.snap.Range.Tenant[:], spec.Kind, s.cubed, s.cube.ID, s.kept,
		spec.Dims, spec.Measures)
	for _, p := range spec.Filter {
		_, _ = fmt.Fprintf(&b, " %q %d %q", p.Field, p.Compare, p.Values)
	}
	return b.String()
}

// of is the question if it stands, and nil if it is asked for the first time in a while.
func (all *standings) of(key string, now time.Time) *standing {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.sweep(now)
	s := all.each[key]
	if s == nil {
		if all.room() {
			all.each[key] = &standing{key: key, asked: now}
		}
		return nil
	}
	s.asked, s.again = now, true
	if now.Before(s.wide) {
		return nil
	}
	return s
}

// room reports whether one more can be remembered; for it, the one goes that was asked once, longest ago:
// somebody with a thousand different questions keeps nobody's dashboard from standing. The caller holds mu.
func (all *standings) room() bool {
	if len(all.each) < mostStanding {
		return true
	}
	var once *standing
	for _, s := range all.each {
		if !s.again && (once == nil || s.asked.Before(once.asked)) {
			once = s
		}
	}
	if once != nil {
		all.forget(once)
	}
	return once != nil
}

// sweep forgets the questions that nobody asks any more. The caller holds mu.
func (all *standings) sweep(now time.Time) {
	if now.Sub(all.swept) < time.Second && len(all.each) < mostStanding {
		return
	}
	all.swept = now
	for _, s := range all.each {
		if now.Sub(s.asked) > standsWithin {
			all.forget(s)
		}
	}
}

// forget leaves a question to those who are just using it. The caller holds mu.
func (all *standings) forget(s *standing) {
	delete(all.each, s.key)
	all.bytes -= s.bytes
	s.bytes = 0
}

// charge says how much a question keeps now; false if that is too much. To make room, what was asked
// longest ago goes.
func (all *standings) charge(s *standing, bytes int64, now time.Time) bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.each[s.key] != s {
		return false // it was forgotten meanwhile: nobody finds what it keeps
	}
	if bytes > all.most/standingShare {
		all.bytes -= s.bytes
		s.bytes, s.wide = 0, now.Add(standsWithin)
		return false
	}
	all.bytes += bytes - s.bytes
	s.bytes = bytes
	for all.bytes > all.most {
		oldest := s
		for _, o := range all.each {
			if o.bytes > 0 && o.asked.Before(oldest.asked) {
				oldest = o
			}
		}
		all.forget(oldest)
	}
	return true
}

// hour is what is kept of an hour; hours before the given are forgotten. The caller holds mu.
func (s *standing) hour(h, before event.Hour) *standingHour {
	for old := range s.hours {
		if old < before {
			delete(s.hours, old)
		}
	}
	if s.hours == nil {
		s.hours = map[event.Hour]*standingHour{}
	}
	if s.hours[h] == nil {
		s.hours[h] = &standingHour{growing: map[*store.Unsealed]*kept{}}
	}
	for u := range s.hours[h].growing {
		if u.Gone() {
			delete(s.hours[h].growing, u)
		}
	}
	return s.hours[h]
}

// size is the memory of all that is kept. The caller holds mu.
func (s *standing) size() (n int64) {
	for _, h := range s.hours {
		if h.sealed != nil {
			n += h.sealed.table.Size()
		}
		for _, k := range h.growing {
			n += k.table.Size()
		}
	}
	return n
}

// keep begins to keep.
func (s *scan) keep() (*kept, error) {
	spec := s.part.spec
	spec.Edges, spec.Grain = nil, s.kept.grain
	t, err := cube.NewTable(spec)
	return &kept{table: t, first: forever, last: -forever}, err
}

// widen says that events between two moments are counted as well.
func (k *kept) widen(first, last event.Micros) {
	k.first, k.last = min(k.first, first), max(k.last, last)
}
