package budget

import (
	"context"
	"maps"
	"strings"

	"analytics/engine/person"
	"analytics/engine/store"
)

const inConfiguration = "it stands in the configuration; take it out there"

// names reports whether a budget is named after the person or has them in its scope.
func (d *Definition) names(p *person.Person) bool {
	for _, pattern := range d.Scope {
		if p.In(pattern) {
			return true
		}
	}
	return p.In(d.Name)
}

// Forget removes the budgets that are named after a person or have them in their scope, with what was
// decided about them by hand, and takes the person out of who decided.
func Forget(ctx context.Context, s *store.Store, p *person.Person) ([]person.Found, error) {
	gone := map[place]bool{}
	return p.Sweep(ctx, s.Shelf(store.Default, "budgets"), func(key string, value []byte) (person.Verdict, error) {
		if at, ok := placeOf(key, switchPrefix); ok && strings.HasPrefix(key, switchPrefix) {
			next, changed := p.RedactJSON(value)
			switch {
			case at.tenant != p.Tenant:
			case gone[at] || p.In(at.name):
				return p.Remove("switch of a budget", at.name, ""), nil
			case changed:
				return p.Change("switch of a budget", at.name, next), nil
			}
			return person.Verdict{}, nil
		}
		at, d, err := decode(key, value)
		if err != nil || at.tenant != p.Tenant || !d.names(p) {
			return person.Verdict{}, err
		}
		gone[at] = true
		return p.Remove("budget", at.name, "its name or scope was the person"), nil
	})
}

// Forget is Forget for the ledger's own store. Budgets of the configuration are listed and left. What groups
// spent is added up anew once the person's events are gone.
func (l *Ledger) Forget(ctx context.Context, s *store.Store, p *person.Person) ([]person.Found, error) {
	l.changing.Lock()
	defer l.changing.Unlock()
	found, err := Forget(ctx, s, p)
	if err != nil {
		return found, err
	}
	l.mu.Lock()
	for _, n := range l.lines {
		if n.tenant == p.Tenant && n.Source != fromSet && n.names(p) {
			v := p.Keep("budget", n.Name, inConfiguration, nil)
			found = append(found, *v.Found)
		}
	}
	before, switches := l.set, l.switches
	l.mu.Unlock()
	if p.Dry {
		return found, nil
	}
	l.redraw(func() {
		l.set, l.switches = map[place]Definition{}, map[place]Switch{}
		if err = l.load(); err != nil {
			l.set, l.switches = maps.Clone(before), maps.Clone(switches)
		}
	})
	l.Doubt()
	return found, err
}
