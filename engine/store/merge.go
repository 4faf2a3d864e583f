package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/dgraph-io/badger/v4"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/fault"
)

// MergeReport says what a merge did.
type MergeReport struct {
	Before, After int // segments
	Rows          int64
}

// Day is one UTC day of one kind of one tenant.
type Day struct {
	Tenant Tenant
	Kind   event.Kind
	// First is the first hour of the day.
	First event.Hour
	// Small is how many of its segments a merge would take.
	Small int
}

// smallRows is the size below which a segment is merged with its neighbours. What a merge makes is
// mostly larger, so an event is written again two or three times and not each night.
const smallRows = maxSegmentRows / 4

// crowdedToday is how many small segments a day that is not over may have. Each costs a question
// some 0.2 ms and each new id a look.
const crowdedToday = 8

// Crowded lists the days in which merging would help: those with two or more small segments, or
// crowdedToday while the day is not over.
func (s *Store) Crowded() []Day {
	today := dayOf(s.cfg.Now())
	s.view.RLock()
	defer s.view.RUnlock()
	small := map[place]int{}
	for sr, list := range s.catalog.segments {
		for _, e := range list {
			if e.mergeable() {
				small[place{sr, e.place.hour / hoursPerDay * hoursPerDay}]++
			}
		}
	}
	var out []Day
	for p, n := range small {
		if n >= crowdedToday || n >= 2 && p.hour < today {
			out = append(out, Day{p.tenant, p.kind, p.hour, n})
		}
	}
	slices.SortFunc(out, func(a, b Day) int {
		return cmp.Or(slices.Compare(a.Tenant[:], b.Tenant[:]), cmp.Compare(a.First, b.First),
			cmp.Compare(a.Kind, b.Kind))
	})
	return out
}

func (e *entry) mergeable() bool { return !e.dropped && e.rows < smallRows }

// Merge makes few segments of the many small ones of a day, and their blocks again from the events.
// In one transaction the new entry takes the places of the old ones.
func (s *Store) Merge(
	ctx context.Context, t Tenant, k event.Kind, day event.Hour,
) (MergeReport, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	var report MergeReport
	for rest := s.smallSegments(series{t, k}, day); len(rest) > 0; {
		n, rows := 0, uint64(0)
		for n < len(rest) && rows+rest[n].rows <= maxSegmentRows {
			rows += rest[n].rows
			n++
		}
		if n > 1 {
			if err := s.mergeEntries(ctx, rest[:n]); err != nil {
				return report, errors.Join(err, s.sweep(ctx))
			}
			report.Before += n
			report.After++
			report.Rows += int64(rows)
		}
		rest = rest[n:]
	}
	return report, s.sweep(ctx)
}

// smallSegments lists what Merge takes of a day. Nobody else changes the catalog meanwhile.
func (s *Store) smallSegments(sr series, day event.Hour) (small []*entry) {
	s.view.RLock()
	defer s.view.RUnlock()
	for _, e := range s.catalog.spanning(sr, day, day+hoursPerDay) {
		if e.mergeable() && e.place.hour >= day && e.to <= day+hoursPerDay {
			small = append(small, e)
		}
	}
	return small
}

// mergeEntries makes one segment of several.
func (s *Store) mergeEntries(ctx context.Context, old []*entry) error {
	var recs []arrow.Record
	shares := map[event.Hour]hourShare{}
	to := event.Hour(0)
	for _, e := range old {
		for g := range e.groups {
			rec, err := s.readGroup(ctx, nil, e, g, nil)
			if err != nil {
				return err
			}
			recs = append(recs, rec)
		}
		for _, h := range e.hours {
			sum := shares[h.hour]
			shares[h.hour] = hourShare{h.hour, sum.rows + h.rows, sum.sum + h.sum}
		}
		to = max(to, e.to)
	}
	rec, err := columns.Concat(old[0].place.kind, recs, true)
	if err != nil {
		return fault.New(fault.Internal, "merge", "cannot merge segments").Wrap(err)
	}
	hours := make([]hourShare, 0, len(shares))
	for _, h := range shares {
		hours = append(hours, h)
	}
	slices.SortFunc(hours, func(a, b hourShare) int { return cmp.Compare(a.hour, b.hour) })
	s.cfg.Failpoint("merge.before")
	e, err := s.writeSegment(ctx, old[0].place, to, rec, hours)
	if err != nil {
		return err
	}
	s.cfg.Failpoint("merge.entry.before")
	err = s.update(func(txn *badger.Txn) error {
		for _, o := range old {
			if err := txn.Delete(o.key()); err != nil {
				return err
			}
		}
		return txn.Set(e.key(), e.bytes())
	})
	if err != nil {
		return err
	}
	s.cfg.Failpoint("merge.entry.after")
	s.publish(func() {
		for _, o := range old {
			s.catalog.remove(o)
		}
		s.catalog.add(e)
	})
	for _, o := range old {
		s.retire(o, segmentKey(spacePiece, o.place, o.id),
			segmentKey(spaceBlock, o.place, o.blocksAt))
	}
	return nil
}
