package store

import (
	"bytes"
	"context"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/fault"
)

// What Delete and Put leave of older values goes when compaction comes by, which may be never. Scrub
// leaves nothing: it copies what stays, drops the shelf as a whole, and copies it back. The copy lies
// under the shelf number 0 of the default tenant, which no room has:
//
//	c tenant8 shelf1 name   a row that stays
//	m tenant8 shelf1        the copy is whole
//
// A crash before the mark leaves the shelf as it was, one after it is finished on the next start.
const scrubShelf = 0

// scrubBatch bounds a transaction of copying; one row may be larger.
const scrubBatch = 256 << 10

func scrubCopy(h *Shelf, name string) []byte {
	return shelfKey(Default, scrubShelf, "c"+string(h.tenant[:])+string(h.number)+name)
}

func scrubMark(h *Shelf) []byte {
	return shelfKey(Default, scrubShelf, "m"+string(h.tenant[:])+string(h.number))
}

// Scrub calls f for every row, in order, and keeps what it says: the value, another one, or nothing. When
// it has returned, no byte of what went is on the disk, nor of any older value of the shelf. Nobody
// reads or changes the shelf meanwhile, f neither; commits are held up for some 40 ms.
func (h *Shelf) Scrub(
	ctx context.Context, f func(key string, value []byte) (next []byte, keep bool, err error),
) error {
	h.s.maintenance.Lock()
	defer h.s.maintenance.Unlock()
	gate := h.gate()
	gate.Lock()
	defer gate.Unlock()
	base, size := len(shelfKey(h.tenant, h.number, "")), int64(0)
	var copied []pair
	flush := func() error {
		err := h.s.disk.spare(2 * size)
		if err == nil {
			err = h.s.write(copied)
		}
		copied, size = nil, 0
		return err
	}
	err := h.s.scan(shelfKey(h.tenant, h.number, ""), true, func(k, v []byte) error {
		next, keep, err := f(string(k[base:]), v)
		if err != nil || !keep {
			return err
		}
		if len(next) > maxShelfValue {
			return fault.New(fault.TooLarge, "value_too_large", "%d bytes are too much for a shelf", len(next))
		}
		copied = append(copied, pair{scrubCopy(h, string(k[base:])), bytes.Clone(next)})
		if size += int64(len(k) + len(next)); size >= scrubBatch {
			err = flush()
		}
		if err == nil {
			err = ctx.Err()
		}
		return err
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return h.s.dropCopies(err)
	}
	h.s.cfg.Failpoint("scrub.copied")
	return h.s.exclusive(ctx, func() error {
		if err := h.s.write([]pair{{scrubMark(h), []byte{1}}}); err != nil {
			return err
		}
		if err := h.s.finishScrub(h); err != nil {
			return h.s.stop(err) // the rows are in the copy only; the next start brings them back
		}
		return h.s.dropCopies(nil)
	})
}

// finishScrub drops the shelf and copies back what stays.
func (s *Store) finishScrub(h *Shelf) error {
	if err := s.dropShelf(h); err != nil {
		return err
	}
	s.cfg.Failpoint("scrub.dropped")
	base, size := len(scrubCopy(h, "")), 0
	var back []pair
	flush := func() error {
		err := s.write(back)
		back, size = nil, 0
		return err
	}
	err := s.scan(scrubCopy(h, ""), true, func(k, v []byte) error {
		back = append(back, pair{shelfKey(h.tenant, h.number, string(k[base:])), bytes.Clone(v)})
		if size += len(k) + len(v); size >= scrubBatch {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return err
	}
	s.cfg.Failpoint("scrub.back")
	return s.update(func(txn *badger.Txn) error { return txn.Delete(scrubMark(h)) })
}

// dropShelf drops all rows of a shelf with all that was there before. Badger does nothing where it sees
// no key, and of deleted ones it sees none: so one is put there first.
func (s *Store) dropShelf(h *Shelf) error {
	prefix := shelfKey(h.tenant, h.number, "")
	if err := s.write([]pair{{prefix, nil}}); err != nil {
		return err
	}
	return s.dropPrefixes([][]byte{prefix})
}

// Drop removes every key that begins with one of the prefixes and gives their room back at once: what Delete
// removes is in the files until compaction comes by, which may be never. It is not one transaction: who
// stops half way does it again. Commits are held up for some 40 ms.
func (h *Shelf) Drop(ctx context.Context, prefixes ...string) error {
	h.s.maintenance.Lock()
	defer h.s.maintenance.Unlock()
	h.gate().RLock()
	defer h.gate().RUnlock()
	for some := range slices.Chunk(prefixes, maxDropPrefixes) {
		if err := ctx.Err(); err != nil {
			return err
		}
		var keys [][]byte
		for _, prefix := range some {
			keys = append(keys, shelfKey(h.tenant, h.number, prefix))
		}
		if err := h.s.dropPrefixes(keys); err != nil {
			return err
		}
	}
	return nil
}

// dropCopies removes copies, if there are any, and passes an error on.
func (s *Store) dropCopies(after error) error {
	if err := s.dropPrefixes([][]byte{shelfKey(Default, scrubShelf, "")}); after == nil {
		return err
	}
	return after
}

// resumeScrubs finishes what a crash cut short.
func (s *Store) resumeScrubs() error {
	var marked []*Shelf
	found := false
	mark := shelfKey(Default, scrubShelf, "m")
	err := s.scan(shelfKey(Default, scrubShelf, ""), false, func(k, _ []byte) error {
		found = true
		if rest, ok := bytes.CutPrefix(k, mark); ok {
			if len(rest) != len(Tenant{})+1 {
				return errDamagedKey("mark of a scrub", k)
			}
			marked = append(marked, &Shelf{s, Tenant(rest[:8]), rest[8]})
		}
		return nil
	})
	for _, h := range marked {
		if err == nil {
			err = s.finishScrub(h)
		}
	}
	if err != nil || !found {
		return err
	}
	return s.dropCopies(nil)
}
