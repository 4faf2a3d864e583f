package rollup

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/rollup/sessions"
)

// Sessions that are over are stored as events of kind session, a UTC day at a time
// (store.Replace). Until says how far: the sessions that start before it are stored and closed,
// those from it on are made of events whenever somebody asks (fresh.go). What a stored day was made
// of is on the shelf as a number of events; when the ledger has another, late events came, and the
// day is made again.

const (
	stateKey     = "state"
	stateVersion = 2 // 2: sessions have a journey and names of events
	dayHours     = event.Hour(24)
	// before and after are the hours around the start of a day of which its sessions are made: see
	// sessions.Lookback, and a session that starts at the end of the day lasts to the end of the next.
	hoursBefore = event.Hour(49)
	hoursAfter  = event.Hour(49)
	// fewLate is the share of late events, one of so many, that waits for the hour to end.
	fewLate = 64
)

// sessionState is how far sessions are stored.
type sessionState struct {
	Version int          `json:"version"`
	Until   event.Micros `json:"until"`
	// Hour is the hour whose beginning was the end of the events looked at.
	Hour event.Hour `json:"hour"`
	// Run changes with each write, so that what is held in memory knows that it is old.
	Run uint64 `json:"run"`
}

// sessionDay is what the sessions of a day were made of: so many events in the hours around it,
// before the hour To.
type sessionDay struct {
	To   event.Hour `json:"to"`
	Rows uint64     `json:"rows"`
}

// CloseSessions stores the sessions that are over, and makes days again that got late events.
func (m *Mill) CloseSessions(ctx context.Context) error {
	for _, t := range m.Tenants() {
		if err := m.closeSessions(ctx, t, nil); err != nil {
			return err
		}
	}
	return nil
}

// RemakeSessions makes the stored sessions that start in the hours [from, to) again: after events
// were changed in a way that their number does not show.
func (m *Mill) RemakeSessions(ctx context.Context, t store.Tenant, from, to event.Hour) error {
	return m.closeSessions(ctx, t, &hours{from, to})
}

func (m *Mill) closeSessions(ctx context.Context, t store.Tenant, again *hours) error {
	m.closing.Lock()
	defer m.closing.Unlock()
	c, err := m.closer(t)
	if err != nil {
		return err
	}
	if len(c.ledger.hours) == 0 {
		return nil
	}
	if c.state.Version == 0 {
		c.state = sessionState{Version: stateVersion, Until: startOf(c.ledger.hours[0])}
	}
	c.state.Until = max(c.state.Until, c.floor())
	if err := c.late(ctx, again); err != nil {
		return err
	}
	if c.now > c.state.Hour {
		err = c.advance(ctx)
	}
	if c.sessions > 0 {
		m.Log.LogAttrs(ctx, slog.LevelInfo, "sessions stored", slog.Int("sessions", c.sessions),
			slog.Int("days", c.days), slog.Time("until", c.state.Until.Time()))
	}
	return err
}

func (m *Mill) closer(t store.Tenant) (c *closer, err error) {
	now := event.MicrosOf(m.Now().Add(-grace)).Hour()
	c = &closer{mill: m, tenant: t, now: now, shelf: m.Store.Shelf(t, "sessions")}
	if c.ledger, err = m.ledgerOf(t, sessions.Kinds()); err != nil {
		return nil, err
	}
	c.state, err = m.sessionState(t)
	return c, err
}

// sessionState reads how far sessions are stored; the zero state before the first time.
func (m *Mill) sessionState(t store.Tenant) (s sessionState, err error) {
	v, ok, err := m.Store.Shelf(t, "sessions").Get(stateKey)
	if err != nil || !ok {
		return s, err
	}
	if json.Unmarshal(v, &s) != nil || s.Version < stateVersion {
		return m.unmade(t) // everything is made again, day by day
	}
	if s.Version > stateVersion { // to make sessions again as we know them would spoil what there is
		return sessionState{}, fault.New(fault.Newer, "store_newer", "the state of sessions has format %d, newer "+
			"than this program knows; start a newer version of the program", s.Version)
	}
	return s, nil
}

