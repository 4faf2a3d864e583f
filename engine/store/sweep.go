package store

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/event"
)

// garbage is what nobody needs any more and is still on disk. Losing the list costs nothing: the
// next start finds the same again.
type garbage struct {
	mu       sync.Mutex
	prefixes [][]byte         // guarded by mu; pieces and blocks
	bytes    map[string]int64 // guarded by mu; of prefixes here and of those that are still read
	marks    map[place]uint64 // guarded by mu; journal batches up to a sequence
}

func newGarbage() *garbage { return &garbage{bytes: map[string]int64{}, marks: map[place]uint64{}} }

func (g *garbage) add(prefixes ...[]byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.prefixes = append(g.prefixes, prefixes...)
}

func (g *garbage) journal(p place, upTo uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.marks[p] = max(g.marks[p], upTo)
}

// maxDropHours bounds one DropPrefix of the journal, which has few keys: after an import of a year
// there are thousands of hours to drop, and each call holds up commits.
const maxDropHours = 1024

// maxDropPrefixes bounds one DropPrefix: Badger compares every key it looks at with every prefix.
const maxDropPrefixes = 32

// sweepPrefixes gives back the room of retired segments. Deleting key by key would give it back
// only when compaction comes by, which may be never; DropPrefix gives it back at once and holds up
// commits for some 40 ms, which they wait out.
func (s *Store) sweepPrefixes() error {
	s.garbage.mu.Lock()
	prefixes := s.garbage.prefixes
	s.garbage.prefixes = nil
	s.garbage.mu.Unlock()
	for len(prefixes) > 0 {
		n := min(len(prefixes), maxDropPrefixes)
		if err := s.dropPrefixes(prefixes[:n]); err != nil {
			s.garbage.add(prefixes...)
			return err
		}
		s.garbage.gone(prefixes[:n])
		prefixes = prefixes[n:]
	}
	return nil
}

func (s *Store) dropPrefixes(prefixes [][]byte) error {
	if len(prefixes) == 0 {
		return nil
	}
	s.cfg.Failpoint("sweep.before")
	err := s.db.DropPrefix(prefixes...)
	for errors.Is(err, badger.ErrBlockedWrites) { // another one is on its way: one sweeps, one clears a shelf
		time.Sleep(blockedPause)
		err = s.db.DropPrefix(prefixes...)
	}
	s.cfg.Failpoint("sweep.after")
	return err
}

// sweepJournal removes the batches that are in segments. While anything is unsealed their keys are
// deleted; once all of the journal is sealed it is dropped as a whole, which gives the room back.
func (s *Store) sweepJournal(ctx context.Context) error {
	s.garbage.mu.Lock()
	marks := s.garbage.marks
	s.garbage.marks = map[place]uint64{}
	s.garbage.mu.Unlock()
	if len(marks) == 0 {
		return nil
	}
	s.cfg.Failpoint("seal.sweep")
	whole := false
	err := s.exclusive(ctx, func() error {
		if s.head.rows.Load() > 0 {
			return nil
		}
		whole = true
		return s.dropPrefixes([][]byte{{byte(spaceJournal)}})
	})
	if err != nil || whole {
		return err
	}
	now := event.MicrosOf(s.cfg.Now()).Hour()
	var over [][]byte
	for p := range marks {
		if p.hour < now {
			over = append(over, placeKey(spaceJournal, p))
		}
	}
	for len(over) > 0 {
		n := min(len(over), maxDropHours)
		if err := s.dropHours(ctx, over[:n]); err != nil {
			return err
		}
		over = over[n:]
	}
	maps.DeleteFunc(marks, func(p place, _ uint64) bool { return p.hour < now })
	return s.deleteJournal(marks)
}

// dropHours drops the journal of hours that are over, unless late events came into them meanwhile:
// those hours keep what they have, and the next sealing comes by again.
func (s *Store) dropHours(ctx context.Context, prefixes [][]byte) error {
	if len(prefixes) == 0 {
		return nil
	}
	return s.exclusive(ctx, func() error {
		s.view.RLock()
		s.head.each(nil, func(p *partition) {
			if p.frozen == nil && p.live.rows == 0 {
				return
			}
			busy := placeKey(spaceJournal, p.place)
			for i := range prefixes { // the head has few hours
				if bytes.Equal(prefixes[i], busy) {
					prefixes[i] = prefixes[len(prefixes)-1]
					prefixes = prefixes[:len(prefixes)-1]
					break
				}
			}
		})
		s.view.RUnlock()
		return s.dropPrefixes(prefixes)
	})
}

