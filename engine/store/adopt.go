package store

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// A store that was restored from a backup is older than the archive beside it: days of the archive hold other
// files than its segments name, and days that it never had. Adopt takes over what is there.

// Adoption says what there is of a UTC day outside the store, and what is known of it. Who calls has proved the
// files: it is the store's own later self that wrote them.
type Adoption struct {
	Files []Outside
	// Gone picks events that were erased, which come back from nowhere; nil if none were.
	Gone func(*event.Event) bool
	// Fewer says that of an hour events may be missing because they were erased; nil if none were.
	Fewer func(event.Hour) bool
	// Trust takes the files also where events are missing though nothing was erased, and strays that have
	// events nobody else has.
	Trust bool
	// Announce is told which hours lose events before they do, in order; nil if nobody wants to know.
	Announce func(ctx context.Context, hours []event.Hour) error
	// Dry only says what would be done. Events that are not sealed are left out of what it says.
	Dry bool
}

// AdoptReport says what an adoption did.
type AdoptReport struct {
	// Named are the files that segments name. The events of the others are in the store, or went.
	Named []SegmentID
	// Doubtful are strays with so many events that nobody else has. They were not taken.
	Doubtful map[SegmentID]int64
	// Before and After are the events that the day has by the catalog.
	Before, After int64
}

// Adopt makes a day, given by its first hour, what store and archive have together, each event once. An event
// is the same with the same id and time, and that of the file is the newer. Segments whose file is gone go: the
// files have their events, but for those that were erased since, or else the day is refused with
// fault.Conflict. So is one of which events were dropped for good that a file may have: nobody can tell them
// apart. Files whose events are all good are named by segments as they are, others are written into the store.
// Derived events are those of the file or, where it has more, those of the store, as a whole. Segments with
// their cubes, and the ledger, change in one transaction. Made again, it does nothing.
func (s *Store) Adopt(ctx context.Context, t Tenant, k event.Kind, day event.Hour, a Adoption) (AdoptReport, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	w := &adopting{s: s, sr: series{t, k}, first: day / hoursPerDay * hoursPerDay, Adoption: a,
		strayed: map[idTime]struct{}{}, report: AdoptReport{Doubtful: map[SegmentID]int64{}}}
	for _, o := range a.Files {
		c, err := w.examine(ctx, o)
		if err != nil {
			return AdoptReport{}, err
		}
		if w.files = append(w.files, c); c.Stray {
			w.files, w.strays = w.files[:len(w.files)-1], append(w.strays, c)
		}
	}
	if err := w.look(ctx); err != nil {
		return AdoptReport{}, err
	}
	if a.Dry {
		return w.report, nil
	}
	s.disk.look() // a day may be large, and the last look some time ago
	if err := s.disk.spare(0); err != nil {
		return AdoptReport{}, err
	}
	if err := w.carryOut(ctx); err != nil {
		return AdoptReport{}, errors.Join(err, s.sweep(ctx))
	}
	return w.report, s.sweep(ctx)
}

// adopting is an adoption on its way.
type adopting struct {
	s     *Store
	sr    series
	first event.Hour
	Adoption
	files, strays []*outside
	theirs, ours  eventSet            // events of files, and of the store's own segments
	strayed       map[idTime]struct{} // events of strays that were taken

	entries []*entry
	gone    []*entry // of the day that go, as they are
	cuts    []*entry // of which events go that files have
	lost    []*entry // of gone: their file is not there
	taken   []*outside
	report  AdoptReport
}

// look decides what becomes of each segment and each file. It changes nothing, but seals the day unless dry.
func (w *adopting) look(ctx context.Context) (err error) {
	if w.Dry {
		w.s.view.RLock()
		w.entries = w.s.catalog.spanning(w.sr, w.first, w.first+hoursPerDay)
		w.s.view.RUnlock()
	} else if w.entries, err = w.s.sealedDay(ctx, w.sr, w.first); err != nil {
		return err
	}
	for _, e := range w.entries {
		w.report.Before += int64(e.rows)
	}
	w.report.After = w.report.Before
	stay, forgotten := w.recognize()
	if w.sr.kind.Derived() {
		return w.wholly(ctx, stay)
	}
	for _, e := range stay {
		if err := w.overlap(ctx, e); err != nil {
			return err
		}
	}
	if err := errors.Join(w.recall(forgotten), w.complete()); err != nil {
		return err
	}
	return w.pick(ctx, stay)
}

// recognize finds the segments that name a file already, or whose own copy it is, and lists the others: those
// that have events, and those whose events were dropped for good.
func (w *adopting) recognize() (stay, forgotten []*entry) {
	for _, e := range w.entries {
		at := slices.IndexFunc(w.files, func(c *outside) bool {
			return c.ID == e.id && e.kept() && e.size == c.entry.size && slices.Equal(e.pieces, c.entry.pieces)
		})
		switch {
		case at >= 0 && w.files[at].gone == 0:
			w.files[at].named = true
			w.report.Named = append(w.report.Named, e.id)
		case at >= 0:
			w.drop(e)
		case e.kept():
			stay = append(stay, e)
		default:
			forgotten = append(forgotten, e)
		}
	}
	return stay, forgotten
}

// drop lets a segment go.
func (w *adopting) drop(e *entry) {
	w.gone = append(w.gone, e)
	w.report.After -= int64(e.rows)
}

