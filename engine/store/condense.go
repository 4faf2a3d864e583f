package store

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// A segment grows old in three steps. Its events go (Drop) and its blocks stay, with cells of hours.
// Then Condense puts cells of days in their place, and at last takes these. The entry stays: it says
// how many events there were, which the ledger is held against.

// CellReport says what became of cells.
type CellReport struct {
	Segments      int   // that lost cells
	Before, After int64 // bytes of their blocks
}

// Condense puts blocks in the place of those of segments of one UTC day, whose events are not in the
// store any more; without blocks theirs go. Segments of which the archive has the events are done one
// at a time; of others one is made, so that a day of many segments has its cells once. In one
// transaction all of it is as it was or as it will be. Segments are those of a snapshot; if one of them
// changed since, it is fault.Conflict and nothing was done. The room comes back with the next Sweep: each
// holds up commits for a moment, and there may be years of days to do.
func (s *Store) Condense(ctx context.Context, segs []Segment, blocks []Block) (r CellReport, err error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	old, err := s.current(segs)
	if err != nil || len(old) == 0 {
		return r, err
	}
	if err := s.raise(2); err != nil {
		return r, err
	}
	fresh, pairs := s.condensed(old, blocks)
	if err = s.writePieces(pairs); err == nil {
		err = s.proveBlocks(fresh, blocks)
	}
	if err != nil {
		s.garbage.add(segmentKey(spaceBlock, fresh.place, fresh.blocksAt))
		return r, err
	}
	s.cfg.Failpoint("condense.before")
	err = s.update(func(txn *badger.Txn) error {
		for _, o := range old {
			if err := txn.Delete(o.key()); err != nil {
				return err
			}
		}
		return txn.Set(fresh.key(), fresh.bytes())
	})
	s.cfg.Failpoint("condense.after")
	if err != nil {
		s.garbage.add(segmentKey(spaceBlock, fresh.place, fresh.blocksAt))
		return r, err
	}
	s.publish(func() {
		for _, o := range old {
			s.catalog.remove(o)
		}
		s.catalog.add(fresh)
	})
	for _, o := range old {
		r.Segments++
		r.Before += o.blockBytes()
		s.retire(o, segmentKey(spaceBlock, o.place, o.blocksAt))
	}
	r.After = fresh.blockBytes()
	return r, ctx.Err()
}

// current gives the entries of segments, if they are those of the catalog and may become one.
func (s *Store) current(segs []Segment) (old []*entry, err error) {
	s.view.RLock()
	defer s.view.RUnlock()
	for i := range segs {
		e := segs[i].entry
		if !slices.Contains(s.catalog.segments[e.place.series], e) {
			return nil, fault.New(fault.Conflict, "segment_changed", "a segment of %s from %s changed meanwhile",
				e.place.kind, hourText(e.place.hour))
		}
		first := segs[0].entry
		switch {
		case !e.dropped:
			return nil, fault.New(fault.Internal, "condense", "the events of a segment are in the store still")
		case e.place.series != first.place.series || dayOfHour(e.place.hour) != dayOfHour(first.place.hour):
			return nil, fault.New(fault.Internal, "condense", "segments of two days cannot become one")
		case len(segs) > 1 && e.kept():
			return nil, fault.New(fault.Internal, "condense", "archived segments cannot become one")
		}
		old = append(old, e)
	}
	return old, nil
}

func dayOfHour(h event.Hour) event.Hour { return h / hoursPerDay }

// condensed is the entry that entries become, and the pairs of its blocks.
func (s *Store) condensed(old []*entry, blocks []Block) (fresh *entry, pairs []pair) {
	first := slices.MinFunc(old, compareEntries)
	id := s.nextSegment()
	fresh = &entry{
		place: first.place, to: first.to, id: id, min: first.min, max: first.max, dropped: true, daily: true,
		blocksAt: id,
	}
	if len(old) == 1 { // the archive knows it by its id, and it goes on being read by those who read it
		fresh.id, fresh.life = first.id, first.life
		fresh.size, fresh.pieces, fresh.groups = first.size, first.pieces, first.groups
		fresh.verified = make([]atomic.Bool, len(first.pieces))
	} else {
		fresh.alive()
	}
	shares := map[event.Hour]hourShare{}
	for _, o := range old {
		fresh.to, fresh.rows = max(fresh.to, o.to), fresh.rows+o.rows
		fresh.min, fresh.max = min(fresh.min, o.min), max(fresh.max, o.max)
		for _, h := range o.hours {
			sum := shares[h.hour]
			shares[h.hour] = hourShare{h.hour, sum.rows + h.rows, sum.sum + h.sum}
		}
	}
	for _, h := range shares {
		fresh.hours = append(fresh.hours, h)
	}
	slices.SortFunc(fresh.hours, func(a, b hourShare) int { return cmp.Compare(a.hour, b.hour) })
	fresh.blocks, pairs = blockPairs(fresh.place, id, blocks)
	return fresh, pairs
}

// proveBlocks reads the blocks of an entry back and compares.
func (s *Store) proveBlocks(e *entry, blocks []Block) error {
	for i := range e.blocks {
		data, err := s.readBlockRef(e, &e.blocks[i])
		if err == nil && !bytes.Equal(data, blocks[i].Data) {
			err = errPiece
		}
		if err != nil {
			return errReading(e, err)
		}
	}
	return nil
}

// blockBytes is how large the blocks are.
func (e *entry) blockBytes() (n int64) {
	for i := range e.blocks {
		n += int64(e.blocks[i].size)
	}
	return n
}

// CellBytes is how large the blocks of the segment are; 0 if it has none.
func (g *Segment) CellBytes() int64 { return g.entry.blockBytes() }
