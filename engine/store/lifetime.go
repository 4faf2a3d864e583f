package store

import (
	"sync"
	"sync/atomic"
)

// life is how long the keys of a segment must stay: until it left the catalog and no snapshot reads
// it. Entries that share pieces, because one was made of the other, share their life.
type life struct {
	mu     sync.Mutex
	holds  int      // guarded by mu; snapshots and maintenance that read it
	refuse [][]byte // guarded by mu; prefixes to sweep once nobody reads
	erased atomic.Bool
}

func (e *entry) keep() {
	e.life.mu.Lock()
	e.life.holds++
	e.life.mu.Unlock()
}

// letGo is the opposite of keep; the last one out leaves what nobody needs any more to the sweep.
func (s *Store) letGo(e *entry) {
	e.life.mu.Lock()
	e.life.holds--
	var refuse [][]byte
	if e.life.holds == 0 {
		refuse, e.life.refuse = e.life.refuse, nil
	}
	e.life.mu.Unlock()
	s.garbage.add(refuse...)
	if len(refuse) > 0 {
		s.segments.forget(e) // a reader may have opened it again
	}
}

// retire sweeps prefixes once nobody reads the entry, which has left the catalog.
func (s *Store) retire(e *entry, prefixes ...[]byte) {
	s.segments.forget(e)
	s.garbage.condemn(e.weigh(prefixes))
	e.life.mu.Lock()
	unused := e.life.holds == 0
	if !unused {
		e.life.refuse = append(e.life.refuse, prefixes...)
	}
	e.life.mu.Unlock()
	if unused {
		s.garbage.add(prefixes...)
	}
}
