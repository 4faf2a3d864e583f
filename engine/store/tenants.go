package store

import "slices"

// Tenants lists whose events the store has, or had, in order. The default tenant is always among them.
func (s *Store) Tenants() []Tenant {
	all := []Tenant{Default}
	s.view.RLock()
	for sr := range s.catalog.segments {
		all = append(all, sr.tenant)
	}
	for sr := range s.head.parts {
		all = append(all, sr.tenant)
	}
	s.view.RUnlock()
	slices.SortFunc(all, func(a, b Tenant) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(all)
}