// unmade is the state before sessions are made again: those stored of days whose events are gone count on,
// since nothing else is left of them.
func (m *Mill) unmade(t store.Tenant) (sessionState, error) {
	l, err := m.ledgerOf(t, sessions.Kinds())
	c := closer{ledger: l}
	return sessionState{Until: c.floor()}, err
}

// closer is one run for one tenant.
type closer struct {
	mill           *Mill
	tenant         store.Tenant
	shelf          *store.Shelf
	now            event.Hour // events before it are looked at
	ledger         ledger
	state          sessionState
	sessions, days int
}

// floor is the first moment whose sessions can be made: what they are made of is there.
func (c *closer) floor() event.Micros {
	if c.ledger.gone == 0 {
		return 0
	}
	return startOf(c.ledger.gone + hoursBefore + dayHours - 1)
}

func startOf(h event.Hour) event.Micros { return (h / dayHours * dayHours).Start() }

// late makes the stored days again whose events are not as many as they were, and those asked for.
// A day of which a session may go on is left to advance, from its beginning.
func (c *closer) late(ctx context.Context, again *hours) error {
	days, err := c.lateDays(again)
	if err != nil {
		return err
	}
	for _, d := range days {
		if d+hoursAfter > c.now {
			c.state.Until, c.state.Hour = d.Start(), 0
			return c.save(ctx)
		}
		from, to := d.Start(), (d + dayHours).Start()
		if _, err := c.store(ctx, from, to, (d + hoursAfter).Start()); err != nil {
			return err
		}
	}
	return nil
}

// lateDays lists the stored days whose events are not as many as they were, and those asked for. Some event
// is nearly always a little late, so of a day that is not over for sessions a few are left out until the hour
// ends, when there is more to do anyway.
func (c *closer) lateDays(again *hours) (days []event.Hour, err error) {
	made, err := c.daysMade()
	if err != nil {
		return nil, err
	}
	for _, d := range c.daysWithEvents() {
		if d.Start() >= c.state.Until || d.Start() < c.floor() {
			continue
		}
		asked := again != nil && d < again.to && d+dayHours > again.from
		was, ok := made[d]
		if !ok {
			was.To = d + hoursAfter
		}
		rows := c.ledger.rows(d-min(d, hoursBefore), was.To)
		few := d+hoursAfter > c.now && c.now <= c.state.Hour && rows-was.Rows < rows/fewLate
		if asked || rows != was.Rows && !few {
			days = append(days, d)
		}
	}
	return days, nil
}

// daysWithEvents lists the first hours of the UTC days that have any.
func (c *closer) daysWithEvents() []event.Hour {
	var days []event.Hour
	for _, h := range c.ledger.hours {
		if d := h / dayHours * dayHours; len(days) == 0 || days[len(days)-1] != d {
			days = append(days, d)
		}
	}
	return days
}

const dayPrefix = "d/"

func dayKey(d event.Hour) string { return dayPrefix + d.Start().Time().Format(time.DateOnly) }

func (c *closer) daysMade() (map[event.Hour]sessionDay, error) {
	days := map[event.Hour]sessionDay{}
	err := c.shelf.Each(dayPrefix, func(k string, v []byte) error {
		date, err := time.Parse(time.DateOnly, k[len(dayPrefix):])
		var d sessionDay
		if err == nil && json.Unmarshal(v, &d) == nil {
			days[event.MicrosOf(date).Hour()] = d
		}
		return nil
	})
	return days, err
}

// advance stores the sessions from Until on that are over. Hours are looked at once they are, so
// that an event is late if and only if it comes into an hour that was counted.
func (c *closer) advance(ctx context.Context) error {
	oldest, err := c.store(ctx, c.state.Until, c.now.Start(), c.now.Start())
	if err != nil {
		return err
	}
	c.state.Until, c.state.Hour = oldest, c.now
	changes, err := c.records(event.Hour(0), latest)
	if err != nil {
		return err
	}
	return c.save(ctx, changes...)
}

