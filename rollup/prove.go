package rollup

import (
	"context"
	"time"

	"github.com/cespare/xxhash/v2"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/sessions"
)

// tallies are the sessions that start in an hour: how many, and a sum over their rows that does not
// depend on their order.
type tallies map[event.Hour]struct{ n, sum uint64 }

func (y tallies) add(e *event.Event, row []byte) []byte {
	row = e.AppendRow(row[:0])
	v := y[e.Time().Hour()]
	v.n++
	v.sum += xxhash.Sum64(row)
	y[e.Time().Hour()] = v
	return row
}

// checkSessions compares the stored sessions of a scope with what their events give. Days of which
// events are gone cannot be compared, and days that got late events are made again anyway.
func (m *Mill) checkSessions(ctx context.Context, s Scope, r *Report) error {
	m.closing.Lock()
	defer m.closing.Unlock()
	c := closer{mill: m, tenant: s.Tenant, shelf: m.Store.Shelf(s.Tenant, "sessions")}
	var err error
	if c.ledger, err = m.ledgerOf(s.Tenant, sessions.Kinds()); err != nil {
		return err
	}
	if c.state, err = m.sessionState(s.Tenant); err != nil {
		return err
	}
	made, err := c.daysMade()
	if err != nil {
		return err
	}
	for _, d := range c.daysWithEvents() {
		was, ok := made[d]
		if !ok || d.Start() < c.floor() || c.ledger.rows(d-min(d, hoursBefore), was.To) != was.Rows {
			continue
		}
		low := max(d, s.From).Start()
		high := min((d + dayHours).Start(), s.To.Start(), c.state.Until)
		if low >= high {
			continue
		}
		if err := m.compareSessions(ctx, s.Tenant, low, high, r); err != nil {
			return err
		}
	}
	return nil
}

func (m *Mill) compareSessions(
	ctx context.Context, t store.Tenant, low, high event.Micros, r *Report,
) error {
	want, have := tallies{}, tallies{}
	var e event.Event
	var row []byte
	end := high + sessions.Longest + sessions.Idle
	err := m.makeSessions(ctx, t, low, high, end, func(s *sessions.Session) {
		s.Event(&e)
		row = want.add(&e, row)
	})
	if err != nil {
		return err
	}
	st := m.openStream(t, []event.Kind{event.Session}, low, high,
		func(event.Kind, *store.Chunk) []int { return nil })
	defer st.close()
	err = st.each(ctx, func(e *event.Event) error {
		row = have.add(e, row)
		return nil
	})
	for h := low.Hour(); h.Start() < high; h++ {
		if want[h] == have[h] {
			continue
		}
		r.Found++
		if len(r.Differences) < maxDifferences {
			r.Differences = append(r.Differences, Difference{Type: event.Session.String(),
				Cube: "(stored sessions)", Hour: h.Start().Time().Truncate(time.Hour),
				What: "stored sessions are not what events give"})
		}
	}
	return err
}
