package store

import (
	"bytes"
	"context"

	"github.com/dgraph-io/badger/v4"
)

// erasable are the spaces that hold a tenant's events and what was made of them.
var erasable = []space{
	spaceJournal, spacePiece, spaceBlock, spaceCatalog, spaceMark, spaceLedger,
}

// Erase removes all events of a tenant, their cubes and what was derived from them. Keys, jobs and
// other shelves stay. An intent is written first, so that a crash half way is finished on the next
// start: there is no state in which some of the events are left.
func (s *Store) Erase(ctx context.Context, t Tenant) error {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	err := s.exclusive(ctx, func() error {
		intent := tenantKey(spaceErase, t)
		if err := s.write([]pair{{intent, []byte{1}}}); err != nil {
			return err
		}
		s.cfg.Failpoint("erase.intent")
		var old []*entry
		s.forgetTenant(t, func() {
			for sr, list := range s.catalog.segments {
				if sr.tenant == t {
					old = append(old, list...)
					delete(s.catalog.segments, sr)
				}
			}
		})
		for _, e := range old {
			e.life.erased.Store(true)
			s.segments.forget(e)
		}
		if err := s.finishErasure(t); err != nil {
			// The intent stays, and the next start acts on it. Events taken in until then would go
			// with the others, so none are.
			return s.stop(err)
		}
		return nil
	})
	return err
}

// finishErasure drops the tenant's spaces and, last, the intent. Days, and how far sessions are made,
// are derived from events too.
func (s *Store) finishErasure(t Tenant) error {
	var prefixes [][]byte
	for _, sp := range erasable {
		prefixes = append(prefixes, tenantKey(sp, t))
	}
	prefixes = append(prefixes, shelfKey(t, shelves["days"], ""), shelfKey(t, shelves["sessions"], ""))
	if err := s.dropPrefixes(prefixes); err != nil {
		return err
	}
	s.cfg.Failpoint("erase.dropped")
	return s.update(func(txn *badger.Txn) error { return txn.Delete(tenantKey(spaceErase, t)) })
}

// resumeErasures finishes the erasures that a crash cut short.
func (s *Store) resumeErasures() error {
	var tenants []Tenant
	err := s.scan([]byte{byte(spaceErase)}, false, func(k, _ []byte) error {
		at, err := parseKey(bytes.Clone(k))
		if err != nil {
			return errDamagedKey("erasure intent", k)
		}
		tenants = append(tenants, at.place.tenant)
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if err := s.finishErasure(t); err != nil {
			return err
		}
	}
	return nil
}
