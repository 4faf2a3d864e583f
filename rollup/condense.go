package rollup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// Cells of hours are kept for a year or so and those of days longer. A segment without events is
// condensed: its blocks get cells of days of the reporting zone, made of those of its hours and compared
// with them. It stays a segment like any other: a late event is one more segment of its day, a day on the
// shelf is made of both, an erasure takes a person out of its blocks, and nothing is ever made of nothing.

// Condense puts cells of days in the place of the cells of hours of segments, which are of the snapshot, of
// one UTC day, and without events in the store. Those that hold the same become one, also with those that
// were condensed before; those of the archive stay apart.
func Condense(
	ctx context.Context, s *store.Store, n *store.Snapshot, segs []store.Segment, zone *time.Location,
) (total store.CellReport, err error) {
	for _, group := range alike(n, segs) {
		if len(group) == 1 && group[0].Daily {
			continue
		}
		blocks, err := dayBlocks(ctx, n, group, zone)
		if errors.Is(err, cube.ErrLacks) { // days of another zone than now's: UTC's are of whole hours always
			blocks, err = dayBlocks(ctx, n, group, time.UTC)
		}
		if errors.Is(err, cube.ErrLacks) && len(group) > 1 {
			done, err := one(ctx, s, n, group, zone)
			if total = sum(total, done); err != nil {
				return total, err
			}
			continue
		}
		if err != nil {
			return total, err
		}
		done, err := s.Condense(ctx, group, blocks)
		if total = sum(total, done); err != nil {
			return total, err
		}
	}
	return total, nil
}

// one condenses segments one at a time, since their days do not fit together.
func one(
	ctx context.Context, s *store.Store, n *store.Snapshot, group []store.Segment, zone *time.Location,
) (total store.CellReport, err error) {
	for i := range group {
		done, err := Condense(ctx, s, n, group[i:i+1], zone)
		if total = sum(total, done); err != nil {
			return total, err
		}
	}
	return total, nil
}

func sum(a, b store.CellReport) store.CellReport {
	return store.CellReport{Segments: a.Segments + b.Segments, Before: a.Before + b.Before, After: a.After + b.After}
}

// alike groups segments that can become one: whose blocks are of the same cubes with the same measures.
func alike(n *store.Snapshot, segs []store.Segment) (groups [][]store.Segment) {
	at := map[string]int{}
	for i := range segs {
		g := &segs[i]
		what := fmt.Sprint("alone ", g.ID)
		if !g.Archived() {
			what = shape(n, g)
		}
		if j, ok := at[what]; ok {
			groups[j] = append(groups[j], *g)
			continue
		}
		at[what] = len(groups)
		groups = append(groups, segs[i:i+1:i+1])
	}
	return groups
}

// shape says what the blocks of a segment hold. One that cannot be read is like no other.
func shape(n *store.Snapshot, g *store.Segment) (text string) {
	for _, c := range cube.Cubes(n.Range.Kind) {
		pieces := n.OpenBlock(g, c.ID)
		if pieces == nil {
			continue
		}
		b, err := cube.OpenBlockAt(pieces)
		if err != nil {
			return fmt.Sprint("damaged ", g.ID)
		}
		spec := b.Spec()
		text += fmt.Sprint(c.ID, spec.Dims, spec.Measures)
	}
	return text
}

// dayBlocks makes the blocks of days of segments that are alike.
func dayBlocks(
	ctx context.Context, n *store.Snapshot, segs []store.Segment, zone *time.Location,
) (blocks []store.Block, err error) {
	edges := edgesOf(segs, zone)
	for _, c := range cube.Cubes(n.Range.Kind) {
		var days, whole *cube.Table
		for i := range segs {
			pieces := n.OpenBlock(&segs[i], c.ID)
			if pieces == nil {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			b, err := cube.OpenBlockAt(pieces)
			if err != nil {
				return nil, err
			}
			if days == nil {
				if days, whole, err = tablesOf(b.Spec(), edges); err != nil {
					return nil, err
				}
			}
			if err = days.AddCells(b, edges[0], edges[len(edges)-1]); err == nil {
				err = whole.AddCells(b, cube.Always, cube.Never)
			}
			if err != nil {
				return nil, err
			}
		}
		if days == nil {
			continue
		}
		data := days.Encode()
		if err := sameSums(data, whole); err != nil {
			return nil, err
		}
		blocks = append(blocks, store.Block{Cube: c.ID, Data: data})
	}
	return blocks, nil
}

// tablesOf are an empty table of days and one of all time.
func tablesOf(spec cube.Spec, edges []event.Micros) (days, whole *cube.Table, err error) {
	spec.Grain = 0
	if whole, err = cube.NewTable(spec); err != nil {
		return nil, nil, err
	}
	spec.Edges = edges
	days, err = cube.NewTable(spec)
	return days, whole, err
}

// sameSums reads a block of days as it will be on disk and compares it, all days together, with what it
// was made of.
func sameSums(data []byte, whole *cube.Table) error {
	days, err := cube.Decode(data)
	if err != nil {
		return err
	}
	if days, err = days.Regroup(days.Spec().Dims, false); err != nil {
		return err
	}
	if !bytes.Equal(days.Encode(), whole.Encode()) {
		return fault.New(fault.Internal, "condense", "cells of days are not what cells of hours give")
	}
	return nil
}

// edgesOf are the midnights around the events of segments.
func edgesOf(segs []store.Segment, zone *time.Location) []event.Micros {
	low, high := segs[0].Min, segs[0].Max
	for i := range segs {
		low, high = min(low, segs[i].Min), max(high, segs[i].Max)
	}
	m := Mill{Config: Config{Zone: zone}}
	y, month, d := low.Time().In(zone).Date()
	at := time.Date(y, month, d, 0, 0, 0, 0, zone)
	edges := []event.Micros{event.MicrosOf(at)}
	for edges[len(edges)-1] <= high {
		at = m.nextDay(at)
		edges = append(edges, event.MicrosOf(at))
	}
	return edges
}
