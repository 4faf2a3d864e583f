package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"analytics/engine/columns"
	"analytics/engine/event"
)

// eventSet is which events there are of a day: 24 bytes each, while a day is adopted that has events on both
// sides. A day of ten million takes 240 MB.
type eventSet struct {
	all    []idTime // sorted
	loaded bool
}

// has says that an event is in the set, which load fills when it is asked first.
func (x *eventSet) has(ev *event.Event, load func(add func([]event.IDKey, []event.Micros)) error) (bool, error) {
	if !x.loaded {
		err := load(func(keys []event.IDKey, times []event.Micros) {
			for i, k := range keys {
				x.all = append(x.all, idTime{k, times[i]})
			}
		})
		if err != nil {
			return false, err
		}
		slices.SortFunc(x.all, compareEvents)
		x.loaded = true
	}
	return x.holds(idOf(ev)), nil
}

func (x *eventSet) holds(id idTime) bool {
	_, there := slices.BinarySearchFunc(x.all, id, compareEvents)
	return there
}

func idOf(ev *event.Event) idTime { return idTime{event.KeyOf(ev.Text(event.EventID)), ev.Time()} }

func compareEvents(a, b idTime) int {
	return cmp.Or(cmp.Compare(a.at, b.at), slices.Compare(a.key[:], b.key[:]))
}

// eachRow calls f with every event of a segment.
func (s *Store) eachRow(ctx context.Context, e *entry, f func(*event.Event) error) error {
	var ev event.Event
	for g := range e.groups {
		rec, err := s.readGroup(ctx, nil, e, g, nil)
		if err != nil {
			return err
		}
		rows := columns.NewRows(e.place.kind, rec)
		for i := range int(rec.NumRows()) {
			rows.Event(&ev, i)
			if err = f(&ev); err != nil {
				break
			}
		}
		rec.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

// carryOut does what was decided.
func (w *adopting) carryOut(ctx context.Context) error {
	var fresh []*entry
	err := w.prepare(ctx, func(e *entry) {
		if e != nil {
			fresh = append(fresh, e)
		}
	})
	old := append(slices.Clone(w.gone), w.cuts...)
	if err != nil || len(old)+len(fresh) == 0 {
		return w.undo(fresh, err)
	}
	if err := w.tell(ctx, old, fresh); err != nil {
		return w.undo(fresh, err)
	}
	w.s.cfg.Failpoint("adopt.before")
	err = w.s.exchange(ctx, old, fresh, func() (map[place]ledgerRow, error) { return w.s.ledgersMoved(old, fresh) })
	w.s.cfg.Failpoint("adopt.after")
	if err != nil {
		return w.undo(fresh, err)
	}
	w.report.After = w.report.Before
	for _, e := range old {
		w.report.After -= int64(e.rows)
	}
	for _, e := range fresh {
		w.report.After += int64(e.rows)
	}
	w.s.retireAll(old)
	return nil
}

// prepare writes what is to be there, which nobody sees yet: what is left of segments, the blocks of files that
// are named, and segments of the events of others.
func (w *adopting) prepare(ctx context.Context, add func(*entry)) error {
	if len(w.cuts)+len(w.taken) > 0 {
		if err := w.s.raise(readerOf(w.sr.kind, 1)); err != nil {
			return err
		}
	}
	for _, e := range w.cuts {
		var bad error
		r, err := w.s.without(ctx, e, func(ev *event.Event) bool {
			there, err := w.inFile(ev)
			bad = errors.Join(bad, err)
			return there || w.goes(ev)
		})
		add(r.left)
		if err = errors.Join(err, bad); err != nil {
			return err
		}
	}
	for _, c := range w.taken {
		var e *entry
		var err error
		switch {
		case c.named:
			e, err = w.name(ctx, c)
		case c.Stray:
			e, err = w.write(ctx, c, w.stray())
		default:
			e, err = w.write(ctx, c, w.goes)
		}
		if add(e); err != nil {
			return err
		}
	}
	return nil
}

// stray says which events of strays go: what somebody has, and what an earlier stray had.
func (w *adopting) stray() func(*event.Event) bool {
	return func(ev *event.Event) bool {
		if w.goes(ev) {
			return true
		}
		id := idOf(ev)
		_, there := w.strayed[id]
		w.strayed[id] = struct{}{}
		return there || w.theirs.holds(id) || w.ours.holds(id)
	}
}

// tell announces the hours that have fewer events than before, or others.
func (w *adopting) tell(ctx context.Context, old, fresh []*entry) error {
	if w.Announce == nil {
		return nil
	}
	before, after := tallyOf(old), tallyOf(fresh)
	var hours []event.Hour
	for hour, was := range before {
		if is := after[hour]; is.rows <= was.rows && is != was {
			hours = append(hours, hour)
		}
	}
	if len(hours) == 0 {
		return nil
	}
	slices.Sort(hours)
	return w.Announce(ctx, hours)
}

// undo leaves to the sweep what was written and nobody sees. A segment that is named has no pieces: those under
// its number, if there are any, are another's.
func (w *adopting) undo(fresh []*entry, err error) error {
	for _, e := range fresh {
		w.s.garbage.add(segmentKey(spaceBlock, e.place, e.blocksAt))
		if !e.dropped {
			w.s.garbage.add(segmentKey(spacePiece, e.place, e.id))
		}
	}
	return err
}
