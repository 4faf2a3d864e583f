package store

import (
	"time"

	"analytics/engine/event"
)

// untimedWindow is how long an id sent without a timestamp stays taken.
const untimedWindow = event.Micros(24 * time.Hour / time.Microsecond)

// ids is which events a generation of the head holds. Nearly every id comes once, so the first map
// does nearly all the work; an id that comes with several timestamps has the newest there and the
// others in more. Looking up costs one probe either way, whatever a client sends.
//
// Only the committer touches it.
type ids struct {
	newest map[event.IDKey]event.Micros
	more   map[idTime]struct{}
}

type idTime struct {
	key event.IDKey
	at  event.Micros
}

// idBytes is about what one id costs in memory, the map's slack included.
const idBytes = 36

// has reports whether the event that the mark stands for is there: with a timestamp of its own the
// same id at the same time, without one the same id within the window before.
func (s *ids) has(m *event.Mark) bool {
	at, ok := s.newest[m.Key]
	if !ok {
		return false
	}
	if !m.Timed {
		return at > m.Time-untimedWindow
	}
	if at == m.Time || len(s.more) == 0 {
		return at == m.Time
	}
	_, ok = s.more[idTime{m.Key, m.Time}]
	return ok
}

// add puts an event in.
func (s *ids) add(k event.IDKey, at event.Micros) {
	if s.newest == nil {
		s.newest = make(map[event.IDKey]event.Micros)
	}
	was, ok := s.newest[k]
	if !ok {
		s.newest[k] = at
		return
	}
	if was == at {
		return
	}
	if s.more == nil {
		s.more = make(map[idTime]struct{})
	}
	s.more[idTime{k, min(was, at)}] = struct{}{}
	s.newest[k] = max(was, at)
}
