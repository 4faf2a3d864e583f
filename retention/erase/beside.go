package erase

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/person"
	"analytics/engine/plural"
	"analytics/engine/store"
	"analytics/retention/erasures"
)

// somebody is the person of an erasure. value is the id, empty where nobody knows it any more.
func somebody(e erasures.Erasure, value string) (*person.Person, error) {
	t, err := e.Of()
	if err != nil {
		return nil, err
	}
	return &person.Person{Tenant: t, Visitor: e.Scope == erasures.Visitor, Is: newWho(e).is, ID: value}, nil
}

// beside forgets a person in what is kept beside events. It asks every place, also when one fails.
func (o *Office) beside(ctx context.Context, p *person.Person) ([]person.Found, error) {
	found, err := person.All(ctx, o.cfg.Store, p, append([]person.Place{logs, accounts}, o.cfg.Places...)...)
	reports, e := redact(o.cfg.Data, p)
	found, err = append(append(found, reports...), aside(o.cfg.Data)...), errors.Join(err, e)
	if err != nil {
		return found, err
	}
	trail, err := o.trail(ctx, p)
	return append(found, trail...), err
}

// trail counts the activities of others that speak of the person. It looks for the id itself: held against a
// hash, every word of every activity would be.
func (o *Office) trail(ctx context.Context, p *person.Person) ([]person.Found, error) {
	n := 0
	if p.ID == "" {
		return nil, nil
	}
	fields := []int{event.ActivityActor, event.ActivityTarget, event.PropertiesField}
	err := each(ctx, o.cfg.Store, p.Tenant, event.Activity, fields, func(ev *event.Event) {
		about := p.In(string(ev.Text(event.ActivityTarget))) || p.In(string(ev.Text(event.PropertiesField)))
		if about && !p.Is(string(ev.Text(event.ActivityActor))) {
			n++
		}
	})
	if err != nil || n == 0 {
		return nil, err
	}
	return []person.Found{{Place: "audit trail,", Name: plural.Of(n, "activity", "activities") + " about the person",
		Done: person.Left, Why: "they say what somebody else did"}}, nil
}

// Beside forgets a person in a store that nobody else has open.
func Beside(ctx context.Context, s *store.Store, e erasures.Erasure, places []person.Place) error {
	p, err := somebody(e, "")
	if err != nil {
		return err
	}
	_, err = person.All(ctx, s, p, append([]person.Place{logs}, places...)...)
	return err
}

// logs are the shelves that say what was done: what went wrong with a job, and a repricing under way. They
// are no room's state; in memory the scheduler has the newest row of each job until it runs again.
func logs(ctx context.Context, s *store.Store, p *person.Person) (found []person.Found, err error) {
	for _, name := range []string{"jobs", "prices"} {
		more, err := p.Sweep(ctx, s.Shelf(store.Default, name), func(key string, v []byte) (person.Verdict, error) {
			if next, changed := p.RedactJSON(v); changed {
				return p.Change("note in "+name, key, next), nil
			}
			return person.Verdict{}, nil
		})
		if found = append(found, more...); err != nil {
			return found, err
		}
	}
	return found, nil
}

// accounts lists keys, users of the dashboard and shares that name the person. They stay: who erases a customer
// must not lock out a colleague.
func accounts(_ context.Context, s *store.Store, p *person.Person) (found []person.Found, err error) {
	err = auth.Named(s, p.Tenant, func(what, name, text, remove string) {
		if p.In(name) || p.InJSON([]byte(text)) {
			found = append(found, *p.Keep(what, name, "it lets somebody in; `"+remove+"` removes it", nil).Found)
		}
	})
	return found, err
}

// aside lists tables that a start moved aside because something was wrong with them. They may have anything of
// anybody; the store does not read them, and whoever looks into what went wrong may want to.
func aside(data string) (found []person.Found) {
	dir := filepath.Join(data, "quarantine")
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := os.Stat(path); err == nil && info.Size() > 0 && len(found) == 0 {
				found = append(found, person.Found{Place: "folder", Name: dir, Done: person.Left,
					Why: "a start moved tables there that were damaged, and they may have anybody's events; delete it " +
						"when nobody looks into that any more"})
			}
		}
		return nil
	})
	return found
}

// joined is what two passes found, each thing once.
func joined(first, second []person.Found) []person.Found {
	all := first
	for _, f := range second {
		known := false
		for _, g := range first {
			known = known || g.Place == f.Place && g.Name == f.Name
		}
		if !known {
			all = append(all, f)
		}
	}
	return all
}

// say is a line of what was found, for people.
func say(f person.Found, dry bool) string {
	text := f.Done + ": " + f.Place + " " + f.Name
	if dry && f.Done != person.Left {
		text = "would be " + text
	}
	if f.Why != "" {
		text += " (" + strings.TrimSuffix(f.Why, ".") + ")"
	}
	return text
}
