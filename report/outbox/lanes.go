package outbox

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// Pass is what was done by one Deliver.
type Pass struct {
	Delivered, Failed, Dead int
	// Next is when there is something to do again; zero if nothing waits.
	Next time.Time
}

// Run delivers whenever something is due, until ctx ends. A channel that takes its time holds up no
// other: each has a lane of its own. The letters in flight are finished at the end, so that their
// answers are not lost; that takes sendLimit at most.
func (o *Outbox) Run(ctx context.Context) {
	const longest = 5 * time.Second // also finds what could not be recorded
	var lanes sync.WaitGroup
	defer lanes.Wait()
	for {
		var pass Pass
		for _, name := range o.begin(ctx, &pass) {
			lanes.Go(func() {
				o.lane(ctx, name, &pass)
				o.leave(name)
				o.nudge()
			})
		}
		wait := longest
		if next := o.next(); !next.IsZero() {
			wait = max(10*time.Millisecond, min(longest, next.Sub(o.now())))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-o.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// Deliver sends what is due, each channel's letters oldest first and the channels beside each other,
// until nothing is, the places want a pause, or ctx ends. A channel whose letters are being sent
// already is left to whoever does.
func (o *Outbox) Deliver(ctx context.Context) Pass {
	var pass Pass
	var lanes sync.WaitGroup
	for _, name := range o.begin(ctx, &pass) {
		lanes.Go(func() {
			o.lane(ctx, name, &pass)
			o.leave(name)
		})
	}
	lanes.Wait()
	pass.Next = o.next()
	return pass
}

// Flush is Deliver for whoever wants to see the outcome: it waits for what is being sent already.
func (o *Outbox) Flush(ctx context.Context) (Pass, error) {
	o.mu.Lock()
	names := slices.Collect(maps.Keys(o.stations))
	o.mu.Unlock()
	for _, name := range names {
		select {
		case o.door(name) <- struct{}{}:
			o.leave(name)
		case <-ctx.Done():
			return Pass{}, ctx.Err()
		}
	}
	return o.Deliver(ctx), nil
}

// door holds one token while the letters of a channel are sent.
func (o *Outbox) door(name string) chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.doorOf(name)
}

// doorOf is door for whoever holds mu.
func (o *Outbox) doorOf(name string) chan struct{} {
	if o.doors[name] == nil {
		o.doors[name] = make(chan struct{}, 1)
	}
	return o.doors[name]
}

func (o *Outbox) leave(name string) { <-o.door(name) }

// begin gives up on old letters, records what could not be recorded when it happened, and enters the
// channels that have something to send and that nobody is in.
func (o *Outbox) begin(ctx context.Context, pass *Pass) (entered []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now().UTC()
	due := map[string]bool{}
	for key, r := range o.rows {
		if r.unsaved {
			o.record(ctx, key, r)
		}
		switch {
		case r.State != Pending:
		case now.Sub(r.Created) > keepTrying:
			o.giveUp(ctx, key, r, cmp.Or(r.Problem,
				"nothing could be sent in the time a message is kept trying"), pass)
		case r.Open >= maxOpen && len(o.doorOf(r.channel)) == 0:
			o.giveUp(ctx, key, r, "it was sent twice and the program stopped before the answer each "+
				"time: it may have arrived, twice at most", pass)
		case o.isDue(r, now):
			due[r.channel] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(due)) {
		select {
		case o.doorOf(name) <- struct{}{}:
			entered = append(entered, name)
		default:
		}
	}
	return entered
}

// isDue reports whether a letter is to be sent now. The caller holds mu.
func (o *Outbox) isDue(r *row, now time.Time) bool {
	at := o.stations[r.channel]
	return r.State == Pending && at != nil && !at.shut() && !r.Next.After(now) && !at.resume.After(now)
}

// lane sends the letters of a channel that are due, also those that become due meanwhile.
func (o *Outbox) lane(ctx context.Context, name string, pass *Pass) {
	for {
		keys := o.dueAt(name)
		if len(keys) == 0 {
			return
		}
		for _, key := range keys {
			if ctx.Err() != nil || !o.deliver(ctx, key, pass) {
				return
			}
		}
	}
}

// dueAt lists the letters of a channel to send now, the oldest first.
func (o *Outbox) dueAt(name string) (keys []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now().UTC()
	for key, r := range o.rows {
		if r.channel == name && r.Open < maxOpen && o.isDue(r, now) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(o.rows[a].Created.Compare(o.rows[b].Created), cmp.Compare(a, b))
	})
	return keys
}

// next is when the earliest letter is due, of those that nobody sends now: who does, nudges.
func (o *Outbox) next() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	var first time.Time
	for _, r := range o.rows {
		at := o.stations[r.channel]
		if r.State != Pending || at == nil || at.shut() || len(o.doorOf(r.channel)) > 0 {
			continue
		}
		due := r.Next
		if at.resume.After(due) {
			due = at.resume
		}
		if first.IsZero() || due.Before(first) {
			first = due
		}
	}
	return first
}
