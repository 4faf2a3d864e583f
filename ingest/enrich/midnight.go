package enrich

import (
	"sync"
	"time"

	"analytics/engine/event"
)

// goneAfter is how long a visitor may pause before the visit is over; longest and lateKept bound what
// is remembered: 2.5 MB.
const (
	goneAfter = 30 * time.Minute
	lateKept  = 50_000
	lateSweep = 5 * time.Minute
	// live is how far from now an event may be to say who is there now: history is imported, too.
	live = time.Hour
)

// visitorID is what a visitor goes by for a day.
type visitorID [8]byte

// late remembers who was there in the half hour before midnight UTC. An id lasts a day, but a visit
// does not end at midnight: who goes on without a pause of half an hour keeps the id of the day
// before, at most until the last half hour of the new day. A restart forgets, and visits under way are then two.
type late struct {
	mu    sync.Mutex // guards what follows
	day   day        // whose ids these are
	last  map[visitorID]event.Micros
	swept event.Micros
}

// note remembers that an id of a day was seen at a moment, if that is late in the day.
func (l *late) note(d day, id visitorID, at event.Micros) {
	if !isLate(d, at) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if d > l.day || l.last == nil {
		l.day, l.last = d, map[visitorID]event.Micros{}
	}
	if _, known := l.last[id]; d == l.day && (known || len(l.last) < lateKept) {
		l.last[id] = max(l.last[id], at)
	}
}

// isLate reports whether a moment is in the last half hour of a day.
func isLate(d day, at event.Micros) bool {
	end := event.MicrosOf(time.Unix((int64(d)+1)*86400, 0))
	return end-at <= event.Micros(goneAfter.Microseconds())
}

// any reports whether somebody of the day may still be there at a moment.
func (l *late) any(d day, at event.Micros) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d != l.day || len(l.last) == 0 {
		return false
	}
	if at-l.swept > event.Micros(lateSweep.Microseconds()) {
		l.swept = at
		for id, last := range l.last {
			if at-last > event.Micros(goneAfter.Microseconds()) {
				delete(l.last, id)
			}
		}
	}
	return len(l.last) > 0
}

// goesOn reports whether a visitor of the day goes on at a moment, and remembers it if so.
func (l *late) goesOn(d day, id visitorID, at event.Micros) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, ok := l.last[id]
	if !ok || d != l.day || at-last > event.Micros(goneAfter.Microseconds()) {
		return false
	}
	l.last[id] = max(last, at)
	return true
}
