package outbox

import (
	"context"
	"strings"

	"analytics/engine/person"
	"analytics/engine/store"
)

// Forget takes letters that name a person out of a store: those that wait or were given up, whole, since a
// picture or a figure beside the name may be the person's, too; and those of which only the name is left.
func Forget(ctx context.Context, s *store.Store, p *person.Person) ([]person.Found, error) {
	if p.Tenant != store.Default { // whose letters these are
		return nil, nil
	}
	return p.Sweep(ctx, s.Shelf(store.Default, "outbox"), func(key string, value []byte) (person.Verdict, error) {
		if !p.In(key) && !p.InJSON(value) {
			return person.Verdict{}, nil
		}
		if strings.HasSuffix(key, closedPart) && !strings.Contains(key, rowPart) {
			next, _ := p.RedactJSON(value)
			return p.Change("channel", strings.TrimSuffix(key, closedPart), next), nil
		}
		r, err := decodeRow(key, value)
		if err != nil {
			return person.Verdict{}, err
		}
		why := "it was delivered; whoever has it keeps it"
		if r.State != Delivered {
			why = "it was not delivered yet and is not sent; `analytics report` makes a report again"
		}
		return p.Remove("letter", r.Report+" of "+r.Period+" to "+r.channel, why), nil
	})
}

// Forget is Forget for the store of this outbox while it works.
func (o *Outbox) Forget(ctx context.Context, s *store.Store, p *person.Person) ([]person.Found, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	found, err := Forget(ctx, s, p)
	if err != nil || p.Dry || p.Tenant != store.Default {
		return found, err
	}
	there := map[string]bool{}
	err = o.shelf.Each("", func(key string, _ []byte) error {
		there[key] = true
		return nil
	})
	if err != nil {
		return found, err
	}
	for key := range o.rows { // one that is being sent is left alone when its answer comes
		if !there[key] {
			delete(o.rows, key)
		}
	}
	for _, c := range o.closures {
		c.Reason = p.Redact(c.Reason)
	}
	return found, nil
}
