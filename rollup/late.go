package rollup

import (
	"sync"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

// lateIndex is what was found last of events that came after the sessions of their day had been stored.
type lateIndex struct {
	mu   sync.Mutex
	each map[store.Tenant]*lateness
}

type lateness struct {
	belated       int64  // events taken in late, as of the last look
	run           uint64 // of the state that was looked at
	looked, asked time.Time
	days          []event.Hour
}

// lookEvery is how often it is looked for late events at most while they come in.
const lookEvery = 5 * time.Second

// LateDays lists the first hours of the UTC days whose stored sessions lack events that came late, and asks
// for them to be stored again, at most once a minute; where nobody does that after an answer, it waits until it
// is done. It costs nothing unless events came late: then 1 µs for each hour of a kind that has events, and no
// more often than each five seconds.
func (m *Mill) LateDays(t store.Tenant) ([]event.Hour, error) {
	x := &m.late
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.each == nil {
		x.each = map[store.Tenant]*lateness{}
	}
	l := x.each[t]
	if l == nil {
		l = &lateness{}
		x.each[t] = l
	}
	if err := m.look(t, l); err != nil {
		return nil, err
	}
	now := m.Now()
	if len(l.days) == 0 || now.Sub(l.asked) < lateFor {
		return l.days, nil
	}
	l.asked = now
	stored := m.hurry()
	if m.attended() {
		return l.days, nil
	}
	<-stored
	err := m.look(t, l)
	return l.days, err
}

// look finds the days, if they may be others than at the last look.
func (m *Mill) look(t store.Tenant, l *lateness) error {
	state, err := m.sessionState(t)
	if err != nil {
		return err
	}
	now, belated := m.Now(), m.Store.Belated()
	if !l.looked.IsZero() && state.Run == l.run && (belated == l.belated || now.Sub(l.looked) < lookEvery) {
		return nil
	}
	c, err := m.closer(t)
	if err != nil {
		return err
	}
	if l.days, err = c.lateDays(nil); err != nil {
		return err
	}
	l.belated, l.run, l.looked = belated, c.state.Run, now
	return nil
}
