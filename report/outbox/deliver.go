package outbox

import (
	"analytics/engine/versioned"
	"context"
	"errors"
	"time"
)

// giveUp makes a letter dead. The caller holds mu.
func (o *Outbox) giveUp(ctx context.Context, key string, r *row, problem string, pass *Pass) {
	dead := *r
	dead.State, dead.Problem = Dead, problem
	o.bury(ctx, key, &dead)
	pass.Dead++
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
	at = o.current(at)
	if pause > 0 {
		at.resume, at.said = now.Add(pause), "it takes no more messages in so short a time"
	}
	if err == nil {
		o.upAgain(at, now)
	}
	r = o.rows[key] // it may have been replaced or dropped meanwhile
	if r == nil {
		return err == nil && pause == 0
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

// current is the station that stands where another stood, unless it leads elsewhere. The caller holds
// mu.
func (o *Outbox) current(at *station) *station {
	if now := o.stations[at.Name]; now != nil && now.Sender.Mark() == at.Sender.Mark() {
		return now
	}
	return at
}

// upAgain has what waits for a place that was down sent now, the oldest first. The caller holds mu.
func (o *Outbox) upAgain(at *station, now time.Time) {
	if at.down == 0 {
		return
	}
	at.down, at.resume = 0, time.Time{}
	for _, r := range o.rows {
		if r.State == Pending && r.channel == at.Name {
			r.Next = now
		}
	}
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
		at.resume, at.said = now.Add(refusal.After), r.Problem
		r.Next = at.resume
		o.record(ctx, key, r)
		return false
	}
	r.Attempts++
	r.Next = now.Add(max(backoff(r.Attempts, o.jitter()), refusal.After))
	if refusal.down() { // the others would fare no better, and would take a timeout each
		at.down++
		at.resume, at.said = now.Add(max(backoff(at.down, o.jitter()), refusal.After)), r.Problem
	}
	o.record(ctx, key, r)
	if r.Attempts == 1 {
		o.log.Warn("message not delivered, will be tried again", "channel", r.channel, "report", r.Report,
			"period", r.Period, "problem", r.Problem)
	}
	return !refusal.down()
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
	o.log.Error("message given up; `analytics outbox retry` tries again",
		"channel", r.channel, "report", r.Report, "period", r.Period, "problem", r.Problem)
}

// close notes that a place takes nothing from us, so that it is not called again, by a later process
// either. The caller holds mu.
func (o *Outbox) close(ctx context.Context, at *station, r *Refusal) {
	at.closed = &closure{Webhook: at.Sender.Mark(), Reason: r.Error(), At: o.now().UTC()}
	o.closures[at.Name] = at.closed
	value, err := versioned.Marshal(rowFormat, at.closed)
	if err == nil {
		err = o.shelf.Put(context.WithoutCancel(ctx), closedKey(at.Name), value)
	}
	o.log.Error("the channel is closed: nothing is sent to it until its settings change, or "+
		"`analytics outbox retry`", "channel", at.Name, "problem", r.Error(), "err", err)
}
