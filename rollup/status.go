package rollup

import (
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// Status is how far the rollup is.
type Status struct {
	Zone string `json:"zone"`
	// GrainMinutes is the length of the time buckets of cells made now.
	GrainMinutes int `json:"grain_minutes"`
	// Watermark: all accepted events before it are in cells. What is newer is counted from events.
	Watermark time.Time `json:"watermark"`
	// LastSealed is when hours were sealed last; SealedRows and SealErrors count since the start.
	LastSealed time.Time `json:"last_sealed,omitzero"`
	SealedRows int64     `json:"sealed_rows"`
	SealErrors int64     `json:"seal_errors"`
	// Sessions that start before SessionsUntil are stored; newer ones are made of events when asked
	// for. Zero before the first are.
	SessionsUntil time.Time    `json:"sessions_until,omitzero"`
	Types         []TypeStatus `json:"types"`
}

// TypeStatus is how far one kind of event is.
type TypeStatus struct {
	Type string `json:"type"`
	// First and Last are the hours of the oldest and newest events; zero without any.
	First time.Time `json:"first_hour,omitzero"`
	Last  time.Time `json:"last_hour,omitzero"`
	// Unsealed is the oldest hour that has events not in cells yet.
	Unsealed time.Time `json:"unsealed_from,omitzero"`
	Sealed   uint64    `json:"sealed_rows"`
	Head     uint64    `json:"head_rows"`
	Segments int       `json:"segments"`
	// Gone hours have cells and no events any more.
	Gone int `json:"hours_without_events"`
	// Days have day cells that are good; Stale ones wait for the daily job.
	Days  int      `json:"days"`
	Stale int      `json:"days_stale"`
	Cubes []string `json:"cubes"`
}

// Status looks around: some milliseconds for each year of hours.
func (m *Mill) Status(t store.Tenant) (*Status, error) {
	m.sealing.mu.Lock()
	s := &Status{Zone: m.Zone.String(), GrainMinutes: int(cube.GrainOf(m.Zone) / time.Minute),
		Watermark: m.Now().UTC(), LastSealed: m.sealing.last.UTC(), SealedRows: m.sealing.rows,
		SealErrors: m.sealing.errors}
	if m.sealing.last.IsZero() {
		s.LastSealed = time.Time{}
	}
	m.sealing.mu.Unlock()
	state, err := m.sessionState(t)
	if err != nil {
		return nil, err
	}
	if state.Until > 0 {
		s.SessionsUntil = state.Until.Time()
	}
	for _, kind := range event.Kinds() {
		ts, err := m.typeStatus(t, kind)
		if err != nil {
			return nil, err
		}
		if !ts.Unsealed.IsZero() && ts.Unsealed.Before(s.Watermark) {
			s.Watermark = ts.Unsealed
		}
		s.Types = append(s.Types, ts)
	}
	return s, nil
}

func (m *Mill) typeStatus(t store.Tenant, kind event.Kind) (s TypeStatus, err error) {
	s.Type = kind.String()
	for _, c := range cube.Cubes(kind) {
		s.Cubes = append(s.Cubes, c.Name)
	}
	rows, err := m.Store.Ledger(t, kind, 0, latest)
	if err != nil {
		return s, err
	}
	for i, h := range rows {
		at := h.Hour.Start().Time()
		if i == 0 {
			s.First = at
		}
		s.Last = at
		s.Sealed += h.Sealed
		s.Head += h.Head
		if h.Dropped {
			s.Gone++
		}
		if h.Head > 0 && s.Unsealed.IsZero() {
			s.Unsealed = at
		}
	}
	n := m.Store.Snapshot(store.Range{Tenant: t, Kind: kind, From: cube.Always, To: cube.Never})
	defer n.Release()
	s.Segments = len(n.Segments())
	headers, err := m.headers(t, kind)
	if err != nil {
		return s, err
	}
	good, err := m.Days(n, cube.Cubes(kind)[0].ID, cube.Always, cube.Never)
	s.Days = len(good)
	for date := range headers {
		if !isMonth(date) {
			s.Stale++
		}
	}
	s.Stale -= s.Days
	return s, err
}
