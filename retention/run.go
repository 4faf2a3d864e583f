package retention

import (
	"context"
	"errors"
	"math"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// Options is how a run goes.
type Options struct {
	// DryRun only says what would be done.
	DryRun bool
	// AcceptClock trusts the clock although it jumped.
	AcceptClock bool
}

// Report is what a run did for a tenant: its plan, in which a stretch that could not go says why.
type Report struct {
	Plan
	DryRun   bool
	Segments int
	Rows     int64
	Bytes    int64
	Faded    Faded
}

// Sweep is the job: it lets go what may go, of every tenant. One tenant's trouble does not keep the
// others from their turn.
func (k *Keeper) Sweep(ctx context.Context) error {
	var problems []error
	for _, t := range k.store.Tenants() {
		r, err := k.Run(ctx, t, Options{})
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if r.Suspended != "" {
			k.cfg.Log.Warn("retention: nothing was deleted", "reason", r.Suspended)
			continue
		}
		if r.Segments > 0 {
			k.cfg.Log.Info("retention: old events are gone", "segments", r.Segments,
				"rows", r.Rows, "bytes", r.Bytes, "before", r.Cutoff)
		}
		if f := r.Faded; f.Condensed+f.Removed > 0 {
			k.cfg.Log.Info("retention: old counts are of days only, or gone", "condensed", f.Condensed,
				"removed", f.Removed, "bytes", f.Freed)
		}
	}
	return errors.Join(problems...)
}

// Run lets go what may go of one tenant. It can be stopped at any time and run again.
func (k *Keeper) Run(ctx context.Context, t store.Tenant, o Options) (*Report, error) {
	k.run.Lock()
	defer k.run.Unlock()
	if !o.DryRun {
		if _, err := k.beat(ctx, o.AcceptClock); err != nil {
			return nil, err
		}
		if _, err := k.over(ctx); err != nil {
			return nil, err
		}
	}
	p, err := k.Plan(ctx, t)
	if err != nil {
		return nil, err
	}
	r := &Report{Plan: *p, DryRun: o.DryRun}
	for _, kind := range event.Kinds() {
		if err := k.check(ctx, t, kind, r); err != nil {
			return r, err
		}
		if o.DryRun {
			r.count(kind)
			continue
		}
		if r.Suspended != "" {
			continue
		}
		if err := k.drop(ctx, t, kind, r); err != nil {
			return r, err
		}
		if err := k.condense(ctx, t, kind, r); err != nil {
			return r, err
		}
	}
	if o.DryRun || r.Suspended != "" {
		return r, nil
	}
	return r, k.discard(ctx, r.Reports)
}

// check takes back the decision to drop what the cubes do not hold.
func (k *Keeper) check(ctx context.Context, t store.Tenant, kind event.Kind, r *Report) error {
	n := k.store.Snapshot(store.Range{Tenant: t, Kind: kind, From: math.MinInt64, To: math.MaxInt64})
	defer n.Release()
	for i := range r.Decisions {
		d := &r.Decisions[i]
		if d.Kind != kind || !d.Drop {
			continue
		}
		reason, err := k.held(ctx, n, d.Stretch)
		if err == nil && reason == "" && k.lake != nil {
			reason, err = k.lake.Holds(ctx, t, kind, d.From, d.Segment)
		}
		if err != nil {
			return err
		}
		k.note(d.Segment, reason != "")
		if reason != "" {
			d.Drop, d.Reason = false, reason
		}
	}
	return nil
}

// note remembers what could not go, and forgets what can.
func (k *Keeper) note(id store.SegmentID, refused bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if refused {
		k.refused[id] = true
	} else {
		delete(k.refused, id)
	}
}

// count adds up what would go.
func (r *Report) count(kind event.Kind) {
	for _, d := range r.Decisions {
		if d.Kind == kind && d.Drop {
			r.Segments++
			r.Rows += d.Rows
			r.Bytes += d.Bytes
		}
	}
}

// drop deletes the events of a kind that may go.
func (k *Keeper) drop(ctx context.Context, t store.Tenant, kind event.Kind, r *Report) error {
	if k.lake != nil {
		return k.release(ctx, t, kind, r)
	}
	for _, g := range ranges(kind, r.Decisions) {
		done, err := k.store.Drop(ctx, t, kind, g.from, g.to)
		r.Segments += done.Segments
		r.Rows += done.Rows
		r.Bytes += done.Bytes
		if err != nil {
			return err
		}
	}
	return nil
}

// release lets go what the archive holds.
func (k *Keeper) release(ctx context.Context, t store.Tenant, kind event.Kind, r *Report) error {
	var ids []store.SegmentID
	for _, d := range r.Decisions {
		if d.Kind == kind && d.Drop {
			ids = append(ids, d.Segment)
		}
	}
	done, err := k.lake.Drop(ctx, t, kind, ids)
	r.Segments += done.Segments
	r.Rows += done.Rows
	r.Bytes += done.Bytes
	return err
}

// Archive is the job: it archives every day that is due, of every tenant.
func (k *Keeper) Archive(ctx context.Context) error {
	if k.lake == nil {
		return k.err
	}
	var problems []error
	for _, t := range k.store.Tenants() {
		_, err := k.lake.Run(ctx, t)
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// archiveNow brings the archive of a tenant up to date after events were erased, so that files which
// have them go. A day that cannot be done yet is an error.
func (k *Keeper) archiveNow(ctx context.Context, t store.Tenant) error {
	if k.lake == nil {
		return k.err
	}
	days, err := k.lake.Run(ctx, t)
	for _, d := range days {
		if d.State == "waiting" && d.Files > 0 {
			err = errors.Join(err, fault.New(fault.Unavailable, "archive_waits", "%s of %s: %s", d.Type, d.Date, d.Reason))
		}
	}
	return err
}

// span is hours [from, to).
type span struct{ from, to event.Hour }

// ranges joins the stretches of a kind that go into ranges in which nothing stays: the store drops
// every whole segment of a range. Decisions are in the order of their hours.
func ranges(kind event.Kind, decisions []Decision) []span {
	var out []span
	for _, d := range decisions {
		if d.Kind != kind || !d.Drop {
			continue
		}
		if last := len(out) - 1; last >= 0 && d.From <= out[last].to {
			out[last].to = max(out[last].to, d.To)
		} else {
			out = append(out, span{d.From, d.To})
		}
	}
	var safe []span
	for _, g := range out {
		safe = append(safe, g.without(kind, decisions)...)
	}
	return safe
}

// without cuts a range at every segment inside it that stays, so that Drop does not take it along.
func (g span) without(kind event.Kind, decisions []Decision) []span {
	for _, d := range decisions {
		if d.Kind == kind && !d.Drop && d.State != Unsealed && g.from <= d.From && d.To <= g.to {
			var out []span
			if g.from < d.From {
				out = append(out, span{g.from, d.From}.without(kind, decisions)...)
			}
			if d.To < g.to {
				out = append(out, span{d.To, g.to}.without(kind, decisions)...)
			}
			return out
		}
	}
	return []span{g}
}
