package compat

import (
	"context"
	"encoding/json"
	"strings"

	"analytics/engine/person"
	"analytics/engine/store"
)

// Forget removes what waits for the rest of it in traces of a user: it would become the user's events.
func Forget(ctx context.Context, s *store.Store, p *person.Person) ([]person.Found, error) {
	shelf, of := s.Shelf(store.Default, "pending"), map[slot]bool{}
	err := shelf.Each(traceShelf, func(_ string, row []byte) error {
		var t trace
		err := json.Unmarshal(row, &t)
		if t.of(p) {
			of[t.slot()] = true
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return p.Sweep(ctx, shelf, func(key string, row []byte) (v person.Verdict, err error) {
		var in slot
		if strings.HasPrefix(key, traceShelf) {
			var t trace
			err, in = json.Unmarshal(row, &t), t.slot()
		} else {
			var o observation
			err, in = json.Unmarshal(row, &o), slot{o.Tenant, o.Trace}
		}
		if err == nil && of[in] {
			return p.Remove("what Langfuse's clients said half of", in.id, "it would become events of the user"), nil
		}
		return v, err
	})
}

func (t *trace) of(p *person.Person) bool {
	return !p.Visitor && t.Tenant == p.Tenant && t.User != "" && p.Is(t.User)
}

// Forget is Forget for the store of this door while it works.
func (d *Door) Forget(ctx context.Context, s *store.Store, p *person.Person) ([]person.Found, error) {
	l := d.ledger
	l.writing.Lock()
	defer l.writing.Unlock()
	found, err := Forget(ctx, s, p)
	if err != nil || p.Dry {
		return found, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, t := range l.traces {
		if !t.of(p) {
			continue
		}
		for of := range l.members[name] {
			delete(l.observations, of)
		}
		delete(l.members, name)
		delete(l.traces, name)
	}
	return found, nil
}
