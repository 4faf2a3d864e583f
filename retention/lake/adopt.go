package lake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/plural"
	"analytics/engine/store"
)

// Erased is what is known of erasures of a tenant.
type Erased struct {
	// Gone picks the events of a kind that were erased, nil if none were.
	Gone func(event.Kind) func(*event.Event) bool
	// Fewer says that of an hour events may have been erased; nil if none were.
	Fewer func(event.Kind, event.Hour) bool
	// All is when everything was erased, zero if it never was.
	All time.Time
}

// Adoption is how a store takes over what its former self archived.
type Adoption struct {
	Erased
	// Trust takes over also what nothing proves to be the store's own, and days with events missing.
	Trust bool
	// DryRun only says what would be done.
	DryRun bool
	// Link has activities go openly, as audit.Trail.Erase does; nil without a trail.
	Link func(ctx context.Context, purge func(func(context.Context, []event.Hour) error) error) error
	// Progress is told of days; nil if nobody wants to know.
	Progress func(done, days int)
}

// Adopted is what became of the days of the archive.
type Adopted struct {
	Looked int     `json:"days"` // the archive has
	Days   []Taken `json:"taken"`
	DryRun bool    `json:"dry_run"`
}

// Taken is a day that was not as the store knew it.
type Taken struct {
	Type   string `json:"type"`
	Date   string `json:"date"`
	State  string `json:"state"` // adopted, erased, refused, failed
	Before int64  `json:"before"`
	Events int64  `json:"events"` // since then
	Files  int    `json:"files"`  // that are read where they are; the events of others are in the store now
	Reason string `json:"reason,omitempty"`
}

// meanwhile is how long an erasure of everything may take.
const meanwhile = 10 * time.Minute

// Count is how many days have a state.
func (a *Adopted) Count(states ...string) (n int) {
	for _, d := range a.Days {
		if slices.Contains(states, d.State) {
			n++
		}
	}
	return n
}

// Events is how many events the days that were adopted have, and had before.
func (a *Adopted) Events() (now, before int64) {
	for _, d := range a.Days {
		if d.State == "adopted" {
			now, before = now+d.Events, before+d.Before
		}
	}
	return now, before
}

// Adopt takes over what the archive has of a tenant, and the store does not know of: files of a day that it
// knows in other ones, and days that it never had. It can be stopped at any time and run again. One day's trouble
// does not keep the others from their turn: it is in the report.
func (l *Lake) Adopt(ctx context.Context, t store.Tenant, a Adoption) (*Adopted, error) {
	l.run.Lock()
	defer l.run.Unlock()
	if err := l.tidy(); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	self, err := Identify(ctx, l.store)
	if err != nil {
		return nil, err
	}
	days, err := l.survey(ctx, t)
	if err != nil {
		return nil, err
	}
	mine := lineageOf(self, days)
	out := &Adopted{Looked: len(days), Days: []Taken{}, DryRun: a.DryRun}
	for i, d := range days {
		if a.Progress != nil {
			a.Progress(i, len(days))
		}
		if d.settled() {
			continue
		}
		taken := Taken{Type: d.kind.String(), Date: d.date(), State: "adopted"}
		err := l.takeOver(ctx, d, mine, &a, &taken)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		if err != nil {
			taken.State, taken.Reason = "failed", fault.Of(err).Message
			if fault.Of(err).Kind == fault.Conflict {
				taken.State = "refused"
			}
		}
		out.Days = append(out.Days, taken)
	}
	if a.Progress != nil {
		a.Progress(len(days), len(days))
	}
	return out, l.forgetDays(ctx, t, out)
}

// forgetDays clears the cells of days, which the next daily_rollup makes again.
func (l *Lake) forgetDays(ctx context.Context, t store.Tenant, done *Adopted) error {
	if done.DryRun || done.Count("adopted", "erased") == 0 {
		return nil
	}
	return l.store.Shelf(t, "days").Clear(ctx)
}

