package funnels

import (
	"context"

	erased "analytics/engine/person"
	"analytics/engine/store"
)

// Forget removes the funnels of the person's tenant that name the person.
func Forget(ctx context.Context, s *store.Store, p *erased.Person) ([]erased.Found, error) {
	return p.Sweep(ctx, s.Shelf(p.Tenant, "funnels"), func(name string, value []byte) (erased.Verdict, error) {
		if p.In(name) || p.InJSON(value) {
			return p.Remove("funnel", name, "one of its steps, or its name, was the person"), nil
		}
		return erased.Verdict{}, nil
	})
}
