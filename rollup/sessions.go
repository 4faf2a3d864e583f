package rollup

import (
	"context"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/sessions"
)

// EachSession makes the sessions that start in [from, to) from events and calls f for each, in no
// order, with their steps if they are wanted. An error of f ends it. Memory holds the sessions that
// are open at a moment, whatever the range: some 2 µs an event.
func (m *Mill) EachSession(
	ctx context.Context, t store.Tenant, from, to time.Time, steps bool,
	f func(*sessions.Session) error,
) error {
	low, high := event.MicrosOf(from), event.MicrosOf(to)
	return m.makeSessions(ctx, t, low, high, high+sessions.Longest+sessions.Idle, steps, f)
}

// makeSessions makes the sessions that start in [low, high) of the events before end.
func (m *Mill) makeSessions(
	ctx context.Context, t store.Tenant, low, high, end event.Micros, steps bool,
	f func(*sessions.Session) error,
) error {
	var failed error
	mk := sessions.NewMaker(m.judging(sessions.Config{From: low, Steps: steps}, func(s *sessions.Session) {
		if s.Start < high && failed == nil {
			failed = f(s)
		}
	}))
	st := m.openStream(t, sessions.Kinds(), sessions.Lookback(low), end, fieldsFrom(low))
	defer st.close()
	err := st.each(ctx, func(e *event.Event) error {
		mk.Add(e)
		return failed
	})
	if err != nil {
		return err
	}
	mk.Until(min(end, event.MicrosOf(m.Now())))
	mk.Rest()
	return failed
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
