package compat

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"analytics/engine/store"
)

const (
	// settleEvery is how often what waits is looked at.
	settleEvery = 5 * time.Second
	// patience is how long an observation that ended waits for its trace's user, or for more tokens.
	patience = 20 * time.Second
	// abandoned is how long one that began waits to end. A longer one is stored as it is.
	abandoned = time.Hour
	// traceLife is how long a trace is remembered after it was last spoken of.
	traceLife = 15 * time.Minute
	// maxWaiting bounds both what waits and the traces, at some 700 bytes each. The oldest go first.
	maxWaiting = 20_000
	// maxDone is how many stored observations are remembered, so that what is said of them later
	// does not count as another one.
	maxDone = 50_000
)

// ledger holds what was said of observations and traces until it is all said: Langfuse's clients tell
// the beginning and the end of a generation in different requests, and its user in a third. All of it
// is on the shelf before it is acknowledged.
//
// Storing the beginning at once and correcting it later was the other way; events are facts and do
// not change.
type ledger struct {
	shelf *store.Shelf
	now   func() time.Time

	// writing orders changes of the shelf, so that an older state never replaces a newer one. It is
	// taken before mu.
	writing sync.Mutex

	mu           sync.Mutex // guards what follows
	observations map[slot]*observation
	traces       map[slot]*trace
	members      map[slot]map[slot]bool // which observations wait in a trace
	done, former map[slot]bool          // stored lately; done becomes former when it is full
}

// Names on the shelf begin with what they are.
const (
	onShelf    = "langfuse/observation/"
	traceShelf = "langfuse/trace/"
)

func openLedger(shelf *store.Shelf, now func() time.Time) (*ledger, error) {
	l := &ledger{
		shelf: shelf, now: now, observations: map[slot]*observation{}, traces: map[slot]*trace{},
		members: map[slot]map[slot]bool{}, done: map[slot]bool{}, former: map[slot]bool{},
	}
	err := shelf.Each(onShelf, func(_ string, row []byte) error {
		o := new(observation)
		if err := json.Unmarshal(row, o); err != nil {
			return err
		}
		o.kept = true
		l.add(o)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return l, shelf.Each(traceShelf, func(_ string, row []byte) error {
		t := new(trace)
		if err := json.Unmarshal(row, t); err != nil {
			return err
		}
		l.traces[t.slot()] = t
		return nil
	})
}

func (l *ledger) add(o *observation) {
	l.observations[o.slot()] = o
	l.enter(o)
}

// enter notes which trace an observation waits for.
func (l *ledger) enter(o *observation) {
	if o.Trace == "" {
		return
	}
	of := slot{o.Tenant, o.Trace}
	if l.members[of] == nil {
		l.members[of] = map[slot]bool{}
	}
	l.members[of][o.slot()] = true
}

// merge adds what was said to what is known. It gives back what changed, and gives out the
// observations that are complete by now.
func (l *ledger) merge(said []*saying) (changed map[slot]bool, ready []told) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	changed = map[slot]bool{}
	touched := map[slot]bool{} // observations that may be complete now
	for _, s := range said {
		switch {
		case s.trace != nil:
			name := s.trace.slot()
			if known := l.traces[name]; known != nil {
				known.merge(s.trace)
			} else {
				copied := *s.trace
				l.traces[name] = &copied
			}
			l.traces[name].Touched = now
			changed[name] = true
			for member := range l.members[name] {
				touched[member] = true
			}
		case s.observation != nil && s.problem == "":
			if name, ok := l.say(s.observation, now); ok {
				changed[name], touched[name] = true, true
			}
		}
	}
	for name := range touched {
		if o := l.observations[name]; o != nil && o.enough() && l.attributed(o) {
			ready = l.give(ready, o)
		}
	}
	return changed, l.relieve(ready)
}

// say merges what was said of one observation; it is not ok when that is not kept.
func (l *ledger) say(later *observation, now time.Time) (slot, bool) {
	name := later.slot()
	o := l.observations[name]
	switch {
	case o != nil:
		o.merge(later)
		l.enter(o)
	case later.Kind == "" || l.done[name] || l.former[name]:
		return name, false // a span, or something that is stored already
	default:
		copied := *later
		o = &copied
		l.add(o)
	}
	o.Touched = now
	return name, true
}

// attributed reports whether it is known whose the observation is.
func (l *ledger) attributed(o *observation) bool {
	if o.Trace == "" {
		return true
	}
	t := l.traces[slot{o.Tenant, o.Trace}]
	return t != nil && (t.User != "" || t.Session != "")
}

// give gives an observation out to be stored, unless it is out already.
func (l *ledger) give(ready []told, o *observation) []told {
	if o.out {
		return ready
	}
	o.out = true
	all := told{observation: *o}
	if t := l.traces[slot{o.Tenant, o.Trace}]; t != nil && o.Trace != "" {
		all.trace = *t
		t.Touched = l.now()
	}
	return append(ready, all)
}

// relieve gives out the oldest observations when too many wait.
func (l *ledger) relieve(ready []told) []told {
	if len(l.observations) <= maxWaiting {
		return ready
	}
	all := make([]*observation, 0, len(l.observations))
	for _, o := range l.observations {
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b *observation) int { return a.Touched.Compare(b.Touched) })
	for _, o := range all[:len(all)-maxWaiting*3/4] {
		ready = l.give(ready, o)
	}
	return ready
}

