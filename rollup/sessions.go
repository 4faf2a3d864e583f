package rollup

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/sessions"
)

// Wanted says what is read of sessions, and of which.
type Wanted struct {
	// Fields are read; what Passing looks at is to be among them.
	Fields []int
	// Passing lists the rows of a record that are meant; nil if all are.
	Passing func(rec arrow.Record) []int32
}

// EachSession calls f for each session that starts in [from, to) and is wanted, in no order: those
// that are stored, and the fresh ones. The event is valid until f returns. Some 1 µs a session.
func (m *Mill) EachSession(
	ctx context.Context, t store.Tenant, from, to event.Micros, fresh Fresh, w Wanted, f func(*event.Event),
) error {
	snap := m.Store.Snapshot(store.Range{Tenant: t, Kind: event.Session, From: from, To: min(to, fresh.Until)})
	defer snap.Release()
	for _, c := range snap.Chunks() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		rec, err := c.Read(ctx, w.Fields)
		if err != nil {
			return err
		}
		w.each(rec, from, min(to, fresh.Until), f)
		rec.Release()
	}
	if fresh.Record != nil {
		w.each(fresh.Record, from, to, f)
	}
	return nil
}

// each calls f for the sessions of a record that are wanted and start in [from, to).
func (w *Wanted) each(rec arrow.Record, from, to event.Micros, f func(*event.Event)) {
	rows := columns.NewRows(event.Session, rec)
	var e event.Event
	one := func(i int) {
		if rows.Event(&e, i); e.Time() >= from && e.Time() < to {
			f(&e)
		}
	}
	if w.Passing == nil {
		for i := range int(rec.NumRows()) {
			one(i)
		}
		return
	}
	for _, i := range w.Passing(rec) {
		one(int(i))
	}
}

// makeSessions makes the sessions that start in [low, high) of the events before end.
func (m *Mill) makeSessions(
	ctx context.Context, t store.Tenant, low, high, end event.Micros, f func(*sessions.Session),
) error {
	mk := sessions.NewMaker(m.judging(sessions.Config{From: low}, func(s *sessions.Session) {
		if s.Start < high {
			f(s)
		}
	}))
	st := m.openStream(t, sessions.Kinds(), sessions.Lookback(low), end, fieldsFrom(low))
	defer st.close()
	err := st.each(ctx, func(e *event.Event) error {
		mk.Add(e)
		return nil
	})
	if err != nil {
		return err
	}
	mk.Until(min(end, event.MicrosOf(m.Now())))
	mk.Rest()
	return nil
}

// judging completes what a maker of sessions is to do.
func (m *Mill) judging(c sessions.Config, emit func(*sessions.Session)) sessions.Config {
	c.Bots, c.Now, c.Emit = m.Bots, event.MicrosOf(m.Now()), emit
	return c
}

// fieldsFrom reads all that sessions are made of from a moment on, and before it what it takes to
// know where sessions end.
func fieldsFrom(low event.Micros) func(event.Kind, *store.Chunk) []int {
	return func(kind event.Kind, c *store.Chunk) []int {
		return sessions.Fields(kind, c.Max < low)
	}
}
