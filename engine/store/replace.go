package store

import (
	"cmp"
	"context"
	"slices"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/fault"
)

// ReplaceReport says what a replacement did.
type ReplaceReport struct {
	Segments      int // new ones
	Before, After int64
}

// Replace puts rows in the place of all events of a UTC day, given by its first hour, of a kind that
// is derived: what senders sent is never replaced. The rows lie one after another, as AppendRow
// writes them, and are of that day. Segments with their cubes, and the ledger, change in one
// transaction: after a crash the day is the old one or the new one. A day of which events were
// dropped is refused with fault.Conflict.
func (s *Store) Replace(
	ctx context.Context, t Tenant, k event.Kind, day event.Hour, rows [][]byte,
) (ReplaceReport, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	var report ReplaceReport
	sr, first := series{t, k}, day/hoursPerDay*hoursPerDay
	if !k.Derived() {
		return report, fault.New(fault.Internal, "replace", "%s is not derived", k)
	}
	old, err := s.sealedDay(ctx, sr, first)
	if err != nil {
		return report, err
	}
	for _, e := range old {
		if e.dropped {
			return report, fault.New(fault.Conflict, "events_gone",
				"events of %s of that day were removed by retention: what is left cannot be replaced", k)
		}
		report.Before += int64(e.rows)
	}
	if len(rows) > 0 {
		if err := s.raise(readerOf(k, 1)); err != nil {
			return report, err
		}
	}
	fresh, err := s.writeDay(ctx, sr, first, rows)
	if err == nil {
		s.cfg.Failpoint("replace.before")
		err = s.exchange(ctx, old, fresh, func() (map[place]ledgerRow, error) {
			return s.ledgersAfter(sr, first, fresh), nil
		})
		s.cfg.Failpoint("replace.after")
	}
	if err != nil {
		return ReplaceReport{}, s.unwrite(ctx, fresh, err)
	}
	s.retireAll(old)
	for _, n := range fresh {
		report.After += int64(n.rows)
	}
	report.Segments = len(fresh)
	return report, s.sweep(ctx)
}

// writeDay writes segments of rows that nobody sees yet.
func (s *Store) writeDay(
	ctx context.Context, sr series, first event.Hour, slabs [][]byte,
) (fresh []*entry, err error) {
	for len(slabs) > 0 {
		var part [][]byte
		var hours []hourShare
		rows := 0
		for len(slabs) > 0 && rows < maxSegmentRows {
			shares, n, err := sharesOf(hours, slabs[0], first)
			if err != nil {
				return fresh, err
			}
			hours, rows = shares, rows+n
			part, slabs = append(part, slabs[0]), slabs[1:]
		}
		if rows == 0 {
			continue
		}
		rec, err := columns.Sorted(sr.kind, part)
		if err != nil {
			return fresh, fault.New(fault.Internal, "replace", "cannot write a day").Wrap(err)
		}
		at := place{sr, hours[0].hour}
		e, err := s.writeSegment(ctx, at, hours[len(hours)-1].hour+1, rec, hours)
		if err != nil {
			return fresh, err
		}
		fresh = append(fresh, e)
	}
	return fresh, nil
}

// sharesOf adds the rows of a slab to the shares of the hours of a day, which are in order.
func sharesOf(hours []hourShare, slab []byte, first event.Hour) ([]hourShare, int, error) {
	n := 0
	for len(slab) > 0 {
		row, rest, err := event.NextRow(slab)
		if err != nil {
			return nil, 0, err
		}
		when, _, err := rowIdentity(row)
		if err != nil {
			return nil, 0, err
		}
		hour := when.Hour()
		if hour < first || hour >= first+hoursPerDay {
			return nil, 0, fault.New(fault.Internal, "replace", "a row is not of the day replaced")
		}
		at, ok := slices.BinarySearchFunc(hours, hour, func(h hourShare, hour event.Hour) int {
			return cmp.Compare(h.hour, hour)
		})
		if !ok {
			hours = slices.Insert(hours, at, hourShare{hour: hour})
		}
		hours[at].rows++
		hours[at].sum += rowHash(row)
		slab = rest
		n++
	}
	return hours, n, nil
}

// ledgersAfter is the ledger of the day's hours with the new entries: what they hold, and what came
// into the head since the day was sealed.
func (s *Store) ledgersAfter(sr series, first event.Hour, fresh []*entry) map[place]ledgerRow {
	rows := map[place]ledgerRow{}
	for hour := first; hour < first+hoursPerDay; hour++ {
		p := place{sr, hour}
		row := ledgerRow{}
		if part := s.head.find(p); part != nil {
			for _, g := range part.generations() {
				row.rows += uint64(g.rows)
				row.sum += g.sum
			}
		}
		rows[p] = row
	}
	for _, n := range fresh {
		for _, h := range n.hours {
			p := place{sr, h.hour}
			row := rows[p]
			rows[p] = ledgerRow{row.rows + h.rows, row.sum + h.sum}
		}
	}
	return rows
}
