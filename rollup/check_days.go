package rollup

import (
	"bytes"
	"context"

	"analytics/engine/store"
	"analytics/rollup/cube"
)

// checkCondensed compares the cells of days of a segment whose events the archive has with these. Cells
// that were removed with their days are missed by nobody.
func (m *Mill) checkCondensed(ctx context.Context, n *store.Snapshot, s *store.Segment, r *Report) error {
	r.Hours += int(s.To - s.From)
	for _, c := range cube.Cubes(n.Range.Kind) {
		data, err := n.Block(ctx, s, c.ID)
		if err != nil || data == nil {
			continue // what cannot be read is damage for the doctor to tell: it cannot be made again here
		}
		cells, err := cube.Decode(data)
		if err != nil {
			r.note(c, s.Min, "a segment has no block of it that can be read")
			continue
		}
		spec := cells.Spec()
		raw, err := cube.NewTable(spec)
		if err != nil {
			return err
		}
		from, to := spec.Edges[0], spec.Edges[len(spec.Edges)-1]
		if err := addEvents(ctx, raw, n.SealedChunks(), s.ID, from, to); err != nil {
			return err
		}
		r.Cells += cells.Len()
		if cells.Folded() { // which cells were small in which hour is not known any more
			if cells, err = cells.Regroup(nil, true); err != nil {
				return err
			}
			if raw, err = raw.Regroup(nil, true); err != nil {
				return err
			}
			cells = cells.Unfolded()
		}
		if !bytes.Equal(cells.Encode(), raw.Encode()) {
			r.note(c, s.Min, "cells of days differ from events")
		}
	}
	return nil
}
