package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"
)

// Pass is what one pass of Deliver did.
type Pass struct {
	Delivered, Failed, Dead int
	// Next is when there is something to do again; zero if nothing waits.
	Next time.Time
}

// Run delivers whenever something is due, until ctx ends. The letter in flight is finished then, so
// that its answer is not lost; that takes sendLimit at most.
func (o *Outbox) Run(ctx context.Context) {
	const longest = 5 * time.Second // also finds what a pass could not record
	for {
		pass := o.Deliver(ctx)
		wait := longest
		if !pass.Next.IsZero() {
			wait = max(10*time.Millisecond, min(longest, pass.Next.Sub(o.now())))
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
// until nothing is, the places want a pause, or ctx ends.
// Two passes never run at once: the second returns with nothing done.
func (o *Outbox) Deliver(ctx context.Context) Pass {
	select {
	case o.passing <- struct{}{}:
	default:
		return Pass{}
	}
	defer func() { <-o.passing }()
	return o.pass(ctx)
}

// Flush is Deliver for whoever wants to see the outcome: it waits for a pass that runs already.
func (o *Outbox) Flush(ctx context.Context) (Pass, error) {
	select {
	case o.passing <- struct{}{}:
	case <-ctx.Done():
		return Pass{}, ctx.Err()
	}
	defer func() { <-o.passing }()
	return o.pass(ctx), nil
}

func (o *Outbox) pass(ctx context.Context) Pass {
	var pass Pass
	o.mu.Lock()
	due := o.due(ctx, &pass)
	o.mu.Unlock()
	var group sync.WaitGroup // one place that does not answer holds up no other
	for _, keys := range due {
		group.Go(func() {
			for _, key := range keys {
				if ctx.Err() != nil || !o.deliver(ctx, key, &pass) {
					return
				}
			}
		})
	}
	group.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	pass.Next = o.next()
	return pass
}

// due lists the letters to send now by channel, gives up on the old ones, and records what could not
// be recorded when it happened. The caller holds mu.
func (o *Outbox) due(ctx context.Context, pass *Pass) map[string][]string {
	now := o.now().UTC()
	keys := map[string][]string{}
	for key, r := range o.rows {
		if r.unsaved {
			o.record(ctx, key, r)
		}
		if r.State != Pending {
			continue
		}
		at := o.stations[r.channel]
		switch {
		case now.Sub(r.Created) > keepTrying:
			o.giveUp(ctx, key, r, cmp.Or(r.Problem,
				"nothing could be sent in the time a message is kept trying"), pass)
		case r.Open >= maxOpen:
			o.giveUp(ctx, key, r, "it was sent twice and the program stopped before the answer each "+
				"time: it may have arrived, twice at most", pass)
		case at != nil && !at.shut() && !r.Next.After(now) && !at.resume.After(now):
			keys[r.channel] = append(keys[r.channel], key)
		}
	}
	for _, of := range keys {
		slices.SortFunc(of, func(a, b string) int {
			return cmp.Or(o.rows[a].Created.Compare(o.rows[b].Created), cmp.Compare(a, b))
		})
	}
	return keys
}

// giveUp makes a letter dead. The caller holds mu.
func (o *Outbox) giveUp(ctx context.Context, key string, r *row, problem string, pass *Pass) {
	dead := *r
	dead.State, dead.Problem = Dead, problem
	o.bury(ctx, key, &dead)
	pass.Dead++
}

// next is when the earliest letter is due. The caller holds mu.
func (o *Outbox) next() time.Time {
	var first time.Time
	for _, r := range o.rows {
		at := o.stations[r.channel]
		if r.State != Pending || at == nil || at.shut() {
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

// deliver sends one letter and records what became of it; ok is false when no more may be sent to
// its channel in this pass.
func (o *Outbox) deliver(ctx context.Context, key string, pass *Pass) (ok bool) {
	o.mu.Lock()
	r := o.rows[key]
	if r == nil || r.State != Pending {
		o.mu.Unlock()
		return true
	}
	at := o.stations[r.channel]
	if at == nil {
		o.mu.Unlock()
		return false
	}
	begun := *r
	begun.Open++
	o.record(ctx, key, &begun)
	sender, sent := at.Sender, begun
	o.mu.Unlock()

	where, pause, err := o.send(ctx, sender, &sent)

	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now().UTC()
	if pause > 0 {
		at.resume = now.Add(pause)
	}
	r = o.rows[key] // it may have been replaced meanwhile
	if r == nil {
		return true
	}
	next := *r
	next.Open = 0
	if err == nil {
		next.Posted, next.Problem, next.Do = where, "", ""
		next.Attempts++
		if r.Sum == sent.Sum || !sender.Edits() {
			next.State, next.Message, next.Next = Delivered, nil, time.Time{}
		}
		o.record(ctx, key, &next)
		pass.Delivered++
		o.log.Info("message delivered", "channel", r.channel, "report", r.Report, "period", r.Period,
			"message_id", where.ID)
		return pause == 0
	}
	pass.Failed++
	return o.failed(ctx, key, &next, at, err, pass)
}

// send delivers the message, or replaces the one that is at the same place already. It outlives ctx:
// an answer that is not waited for is a message that comes twice.
func (o *Outbox) send(ctx context.Context, to Sender, r *row) (*posted, time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendLimit)
	defer cancel()
	p := Parcel{Report: r.Report, Period: r.Period, Form: r.Message, Created: r.Created, Now: o.now().UTC()}
	if r.Posted != nil && r.Posted.Webhook == to.Mark() && to.Edits() && r.Posted.ID != "" {
		p.Before = r.Posted.ID
	}
	id, pause, err := to.Send(ctx, p)
	where := &posted{ID: id, Webhook: to.Mark(), At: o.now().UTC()}
	if p.Before != "" {
		where = r.Posted
	}
	return where, pause, err
}

// failed decides what comes next for a letter that was not taken. The caller holds mu.
func (o *Outbox) failed(
	ctx context.Context, key string, r *row, at *station, err error, pass *Pass,
) (ok bool) {
	now := o.now().UTC()
	refusal, is := errors.AsType[*Refusal](err)
	if !is {
		refusal = &Refusal{Fate: Again, Who: at.Name, Reason: "it could not be sent"}
	}
	r.Problem, r.Do = refusal.Error(), refusal.Do
	switch refusal.Fate {
	case Bad:
		r.Attempts++
		r.State = Dead
		o.bury(ctx, key, r)
		pass.Dead++
		return true
	case Closed:
		o.close(ctx, at, refusal)
		o.record(ctx, key, r)
		return false
	case Wait:
		at.resume = now.Add(refusal.After)
		r.Next = at.resume
		o.record(ctx, key, r)
		return false
	}
	r.Attempts++
	r.Next = now.Add(max(backoff(r.Attempts, o.jitter()), refusal.After))
	o.record(ctx, key, r)
	if r.Attempts == 1 {
		o.log.Warn("message not delivered, will be tried again", "channel", r.channel, "report", r.Report,
			"period", r.Period, "problem", r.Problem)
	}
	return true
}

// backoff is the time to the next attempt after n failed ones: doubled each time, and between half
// and all of that, so that many senders do not come back together.
func backoff(n int, jitter float64) time.Duration {
	d := lastDelay
	if n < 12 {
		d = min(d, firstDelay<<max(n-1, 0))
	}
	return d/2 + time.Duration(jitter*float64(d/2))
}

// record writes the row. If the store does not take it (a full disk), memory keeps it and the next
// pass writes it: what was posted is not posted again by this process.
func (o *Outbox) record(ctx context.Context, key string, r *row) {
	o.rows[key] = r
	r.unsaved = false
	if err := o.save(context.WithoutCancel(ctx), key, r); err != nil {
		r.unsaved = true
		o.log.Error("outbox could not be written", "report", r.Report, "period", r.Period, "err", err)
	}
}

// bury records a letter that is given up. The message stays, so that Retry can send it.
func (o *Outbox) bury(ctx context.Context, key string, r *row) {
	o.record(ctx, key, r)
	o.log.Error("message given up; `analytics report outbox --retry` tries again",
		"channel", r.channel, "report", r.Report, "period", r.Period, "problem", r.Problem)
}

// close notes that a place takes nothing from us, so that it is not called again, by a later process
// either. The caller holds mu.
func (o *Outbox) close(ctx context.Context, at *station, r *Refusal) {
	at.closed = &closure{Webhook: at.Sender.Mark(), Reason: r.Error(), At: o.now().UTC()}
	o.closures[at.Name] = at.closed
	value, err := json.Marshal(at.closed)
	if err == nil {
		err = o.shelf.Put(context.WithoutCancel(ctx), closedKey(at.Name), value)
	}
	o.log.Error("the channel is closed: nothing is sent to it until its settings change, or "+
		"`analytics report outbox --retry`", "channel", at.Name, "problem", r.Error(), "err", err)
}
