package orders

import (
	"context"

	"analytics/engine/person"
	"analytics/engine/store"
)

// Forget removes the files that wait to be fetched, whatever is in them: a file is what it was when it was
// made. The making of one that is under way is stopped.
func (f *Office) Forget(ctx context.Context, _ *store.Store, p *person.Person) (found []person.Found, err error) {
	all, err := f.list(p.Tenant)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		if o.State == Pending {
			continue // made when the person is gone
		}
		found = append(found, person.Found{Place: "export", Name: o.name() + " of " + o.Kind, Done: person.Removed,
			Why: "it was made before; order it again"})
		if p.Dry {
			continue
		}
		if err := f.remove(ctx, o); err != nil {
			return found, err
		}
	}
	return found, nil
}
