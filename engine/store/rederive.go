package store

import (
	"context"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/dgraph-io/badger/v4"

	"analytics/engine/event"
)

// ReDerive makes the blocks of the segments that overlap [from, to) again from their events, and
// says how many segments it did. Segments whose events were dropped keep the blocks they have.
func (s *Store) ReDerive(
	ctx context.Context, t Tenant, k event.Kind, from, to event.Hour,
) (n int, err error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	s.view.RLock()
	entries := s.catalog.spanning(series{t, k}, from, to)
	s.view.RUnlock()
	for _, e := range entries {
		if e.dropped {
			continue
		}
		if err := s.deriveAgain(ctx, e); err != nil {
			return n, err
		}
		n++
	}
	return n, s.sweep(ctx)
}

// deriveAgain makes the blocks of an entry again. They lie under a new id, so that a snapshot goes on
// reading the old ones.
func (s *Store) deriveAgain(ctx context.Context, e *entry) error {
	blocks, err := s.deriveFrom(ctx, e)
	if err != nil {
		return err
	}
	return s.reblock(e, blocks)
}

// reblock puts an entry with other blocks in the place of one.
func (s *Store) reblock(e *entry, blocks []Block) error {
	id := s.nextSegment()
	refs, pairs := blockPairs(e.place, id, blocks)
	if err := s.writePieces(pairs); err != nil {
		return err
	}
	s.cfg.Failpoint("rederive.before")
	again := &entry{
		place: e.place, to: e.to, id: e.id, rows: e.rows, min: e.min, max: e.max, size: e.size, dropped: e.dropped,
		daily:  e.daily,
		pieces: e.pieces, hours: e.hours, groups: e.groups, blocksAt: id, blocks: refs,
		life: e.life, verified: make([]atomic.Bool, len(e.pieces)),
	}
	err := s.update(func(txn *badger.Txn) error { return txn.Set(again.key(), again.bytes()) })
	if err != nil {
		return err
	}
	s.publish(func() {
		s.catalog.remove(e)
		s.catalog.add(again)
	})
	s.retire(e, segmentKey(spaceBlock, e.place, e.blocksAt))
	return nil
}

// deriveFrom makes the blocks of a segment from its events.
func (s *Store) deriveFrom(ctx context.Context, e *entry) ([]Block, error) {
	recs, err := s.readAll(ctx, e)
	if err != nil {
		return nil, err
	}
	return s.derive(e.place.kind, recs)
}

// readAll reads all events of a segment.
func (s *Store) readAll(ctx context.Context, e *entry) (recs []arrow.Record, err error) {
	for g := range e.groups {
		rec, err := s.readGroup(ctx, nil, e, g, nil)
		if err != nil {
			return nil, err
		}
		recs = append(recs, rec)
	}
	return recs, nil
}
