package rollup

import (
	"context"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/sessions"
)

// Fresh is the sessions that are not stored: those that start at Until or later, as events of kind
// session in the order of time.
type Fresh struct {
	// Until is where they begin; of what is stored, only sessions that start before it count.
	Until event.Micros
	// Record holds them, nil if there are none.
	Record arrow.Record
	// Events is how many events they were made of, those looked at and left out included.
	Events int64
}

// freshIndex is what was made last for each tenant.
type freshIndex struct {
	mu   sync.Mutex
	each map[store.Tenant]*freshness
}

// freshness is the sessions of a tenant that are not stored. Whoever asks while they are made
// waits: it would make the same.
type freshness struct {
	mu       sync.Mutex
	run      uint64          // of the state that known goes up to
	known    *sessions.Maker // has taken the events before Until
	version  [2]uint64       // of the store that last was made of
	made     time.Time
	took     time.Duration
	last     Fresh
	lastGood bool
}

const (
	// staleFor is how long sessions are used although new events came in, where making them takes
	// longer than slowFresh: a second, so that nobody sees it and many askers cost one making.
	staleFor  = time.Second
	slowFresh = 20 * time.Millisecond
)

// FreshSessions makes the sessions that are not stored yet of their events: a µs for each event
// since Until, which is two hours ago or when the oldest session that is open began.
func (m *Mill) FreshSessions(ctx context.Context, t store.Tenant) (Fresh, error) {
	x := &m.fresh
	x.mu.Lock()
	if x.each == nil {
		x.each = map[store.Tenant]*freshness{}
	}
	f := x.each[t]
	if f == nil {
		f = &freshness{}
		x.each[t] = f
	}
	x.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	state, err := m.sessionState(t)
	if err != nil {
		return Fresh{}, err
	}
	start := m.Now()
	var version [2]uint64
	version[0], version[1] = m.Store.Version()
	if f.lastGood && f.run == state.Run && f.last.Until == state.Until && (version == f.version ||
		f.took > slowFresh && start.Sub(f.made) < staleFor) {
		return f.last, nil
	}
	if f.known == nil || f.run != state.Run || f.last.Until != state.Until {
		f.lastGood = false
		if f.known, err = m.followed(ctx, t, state.Until); err != nil {
			f.known = nil
			return Fresh{}, err
		}
	}
	fresh, err := m.makeFresh(ctx, t, f.known, state.Until)
	if err != nil {
		return Fresh{}, err
	}
	f.last, f.lastGood, f.run, f.version, f.made = fresh, true, state.Run, version, start
	f.took = m.Now().Sub(start)
	return fresh, nil
}

// followed is a maker that has taken the events before a moment.
func (m *Mill) followed(
	ctx context.Context, t store.Tenant, until event.Micros,
) (*sessions.Maker, error) {
	const never = event.Micros(1) << 62
	mk := sessions.NewMaker(sessions.Config{From: never})
	st := m.openStream(t, sessions.Kinds(), sessions.Lookback(until), until, fieldsFrom(until))
	defer st.close()
	return mk, st.each(ctx, func(e *event.Event) error {
		mk.Add(e)
		return nil
	})
}

// makeFresh goes on where a maker is.
func (m *Mill) makeFresh(
	ctx context.Context, t store.Tenant, known *sessions.Maker, until event.Micros,
) (fresh Fresh, err error) {
	fresh.Until = until
	var rows slab
	var e event.Event
	mk := known.Resume(m.judging(sessions.Config{From: until}, func(s *sessions.Session) {
		s.Event(&e)
		rows.add(&e)
	}))
	st := m.openStream(t, sessions.Kinds(), until, event.Micros(1)<<62, fieldsFrom(until))
	defer st.close()
	err = st.each(ctx, func(e *event.Event) error {
		mk.Add(e)
		fresh.Events++
		return nil
	})
	if err != nil {
		return fresh, err
	}
	mk.Rest()
	if len(rows.parts) > 0 {
		fresh.Record, err = columns.Sorted(event.Session, rows.parts)
	}
	return fresh, err
}