// deleteJournal deletes the batches of hours up to a sequence number each. After an import of old
// hours there may be thousands, so they share transactions.
func (s *Store) deleteJournal(marks map[place]uint64) error {
	if len(marks) == 0 {
		return nil
	}
	var keys [][]byte
	err := s.scan([]byte{byte(spaceJournal)}, false, func(k, _ []byte) error {
		at, err := parseKey(k)
		if upTo, sealed := marks[at.place]; err == nil && sealed && at.seq <= upTo {
			keys = append(keys, bytes.Clone(k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.deleteKeys(keys)
}

// deleteKeys deletes keys in as many transactions as they need.
func (s *Store) deleteKeys(keys [][]byte) error {
	limit := int(s.db.MaxBatchCount() / 2)
	for len(keys) > 0 {
		n := min(len(keys), limit)
		err := s.update(func(txn *badger.Txn) error {
			for _, k := range keys[:n] {
				if err := txn.Delete(k); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

// findOrphans looks for what a crash left behind: pieces and blocks that no entry names, and
// batches that are sealed. They are swept with the next maintenance.
func (s *Store) findOrphans(ctx context.Context) error {
	named := map[string]bool{}
	for _, list := range s.catalog.segments {
		for _, e := range list {
			if !e.dropped {
				named[string(segmentKey(spacePiece, e.place, e.id))] = true
			}
			named[string(segmentKey(spaceBlock, e.place, e.blocksAt))] = true
		}
	}
	for _, sp := range []space{spacePiece, spaceBlock} {
		err := s.eachSegment(sp, func(prefix []byte, id SegmentID) error {
			if !named[string(prefix)] {
				s.garbage.add(prefix)
				s.segments.seen(id)
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	marks, err := s.readMarks()
	if err != nil {
		return err
	}
	return s.scan([]byte{byte(spaceJournal)}, false, func(k, _ []byte) error {
		if at, err := parseKey(k); err == nil && at.seq <= marks[at.place] {
			s.garbage.journal(at.place, marks[at.place])
		}
		return nil
	})
}

// eachSegment calls f once for each segment that has keys in a space. It jumps from one segment to
// the next: a walk over all keys touches every block of every table, and a start with ten million
// events then reads all of the disk and shows 800 MB of mapped pages.
func (s *Store) eachSegment(sp space, f func(prefix []byte, id SegmentID) error) error {
	return s.db.View(func(txn *badger.Txn) error {
		opt := badger.DefaultIteratorOptions
		opt.Prefix = []byte{byte(sp)}
		opt.PrefetchValues = false
		it := txn.NewIterator(opt)
		defer it.Close()
		it.Rewind()
		for it.Valid() {
			k := it.Item().Key()
			at, err := parseKey(k)
			if err != nil {
				return errDamagedKey("key of a segment", k)
			}
			prefix := bytes.Clone(k[:placePrefix+8])
			if err := f(prefix, SegmentID(at.seq)); err != nil {
				return err
			}
			it.Seek(append(bytes.Clone(prefix), 0xff, 0xff, 0xff, 0xff, 0xff))
		}
		return nil
	})
}

// Sweep gives back the room of what is no longer needed: retired segments, sealed batches and what
// a crash left. Sealing, merging and dropping do it by themselves.
func (s *Store) Sweep(ctx context.Context) error {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	return s.sweep(ctx)
}

// sweep is Sweep for who holds the maintenance lock.
func (s *Store) sweep(ctx context.Context) error {
	if s.cfg.Salvage { // what looks like a leftover may be what somebody wants to rescue
		return nil
	}
	return errors.Join(s.sweepJournal(ctx), s.sweepPrefixes())
}

// dayOf is the first hour of the UTC day of a moment.
func dayOf(t time.Time) event.Hour {
	return event.MicrosOf(t).Hour() / hoursPerDay * hoursPerDay
}
