package ingest

import (
	"context"

	"analytics/engine/budget"
	"analytics/engine/person"
	"analytics/engine/store"
	"analytics/ingest/compat"
)

// Forget takes a person out of budgets and out of what waits to become events. The table of who asks too much
// (throttle) and the limiter of sites are in memory, under a number that no restart keeps, of an address and a
// user agent: there is no id in them.
func Forget(ctx context.Context, s *store.Store, p *person.Person) ([]person.Found, error) {
	return person.All(ctx, s, p, budget.Forget, compat.Forget)
}

// Forget is Forget for the store of this room while it works.
func (r *Room) Forget(ctx context.Context, s *store.Store, p *person.Person) ([]person.Found, error) {
	return person.All(ctx, s, p, r.budgets.Forget, r.compat.Forget)
}
