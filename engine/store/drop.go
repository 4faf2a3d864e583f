package store

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/event"
)

// DropPlan says what dropping a range would do, segment by segment and with reasons.
type DropPlan struct {
	Segments []DropStep
	Rows     int64 // of the segments that go
	Bytes    int64
}

// DropStep is one segment that touches the range.
type DropStep struct {
	ID       SegmentID
	From, To event.Hour
	Rows     int64
	Bytes    int64
	Drop     bool
	Reason   string
}

// PlanDrop says what Drop would do. Only whole segments go: one that reaches out of the range stays
// until all of it may go. Events that are not sealed yet never go.
func (s *Store) PlanDrop(t Tenant, k event.Kind, from, to event.Hour) DropPlan {
	s.view.RLock()
	defer s.view.RUnlock()
	var plan DropPlan
	for _, e := range s.catalog.spanning(series{t, k}, from, to) {
		step := DropStep{
			ID: e.id, From: e.place.hour, To: e.to, Rows: int64(e.rows), Bytes: int64(e.size),
		}
		switch {
		case e.dropped:
			continue
		case e.place.hour < from || e.to > to:
			step.Reason = "reaches out of the range"
		default:
			step.Drop, step.Reason = true, "whole segment in the range; its cubes stay"
			plan.Rows += step.Rows
			plan.Bytes += step.Bytes
		}
		plan.Segments = append(plan.Segments, step)
	}
	return plan
}

// DropReport says what a drop did.
type DropReport struct {
	Segments int
	Rows     int64
	Bytes    int64
}

// Drop removes the events of whole segments in [from, to). Their cube blocks and their counts in
// the ledger stay. First the entries say that the events are gone, then the pieces go: after a
// crash in between the next start finds pieces that no entry names.
func (s *Store) Drop(
	ctx context.Context, t Tenant, k event.Kind, from, to event.Hour,
) (DropReport, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	s.view.RLock()
	var old []*entry
	for _, e := range s.catalog.spanning(series{t, k}, from, to) {
		if !e.dropped && e.place.hour >= from && e.to <= to {
			old = append(old, e)
		}
	}
	s.view.RUnlock()
	return s.drop(ctx, old, false)
}

// drop drops entries; archived ones stay readable from the Source.
func (s *Store) drop(ctx context.Context, old []*entry, archived bool) (DropReport, error) {
	var report DropReport
	const perTransaction = 64
	last := map[series]event.Hour{}
	for len(old) > 0 {
		if err := ctx.Err(); err != nil {
			return report, err
		}
		n := min(len(old), perTransaction)
		if err := s.dropEntries(old[:n], archived); err != nil {
			return report, err
		}
		for _, e := range old[:n] {
			report.Segments++
			report.Rows += int64(e.rows)
			report.Bytes += int64(e.size)
			last[e.place.series] = max(last[e.place.series], e.to)
		}
		old = old[n:]
	}
	if err := s.sweep(ctx); err != nil {
		return report, err
	}
	for sr, to := range last {
		if err := s.dropMarks(sr, to); err != nil {
			return report, err
		}
	}
	return report, nil
}

// dropMarks deletes the sealed marks of the hours before one of a series. A mark says which batches of the
// journal are in segments already; once these are swept it says nothing, since later ones have higher
// numbers. It goes no sooner than events do, long after the sweep: should a power cut bring a swept batch
// back, its mark is there. Without this a busy kind left 280 kB of marks a year.
func (s *Store) dropMarks(sr series, to event.Hour) error {
	busy := map[event.Hour]bool{}
	err := s.scan(seriesKey(spaceJournal, sr), false, func(k, _ []byte) error {
		at, err := parseKey(k)
		busy[at.place.hour] = true
		return err
	})
	if err != nil {
		return err
	}
	var keys [][]byte
	err = s.scan(seriesKey(spaceMark, sr), false, func(k, _ []byte) error {
		at, err := parseKey(k)
		if err == nil && at.place.hour < to && !busy[at.place.hour] {
			keys = append(keys, bytes.Clone(k))
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.deleteKeys(keys)
}

func (s *Store) dropEntries(old []*entry, archived bool) error {
	gone := make([]*entry, len(old))
	for i, o := range old {
		gone[i] = &entry{
			place: o.place, to: o.to, id: o.id, rows: o.rows, min: o.min, max: o.max, dropped: true,
			hours: o.hours, blocksAt: o.blocksAt, blocks: o.blocks, life: o.life,
		}
		if archived {
			gone[i].size, gone[i].pieces, gone[i].groups = o.size, o.pieces, o.groups
			gone[i].verified = make([]atomic.Bool, len(o.pieces))
		}
	}
	s.cfg.Failpoint("drop.entry.before")
	err := s.update(func(txn *badger.Txn) error {
		for _, e := range gone {
			if err := txn.Set(e.key(), e.bytes()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.cfg.Failpoint("drop.entry.after")
	s.publish(func() {
		for i, o := range old {
			s.catalog.remove(o)
			s.catalog.add(gone[i])
		}
	})
	for _, o := range old {
		s.retire(o, segmentKey(spacePiece, o.place, o.id))
	}
	return nil
}

// String is the step in a line for people.
func (d DropStep) String() string {
	verb := "keep"
	if d.Drop {
		verb = "drop"
	}
	return fmt.Sprintf("%s %s - %s: %d rows, %d bytes: %s", verb,
		d.From.Start().Time().Format(time.RFC3339), d.To.Start().Time().Format(time.RFC3339),
		d.Rows, d.Bytes, d.Reason)
}
