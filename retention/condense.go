package retention

import (
	"context"
	"errors"
	"math"
	"slices"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/rollup"
)

// Faded says what became of counts.
type Faded struct {
	Condensed int   // segments whose hours became days
	Removed   int   // segments whose days went
	Freed     int64 // bytes
}

// add counts what a condensing did.
func (f *Faded) add(r store.CellReport, removed bool) {
	if removed {
		f.Removed += r.Segments
	} else {
		f.Condensed += r.Segments
	}
	f.Freed += r.Before - r.After
}

// cellStretches lists the cells there are of a kind whose events are not in the store.
func (k *Keeper) cellStretches(t store.Tenant, kind event.Kind) ([]Stretch, error) {
	n := k.store.Snapshot(store.Range{Tenant: t, Kind: kind, From: math.MinInt64, To: math.MaxInt64})
	defer n.Release()
	var out []Stretch
	for _, g := range n.Segments() {
		bytes := g.CellBytes()
		if !g.RawDropped && !g.Archived() || bytes == 0 {
			continue
		}
		s := Stretch{What: Hours, Kind: kind, From: g.From, To: g.To, Rows: int64(g.Rows), Bytes: bytes, Segment: g.ID}
		if g.Daily {
			s.What = Days
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, nil
	}
	hours, err := k.store.Ledger(t, kind, 0, math.MaxUint32)
	if err != nil {
		return nil, err
	}
	late := map[event.Hour]bool{}
	for _, h := range hours {
		if h.Rows != h.Sealed+h.Head {
			doubt(out, h.Hour)
		}
		late[h.Hour/24] = late[h.Hour/24] || h.Head > 0
	}
	for i := range out {
		if out[i].State == Sealed && late[out[i].From/24] {
			out[i].State = Unsealed
		}
	}
	return out, nil
}

// condense does what is decided about the cells of a kind, a UTC day at a time.
func (k *Keeper) condense(ctx context.Context, t store.Tenant, kind event.Kind, r *Report) error {
	n := k.store.Snapshot(store.Range{Tenant: t, Kind: kind, From: math.MinInt64, To: math.MaxInt64})
	defer n.Release()
	segments := map[store.SegmentID]store.Segment{}
	for _, g := range n.Segments() {
		segments[g.ID] = g
	}
	days, at := cellDays(kind, r.Cells), 0
	for _, day := range days {
		if err := k.condenseDay(ctx, n, segments, day, &r.Faded); err != nil {
			return err
		}
		if at++; at%sweepAfter == 0 {
			if err := k.store.Sweep(ctx); err != nil {
				return err
			}
		}
	}
	if len(days) == 0 {
		return nil
	}
	return k.store.Sweep(ctx)
}

// sweepAfter so many days the room is given back, which holds up commits for some 40 ms.
const sweepAfter = 32

// cellDays gathers the decisions about the cells of a kind that do something, by their days.
func cellDays(kind event.Kind, decisions []Decision) (days [][]*Decision) {
	at := map[event.Hour]int{}
	for i := range decisions {
		d := &decisions[i]
		if d.Kind != kind || !d.Drop {
			continue
		}
		j, ok := at[d.From/24]
		if !ok {
			j, at[d.From/24], days = len(days), len(days), append(days, nil)
		}
		days[j] = append(days[j], d)
	}
	for j, day := range days { // days that are there already become one with the hours that become days
		if day[0].What == Days {
			continue
		}
		for i := range decisions {
			d := &decisions[i]
			if d.Kind == kind && !d.Drop && d.What == Days && d.From/24 == day[0].From/24 {
				days[j] = append(days[j], d)
			}
		}
	}
	return days
}

// condenseDay does what is decided about a day. What could not be done says why.
func (k *Keeper) condenseDay(
	ctx context.Context, n *store.Snapshot, segments map[store.SegmentID]store.Segment, day []*Decision, f *Faded,
) error {
	var segs []store.Segment
	for _, d := range day {
		if g, ok := segments[d.Segment]; ok {
			segs = append(segs, g)
		}
	}
	var err error
	if day[0].What == Hours {
		var done store.CellReport
		done, err = rollup.Condense(ctx, k.store, n, segs, k.cfg.Zone)
		f.add(done, false)
	} else {
		err = k.removeDay(ctx, segs, f)
	}
	kind := fault.Of(err).Kind
	if err == nil || ctx.Err() != nil || kind != fault.Conflict && kind != fault.Damaged {
		return errors.Join(err, ctx.Err())
	}
	for _, d := range day {
		d.Drop, d.Reason = false, "it stays for now: "+fault.Of(err).Message
	}
	return nil
}

// removeDay removes the cells of segments, of which those without an archive become one.
func (k *Keeper) removeDay(ctx context.Context, segs []store.Segment, f *Faded) error {
	var groups [][]store.Segment
	alone := slices.DeleteFunc(slices.Clone(segs), func(g store.Segment) bool { return !g.Archived() })
	for i := range alone {
		groups = append(groups, alone[i:i+1])
	}
	if rest := slices.DeleteFunc(segs, func(g store.Segment) bool { return g.Archived() }); len(rest) > 0 {
		groups = append(groups, rest)
	}
	for _, g := range groups {
		done, err := k.store.Condense(ctx, g, nil)
		f.add(done, true)
		if err != nil {
			return err
		}
	}
	return nil
}
