package rollup

import (
	"cmp"
	"context"
	"errors"
	"slices"
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
	// Late says that there are too many events to make sessions of while somebody waits, such as after
	// the import of a year: these are being stored, and until then there are none from Until on.
	Late bool
}

// freshIndex is what was made last for each tenant, of all sessions and of those on sites alone.
type freshIndex struct {
	mu   sync.Mutex
	each map[freshKey]*freshness
}

type freshKey struct {
	tenant  store.Tenant
	onSites bool
}

// freshness is sessions of a tenant that are not stored. Whoever asks while they are made
// waits: it would make the same.
type freshness struct {
	kinds []event.Kind // of what they are made

	mu       sync.Mutex
	run      uint64 // of the state that known goes up to
	until    event.Micros
	known    *sessions.Maker // has taken the events before until
	of       []made          // what last was made of
	made     time.Time
	took     time.Duration
	last     Fresh
	lastGood bool
	late     time.Time // when making them took longer than patience; zero if it did not
}

const (
	// staleFor is how long sessions are used although new events came in, where making them takes
	// longer than slowFresh: a second, so that nobody sees it and many askers cost one making.
	staleFor  = time.Second
	slowFresh = 20 * time.Millisecond
	// restFor is how many times as long as making them took sessions are used, where that is more: a
	// million unsealed events are half a second of work, and dashboards that ask each second would have
	// it done without end while events come in.
	restFor = 5
	// patience is how long somebody who asks waits for sessions to be made, and lateFor how long nobody
	// tries again: meanwhile they are stored, which is as much work and done once.
	patience = 2 * time.Second
	lateFor  = time.Minute
)

// forever is later than any event.
const forever = event.Micros(1) << 62

// errLate ends the making of sessions that takes too long.
var errLate = errors.New("there are too many events to make sessions of at once")

// SessionsUntil is how far sessions are stored: up to then they are counted without their events.
func (m *Mill) SessionsUntil(t store.Tenant) (event.Micros, error) {
	s, err := m.sessionState(t)
	return s.Until, err
}

// FreshSessions makes the sessions that are not stored yet of their events: a µs for each event
// since Until, which is two hours ago or when the oldest session that is open began. With onSites only
// those that have a site are right, and calls to models, of which there may be many more, are not read.
func (m *Mill) FreshSessions(ctx context.Context, t store.Tenant, onSites bool) (Fresh, error) {
	f := m.fresh.of(t, onSites)
	f.mu.Lock()
	defer f.mu.Unlock()
	state, err := m.sessionState(t)
	if err != nil {
		return Fresh{}, err
	}
	start := m.Now()
	now := m.madeOf(t, f.kinds, state.Until)
	if f.lastGood && f.is(state) && (slices.Equal(now, f.of) ||
		f.took > slowFresh && start.Sub(f.made) < max(staleFor, restFor*f.took)) {
		return f.last, nil
	}
	if !f.late.IsZero() && m.storing.Load() || f.is(state) && start.Sub(f.late) < lateFor {
		return Fresh{Until: state.Until, Late: true}, nil
	}
	fresh, err := m.patiently(ctx, t, f, state)
	if errors.Is(err, errLate) && m.attended() {
		m.hurry()
		f.late, f.run, f.until = start, state.Run, state.Until
		return Fresh{Until: state.Until, Late: true}, nil
	}
	if errors.Is(err, errLate) {
		if fresh, err = m.storedFirst(ctx, t, f); err != nil {
			return Fresh{}, err
		}
	}
	if err != nil {
		return Fresh{}, err
	}
	f.late = time.Time{}
	f.last, f.lastGood, f.of, f.made = fresh, true, now, start
	f.took = m.Now().Sub(start)
	return fresh, nil
}

// patiently makes sessions of events, or gives up with errLate.
func (m *Mill) patiently(ctx context.Context, t store.Tenant, f *freshness, s sessionState) (Fresh, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, m.patience, errLate)
	defer cancel()
	err := m.follow(ctx, t, f, s)
	var fresh Fresh
	if err == nil {
		fresh, err = m.makeFresh(ctx, t, f)
	}
	if err != nil && errors.Is(context.Cause(ctx), errLate) {
		err = errLate
	}
	return fresh, err
}

