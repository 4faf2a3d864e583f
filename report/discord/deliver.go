package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// Pass is what one pass of Deliver did.
type Pass struct {
	Delivered, Failed, Dead int
	// Next is when there is something to do again; zero if nothing waits.
	Next time.Time
}

// Run delivers whenever something is due, until ctx ends. The letter in flight is finished then, so
// that its answer is not lost; that takes sendTimeout at most.
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

// Deliver sends what is due, oldest first, until nothing is, Discord wants a pause, or ctx ends.
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
	keys := o.due(ctx, &pass)
	o.mu.Unlock()
	for _, key := range keys {
		if ctx.Err() != nil || !o.deliver(ctx, key, &pass) {
			break
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	pass.Next = o.next()
	return pass
}

// due lists the letters to send now, gives up on the old ones, and records what could not be
// recorded when it happened. The caller holds mu.
func (o *Outbox) due(ctx context.Context, pass *Pass) []string {
	now := o.now().UTC()
	var keys []string
	for key, r := range o.rows {
		if r.unsaved {
			o.record(ctx, key, r)
		}
		switch {
		case r.State != Pending:
		case now.Sub(r.Created) > keepTrying:
			dead := *r
			dead.State = Dead
			dead.Problem = cmp.Or(r.Problem, "nothing could be sent in the time a message is kept trying")
			o.bury(ctx, key, &dead)
			pass.Dead++
		case o.client != nil && !o.shut() && !r.Next.After(now) && !o.resume.After(now):
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(o.rows[a].Created.Compare(o.rows[b].Created), cmp.Compare(a, b))
	})
	return keys
}

// next is when the earliest letter is due. The caller holds mu.
func (o *Outbox) next() time.Time {
	var first time.Time
	if o.client == nil || o.shut() {
		return first
	}
	for _, r := range o.rows {
		if r.State == Pending && (first.IsZero() || r.Next.Before(first)) {
			first = r.Next
		}
	}
	if !first.IsZero() && o.resume.After(first) {
		first = o.resume
	}
	return first
}

// deliver sends one letter and records what became of it; ok is false when the pass must stop.
func (o *Outbox) deliver(ctx context.Context, key string, pass *Pass) (ok bool) {
	o.mu.Lock()
	c, r := o.client, o.rows[key]
	if c == nil || r == nil || r.State != Pending {
		o.mu.Unlock()
		return c != nil
	}
	sent := *r
	o.mu.Unlock()

	at, pause, err := o.send(ctx, c, &sent)

	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now().UTC()
	if pause > 0 {
		o.resume = now.Add(pause)
	}
	r = o.rows[key] // it may have been replaced meanwhile
	if r == nil {
		return true
	}
	next := *r
	if err == nil {
		next.Posted, next.Problem = at, ""
		next.Attempts++
		if r.Sum == sent.Sum {
			next.State, next.Message, next.Next = Delivered, nil, time.Time{}
		}
		o.record(ctx, key, &next)
		pass.Delivered++
		o.log.Info("message delivered", "report", r.Report, "period", r.Period, "message_id", at.ID)
		return pause == 0
	}
	pass.Failed++
	return o.failed(ctx, key, &next, c, err, pass)
}

// send posts the message, or edits the one this webhook has already. It outlives ctx: an answer
// that is not waited for is a message that comes twice.
func (o *Outbox) send(ctx context.Context, c *Client, r *row) (*posted, time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	defer cancel()
	if r.Posted != nil && r.Posted.Webhook == c.mark && r.Posted.ID != "" {
		at := *r.Posted
		pause, err := c.Edit(ctx, at.ID, *r.Message)
		return &at, pause, err
	}
	id, pause, err := c.Post(ctx, *r.Message)
	return &posted{ID: id, Webhook: c.mark, At: o.now().UTC()}, pause, err
}

// failed decides what comes next for a letter that was not taken. The caller holds mu.
func (o *Outbox) failed(
	ctx context.Context, key string, r *row, c *Client, err error, pass *Pass,
) (ok bool) {
	now := o.now().UTC()
	refusal, is := errors.AsType[*Refusal](err)
	if !is {
		refusal = &Refusal{Fate: Again, Reason: c.scrub(err)}
	}
	r.Problem = refusal.Error()
	switch refusal.Fate {
	case Bad:
		r.Attempts++
		r.State = Dead
		o.bury(ctx, key, r)
		pass.Dead++
		return true
	case Closed:
		o.close(ctx, c, refusal)
		o.record(ctx, key, r)
		return false
	case Wait:
		o.resume = now.Add(refusal.After)
		r.Next = o.resume
		o.record(ctx, key, r)
		return false
	}
	r.Attempts++
	r.Next = now.Add(backoff(r.Attempts, o.jitter()))
	o.record(ctx, key, r)
	if r.Attempts == 1 {
		o.log.Warn("message not delivered, will be tried again", "report", r.Report,
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
		"report", r.Report, "period", r.Period, "problem", r.Problem)
}

// close notes that the webhook is gone, so that it is not called again, by a later process either.
func (o *Outbox) close(ctx context.Context, c *Client, r *Refusal) {
	o.closed = &closure{Webhook: c.mark, Reason: r.Error(), At: o.now().UTC()}
	value, err := json.Marshal(o.closed)
	if err == nil {
		err = o.shelf.Put(context.WithoutCancel(ctx), webhookKey, value)
	}
	o.log.Error("the Discord webhook is closed: nothing is sent until another one is set, or "+
		"`analytics report outbox --retry`", "problem", r.Error(), "err", err)
}
