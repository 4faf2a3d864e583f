package history

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"analytics/engine/person"
	"analytics/engine/store"
)

// Forget takes a person out of who set rules. A rule that fits the person's user agent or site stays: it is of
// machines, and to take it back changes the verdicts of others, which `analytics bots unflag` is for.
func Forget(ctx context.Context, s *store.Store, p *person.Person) ([]person.Found, error) {
	return p.Sweep(ctx, s.Shelf(store.Default, "bots"), func(key string, value []byte) (person.Verdict, error) {
		id, rule := strings.CutPrefix(key, rulePrefix)
		if !rule {
			next, changed := p.RedactJSON(value)
			if changed {
				return p.Change("reclassification", key, next), nil
			}
			return person.Verdict{}, nil
		}
		var r Rule
		if err := json.Unmarshal(value, &r); err != nil {
			return person.Verdict{}, fmt.Errorf("rule %s: %w", key, err)
		}
		by := p.Redact(r.By)
		switch {
		case p.InJSON(value, "by"):
			return p.Keep("rule on bots", id, "it says who is a machine; `analytics bots unflag "+id+"` takes it back",
				value), nil
		case by != r.By:
			r.By = by
			next, err := json.Marshal(r)
			return p.Change("rule on bots", id, next), err
		}
		return person.Verdict{}, nil
	})
}

// Forget is Forget for the store of this history while it works.
func (y *History) Forget(ctx context.Context, s *store.Store, p *person.Person) ([]person.Found, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	found, err := Forget(ctx, s, p)
	if err != nil || p.Dry {
		return found, err
	}
	for i := range y.rules {
		y.rules[i].By = p.Redact(y.rules[i].By)
	}
	return found, nil
}
