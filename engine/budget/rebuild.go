package budget

import (
	"context"
	"fmt"
	"slices"
	"time"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/store"
)

// Rebuild makes all sums from the store's rows. Calls go on meanwhile by the sums that were.
func (l *Ledger) Rebuild(ctx context.Context) error {
	l.building.Lock()
	defer l.building.Unlock()
	lines, snapshots, held := l.begin()
	fresh := map[*line]*line{}
	var err error
	for _, snap := range snapshots {
		if err == nil {
			err = read(ctx, snap, lines, fresh, held)
		}
		snap.Release()
	}
	l.fence.Lock()
	defer l.fence.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range lines {
		if f := fresh[n]; err == nil {
			l.replace(n, f)
		}
		n.logging, n.since = false, nil
	}
	if l.trouble = err; err != nil {
		l.doubt.Store(true)
		return fmt.Errorf("what was spent could not be added up: %w", err)
	}
	for key, stored := range held {
		if stored {
			l.drop(key)
		}
	}
	select {
	case <-l.ready:
	default:
		close(l.ready)
	}
	return nil
}

// begin takes the snapshots at a moment at which no body is half counted. From then on what is counted
// is also logged. held are the reservations whose rows may be in the snapshots.
func (l *Ledger) begin() (lines []*line, snapshots []*store.Snapshot, held map[holdKey]bool) {
	l.fence.Lock()
	defer l.fence.Unlock()
	l.doubt.Store(false)
	l.mu.Lock()
	defer l.mu.Unlock()
	_, l.epoch = l.house.Store.Version()
	now := l.house.Now().Add(-slack)
	from := map[store.Tenant]event.Micros{}
	for _, n := range l.lines {
		n.logging, n.since = true, nil
		lines = append(lines, n)
		first, _ := n.period.Window(now)
		n.next = event.MicrosOf(first)
		if at, known := from[n.tenant]; !known || n.next < at {
			from[n.tenant] = n.next
		}
	}
	for t, at := range from {
		snapshots = append(snapshots, l.house.Store.Snapshot(store.Range{
			Tenant: t, Kind: event.AIRequest, From: at, To: 1 << 62,
		}))
	}
	held = map[holdKey]bool{}
	for key := range l.held {
		held[key] = false
	}
	return lines, snapshots, held
}

// read adds up the rows of a snapshot, and notes which reservations have theirs.
func read(
	ctx context.Context, snap *store.Snapshot, lines []*line, fresh map[*line]*line, held map[holdKey]bool,
) error {
	var mine []*line
	for _, n := range lines {
		if n.tenant == snap.Range.Tenant {
			f := &line{period: n.period, by: n.by, scope: n.scope, cells: map[string]*cell{}}
			fresh[n] = f
			mine = append(mine, f)
		}
	}
	fields, used := []int{event.Timestamp, event.AICost}, dimensionsOf(mine)
	for _, d := range used {
		fields = append(fields, dimensions[d].field)
	}
	if len(held) > 0 {
		fields = append(fields, event.EventID)
	}
	var e event.Event
	var arena store.Arena
	var labels [len(dimensions)][]byte
	chunks := snap.Chunks()
	for i := range chunks {
		rec, err := chunks[i].ReadInto(ctx, &arena, fields)
		if err != nil {
			return err
		}
		rows := columns.NewRows(event.AIRequest, rec)
		for row := range int(rec.NumRows()) {
			rows.Event(&e, row)
			if e.Time() < snap.Range.From {
				continue
			}
			if len(held) > 0 {
				key := holdKey{snap.Range.Tenant, string(e.Text(event.EventID))}
				if _, waits := held[key]; waits {
					held[key] = true
				}
			}
			nano := event.NanoUSD(e.Int(event.AICost))
			if nano == 0 {
				continue
			}
			for _, d := range used {
				labels[d] = e.Text(dimensions[d].field)
			}
			for _, f := range mine {
				if c := f.group(&labels); c != nil {
					f.add(c, e.Time(), nano)
				}
			}
		}
		rec.Release()
	}
	return nil
}

// dimensionsOf are those that any of the lines looks at: each is a column to read.
func dimensionsOf(lines []*line) (used []int) {
	for d := range dimensions {
		of := func(p pattern) bool { return p.dimension == d }
		if slices.ContainsFunc(lines, func(n *line) bool {
			return slices.Contains(n.by, d) || slices.ContainsFunc(n.scope, of)
		}) {
			used = append(used, d)
		}
	}
	return used
}

// replace puts the fresh sums and what was counted since in the place of those that were. The caller
// holds fence and mu.
func (l *Ledger) replace(n, fresh *line) {
	for _, s := range n.since {
		fresh.add(fresh.cell(s.group), s.at, s.nano)
	}
	for group, was := range n.cells {
		if len(was.holds) > 0 || was.slowed.After(l.house.Now()) {
			c := fresh.cell(group)
			c.slowed = was.slowed
			for h, nano := range was.holds {
				c.holds[h] += nano
			}
		}
	}
	n.cells, n.counted, n.oldest = fresh.cells, true, n.next
}

// checkEvery is how long sums may lag behind rows that were rewritten or erased; rest keeps rebuilds to
// a twentieth of a core where they take long.
//
// slack is how far a clock may go back without anything being made again.
const (
	slack      = 2 * time.Minute
	checkEvery = time.Minute
	rest       = 20
)

// Run keeps the sums true until ctx ends: it makes them from the store at once, and again where they
// are in doubt, or where rows were changed or moved.
func (l *Ledger) Run(ctx context.Context) {
	for tick := time.NewTicker(checkEvery); ; {
		if l.stale() {
			start := time.Now()
			if err := l.Rebuild(ctx); err != nil && ctx.Err() == nil {
				l.house.Log.Error("budgets", "error", err)
			}
			pause := time.NewTimer(max(100*time.Millisecond, rest*time.Since(start)))
			select {
			case <-ctx.Done():
			case <-pause.C:
			}
			pause.Stop()
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		case <-l.nudged:
		}
	}
}

// stale reports whether the sums have to be made again.
func (l *Ledger) stale() bool {
	_, epoch := l.house.Store.Version()
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.house.Now()
	for _, n := range l.lines {
		if !n.knows(now) {
			return true
		}
	}
	return len(l.lines) > 0 && (l.doubt.Load() || epoch != l.epoch)
}
