package store

import (
	"context"

	"analytics/engine/event"
)

// This file is what the head offers to sealing. The order is: freeze, write pieces and blocks,
// commit the catalog entry together with the sealed mark, then publish. A sealing that fails half
// way leaves the generation frozen and visible; the next freeze gives the same rows again.

// frozen is what one sealing writes into a segment.
type frozen struct {
	place place
	rows  [][]byte // event rows in the order of their commits, concatenated in slabs
	count int
	sum   uint64 // of the rows' hashes
	upTo  uint64 // the newest journal sequence among them: the sealed mark
	min   event.Micros
	max   event.Micros
}

// freeze closes the hour's rows to further commits and gives them; new rows go on being taken in
// beside them. ok is false when the hour has none.
func (s *Store) freeze(ctx context.Context, p place) (f frozen, ok bool, err error) {
	err = s.exclusive(ctx, func() error {
		s.view.Lock()
		defer s.view.Unlock()
		s.head.prune()
		part := s.head.find(p)
		if part == nil {
			return nil
		}
		if part.frozen == nil {
			if part.live.rows == 0 {
				return nil
			}
			part.frozen, part.live = part.live, newGeneration(p.kind, &s.head.records)
		}
		g := part.frozen
		f = frozen{
			place: p, count: g.rows, sum: g.sum, upTo: g.seq, min: g.min, max: g.max,
			rows: g.slabs(),
		}
		ok = true
		return nil
	})
	return f, ok, err
}

// publish makes a committed change of the catalog visible: change edits the catalog in memory, and
// the frozen rows of the given places leave the head in the same moment. Every snapshot is from
// before or from after.
func (s *Store) publish(change func(), sealed ...place) {
	s.view.Lock()
	defer s.view.Unlock()
	change()
	for _, p := range sealed {
		part := s.head.find(p)
		if part == nil || part.frozen == nil {
			continue
		}
		s.head.drop(part.frozen)
		part.frozen = nil // the empty partition goes with the next freeze
	}
	s.epoch.Add(1)
	s.freed()
}

// sealable lists the hours of the head that have rows and begin before the given hour.
func (s *Store) sealable(before event.Hour) []place {
	s.view.RLock()
	defer s.view.RUnlock()
	var out []place
	s.head.each(nil, func(p *partition) {
		if p.place.hour < before && (p.frozen != nil || p.live.rows > 0) {
			out = append(out, p.place)
		}
	})
	return out
}

// forgetTenant empties the head of a tenant; part of erasing it. It must run inside exclusive,
// after the journal is gone.
func (s *Store) forgetTenant(t Tenant, change func()) {
	s.view.Lock()
	defer s.view.Unlock()
	change()
	s.head.each(&t, func(p *partition) {
		for _, g := range p.generations() {
			s.head.drop(g)
		}
		p.ledgers = false
	})
	for sr := range s.head.parts {
		if sr.tenant == t {
			delete(s.head.parts, sr)
		}
	}
	s.epoch.Add(1)
	s.freed()
}
