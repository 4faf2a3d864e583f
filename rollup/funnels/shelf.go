package funnels

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
)

// maxFunnels is how many definitions a tenant has.
const maxFunnels = 200

// Shelf keeps the definitions of a tenant.
type Shelf struct{ shelf *store.Shelf }

// Of is the definitions of a tenant.
func Of(s *store.Store, t store.Tenant) Shelf { return Shelf{s.Shelf(t, "funnels")} }

// Create keeps a new definition. One that is there is not replaced: its numbers would change behind
// somebody's back.
func (s Shelf) Create(ctx context.Context, f Funnel, now time.Time) (Funnel, error) {
	if err := f.check(); err != nil {
		return f, err
	}
	all, err := s.List()
	if err != nil {
		return f, err
	}
	if len(all) >= maxFunnels {
		return f, fault.New(fault.Conflict, "too_many_funnels",
			"there are %d funnels already; delete one first", maxFunnels)
	}
	for _, g := range all {
		if g.Name == f.Name {
			return f, fault.At(fault.Conflict, "exists", "name",
				"there is a funnel %s already; delete it first, or take another name", f.Name)
		}
	}
	f.Created = now.UTC().Truncate(time.Second)
	v, err := json.Marshal(f)
	if err != nil {
		return f, err
	}
	return f, s.shelf.Put(ctx, f.Name, v)
}

// List lists the definitions by name.
func (s Shelf) List() ([]Funnel, error) {
	all := []Funnel{}
	err := s.shelf.Each("", func(name string, v []byte) error {
		var f Funnel
		if err := json.Unmarshal(v, &f); err != nil {
			return fmt.Errorf("funnel %s: %w", name, err)
		}
		all = append(all, f)
		return nil
	})
	return all, err
}

// Get finds a definition.
func (s Shelf) Get(name string) (f Funnel, err error) {
	v, ok, err := s.shelf.Get(name)
	switch {
	case err != nil:
		return f, err
	case !ok:
		return f, fault.At(fault.NotFound, "not_found", "name",
			"there is no funnel %q; `analytics funnels list` shows them", clip(name))
	}
	return f, json.Unmarshal(v, &f)
}

// Delete forgets a definition.
func (s Shelf) Delete(ctx context.Context, name string) error {
	if _, err := s.Get(name); err != nil {
		return err
	}
	return s.shelf.Delete(ctx, name)
}