// due gives out what has waited long enough, and lists the traces that may be forgotten.
func (l *ledger) due() (ready []told, forgotten []slot) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for _, o := range l.observations {
		wait := abandoned
		if o.ended() {
			wait = patience
		}
		if now.Sub(o.Touched) >= wait || o.enough() && l.attributed(o) {
			ready = l.give(ready, o)
		}
	}
	slices.SortFunc(ready, func(a, b told) int {
		return cmp.Or(slices.Compare(a.Tenant[:], b.Tenant[:]), a.Start.Compare(b.Start),
			cmp.Compare(a.ID, b.ID))
	})
	ages := make([]*trace, 0, len(l.traces))
	for _, t := range l.traces {
		ages = append(ages, t)
	}
	slices.SortFunc(ages, func(a, b *trace) int { return a.Touched.Compare(b.Touched) })
	for i, t := range ages {
		if now.Sub(t.Touched) >= traceLife && len(l.members[t.slot()]) == 0 || len(ages)-i > maxWaiting {
			forgotten = append(forgotten, t.slot())
		}
	}
	return ready, forgotten
}

// release takes back what was given out and could not be stored.
func (l *ledger) release(ready []told) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range ready {
		if o := l.observations[ready[i].slot()]; o != nil {
			o.out = false
		}
	}
}

// keep puts what changed on the shelf, except for what is ready: it is stored next, before anything
// is acknowledged.
func (l *ledger) keep(ctx context.Context, changed map[slot]bool, ready []told) error {
	for i := range ready {
		if ready[i].Trace != ready[i].ID {
			delete(changed, ready[i].slot())
		}
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	changes, kept, err := l.rows(changed)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(changes, maxChanges) {
		if err := l.shelf.Apply(ctx, part...); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range kept {
		o.kept = true
	}
	return nil
}

// maxChanges bounds a transaction of the shelf.
const maxChanges = 500

// rows are the changed observations and traces as they are to lie on the shelf.
func (l *ledger) rows(changed map[slot]bool) (rows []store.Change, kept []*observation, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	put := func(key string, v any) {
		row, e := json.Marshal(v)
		err = cmp.Or(err, e)
		rows = append(rows, store.Change{Key: key, Value: row})
	}
	for name := range changed {
		if o := l.observations[name]; o != nil {
			put(shelfName(onShelf, name), o)
			kept = append(kept, o)
		}
		if t := l.traces[name]; t != nil {
			put(shelfName(traceShelf, name), t)
		}
	}
	return rows, kept, err
}

func shelfName(prefix string, name slot) string {
	return prefix + tenantName(name.tenant) + "/" + name.id
}

// finish takes stored observations off the ledger and the shelf.
func (l *ledger) finish(ctx context.Context, stored []told) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	var changes []store.Change
	l.mu.Lock()
	for i := range stored {
		name := stored[i].slot()
		o := l.observations[name]
		if o == nil {
			continue
		}
		if o.kept {
			changes = append(changes, store.Change{Key: shelfName(onShelf, name), Delete: true})
		}
		delete(l.observations, name)
		of := slot{o.Tenant, o.Trace}
		if delete(l.members[of], name); len(l.members[of]) == 0 {
			delete(l.members, of)
		}
		if l.done[name] = true; len(l.done) >= maxDone {
			l.former, l.done = l.done, map[slot]bool{}
		}
	}
	l.mu.Unlock()
	return l.shelf.Apply(ctx, changes...)
}

// forget drops traces.
func (l *ledger) forget(ctx context.Context, names []slot) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	var changes []store.Change
	l.mu.Lock()
	for _, name := range names {
		delete(l.traces, name)
		changes = append(changes, store.Change{Key: shelfName(traceShelf, name), Delete: true})
	}
	l.mu.Unlock()
	for part := range slices.Chunk(changes, maxChanges) {
		if err := l.shelf.Apply(ctx, part...); err != nil {
			return err
		}
	}
	return nil
}
