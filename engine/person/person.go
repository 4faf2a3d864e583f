package person

import (
	"bytes"
	"context"

	"analytics/engine/store"
)

// Person is who is being erased.
type Person struct {
	Tenant store.Tenant
	// Visitor says that the id is a visitor_id and not a user_id.
	Visitor bool
	// Is reports whether a text is the id, the whole of it.
	Is func(text string) bool
	// ID is the id, empty where only a hash of it is known.
	ID string
	// Dry says that nothing is to be changed.
	Dry bool
}

// What was done with what was found.
const (
	Removed  = "removed"
	Redacted = "redacted" // (erased) stands where the id was
	Left     = "left"     // Why says why, and what to do
)

// Found is something beside events that named the person. Name does not have the id in it, unless it is
// of something that is left.
type Found struct {
	Place string `json:"place"` // what it is, such as budget
	Name  string `json:"name"`
	Done  string `json:"done"`
	Why   string `json:"why,omitempty"`
}

// Place forgets a person in what a room keeps in a store. It can be made again at any time.
type Place func(context.Context, *store.Store, *Person) ([]Found, error)

// Verdict is what becomes of a row: it stays as it is if Found is nil, and otherwise has the value Next, or
// goes if that is nil.
type Verdict struct {
	Found *Found
	Next  []byte
}

// Sweep asks for a verdict on each row of a shelf, and carries it out so that no byte of what went is left
// on the disk, nor of what was there before. A row that is left as it is, with a reason, keeps its value.
func (p *Person) Sweep(
	ctx context.Context, shelf *store.Shelf, judge func(key string, value []byte) (Verdict, error),
) (found []Found, err error) {
	one := func(key string, value []byte) ([]byte, bool, error) {
		v, err := judge(key, value)
		if err != nil || v.Found == nil {
			return value, true, err
		}
		found = append(found, *v.Found)
		return v.Next, v.Next != nil, nil
	}
	if p.Dry {
		return found, shelf.Each("", func(key string, value []byte) error {
			_, _, err := one(key, bytes.Clone(value))
			return err
		})
	}
	err = shelf.Scrub(ctx, one)
	return found, err
}

// Remove is the verdict that a row goes.
func (p *Person) Remove(place, name, why string) Verdict {
	return Verdict{Found: &Found{Place: place, Name: p.Redact(name), Done: Removed, Why: why}}
}

// Change is the verdict that a row has another value.
func (p *Person) Change(place, name string, next []byte) Verdict {
	return Verdict{Found: &Found{Place: place, Name: p.Redact(name), Done: Redacted}, Next: next}
}

// Keep is the verdict that a row stays although it names the person.
func (p *Person) Keep(place, name, why string, value []byte) Verdict {
	return Verdict{Found: &Found{Place: place, Name: name, Done: Left, Why: why}, Next: value}
}

// All asks several places, all of them also when one fails.
func All(ctx context.Context, s *store.Store, p *Person, places ...Place) (found []Found, err error) {
	for _, place := range places {
		more, e := place(ctx, s, p)
		found = append(found, more...)
		if err == nil {
			err = e
		}
	}
	return found, err
}
