package rollup

import (
	"context"

	"analytics/engine/person"
	"analytics/engine/store"
	"analytics/rollup/bots/history"
	"analytics/rollup/funnels"
)

// Forget takes a person out of saved funnels and of who set rules on bots. What is derived of events follows
// from them, and how far sessions and days are made names nobody.
func Forget(ctx context.Context, s *store.Store, p *person.Person) ([]person.Found, error) {
	return person.All(ctx, s, p, funnels.Forget, history.Forget)
}

// Forget is Forget for the store of this room while it works.
func (r *Room) Forget(ctx context.Context, s *store.Store, p *person.Person) ([]person.Found, error) {
	return person.All(ctx, s, p, funnels.Forget, r.history.Forget)
}
