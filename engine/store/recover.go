package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// errDamagedKey is the fault of a key or value of the small spaces that cannot be what it should.
func errDamagedKey(what string, key []byte) error {
	return fault.New(fault.Damaged, "store_damaged",
		"the store has a damaged %s (key %x); restore a backup, or run doctor to see how much is hit",
		what, key)
}

// errUnreadable is the fault of a value that err keeps from being read: newer, or else damaged.
func errUnreadable(what string, key []byte, err error) error {
	if fault.Of(err).Kind == fault.Newer {
		return err
	}
	return errDamagedKey(what, key)
}

// scan calls f for every pair below a prefix, in key order. The value is valid until f returns.
func (s *Store) scan(prefix []byte, values bool, f func(key, value []byte) error) error {
	return s.scanFrom(prefix, values, func() {}, f)
}

// scanFrom is scan that says when it has begun: what is there then is what it sees.
func (s *Store) scanFrom(prefix []byte, values bool, begun func(), f func(key, value []byte) error) error {
	return s.db.View(func(txn *badger.Txn) error {
		opt := badger.DefaultIteratorOptions
		opt.Prefix = prefix
		opt.PrefetchValues = false
		it := txn.NewIterator(opt)
		defer it.Close()
		it.Rewind()
		for begun(); it.Valid(); it.Next() {
			item := it.Item()
			if !values {
				if err := f(item.Key(), nil); err != nil {
					return err
				}
				continue
			}
			err := item.Value(func(v []byte) error { return f(item.Key(), v) })
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// scanPlaces is scan of what lies under the places of a series in the hours [from, to), with values. It goes
// to the first one at once: of a year of hours the others need not be read for a day of them.
func (s *Store) scanPlaces(sp space, sr series, from, to event.Hour, f func(key, value []byte) error) error {
	first, last := placeKey(sp, place{sr, from}), placeKey(sp, place{sr, to})
	return s.db.View(func(txn *badger.Txn) error {
		opt := badger.DefaultIteratorOptions
		opt.Prefix = seriesKey(sp, sr)
		opt.PrefetchValues = false
		it := txn.NewIterator(opt)
		defer it.Close()
		for it.Seek(first); it.Valid() && bytes.Compare(it.Item().Key(), last) < 0; it.Next() {
			item := it.Item()
			if err := item.Value(func(v []byte) error { return f(item.Key(), v) }); err != nil {
				return err
			}
		}
		return nil
	})
}

// get reads one value; ok is false when there is none.
func (s *Store) get(key []byte) (value []byte, ok bool, err error) {
	err = s.db.View(func(txn *badger.Txn) error {
		item, err := txn.Get(key)
		if errors.Is(err, badger.ErrKeyNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		ok = true
		value, err = item.ValueCopy(nil)
		return err
	})
	return value, ok, err
}

// A sealed mark's value is 8 bytes, big-endian: the journal sequence up to which the hour's rows
// are in segments. So is the value of the sequence key.
func markValue(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

// readMarks reads the sealed marks.
func (s *Store) readMarks() (map[place]uint64, error) {
	marks := map[place]uint64{}
	err := s.scan([]byte{byte(spaceMark)}, true, func(k, v []byte) error {
		at, err := parseKey(k)
		if err != nil || len(v) != 8 {
			return errDamagedKey("sealed mark", k)
		}
		marks[at.place] = binary.BigEndian.Uint64(v)
		return nil
	})
	return marks, err
}

// readSequence reads the last sequence number given.
func (s *Store) readSequence() (uint64, error) {
	v, ok, err := s.get(sequenceKey())
	switch {
	case err != nil || !ok:
		return 0, err
	case len(v) != 8:
		return 0, errDamagedKey("sequence number", sequenceKey())
	}
	return binary.BigEndian.Uint64(v), nil
}

// loadLedger reads an hour's ledger row into its partition, once.
func (s *Store) loadLedger(p *partition) error {
	if p.ledgers {
		return nil
	}
	key := placeKey(spaceLedger, p.place)
	v, ok, err := s.get(key)
	if err != nil {
		return err
	}
	p.ledger = ledgerRow{}
	if ok {
		if p.ledger, err = parseLedger(key, v); err != nil {
			return errUnreadable("ledger row", key, err)
		}
	}
	p.ledgers = true
	return nil
}

// readJournal rebuilds the head from the batches above the sealed marks; those below are swept.
func (s *Store) readJournal(ctx context.Context, marks map[place]uint64, newest uint64) error {
	return s.scan([]byte{byte(spaceJournal)}, true, func(k, v []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		at, err := parseKey(k)
		if err != nil {
			return errDamagedKey("journal key", k)
		}
		if at.seq <= marks[at.place] {
			return nil
		}
		rows, info, err := openBatch(k, v)
		if err == nil && at.seq > newest {
			err = errBatch // sequence and batch are written together
		}
		if err == nil {
			err = s.restore(at.place, rows, info, at.seq)
		}
		if err == nil {
			return nil
		}
		if s.cfg.Salvage {
			s.salvaged.Add(1)
			s.cfg.Log.Error("store: left out a damaged journal batch",
				"tenant", string(at.place.tenant[:]), "kind", at.place.kind.String(),
				"hour", at.place.hour.Start().Time(), "seq", at.seq)
			return nil
		}
		return errUnreadable("journal batch of "+at.place.kind.String()+" in the hour of "+
			at.place.hour.Start().Time().Format("2006-01-02T15:04Z"), k, err)
	})
}

// restore puts a batch of the journal into the head again.
func (s *Store) restore(p place, rows []byte, info batchInfo, seq uint64) error {
	part := s.head.find(p)
	if part == nil {
		part = s.head.fresh(p)
	}
	n := 0
	for rest := rows; len(rest) > 0; n++ {
		row, next, err := event.NextRow(rest)
		if err != nil {
			return err
		}
		when, id, err := rowIdentity(row)
		if err != nil {
			return err
		}
		part.live.ids.add(event.KeyOf(id), when)
		rest = next
	}
	if n != info.count {
		return errBatch
	}
	s.head.add(part, rows, info, seq)
	return nil
}
