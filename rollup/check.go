package rollup

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// Scope is what a check or a rebuild is of.
type Scope struct {
	Tenant store.Tenant
	// Kinds, all of them if empty.
	Kinds []event.Kind
	// From and To are hours: [From, To).
	From, To event.Hour
}

// Report is what a check found, and what a rebuild did.
type Report struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	DryRun bool      `json:"dry_run"`
	// Hours are those of one kind each whose cells were compared with their events.
	Hours int `json:"hours"`
	// Cells is how many were compared, of all cubes.
	Cells int `json:"cells"`
	// Unproven hours have cells whose events are gone: nothing is left to compare them with.
	Unproven int `json:"hours_without_events"`
	// Differences are hours of a cube that were not what their events give; Found is how many there
	// are, the list ends at maxDifferences.
	Found       int          `json:"differences_found"`
	Differences []Difference `json:"differences"`
	// Older is how many blocks of segments an older program made, or one for another reporting zone: they
	// were not compared, and what they lack is counted from events until they are made again.
	Older int `json:"blocks_of_older_definitions,omitempty"`
	// Segments and Days are whose cells a rebuild made anew.
	Segments int `json:"segments_rebuilt"`
	Days     int `json:"days_dropped"`
}

// Difference is an hour of a cube that is not what its events give.
type Difference struct {
	Type string    `json:"type"`
	Cube string    `json:"cube"`
	Hour time.Time `json:"hour"`
	What string    `json:"what"`
}

const maxDifferences = 100

