package store

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/fault"
)

// Purge says which events go for good.
type Purge struct {
	// Match picks the events. It must say the same of an event whenever it is asked.
	Match func(*event.Event) bool
	// Fields are those that Match looks at, besides the timestamp; nil means all of them. A segment of
	// which no event matches is not read further.
	Fields []int
	// Announce is told which hours lose events before they do, in order; nil if nobody wants to know.
	Announce func(ctx context.Context, hours []event.Hour) error
	// Prune takes the same out of a block of a segment whose events are gone already; nil if there is
	// nothing of it in the block. Without Prune such blocks stay as they are.
	Prune func(cube uint8, block []byte) ([]byte, error)
}

// PurgeReport says what a purge did.
type PurgeReport struct {
	Segments int   // that lost events
	Erased   int64 // events
	Pruned   int   // segments whose events were gone, and whose blocks lost cells
}

// Purge removes events of a UTC day, given by its first hour, that a Purge picks, from the journal, the
// segments and the archive. The segments that are left, with their cubes, and the ledger change in one
// transaction: after a crash all of the day's events are there or all that match are gone. What was in
// the archive is in the store again until it is archived anew; the archive drops files that no segment
// names. Events of segments that were dropped for good are in nothing but blocks, which are pruned; so are
// those of which the archive has lost the file. One that is damaged or out of reach is an error: somebody
// may be in it.
func (s *Store) Purge(
	ctx context.Context, t Tenant, k event.Kind, day event.Hour, p Purge,
) (PurgeReport, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	var report PurgeReport
	entries, err := s.sealedDay(ctx, series{t, k}, day/hoursPerDay*hoursPerDay)
	if err != nil {
		return report, err
	}
	var old, left []*entry
	var hours []event.Hour
	for _, e := range entries {
		var cut remains
		gone := e.dropped && !s.archived(e)
		if !gone {
			cut, err = s.cut(ctx, e, p)
			gone = e.dropped && errors.Is(err, fs.ErrNotExist)
		}
		if gone {
			var pruned int
			pruned, err = s.prune(ctx, e, p)
			report.Pruned += pruned
		}
		if err != nil {
			return report, s.unwrite(ctx, left, err)
		}
		if cut.erased == 0 {
			continue
		}
		old, hours = append(old, e), append(hours, cut.hours...)
		report.Erased += cut.erased
		if cut.left != nil {
			left = append(left, cut.left)
		}
	}
	if len(old) == 0 {
		return report, s.sweep(ctx)
	}
	if p.Announce != nil {
		slices.Sort(hours)
		if err := p.Announce(ctx, slices.Compact(hours)); err != nil {
			return PurgeReport{}, s.unwrite(ctx, left, err)
		}
	}
	s.cfg.Failpoint("purge.before")
	err = s.exchange(ctx, old, left, func() (map[place]ledgerRow, error) { return s.ledgersMoved(old, left) })
	s.cfg.Failpoint("purge.after")
	if err != nil {
		return PurgeReport{}, s.unwrite(ctx, left, err)
	}
	s.retireAll(old)
	report.Segments = len(old)
	return report, s.sweep(ctx)
}

// remains is what a purge leaves of a segment.
type remains struct {
	left   *entry // nil if nothing is left
	erased int64
	hours  []event.Hour // that lose events
}

// cut writes a segment without the events of another that match, which nobody sees yet.
func (s *Store) cut(ctx context.Context, e *entry, p Purge) (r remains, err error) {
	if there, err := s.matches(ctx, e, p); err != nil || !there {
		return r, err
	}
	return s.without(ctx, e, p.Match)
}

// without is cut for who knows that there is something to cut, or wants the segment anew.
func (s *Store) without(ctx context.Context, e *entry, goes func(*event.Event) bool) (remains, error) {
	read := func(g int) (arrow.Record, error) { return s.readGroup(ctx, nil, e, g, nil) }
	return s.writeLeft(ctx, e.place.series, len(e.groups), read, goes)
}