// wholly takes the files for the segments of derived events, unless the store has more of them. They are not made
// again: the events that they were made of may be in the archive only, which is too far away for that.
func (w *adopting) wholly(ctx context.Context, stay []*entry) error {
	theirs, ours, here := int64(0), int64(0), false
	for _, c := range w.files {
		theirs += int64(c.entry.rows) - c.gone
	}
	for _, e := range w.entries {
		ours += int64(e.rows)
		here = here || slices.Contains(stay, e) && !e.dropped
	}
	if here && ours > theirs {
		return nil
	}
	for _, e := range w.entries {
		if !slices.Contains(w.report.Named, e.id) && !slices.Contains(w.gone, e) {
			w.drop(e)
		}
	}
	w.strays = nil
	return w.pick(ctx, nil)
}

// overlap looks for events of a segment that files have, or that were erased. One whose file is gone goes; so
// does one of which the archive lists the file no more: what nobody else has of it comes into the store.
func (w *adopting) overlap(ctx context.Context, e *entry) error {
	hits := int64(0)
	err := w.s.eachRow(ctx, e, func(ev *event.Event) error {
		there, err := w.inFile(ev)
		if there || w.goes(ev) {
			hits++
		}
		return err
	})
	switch {
	case err != nil && e.dropped && missing(err):
		w.drop(e)
		w.lost = append(w.lost, e)
	case err != nil:
		return err
	case hits > 0 || e.dropped:
		w.cuts = append(w.cuts, e)
		w.report.After -= hits
	}
	return nil
}

func (w *adopting) goes(ev *event.Event) bool { return w.Gone != nil && w.Gone(ev) }

// missing says of an error of reading a file of the archive that the file is gone, or is another one.
func missing(err error) bool {
	return fault.Of(err).Kind == fault.Damaged && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, errPiece))
}

// tallyOf adds up what entries have of each hour.
func tallyOf(entries []*entry) map[event.Hour]ledgerRow {
	out := map[event.Hour]ledgerRow{}
	for _, e := range entries {
		for _, h := range e.hours {
			was := out[h.hour]
			out[h.hour] = ledgerRow{was.rows + h.rows, was.sum + h.sum}
		}
	}
	return out
}

// offered is what files have of each hour that no segment names yet.
func (w *adopting) offered() map[event.Hour]ledgerRow {
	var entries []*entry
	for _, c := range w.files {
		if !c.named {
			entries = append(entries, c.entry)
		}
	}
	return tallyOf(entries)
}

// recall lets segments go whose events were dropped for good, and are in a file after all.
func (w *adopting) recall(forgotten []*entry) error {
	counted, offered := tallyOf(forgotten), w.offered()
	for _, e := range forgotten {
		here := slices.ContainsFunc(e.hours, func(h hourShare) bool { return offered[h.hour].rows > 0 })
		if !here {
			continue
		}
		for _, h := range e.hours {
			if counted[h.hour] != offered[h.hour] {
				return fault.New(fault.Conflict, "adopt_doubtful", "events of %s were let go for good, and a file has "+
					"events of that hour: whether they are the same nobody can tell; move the file away to keep the "+
					"counts as they are", hourText(h.hour))
			}
		}
		w.drop(e)
	}
	return nil
}

// complete refuses files that have fewer events than the segments whose file is gone, unless some were erased.
func (w *adopting) complete() error {
	offered := w.offered()
	for hour, was := range tallyOf(w.lost) {
		if offered[hour].rows < was.rows && !w.Trust && (w.Fewer == nil || !w.Fewer(hour)) {
			return fault.New(fault.Conflict, "adopt_doubtful", "the archive has %d of the %d events of %s, and nothing "+
				"was erased", offered[hour].rows, was.rows, hourText(hour))
		}
	}
	return nil
}

// pick decides which files are taken.
func (w *adopting) pick(ctx context.Context, stay []*entry) error {
	for _, c := range w.files {
		if c.named {
			continue
		}
		w.taken = append(w.taken, c)
		w.report.After += int64(c.entry.rows) - c.gone
		// A segment of the store that happens to have the number, and stays, has the file's name.
		same := func(e *entry) bool { return e.id == c.ID && !slices.Contains(w.gone, e) }
		if c.named = c.gone == 0 && !slices.ContainsFunc(w.entries, same); c.named {
			w.report.Named = append(w.report.Named, c.ID)
		}
	}
	for _, c := range w.strays {
		alone := int64(0)
		err := c.each(ctx, func(ev *event.Event, _ []byte) error {
			known, err := w.known(ev, stay)
			if err == nil && !known {
				alone++
			}
			return err
		})
		switch {
		case err != nil:
			return err
		case alone > 0 && !w.Trust:
			w.report.Doubtful[c.ID] = alone
		case alone > 0:
			w.taken = append(w.taken, c)
			w.report.After += alone
		}
	}
	return nil
}

// inFile says that a file has an event.
func (w *adopting) inFile(ev *event.Event) (bool, error) {
	return w.theirs.has(ev, func(add func([]event.IDKey, []event.Micros)) error {
		for _, c := range w.files {
			keys, times, err := c.file.IDs()
			if err != nil {
				return errOutside(c.ID, "cannot be read").Wrap(err)
			}
			add(keys, times)
		}
		return nil
	})
}

// known says of an event of a stray that a file or the store has it, or that it was erased.
func (w *adopting) known(ev *event.Event, stay []*entry) (bool, error) {
	if w.goes(ev) {
		return true, nil
	}
	there, err := w.inFile(ev)
	if err != nil || there {
		return there, err
	}
	return w.ours.has(ev, func(add func([]event.IDKey, []event.Micros)) error {
		for _, e := range stay {
			if slices.Contains(w.lost, e) {
				continue
			}
			f, err := w.s.segments.file(w.s, e)
			if err != nil {
				return err
			}
			keys, times, err := f.IDs()
			if err != nil {
				return errReading(e, err)
			}
			add(keys, times)
		}
		return nil
	})
}
