package erase

import (
	"context"
	"math"
	"slices"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/store"
)

// each calls f with every event of a kind, of which only the fields and the time are filled in.
func each(
	ctx context.Context, s *store.Store, t store.Tenant, k event.Kind, fields []int, f func(*event.Event),
) error {
	n := s.Snapshot(store.Range{Tenant: t, Kind: k, From: 0, To: math.MaxInt64})
	defer n.Release()
	wanted := append([]int{event.Timestamp}, fields...)
	slices.Sort(wanted)
	var ev event.Event
	for _, c := range n.Chunks() {
		rec, err := c.Read(ctx, wanted)
		if err != nil {
			return err
		}
		rows := columns.NewRows(k, rec)
		for i := range int(rec.NumRows()) {
			rows.Event(&ev, i)
			f(&ev)
		}
		rec.Release()
	}
	return nil
}