// Live lists the sessions that had an event within the last stretch of time, the newest event
// first, at most limit of them, and says how many there are.
func (m *Mill) Live(
	ctx context.Context, t store.Tenant, within time.Duration, limit int,
) (live []*sessions.Session, count int, err error) {
	f := m.fresh.of(t, false)
	f.mu.Lock()
	defer f.mu.Unlock()
	state, err := m.sessionState(t)
	if err != nil {
		return nil, 0, err
	}
	if err := m.follow(ctx, t, f, state); err != nil {
		return nil, 0, err
	}
	since := event.MicrosOf(m.Now().Add(-within))
	_, err = m.goOn(ctx, t, f, func(s *sessions.Session) {
		if s.End >= since {
			live = append(live, s)
		}
	})
	slices.SortFunc(live, func(a, b *sessions.Session) int {
		return cmp.Or(cmp.Compare(b.End, a.End), slices.Compare(a.ID[:], b.ID[:]))
	})
	return live[:min(limit, len(live))], len(live), err
}

func (x *freshIndex) of(t store.Tenant, onSites bool) *freshness {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.each == nil {
		x.each = map[freshKey]*freshness{}
	}
	key := freshKey{t, onSites}
	if x.each[key] == nil {
		kinds := sessions.Kinds()
		if onSites {
			kinds = sessions.OnSites()
		}
		x.each[key] = &freshness{kinds: kinds}
	}
	return x.each[key]
}

// made is a segment, or rows of the head, that sessions were made of.
type made struct {
	segment store.SegmentID
	head    *store.Unsealed
	rows    int // of the head: the first so many
}

// madeOf is what there is to make sessions of since a moment: they are the same while it is the same.
func (m *Mill) madeOf(t store.Tenant, kinds []event.Kind, from event.Micros) (all []made) {
	for _, kind := range kinds {
		n := m.Store.Snapshot(store.Range{Tenant: t, Kind: kind, From: from, To: forever})
		for _, c := range n.Chunks() {
			one := made{c.Segment, c.Unsealed, c.Before + c.Rows}
			if last := len(all) - 1; last < 0 || all[last].segment != one.segment || all[last].head != one.head {
				all = append(all, one)
			} else {
				all[last].rows = one.rows
			}
		}
		n.Release()
	}
	return all
}

func (f *freshness) is(s sessionState) bool { return f.run == s.Run && f.until == s.Until }

// follow makes sure that there is a maker which has taken the events before Until.
func (m *Mill) follow(
	ctx context.Context, t store.Tenant, f *freshness, s sessionState,
) (err error) {
	if f.known != nil && f.is(s) {
		return nil
	}
	f.lastGood = false
	if f.known, err = m.followed(ctx, t, f.kinds, s.Until); err != nil {
		f.known = nil
		return err
	}
	f.run, f.until = s.Run, s.Until
	return nil
}

// followed is a maker that has taken the events before a moment.
func (m *Mill) followed(
	ctx context.Context, t store.Tenant, kinds []event.Kind, until event.Micros,
) (*sessions.Maker, error) {
	mk := sessions.NewMaker(sessions.Config{From: forever})
	st := m.openStream(t, kinds, sessions.Lookback(until), until, fieldsFrom(until))
	defer st.close()
	return mk, st.each(ctx, func(e *event.Event) error {
		mk.Add(e)
		return nil
	})
}

// makeFresh makes the events of the sessions that start where a maker is or later.
func (m *Mill) makeFresh(ctx context.Context, t store.Tenant, f *freshness) (fresh Fresh, err error) {
	fresh.Until = f.until
	var rows slab
	var e event.Event
	fresh.Events, err = m.goOn(ctx, t, f, func(s *sessions.Session) {
		s.Event(&e)
		rows.add(&e)
	})
	if err == nil && len(rows.parts) > 0 {
		fresh.Record, err = columns.Sorted(event.Session, rows.parts)
	}
	return fresh, err
}

// goOn makes the sessions that start where a maker is or later, and says of how many events.
func (m *Mill) goOn(
	ctx context.Context, t store.Tenant, f *freshness, emit func(*sessions.Session),
) (events int64, err error) {
	mk := f.known.Resume(m.judging(sessions.Config{From: f.until}, emit))
	st := m.openStream(t, f.kinds, f.until, forever, fieldsFrom(f.until))
	defer st.close()
	err = st.each(ctx, func(e *event.Event) error {
		mk.Add(e)
		events++
		return nil
	})
	if err != nil {
		return events, err
	}
	mk.Until(event.MicrosOf(m.Now()))
	mk.Rest()
	return events, nil
}
