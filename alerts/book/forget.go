package book

import (
	"encoding/json"
	"strings"

	"analytics/alerts/rules"
	"analytics/engine/person"
)

// Judge says what becomes of a row of the book when a person is erased; ok is false for rows that are not
// the book's. configured says of which rules the configuration speaks: what is kept of them would be
// written again at the next start.
func Judge(
	p *person.Person, configured func(name string) bool, key string, value []byte,
) (v person.Verdict, ok bool) {
	name, version := strings.CutPrefix(key, versionPrefix)
	if !version {
		name, ok = strings.CutPrefix(key, rulePrefix)
	}
	who, changed := p.RedactJSON(value)
	switch {
	case version || ok:
		switch {
		case version && configured(name):
			return v, true
		case p.In(name) || p.InJSON(value, "changed_by"):
			return p.Remove("rule", name, "its name or what it watches was the person"), true
		case changed:
			return p.Change("rule", name, who), true
		}
		return v, true
	case strings.HasPrefix(key, silencePrefix):
		var s rules.Silence
		id := strings.TrimPrefix(key, silencePrefix)
		scoped := json.Unmarshal(value, &s) == nil && p.In(s.Scope.String())
		switch {
		case scoped:
			return p.Remove("silence", id, "it was of the person"), true
		case changed:
			return p.Change("silence", id, who), true
		}
		return v, true
	}
	return v, false
}

// Names lists what of the configuration names a person: it has to be taken out there.
func (b *Book) Names(p *person.Person) (found []person.Found) {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := func(place, name string, what any) {
		text, err := json.Marshal(what)
		if err == nil && (p.In(name) || p.InJSON(text)) {
			found = append(found, *p.Keep(place, name, "it stands in the configuration; take it out there", nil).Found)
		}
	}
	for name, r := range b.config {
		left("rule", name, r)
	}
	for _, m := range b.windows {
		left("maintenance window", m.Name, m)
	}
	return found
}

// Configured reports whether a rule stands in the configuration.
func (b *Book) Configured(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, is := b.config[name]
	return is
}

// Change runs a change of the book's rows from elsewhere while nobody else changes any, and takes over what
// the rows are then.
func (b *Book) Change(f func() error) error {
	b.changing.Lock()
	defer b.changing.Unlock()
	if err := f(); err != nil {
		return err
	}
	fresh, err := Open(b.house)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set, b.silences = fresh.set, fresh.silences
	for name := range b.versions { // those in use stay: the next start writes them anew
		if _, is := fresh.versions[name]; !is && b.config[name].Name == "" {
			delete(b.versions, name)
		}
	}
	return nil
}
