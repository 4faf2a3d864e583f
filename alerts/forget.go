package alerts

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"analytics/alerts/book"
	"analytics/alerts/rules"
	"analytics/engine/person"
	"analytics/engine/store"
	"analytics/engine/versioned"
)

// Forget takes a person out of incidents, rules, silences and what checks of rules remember. An incident
// that is about the person goes, of others the name does.
func Forget(ctx context.Context, s *store.Store, p *person.Person) ([]person.Found, error) {
	return forget(ctx, s, p, func(string) bool { return false })
}

func forget(
	ctx context.Context, s *store.Store, p *person.Person, configured func(rule string) bool,
) ([]person.Found, error) {
	if p.Tenant != store.Default { // whose alerts these are
		return nil, nil
	}
	found, err := p.Sweep(ctx, s.Shelf(store.Default, "incidents"), func(k string, v []byte) (person.Verdict, error) {
		return forgetIncident(p, k, v)
	})
	if err != nil {
		return found, err
	}
	more, err := p.Sweep(ctx, s.Shelf(store.Default, "alerts"), func(k string, v []byte) (person.Verdict, error) {
		if name, is := strings.CutPrefix(k, statePrefix); is {
			return forgetState(p, configured, name, v)
		}
		verdict, _ := book.Judge(p, configured, k, v)
		return verdict, nil
	})
	return append(found, more...), err
}

func forgetIncident(p *person.Person, key string, value []byte) (person.Verdict, error) {
	i, err := decodeIncident(key, value)
	if err != nil {
		return person.Verdict{}, err
	}
	name := i.Title() + " of " + i.Opened.UTC().Format(time.RFC3339)
	if i.of(p) {
		return p.Remove("incident", name, "it was about the person"), nil
	}
	if next, changed := p.RedactJSON(value); changed {
		return p.Change("incident", name, next), nil
	}
	return person.Verdict{}, nil
}

// of reports whether an incident is about a person. Of a budget's group only its message says.
func (i *Incident) of(p *person.Person) bool {
	for _, l := range i.Group {
		if p.Is(l.Value) {
			return true
		}
	}
	return p.In(i.ID) || p.In(i.Rule) || p.In(i.Heading) || p.In(strings.ReplaceAll(i.Subject, "\x00", " ")) ||
		i.Type == Budget && p.In(i.Message)
}

func forgetState(
	p *person.Person, configured func(string) bool, name string, value []byte,
) (v person.Verdict, err error) {
	var m memory
	if err := versioned.Unmarshal("state of a rule", rowFormat, value, &m); err != nil {
		return v, unreadable(statePrefix+name, err)
	}
	if !configured(m.Rule.Name) && m.of(p, name) {
		return p.Remove("state of a rule", name, ""), nil
	}
	if !forgetGroups(p, &m.State) {
		return v, nil
	}
	next, err := versioned.Marshal(rowFormat, m)
	return p.Change("state of a rule", name, next), err
}

// of reports whether a check is of a rule that goes with the person.
func (m *memory) of(p *person.Person, name string) bool {
	text, err := json.Marshal(m.Rule)
	return err != nil || p.In(name) || p.InJSON(text, "changed_by")
}

// forgetGroups takes the groups of a person out of a state.
func forgetGroups(p *person.Person, s *rules.State) (changed bool) {
	is := func(key string) bool {
		for value := range strings.SplitSeq(key, "\x00") {
			if p.Is(value) {
				return true
			}
		}
		return false
	}
	for key := range s.Groups {
		if is(key) {
			delete(s.Groups, key)
			changed = true
		}
	}
	for key := range s.Known {
		if is(key) {
			delete(s.Known, key)
			changed = true
		}
	}
	return changed
}

// Forget is Forget for the store of this watch while it works. Rules of the configuration are listed and left.
func (w *Watch) Forget(ctx context.Context, s *store.Store, p *person.Person) (found []person.Found, err error) {
	if p.Tenant != store.Default {
		return nil, nil
	}
	w.evaluating.Lock()
	defer w.evaluating.Unlock()
	w.checking.Lock()
	defer w.checking.Unlock()
	left := w.book.Names(p)
	err = w.book.Change(func() error {
		w.mu.Lock()
		defer w.mu.Unlock()
		found, err = forget(ctx, s, p, w.book.Configured)
		if err != nil || p.Dry {
			return err
		}
		for name, m := range w.states {
			if !w.book.Configured(m.Rule.Name) && m.of(p, name) {
				delete(w.states, name)
			} else if forgetGroups(p, &m.State) {
				m.shape = "" // written again at the next look
			}
		}
		w.known, w.active = map[string]*Incident{}, map[string]*Incident{}
		return w.loadIncidents()
	})
	return append(found, left...), err
}
