package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/fault"
)

// RewriteReport says what a rewrite did.
type RewriteReport struct {
	Segments int
	Changed  int64 // events
	// Gone events are of segments whose events were dropped: nothing is left to change.
	Gone int64
}

// Rewrite changes events of a UTC day, given by its first hour: change edits one and says whether
// it did. It must leave id and timestamp alone, and give the same when it is asked again. The new
// segments with their cubes, and the ledger, take the places of the old in one transaction: after a
// crash all of the day is changed or nothing. What of the day is not sealed yet is sealed first.
func (s *Store) Rewrite(
	ctx context.Context, t Tenant, k event.Kind, day event.Hour, change func(*event.Event) bool,
) (RewriteReport, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	var report RewriteReport
	entries, err := s.sealedDay(ctx, series{t, k}, day/hoursPerDay*hoursPerDay)
	if err != nil {
		return report, err
	}
	var old, again []*entry
	for _, e := range entries {
		if e.dropped {
			report.Gone += int64(e.rows)
			continue
		}
		var n *entry
		var changed int64
		if n, changed, err = s.rewrite(ctx, e, change); err != nil {
			break
		}
		if n != nil {
			old, again = append(old, e), append(again, n)
			report.Changed += changed
		}
	}
	if err == nil && len(old) > 0 {
		s.cfg.Failpoint("rewrite.before")
		err = s.exchange(ctx, old, again, func() (map[place]ledgerRow, error) {
			return s.ledgersOf(old, again)
		})
		s.cfg.Failpoint("rewrite.after")
	}
	if err != nil {
		return RewriteReport{}, s.unwrite(ctx, again, err)
	}
	s.retireAll(old)
	report.Segments = len(old)
	return report, s.sweep(ctx)
}

// sealedDay seals what of a UTC day is not sealed yet, and lists the entries of the day.
func (s *Store) sealedDay(ctx context.Context, sr series, first event.Hour) ([]*entry, error) {
	places := slices.DeleteFunc(s.sealable(first+hoursPerDay), func(p place) bool {
		return p.series != sr || p.hour < first
	})
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.hour, b.hour) })
	if err := s.sealGroup(ctx, places, new(SealReport)); err != nil {
		return nil, err
	}
	s.view.RLock()
	defer s.view.RUnlock()
	return s.catalog.spanning(sr, first, first+hoursPerDay), nil
}

// unwrite leaves segments that were written, and that nobody sees, to the sweep.
func (s *Store) unwrite(ctx context.Context, fresh []*entry, err error) error {
	for _, n := range fresh {
		s.garbage.add(segmentKey(spacePiece, n.place, n.id), segmentKey(spaceBlock, n.place, n.id))
	}
	return errors.Join(err, s.sweep(ctx))
}

// retireAll lets segments go once no snapshot reads them.
func (s *Store) retireAll(old []*entry) {
	for _, o := range old {
		s.retire(o, segmentKey(spacePiece, o.place, o.id), segmentKey(spaceBlock, o.place, o.blocksAt))
	}
}

// rewrite writes a segment with the changed events of another, which nobody sees yet; nil if none
// changed.
func (s *Store) rewrite(
	ctx context.Context, e *entry, change func(*event.Event) bool,
) (again *entry, changed int64, err error) {
	var slabs [][]byte
	var hours []hourShare
	var ev event.Event
	for g := range e.groups {
		rec, err := s.readGroup(ctx, nil, e, g, nil)
		if err != nil {
			return nil, 0, err
		}
		rows := columns.NewRows(e.place.kind, rec)
		var slab []byte
		for i := range int(rec.NumRows()) {
			rows.Event(&ev, i)
			if change(&ev) {
				changed++
			}
			start := len(slab)
			slab = ev.AppendRow(slab)
			hours = share(hours, ev.Time().Hour(), rowHash(slab[start:]))
		}
		slabs = append(slabs, slab)
		rec.Release()
	}
	if changed == 0 {
		return nil, 0, nil
	}
	rec, err := columns.Sorted(e.place.kind, slabs)
	if err != nil {
		return nil, 0, fault.New(fault.Internal, "rewrite", "cannot rewrite a segment").Wrap(err)
	}
	again, err = s.writeSegment(ctx, e.place, e.to, rec, hours)
	return again, changed, err
}

// share adds a row to the shares of hours, which come in order.
func share(hours []hourShare, hour event.Hour, sum uint64) []hourShare {
	if n := len(hours); n == 0 || hours[n-1].hour != hour {
		hours = append(hours, hourShare{hour: hour})
	}
	h := &hours[len(hours)-1]
	h.rows++
	h.sum += sum
	return hours
}

// exchange puts entries in the places of others, and the rows that ledgers gives into the ledger; rows
// of no events leave it. No commit comes between: the ledger of an hour that still takes events is
// the committer's.
func (s *Store) exchange(
	ctx context.Context, old, fresh []*entry, ledgers func() (map[place]ledgerRow, error),
) error {
	return s.exclusive(ctx, func() error {
		rows, err := ledgers()
		if err != nil {
			return err
		}
		err = s.update(func(txn *badger.Txn) error {
			for _, o := range old {
				if err := txn.Delete(o.key()); err != nil {
					return err
				}
			}
			for _, n := range fresh {
				if err := txn.Set(n.key(), n.bytes()); err != nil {
					return err
				}
			}
			for p, row := range rows {
				key := placeKey(spaceLedger, p)
				err := error(nil)
				if row.rows == 0 {
					err = deleteThere(txn, key)
				} else {
					err = txn.Set(key, row.bytes(key))
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		s.publish(func() {
			for _, o := range old {
				s.catalog.remove(o)
			}
			for _, n := range fresh {
				s.catalog.add(n)
			}
			for p, row := range rows {
				if part := s.head.find(p); part != nil {
					part.ledger, part.ledgers = row, true
				}
			}
		})
		return nil
	})
}

// deleteThere deletes a key if it is there. Badger keeps a mark of what is deleted for a long time, also of
// what never was: a day of sessions in three hours left 21 of them.
func deleteThere(txn *badger.Txn, key []byte) error {
	_, err := txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return txn.Delete(key)
}

// ledgersOf is the ledger of all hours of the entries with the sums of the new ones.
func (s *Store) ledgersOf(old, again []*entry) (map[place]ledgerRow, error) {
	for i, o := range old {
		same := slices.EqualFunc(o.hours, again[i].hours, func(a, b hourShare) bool {
			return a.hour == b.hour && a.rows == b.rows
		})
		if !same {
			return nil, fault.New(fault.Internal, "rewrite", "a rewrite moved or lost events")
		}
	}
	return s.ledgersMoved(old, again)
}
