package erase

import (
	"slices"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/retention/erasures"
)

// Known is everybody of a tenant who was erased, as far as a log says.
type Known struct {
	people []*who
	all    time.Time
}

// Everybody reads a log.
func Everybody(t store.Tenant, log []erasures.Erasure) (*Known, error) {
	k := &Known{}
	for _, e := range log {
		of, err := e.Of()
		switch {
		case err != nil:
			return nil, err
		case of != t:
		case e.Scope != erasures.Tenant:
			k.people = append(k.people, newWho(e))
		case e.At.After(k.all):
			k.all = e.At
		}
	}
	return k, nil
}

// All is when everything was erased last, zero if it never was.
func (k *Known) All() time.Time { return k.all }

// Gone picks the events of a kind that were erased; nil if none can have been.
func (k *Known) Gone(kind event.Kind) func(*event.Event) bool {
	var is []func(*event.Event) bool
	for _, w := range k.people {
		if fields, _ := named(kind, w.e.Scope); len(fields) > 0 {
			is = append(is, w.in(kind, fields))
		}
	}
	if len(is) == 0 {
		return nil
	}
	return func(ev *event.Event) bool {
		return slices.ContainsFunc(is, func(is func(*event.Event) bool) bool { return is(ev) })
	}
}

// Fewer says that events of a kind may have been erased of an hour.
func (k *Known) Fewer(kind event.Kind, hour event.Hour) bool {
	return slices.ContainsFunc(k.people, func(w *who) bool {
		fields, _ := named(kind, w.e.Scope)
		return len(fields) > 0 && hour.Start() <= w.until
	})
}