// writeLeft writes a segment of row groups without the events that go, which nobody sees yet.
func (s *Store) writeLeft(
	ctx context.Context, sr series, groups int, read func(int) (arrow.Record, error), goes func(*event.Event) bool,
) (r remains, err error) {
	var slabs [][]byte
	var hours []hourShare
	var ev event.Event
	for g := range groups {
		rec, err := read(g)
		if err != nil {
			return r, err
		}
		rows := columns.NewRows(sr.kind, rec)
		var slab []byte
		for i := range int(rec.NumRows()) {
			rows.Event(&ev, i)
			if goes(&ev) {
				r.erased++
				if hour := ev.Time().Hour(); !slices.Contains(r.hours, hour) { // 24 at most, in order
					r.hours = append(r.hours, hour)
				}
				continue
			}
			start := len(slab)
			slab = ev.AppendRow(slab)
			hours = share(hours, ev.Time().Hour(), rowHash(slab[start:]))
		}
		rec.Release()
		if len(slab) > 0 {
			slabs = append(slabs, slab)
		}
	}
	if len(slabs) == 0 {
		return r, nil
	}
	rec, err := columns.Sorted(sr.kind, slabs)
	if err != nil {
		return r, fault.New(fault.Internal, "purge", "cannot write what is left of a segment").Wrap(err)
	}
	first, last := hours[0].hour, hours[len(hours)-1].hour+1
	r.left, err = s.writeSegment(ctx, place{sr, first}, last, rec, hours)
	return r, err
}

// matches reports whether any event of a segment is to go.
func (s *Store) matches(ctx context.Context, e *entry, p Purge) (bool, error) {
	fields := slices.Clone(p.Fields)
	if fields != nil {
		fields = append(fields, event.Timestamp)
		slices.Sort(fields)
	}
	for g := range e.groups {
		rec, err := s.readGroup(ctx, nil, e, g, slices.Compact(fields))
		if err != nil {
			return false, err
		}
		there := anyRow(e.place.kind, rec, p.Match)
		rec.Release()
		if there {
			return true, nil
		}
	}
	return false, nil
}

func anyRow(k event.Kind, rec arrow.Record, match func(*event.Event) bool) bool {
	rows := columns.NewRows(k, rec)
	var ev event.Event
	for i := range int(rec.NumRows()) {
		rows.Event(&ev, i)
		if match(&ev) {
			return true
		}
	}
	return false
}

// prune takes out of a segment's blocks what a purge says, and counts 1 if there was any.
func (s *Store) prune(ctx context.Context, e *entry, p Purge) (int, error) {
	if p.Prune == nil {
		return 0, nil
	}
	var blocks []Block
	changed := 0
	for i := range e.blocks {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		data, err := s.readBlockRef(e, &e.blocks[i])
		if err != nil {
			return 0, errReading(e, err)
		}
		pruned, err := p.Prune(e.blocks[i].cube, data)
		if err != nil {
			return 0, err
		}
		if pruned != nil {
			data, changed = pruned, 1
		}
		blocks = append(blocks, Block{Cube: e.blocks[i].cube, Data: data})
	}
	if changed == 0 {
		return 0, nil
	}
	return 1, s.reblock(e, blocks)
}

// ledgersMoved is the ledger of the hours of entries with others in their places.
func (s *Store) ledgersMoved(old, fresh []*entry) (map[place]ledgerRow, error) {
	rows := map[place]ledgerRow{}
	at := func(p place) (ledgerRow, error) {
		if row, ok := rows[p]; ok {
			return row, nil
		}
		part := &partition{place: p}
		if live := s.head.find(p); live != nil {
			part = live
		}
		err := s.loadLedger(part)
		return part.ledger, err
	}
	for _, o := range old {
		for _, h := range o.hours {
			p := place{o.place.series, h.hour}
			row, err := at(p)
			if err != nil {
				return nil, err
			}
			rows[p] = ledgerRow{row.rows - h.rows, row.sum - h.sum}
		}
	}
	for _, n := range fresh {
		for _, h := range n.hours {
			p := place{n.place.series, h.hour}
			row, err := at(p)
			if err != nil {
				return nil, err
			}
			rows[p] = ledgerRow{row.rows + h.rows, row.sum + h.sum}
		}
	}
	return rows, nil
}