// Check compares the cells of sealed hours with what their events give: every cube, hour and
// measure; and stored sessions with those that their events give.
func (m *Mill) Check(ctx context.Context, scope Scope) (*Report, error) {
	r := newReport(scope)
	r.DryRun = true
	for _, kind := range kindsOf(scope) {
		if err := m.checkKind(ctx, scope, kind, r); err != nil {
			return nil, err
		}
		if kind == event.Session {
			if err := m.checkSessions(ctx, scope, r); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

// Err is nil if there were no differences, and otherwise says how to make them go away.
func (r *Report) Err() error {
	if r.Found == 0 {
		return nil
	}
	d := r.Differences[0]
	return fault.New(fault.Damaged, "rollup_differs",
		"%d hours of cubes are not what their events give; the first: %s of %s, %s. Make them anew "+
			"with `analytics rollup rebuild`", r.Found, d.Cube, d.Hour.Format(time.RFC3339), d.What)
}

func newReport(s Scope) *Report {
	return &Report{From: s.From.Start().Time(), To: s.To.Start().Time(), Differences: []Difference{}}
}

func kindsOf(s Scope) []event.Kind {
	if len(s.Kinds) == 0 {
		return event.Kinds()
	}
	return s.Kinds
}

// checkKind goes day by day, so that memory holds a day's events at most.
func (m *Mill) checkKind(ctx context.Context, s Scope, kind event.Kind, r *Report) error {
	days, err := m.daysWithRows(s, kind)
	for _, d := range days {
		if err := m.checkHours(ctx, s.Tenant, kind, d.from, d.to, r); err != nil {
			return err
		}
	}
	return err
}

// hours is a stretch of them: [from, to).
type hours struct{ from, to event.Hour }

// daysWithRows cuts the scope into UTC days, of which it leaves out those without sealed rows.
func (m *Mill) daysWithRows(s Scope, kind event.Kind) ([]hours, error) {
	const day = 24
	rows, err := m.Store.Ledger(s.Tenant, kind, s.From, s.To)
	if err != nil {
		return nil, err
	}
	var out []hours
	for _, l := range rows {
		first := l.Hour / day * day
		if n := len(out); n > 0 && out[n-1].from/day == l.Hour/day {
			out[n-1].to = min(first+day, s.To)
		} else if l.Sealed > 0 || l.Dropped {
			out = append(out, hours{max(first, s.From), min(first+day, s.To)})
		}
	}
	return out, nil
}

// checkHours compares all cubes of a kind for some hours.
func (m *Mill) checkHours(
	ctx context.Context, t store.Tenant, kind event.Kind, from, to event.Hour, r *Report,
) error {
	n := m.Store.Snapshot(store.Range{Tenant: t, Kind: kind, From: from.Start(), To: to.Start()})
	defer n.Release()
	gone := map[event.Hour]bool{}
	days := map[store.SegmentID]bool{} // of which there are no hours to compare
	var segments []store.Segment
	for _, s := range n.Segments() {
		switch {
		case s.RawDropped:
			for h := max(s.From, from); h < min(s.To, to); h++ {
				gone[h] = true
			}
		case s.Daily:
			days[s.ID] = true
			if err := m.checkCondensed(ctx, n, &s, r); err != nil {
				return err
			}
		default:
			segments = append(segments, s)
		}
	}
	r.Unproven += len(gone)
	var recs []sealed
	defer func() {
		for _, rec := range recs {
			rec.Release()
		}
	}()
	for _, c := range n.SealedChunks() {
		if days[c.Segment] {
			continue
		}
		rec, err := c.Read(ctx, nil)
		if err != nil {
			return err
		}
		recs = append(recs, sealed{rec, c.Segment})
	}
	checked := map[event.Micros]bool{}
	for _, c := range cube.Cubes(kind) {
		if err := m.checkCube(ctx, n, segments, recs, c, checked, r); err != nil {
			return err
		}
	}
	r.Hours += len(checked)
	return nil
}

// sealed is events of a segment.
type sealed struct {
	arrow.Record
	segment store.SegmentID
}

// checkCube compares one cube: first as a whole, and hour by hour only if that differs.
func (m *Mill) checkCube(
	ctx context.Context, n *store.Snapshot, segments []store.Segment, recs []sealed,
	c cube.Cube, checked map[event.Micros]bool, r *Report,
) error {
	from, to := n.Range.From, n.Range.To
	spec := cube.Spec{Kind: c.Kind, Dims: c.Dims, Measures: c.Measures, Grain: time.Hour}
	cells, err := cube.NewTable(spec)
	if err != nil {
		return err
	}
	var missing []store.Segment
	older := map[store.SegmentID]bool{}
	for i := range segments {
		data, err := n.Block(ctx, &segments[i], c.ID)
		if err == nil && data != nil {
			err = cells.AddBlock(data, from, to)
		}
		switch kind := fault.Of(err).Kind; {
		case err == nil && data == nil || errors.Is(err, cube.ErrLacks):
			older[segments[i].ID] = true
			r.Older++
		case err != nil && kind == fault.Damaged:
			missing = append(missing, segments[i])
		case err != nil:
			return err
		}
	}
	raw, err := cube.NewTable(spec)
	if err != nil {
		return err
	}
	for _, rec := range recs {
		if older[rec.segment] {
			continue
		}
		if err := raw.Add(rec.Record, from, to); err != nil {
			return err
		}
	}
	r.Cells += cells.Len()
	for g := range raw.Len() {
		checked[raw.Time(g)] = true
	}
	for _, s := range missing {
		for h := max(s.From, from.Hour()); h < min(s.To, to.Hour()); h++ {
			r.note(c, h.Start(), "a segment has no block of it that can be read")
		}
	}
	if len(missing) > 0 {
		return nil
	}
	return r.compare(c, cells, raw)
}

// compare notes the hours in which the cells are not the raw table's. Of a folded cube only the
// sums of an hour can be compared: which cells are small differs from segment to segment.
func (r *Report) compare(c cube.Cube, cells, raw *cube.Table) (err error) {
	if cells.Folded() {
		if cells, err = cells.Regroup(nil, true); err != nil {
			return err
		}
		if raw, err = raw.Regroup(nil, true); err != nil {
			return err
		}
		cells = cells.Unfolded()
	}
	a, b := cells.Encode(), raw.Encode()
	if bytes.Equal(a, b) {
		return nil
	}
	times := map[event.Micros]bool{}
	for _, t := range []*cube.Table{cells, raw} {
		for g := range t.Len() {
			times[t.Time(g)] = true
		}
	}
	hour := event.Micros(time.Hour / time.Microsecond)
	for at := range times {
		have, want, err := twoOf(raw.Spec(), a, b, at, at+hour)
		if err != nil {
			return err
		}
		if !bytes.Equal(have.Encode(), want.Encode()) {
			r.note(c, at, "cells differ from events")
		}
	}
	slices.SortStableFunc(r.Differences, func(x, y Difference) int { return x.Hour.Compare(y.Hour) })
	return nil
}

// twoOf cuts the same hour out of two blocks.
func twoOf(spec cube.Spec, a, b []byte, from, to event.Micros) (x, y *cube.Table, err error) {
	if x, err = cube.NewTable(spec); err != nil {
		return nil, nil, err
	}
	if y, err = cube.NewTable(spec); err != nil {
		return nil, nil, err
	}
	if err = x.AddBlock(a, from, to); err != nil {
		return nil, nil, err
	}
	return x, y, y.AddBlock(b, from, to)
}

func (r *Report) note(c cube.Cube, at event.Micros, what string) {
	r.Found++
	if len(r.Differences) < maxDifferences {
		r.Differences = append(r.Differences,
			Difference{c.Kind.String(), c.Name, at.Time(), what})
	}
}
