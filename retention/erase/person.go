package erase

import (
	"context"
	"math"
	"slices"
	"time"

	"analytics/engine/audit"
	"analytics/engine/event"
	"analytics/engine/person"
	"analytics/engine/store"
	"analytics/retention/erasures"
	"analytics/rollup/cube"
)

const hoursPerDay = 24

// slack is how far in the future an event may be when it is accepted.
const slack = 10 * time.Minute

// Report says what an erasure took, or would take.
type Report struct {
	ID       string           `json:"id"`
	Scope    string           `json:"scope"`
	Events   map[string]int64 `json:"events"` // by type
	Total    int64            `json:"total"`
	Segments int              `json:"segments"` // written anew
	Pruned   int              `json:"pruned"`   // of which only cubes were left
	DryRun   bool             `json:"dry_run"`
	// Beside is where else the person was, and what became of it.
	Beside []person.Found `json:"beside,omitempty"`
}

func (r *Report) add(k event.Kind, n int64) {
	if n > 0 {
		r.Events[k.String()] += n
		r.Total += n
	}
}

// named are the fields of a kind that may hold the person, and the dimension that cubes have of them.
func named(k event.Kind, scope string) (fields []int, dim string) {
	names := []string{"user_id"}
	switch {
	case scope == erasures.Visitor:
		names = []string{"visitor_id"}
	case k == event.Activity:
		names = append(names, "actor")
	}
	for _, name := range names {
		if f, ok := k.Field(name); ok {
			fields = append(fields, f)
		}
	}
	return fields, names[0]
}

// who finds the person in events. Each value is compared once.
type who struct {
	e     erasures.Erasure
	until event.Micros
	known map[string]bool
}

func newWho(e erasures.Erasure) *who {
	return &who{e, event.MicrosOf(e.At.Add(slack)), map[string]bool{}}
}

func (w *who) is(value string) bool {
	yes, ok := w.known[value]
	if !ok {
		if len(w.known) >= 1<<20 {
			clear(w.known)
		}
		yes = w.e.Matches([]byte(value))
		w.known[value] = yes
	}
	return yes
}

func (w *who) in(k event.Kind, fields []int) func(*event.Event) bool {
	return func(ev *event.Event) bool {
		if ev.Time() > w.until {
			return false
		}
		return slices.ContainsFunc(fields, func(f int) bool {
			text := ev.Text(f)
			if len(text) == 0 {
				return false
			}
			if k.Fields()[f].Type == event.ID {
				return w.is(event.IDText(text))
			}
			return w.is(string(text))
		})
	}
}

// Apply erases from a store what an erasure says. It can be made again at any time: what is gone is not
// missed. progress is told of days of kinds.
func Apply(
	ctx context.Context, s *store.Store, trail *audit.Trail, e erasures.Erasure, progress func(done, days int),
) (*Report, error) {
	t, err := e.Of()
	if err != nil {
		return nil, err
	}
	r := &Report{ID: e.ID, Scope: e.Scope, Events: map[string]int64{}}
	all, err := daysOf(s, t)
	if err != nil {
		return nil, err
	}
	if e.Scope == erasures.Tenant {
		for _, d := range all {
			r.add(d.kind, d.rows)
		}
		return r, s.Erase(ctx, t)
	}
	w := newWho(e)
	for i, d := range all {
		progress(i, len(all))
		fields, dim := named(d.kind, e.Scope)
		if len(fields) == 0 {
			continue
		}
		prune := func(_ uint8, block []byte) ([]byte, error) { return cube.Without(block, dim, w.is) }
		p := store.Purge{Match: w.in(d.kind, fields), Fields: fields, Prune: prune}
		purge := func(announce func(context.Context, []event.Hour) error) error {
			p.Announce = announce
			got, err := s.Purge(ctx, t, d.kind, d.first, p)
			r.add(d.kind, got.Erased)
			r.Segments, r.Pruned = r.Segments+got.Segments, r.Pruned+got.Pruned
			return err
		}
		if d.kind == event.Activity {
			err = trail.Erase(ctx, purge)
		} else {
			err = purge(nil)
		}
		if err != nil {
			return r, err
		}
	}
	progress(len(all), len(all))
	return r, s.Shelf(t, "days").Clear(ctx) // their cells know the person; the next daily_rollup makes them again
}

// day is a UTC day of a kind that has, or had, events.
type day struct {
	kind  event.Kind
	first event.Hour
	rows  int64
}

func daysOf(s *store.Store, t store.Tenant) (all []day, err error) {
	for _, k := range event.Kinds() {
		hours, err := s.Ledger(t, k, 0, math.MaxInt32)
		if err != nil {
			return nil, err
		}
		for _, h := range hours {
			first := h.Hour / hoursPerDay * hoursPerDay
			if n := len(all); n == 0 || all[n-1].kind != k || all[n-1].first != first {
				all = append(all, day{kind: k, first: first})
			}
			all[len(all)-1].rows += int64(h.Rows)
		}
	}
	return all, nil
}

// Count says what an erasure would take. It changes nothing.
func Count(ctx context.Context, s *store.Store, e erasures.Erasure) (*Report, error) {
	t, err := e.Of()
	if err != nil {
		return nil, err
	}
	r := &Report{Scope: e.Scope, Events: map[string]int64{}, DryRun: true}
	w := newWho(e)
	for _, k := range event.Kinds() {
		fields, _ := named(k, e.Scope)
		if e.Scope != erasures.Tenant && len(fields) == 0 {
			continue
		}
		n := int64(0)
		if err := each(ctx, s, t, k, fields, func(ev *event.Event) {
			if e.Scope == erasures.Tenant || w.in(k, fields)(ev) {
				n++
			}
		}); err != nil {
			return nil, err
		}
		r.add(k, n)
	}
	return r, nil
}
