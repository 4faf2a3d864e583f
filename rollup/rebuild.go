package rollup

import (
	"context"
	"log/slog"
	"slices"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// Rebuild makes stored sessions, and the cells of all segments that reach into the scope, anew from
// their events. It first says where they differed; with dryRun that is all it does. Segments without events keep the
// cells they have: nothing else is left of them.
func (m *Mill) Rebuild(ctx context.Context, s Scope, dryRun bool) (*Report, error) {
	if s.From > s.To {
		return nil, fault.At(fault.Invalid, "invalid_range", "from", "from is after to")
	}
	r, err := m.Check(ctx, s)
	if err != nil || dryRun {
		return r, err
	}
	r.DryRun = false
	if slices.Contains(kindsOf(s), event.Session) { // before their cells are made of them
		if err := m.RemakeSessions(ctx, s.Tenant, s.From, s.To); err != nil {
			return nil, err
		}
	}
	m.milling.Lock()
	defer m.milling.Unlock()
	for _, kind := range kindsOf(s) {
		days, err := m.daysWithRows(s, kind)
		if err != nil {
			return nil, err
		}
		for _, d := range days {
			if err := m.rebuild(ctx, s, kind, d, r); err != nil {
				return nil, err
			}
		}
	}
	m.Log.LogAttrs(ctx, slog.LevelInfo, "cubes rebuilt", slog.Time("from", r.From),
		slog.Time("to", r.To), slog.Int("segments", r.Segments), slog.Int("differences", r.Found))
	return r, nil
}

// rebuild does the segments of a stretch, and drops the day cells made of the old blocks first: a
// stop in between leaves days without cells, not days with old ones. The daily job makes them anew.
func (m *Mill) rebuild(ctx context.Context, s Scope, kind event.Kind, h hours, r *Report) error {
	const day = 24 // a segment reaches from the start to the end of its UTC day at most
	from, to := h.from/day*day, (h.to+day-1)/day*day
	n, err := m.dropDays(ctx, seriesKey{s.Tenant, kind}, from.Start(), to.Start())
	r.Days += n
	if err != nil {
		return err
	}
	done, err := m.Store.ReDerive(ctx, s.Tenant, kind, h.from, h.to)
	r.Segments += done
	return err
}