// records are the changes that write down what the stored days in [from, to) were made of. Of days that
// cannot be made again, because their events are gone, nothing is kept.
func (c *closer) records(from, to event.Hour) (changes []store.Change, err error) {
	made, err := c.daysMade()
	if err != nil {
		return nil, err
	}
	for d := range made {
		if d.Start() < c.floor() {
			changes = append(changes, store.Change{Key: dayKey(d), Delete: true})
		}
	}
	for _, d := range c.daysWithEvents() {
		if d < from || d >= to || d.Start() >= c.state.Until || d.Start() < c.floor() {
			continue
		}
		end := min(d+hoursAfter, c.now)
		if was := made[d]; was.To == d+hoursAfter && d+hoursAfter < c.now && from == 0 {
			continue // written when it was made, and late knows better since
		}
		v, err := json.Marshal(sessionDay{To: end, Rows: c.ledger.rows(d-min(d, hoursBefore), end)})
		if err != nil {
			return nil, err
		}
		changes = append(changes, store.Change{Key: dayKey(d), Value: v})
	}
	return changes, nil
}

func (c *closer) save(ctx context.Context, more ...store.Change) error {
	c.state.Run++
	v, err := json.Marshal(c.state)
	if err != nil {
		return err
	}
	return c.shelf.Apply(ctx, append(more, store.Change{Key: stateKey, Value: v})...)
}

// store makes the sessions that start in [low, high) of the events before end, and puts them in
// place day by day. It returns the start of the oldest one that is still open at the end, which is
// not stored and neither is what starts after it, or high.
func (c *closer) store(
	ctx context.Context, low, high, end event.Micros,
) (oldest event.Micros, err error) {
	days := map[event.Hour]*slab{}
	var e event.Event
	mk := sessions.NewMaker(c.mill.judging(sessions.Config{From: low}, func(s *sessions.Session) {
		if s.Start >= high {
			return
		}
		first := s.Start.Hour() / dayHours * dayHours
		if days[first] == nil {
			days[first] = &slab{}
		}
		s.Event(&e)
		days[first].add(&e)
	}))
	st := c.mill.openStream(c.tenant, sessions.Kinds(), sessions.Lookback(low), end, fieldsFrom(low))
	defer st.close()
	next := low.Hour() / dayHours * dayHours // the day that is put in place next
	err = st.each(ctx, func(e *event.Event) error {
		for e.Time() >= (next + hoursAfter).Start() {
			mk.Until(e.Time())
			if err := c.put(ctx, next, low, days[next], high); err != nil {
				return err
			}
			delete(days, next)
			next += dayHours
		}
		mk.Add(e)
		return nil
	})
	if err != nil {
		return 0, err
	}
	mk.Until(end)
	oldest = mk.Oldest(high)
	for ; next.Start() < oldest; next += dayHours {
		if err := c.put(ctx, next, low, days[next], oldest); err != nil {
			return 0, err
		}
	}
	return oldest, nil
}

// put puts the sessions of a day that start from low up to high in the place of those there are.
// What is stored of the day from before low stays.
func (c *closer) put(ctx context.Context, d event.Hour, low event.Micros, s *slab, high event.Micros) error {
	var parts [][]byte
	if s != nil {
		kept, err := s.before(high)
		if err != nil {
			return err
		}
		parts = kept
	}
	if d.Start() < low {
		kept, err := c.kept(ctx, d, low)
		if err != nil {
			return err
		}
		parts = append(parts, kept...)
	}
	n, err := c.mill.Store.Replace(ctx, c.tenant, event.Session, d, parts)
	if fault.Of(err).Kind == fault.Conflict {
		err = nil // retention has taken the day's sessions; their cells stay as they are
	}
	c.sessions += int(n.After)
	c.days++
	if err != nil || (d+hoursAfter).Start() > c.now.Start() {
		return err
	}
	if (d + dayHours).Start() > c.state.Until { // while advancing: a stop loses a day's work
		c.state.Until, c.state.Hour = (d + dayHours).Start(), min(c.state.Hour, c.now-1)
	}
	changes, err := c.records(d, d+dayHours)
	if err != nil {
		return err
	}
	return c.save(ctx, changes...)
}

// kept reads the sessions of a day that are stored from before a moment.
func (c *closer) kept(ctx context.Context, d event.Hour, low event.Micros) ([][]byte, error) {
	st := c.mill.openStream(c.tenant, []event.Kind{event.Session}, d.Start(), low,
		func(event.Kind, *store.Chunk) []int { return nil })
	defer st.close()
	var s slab
	err := st.each(ctx, func(e *event.Event) error {
		s.add(e)
		return nil
	})
	return s.parts, err
}