// takeOver takes over a day.
func (l *Lake) takeOver(ctx context.Context, d *found, mine lineage, a *Adoption, taken *Taken) error {
	l.cfg.Failpoint("adopt.begin")
	if err := d.refused(); err != nil {
		// Where nothing is left at all the archive must be there for certain, or else a folder that is not
		// mounted would have all days be gone.
		if d.listed || !a.Trust || !a.All.IsZero() || len(d.names) == 0 && !mine.there {
			return err
		}
	}
	if d.listed && !mine.names[d.manifest.Store] && !a.Trust {
		return fault.New(fault.Conflict, "adopt_doubtful", "nothing proves that this store wrote the files; if you know "+
			"that it did, say --trust")
	}
	if !a.All.IsZero() && d.listed {
		switch since := d.manifest.At.Sub(a.All); {
		case since < 0:
			return l.forget(ctx, d, a, taken)
		case since < meanwhile && !a.Trust:
			return fault.New(fault.Conflict, "adopt_doubtful", "it was archived while everything was erased: whether it is "+
				"of before or after nobody can tell; --trust takes it over, or remove the folder")
		}
	}
	files, done, err := l.fetch(ctx, d)
	defer done()
	if err != nil {
		return err
	}
	l.cfg.Failpoint("adopt.proved")
	want := store.Adoption{Files: files, Trust: a.Trust && a.All.IsZero(), Dry: a.DryRun}
	if a.Gone != nil {
		want.Gone = a.Gone(d.kind)
	}
	if a.Fewer != nil {
		want.Fewer = func(h event.Hour) bool { return a.Fewer(d.kind, h) }
	}
	report, err := l.adopt(ctx, d, want, a)
	taken.Before, taken.Events, taken.Files = report.Before, report.After, len(report.Named)
	if err != nil || a.DryRun {
		taken.Reason = doubt(d, report)
		return err
	}
	l.cfg.Failpoint("adopt.taken")
	taken.Reason = doubt(d, report)
	return l.know(ctx, d, report)
}

// adopt has the store take over the files, and activities go openly.
func (l *Lake) adopt(ctx context.Context, d *found, want store.Adoption, a *Adoption) (r store.AdoptReport, err error) {
	if d.kind != event.Activity || a.Link == nil || a.DryRun {
		return l.store.Adopt(ctx, d.tenant, d.kind, d.day, want)
	}
	err = a.Link(ctx, func(announce func(context.Context, []event.Hour) error) error {
		want.Announce = announce
		r, err = l.store.Adopt(ctx, d.tenant, d.kind, d.day, want)
		return err
	})
	return r, err
}

// doubt says which files were left alone, and why.
func doubt(d *found, r store.AdoptReport) string {
	if ids := slices.Sorted(maps.Keys(r.Doubtful)); len(ids) > 0 {
		id, n := ids[0], r.Doubtful[ids[0]]
		return fmt.Sprintf("%s is in no manifest and has %s that nobody else has; --trust takes them over", d.file(id),
			plural.Of(n, "event", "events"))
	}
	for _, name := range d.names {
		if _, ok := d.segment(name); !ok {
			return fmt.Sprintf("no segment has a file %s; move it away", name)
		}
	}
	return ""
}

// know writes down what the day has now. Files that are superseded go when the day is archived anew, or at once
// if the manifest does not name them.
func (l *Lake) know(ctx context.Context, d *found, r store.AdoptReport) error {
	next := row{At: d.manifest.At}
	var stray []store.SegmentID
	listed := map[store.SegmentID]bool{}
	for _, c := range d.manifest.Files {
		if listed[c.Segment] = true; slices.Contains(r.Named, c.Segment) {
			next.Files = append(next.Files, c.file)
		}
	}
	for _, name := range d.names {
		id, ok := d.segment(name)
		_, doubtful := r.Doubtful[id]
		if _, named := next.find(id); !ok || named || doubtful {
			continue
		}
		next.Planned = append(next.Planned, id)
		if !listed[id] && d.listed {
			stray = append(stray, id)
		}
	}
	if len(next.Files)+len(next.Planned) == 0 {
		return l.store.Shelf(d.tenant, "settings").Delete(ctx, d.key())
	}
	if err := l.put(ctx, d.partition, next); err != nil {
		return err
	}
	l.cfg.Failpoint("adopt.committed")
	if len(stray) == 0 || len(stray) < len(next.Planned) {
		return nil // the archive is written anew, and they go with the others
	}
	if err := l.clean(ctx, d.partition, stray); err != nil {
		return err
	}
	next.Planned = nil
	return l.put(ctx, d.partition, next)
}

// forget removes the files of a day that was erased with everything, which the former self did not come to.
func (l *Lake) forget(ctx context.Context, d *found, a *Adoption, taken *Taken) error {
	taken.State, taken.Reason = "erased", "everything was erased on "+a.All.UTC().Format(time.DateTime+" UTC")
	if a.DryRun {
		return nil
	}
	if len(d.row.Files)+len(d.row.Planned) > 0 {
		return fault.New(fault.Conflict, "adopt_doubtful", "everything was erased on %s, and the store has events of "+
			"before; erase them with `analytics erase --everything`", a.All.UTC().Format(time.DateTime+" UTC"))
	}
	var ids []store.SegmentID
	for _, name := range d.names {
		if id, ok := d.segment(name); ok {
			ids = append(ids, id)
		}
	}
	return errors.Join(l.clean(ctx, d.partition, ids), l.target.Remove(ctx, d.partition.manifest()))
}
