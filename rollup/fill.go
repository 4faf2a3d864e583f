package rollup

import (
	"context"
	"errors"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// Filled is what Fill counted, and from what.
type Filled struct {
	Table *cube.Table
	// Days came from day cells.
	Days int
	// Lost segments have neither events any more nor cells that hold what was asked: they are not in
	// the table.
	Lost int
}

// Fill counts [from, to) for a Spec: days from day cells, the rest of sealed segments from their
// cells, what has none and the head from events. The cube holds what the Spec asks. Edges and range
// are multiples of the grain of cells.
func (m *Mill) Fill(
	ctx context.Context, tenant store.Tenant, c cube.Cube, spec cube.Spec, from, to event.Micros,
) (f Filled, err error) {
	if f.Table, err = cube.NewTable(spec); err != nil {
		return f, err
	}
	n := m.Store.Snapshot(store.Range{Tenant: tenant, Kind: c.Kind, From: from, To: to})
	defer n.Release()
	rest, days, err := m.fillDays(n, f.Table, c, from, to)
	if err != nil {
		return f, err
	}
	f.Days = days
	segments := n.Segments()
	for i := range segments {
		s := &segments[i]
		windows := rest
		if s.Daily && s.RawDropped { // no day on the shelf has any of it, and its days may lie across windows
			windows = []span{{from, to}}
		}
		for _, w := range windows {
			if s.Min >= w.To || s.Max < w.From {
				continue
			}
			err := addSegment(ctx, f.Table, n, s, c, w.From, w.To)
			if errors.Is(err, cube.ErrLacks) {
				f.Lost++
			} else if err != nil {
				return f, err
			}
		}
	}
	return f, addEvents(ctx, f.Table, n.HeadChunks(), 0, from, to)
}

// span is a stretch of time [From, To).
type span struct{ From, To event.Micros }

// fillDays adds the day cells that fit and returns the stretches they do not cover.
func (m *Mill) fillDays(
	n *store.Snapshot, t *cube.Table, c cube.Cube, from, to event.Micros,
) (rest []span, used int, err error) {
	days, err := m.Days(n, c.ID, from, to)
	if err != nil {
		return nil, 0, err
	}
	at := from
	for _, d := range days {
		b, err := d.Open()
		if err != nil || t.AddCells(b, from, to) != nil {
			// Buckets finer than a day, a cube that has learned since, or cells that are being
			// replaced: the hours have it all.
			continue
		}
		used++
		if d.From > at {
			rest = append(rest, span{at, d.From})
		}
		at = d.To
	}
	if at < to {
		rest = append(rest, span{at, to})
	}
	return rest, used, nil
}
