package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/fault"
)

// Image is everything the store holds at one moment, for a backup: every event that was acknowledged
// before it was taken is in it, and nothing that was committed later. Keys are handed out as bytes
// that only this package reads (Proof, Filler).
//
// It is one open iterator. Badger's iterators keep the tables and memtables they were made of, so what
// is dropped, compacted or erased meanwhile is still there for it; a transaction alone would keep it
// from compaction, but not from DropPrefix. That is also why Badger's own backup since a version is
// not used: it does not carry what was dropped, and erased events would come back.
type Image struct {
	// At is when it was taken.
	At time.Time
	// Sequence is the newest journal sequence in it.
	Sequence uint64
	// Reader is the format of a store that a program has to know to read all of it.
	Reader int
	// Bytes is about how much Each will hand out.
	Bytes int64

	txn   *badger.Txn
	it    *badger.Iterator
	marks map[place]uint64
	named map[string]bool // segments and blocks that the catalog names, by the prefix of their keys
}

// Image takes an image. The caller closes it. Taking it waits for maintenance and holds up commits
// for a moment; while it is open they go on.
func (s *Store) Image(ctx context.Context) (*Image, error) {
	s.maintenance.Lock() // nothing is dropped between the transaction and its iterator
	defer s.maintenance.Unlock()
	n := &Image{Reader: firstFormat, marks: map[place]uint64{}, named: map[string]bool{}}
	err := s.exclusive(ctx, func() error {
		if err := s.Err(); err != nil { // something may be half done, such as an erasure
			return err
		}
		n.At, n.Sequence = s.cfg.Now(), s.acked.Load()
		n.txn = s.db.NewTransaction(false)
		opt := badger.DefaultIteratorOptions
		opt.PrefetchValues = false
		n.it = n.txn.NewIterator(opt)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := n.read(ctx); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// Close lets go what the image keeps. It may be called twice.
func (n *Image) Close() {
	if n.it != nil {
		n.it.Close()
		n.txn.Discard()
		n.it, n.txn = nil, nil
	}
}

// read reads what says which journal batches, pieces and blocks count.
func (n *Image) read(ctx context.Context) error {
	err := n.scan(ctx, spaceMark, func(k, v []byte) error {
		at, err := parseKey(k)
		if err != nil || len(v) != 8 {
			return errDamagedKey("sealed mark", k)
		}
		n.marks[at.place] = binary.BigEndian.Uint64(v)
		return nil
	})
	if err != nil {
		return err
	}
	return n.scan(ctx, spaceCatalog, func(k, v []byte) error {
		e, err := parseEntry(k, v)
		if err != nil {
			return errUnreadable("catalog entry", k, err)
		}
		n.Reader = max(n.Reader, readerOf(e.place.kind, v[0]))
		if !e.dropped {
			n.named[string(segmentKey(spacePiece, e.place, e.id))] = true
			n.Bytes += int64(e.size)
		}
		n.named[string(segmentKey(spaceBlock, e.place, e.blocksAt))] = true
		for _, b := range e.blocks {
			n.Bytes += int64(b.size)
		}
		n.Bytes += int64(len(v))
		return nil
	})
}

// scan calls f for every pair of a space.
func (n *Image) scan(ctx context.Context, sp space, f func(k, v []byte) error) error {
	prefix := []byte{byte(sp)}
	count := 0
	for n.it.Seek(prefix); n.it.ValidForPrefix(prefix); n.it.Next() {
		if count++; count%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		item := n.it.Item()
		if err := item.Value(func(v []byte) error { return f(item.Key(), v) }); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// smallSpaces are the spaces of small values, in the order in which a Proof wants them: marks and the
// catalog before what they are about. Pieces and blocks are the large ones.
var (
	smallSpaces = []space{
		spaceMark, spaceCatalog, spaceErase, spaceJournal, spaceLedger, spaceSequence, spaceShelf,
	}
	largeSpaces = []space{spaceBlock, spacePiece}
)

// Small calls f for everything but pieces and blocks. Batches that are sealed already are left out.
func (n *Image) Small(ctx context.Context, f func(key, value []byte) error) error {
	for _, sp := range smallSpaces {
		err := n.scan(ctx, sp, func(k, v []byte) error {
			if sp == spaceJournal {
				if at, err := parseKey(k); err != nil {
					return errDamagedKey("journal key", k)
				} else if at.seq <= n.marks[at.place] {
					return nil
				}
			}
			return f(k, v)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Large calls f for the pieces of segments and blocks, in the order of their keys. What no catalog
// entry names is left out: it may be what was erased, waiting to be swept.
func (n *Image) Large(ctx context.Context, f func(key, value []byte) error) error {
	for _, sp := range largeSpaces {
		var last []byte
		var counts bool
		err := n.scan(ctx, sp, func(k, v []byte) error {
			if len(k) < placePrefix+8 {
				return errDamagedKey("key of a segment", k)
			}
			if prefix := k[:placePrefix+8]; !bytes.Equal(prefix, last) {
				last = append(last[:0], prefix...)
				counts = n.named[string(prefix)]
			}
			if !counts {
				return nil
			}
			return f(k, v)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// LargeFile says whether a key of Large is of a segment's Parquet file, and gives what all keys of the
// same file, or of the same set of blocks, have in common.
func LargeFile(key []byte) (common []byte, segment bool) {
	if len(key) < placePrefix+8 {
		return key, false
	}
	return key[:placePrefix+8], space(key[0]) == spacePiece
}

// Filler makes a store, in a folder that has none, of what an Image handed out.
type Filler struct {
	s     *Store
	group []pair
	size  int
	limit int
}

// NewFiller begins a store in cfg.Dir.
func NewFiller(cfg Config) (*Filler, error) {
	cfg = cfg.filled()
	lock, found, err := prepare(cfg)
	if err != nil {
		return nil, err
	}
	if !found.fresh {
		lock.release()
		return nil, fault.New(fault.Conflict, "not_empty", "there is a store in %s already", cfg.Dir)
	}
	s := &Store{cfg: cfg, lock: lock, format: found.format, commit: (*badger.Txn).Commit, fatal: make(chan struct{})}
	if s.disk, err = newDisk(s.cfg); err == nil {
		s.db, err = openDB(badgerOptions(s.cfg))
	}
	if err != nil {
		lock.release()
		return nil, err
	}
	return &Filler{s: s, limit: int(s.db.MaxBatchSize() * 7 / 10)}, nil
}

// Put adds a pair; key and value are copied. It refuses keys that are not a store's.
func (f *Filler) Put(key, value []byte) error {
	at, err := parseKey(key)
	if err != nil {
		return err
	}
	if at.space == spaceCatalog && len(value) > 0 {
		if err := f.s.raise(readerOf(at.place.kind, value[0])); err != nil { // before what needs it
			return err
		}
	}
	n := len(value) + len(key) + pairOverhead
	if f.size+n > f.limit || len(f.group) >= int(f.s.db.MaxBatchCount()/2) {
		if err := f.flush(); err != nil {
			return err
		}
	}
	f.group = append(f.group, pair{bytes.Clone(key), bytes.Clone(value)})
	f.size += n
	return nil
}

func (f *Filler) flush() error {
	if len(f.group) == 0 {
		return nil
	}
	if err := f.s.disk.admit(int64(f.size)); err != nil {
		return err
	}
	if err := f.s.write(f.group); err != nil {
		return err
	}
	f.group, f.size = f.group[:0], 0
	return nil
}

// Close writes what is left and closes the store, which can be opened then.
func (f *Filler) Close() error {
	err := f.flush()
	if cerr := f.s.db.Close(); err == nil {
		err = cerr
	}
	f.s.lock.release()
	return err
}
