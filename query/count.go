package query

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup"
	"analytics/rollup/cube"
)

// count counts all parts of a plan and says in meta from what.
func (d *Desk) count(
	ctx context.Context, tenant store.Tenant, p *plan, raw bool, meta *Meta,
) (*result, error) {
	parts := make([]counted, 0, len(p.parts))
	for i := range p.parts {
		c, err := d.countPart(ctx, tenant, p, &p.parts[i], raw, meta)
		if err != nil {
			return nil, err
		}
		parts = append(parts, c)
	}
	return join(p, parts), nil
}

func (d *Desk) countPart(
	ctx context.Context, tenant store.Tenant, p *plan, pt *part, raw bool, meta *Meta,
) (c counted, err error) {
	from, to := event.MicrosOf(p.rng.From), event.MicrosOf(p.rng.To)
	fresh, err := d.fresh(ctx, tenant, pt.kind, pt.spec.Filter, from, to, meta)
	if err != nil {
		return c, err
	}
	stored := max(from, min(to, fresh.Until))
	snap := d.store.Snapshot(store.Range{Tenant: tenant, Kind: pt.kind, From: from, To: stored})
	defer snap.Release()
	if at := snap.At.In(p.rng.Zone); at.Before(meta.Watermark) {
		meta.Watermark = at
	}
	s := scan{desk: d, part: pt, snap: snap, from: from, to: stored, meta: meta,
		fresh: fresh.Record, stored: fresh.Until, asked: to, raw: raw}
	if !raw {
		s.cube, s.cubed = cube.CoverSpec(pt.spec)
	}
	all, err := s.run(ctx)
	if err != nil {
		return c, err
	}
	if all.folded() && (len(pt.spec.Dims) > 0 || len(pt.spec.Filter) > 0) {
		if s.gone {
			meta.Note("a rollup has its smallest groups as one, (other), and the events are gone")
		} else { // the small groups of a cube are one there, but events know them all
			s.cubed = false
			s.sources = sources{}
			if all, err = s.run(ctx); err != nil {
				return c, err
			}
		}
	}
	s.tell()
	return counted{pt, all}, nil
}

// scan is one part being counted: which piece of which segment is taken from cells and which from
// events.
type scan struct {
	desk     *Desk
	part     *part
	snap     *store.Snapshot
	from, to event.Micros // of what is stored
	fresh    arrow.Record // sessions that are not: those from stored up to asked count
	stored   event.Micros
	asked    event.Micros
	meta     *Meta
	cube     cube.Cube
	cubed    bool // cube holds what is asked
	raw      bool // count events whatever else there is
	kept     keeping
	gone     bool // some segment in the range has lost its events
	sources  sources
	mu       sync.Mutex // guards gone and the lost hours while workers run
}

// sources is what was read.
type sources struct {
	cells, rawRows, headRows int64
	months, days, hours      int64      // blocks taken from months, from days and from segments
	lostFrom, lostTo         event.Hour // hours of which neither events nor fitting cells are left
	daysTo                   event.Hour // hours before it may count as whole days only
}

// piece is one thing to count in some windows: the cells of a day or of a segment, a chunk of
// events, a record of them, or what is kept of an hour.
type piece struct {
	day     *rollup.Day
	segment *store.Segment
	chunk   *store.Chunk
	record  arrow.Record
	recent  *recent
	windows []window
}

// run counts everything in the range, cells and events together.
func (s *scan) run(ctx context.Context) (tables, error) {
	all := []window{{s.from, s.to}}
	segments := s.snap.Segments()
	var pieces []piece
	rest := map[store.SegmentID][]window{} // what to read from a segment's events
	var err error
	var cut []cutting
	if s.cubed {
		cut = s.cut(segments)
		if s.lacks(segments, cut) {
			s.from, s.to = s.part.coarsen(s.from, s.to, s.desk.grain)
			s.meta.Note("events around the ends of the range or of its days are gone: whole hours count")
			cut = s.cut(segments)
			all = []window{{s.from, s.to}}
		}
	} else {
		s.lose(segments)
	}
	recent, taken, stands := s.recent(segments)
	if s.cubed {
		for i := range segments {
			rest[segments[i].ID] = cut[i].rest
			if taken[segments[i].ID] {
				cut[i].whole, rest[segments[i].ID] = nil, nil
			}
		}
		if pieces, err = s.fromCells(segments, cut); err != nil {
			return tables{}, err
		}
	}
	sealed := s.snap.SealedChunks()
	for i := range sealed {
		c := &sealed[i]
		windows, ok := rest[c.Segment]
		if !ok {
			windows = all
		}
		if !taken[c.Segment] && anyOverlaps(windows, c.Min, c.Max) {
			pieces = append(pieces, piece{chunk: c, windows: windows})
		}
	}
	head := s.snap.HeadChunks()
	for i := range head {
		if !stands || head[i].Min.Hour() < s.recentFrom() {
			pieces = append(pieces, piece{chunk: &head[i], windows: all})
		}
	}
	pieces = append(pieces, recent...)
	if p, ok := s.live(); ok {
		pieces = append(pieces, p)
	}
	return s.spread(ctx, pieces)
}

// cutting is what of a segment is counted from its cells, and what from its events.
type cutting struct{ whole, rest []window }

// cut says it of each of them.
func (s *scan) cut(segments []store.Segment) []cutting {
	of := make([]cutting, len(segments))
	whole, rest := s.part.windows(s.from, s.to, s.desk.grain, everywhere)
	for i, seg := range segments {
		of[i] = cutting{whole, rest}
		if anyOverlaps(rest, seg.Min, seg.Max) {
			of[i].whole, of[i].rest = s.part.windows(s.from, s.to, s.desk.grain, window{seg.Min, seg.Max + 1})
		}
	}
	return of
}

// cellsOf lists the cells of days or of months that are good for a snapshot.
type cellsOf func(n *store.Snapshot, cube uint8, from, to event.Micros) ([]rollup.Day, error)

// fromCells takes whole months and days from the cells of these, and what they do not cover from the cells
// of segments.
func (s *scan) fromCells(segments []store.Segment, cut []cutting) ([]piece, error) {
	var pieces []piece
	var taken []window
	if mill := s.desk.cfg.Mill; mill != nil {
		whole, _ := s.part.windows(s.from, s.to, s.desk.grain, everywhere)
		for _, stored := range []cellsOf{mill.Months, mill.Days} {
			days, err := stored(s.snap, s.cube.ID, s.from, s.to)
			if err != nil {
				return nil, err
			}
			for i := range days {
				d := &days[i]
				if s.part.within(whole, d.From, d.To) && !anyOverlaps(taken, d.From, d.To-1) {
					w := window{d.From, d.To}
					pieces = append(pieces, piece{day: d, windows: []window{w}})
					taken = append(taken, w)
				}
			}
		}
		slices.SortFunc(pieces, func(a, b piece) int { return cmp.Compare(a.day.From, b.day.From) })
	}
	for i := range segments {
		if segments[i].Daily && segments[i].RawDropped { // its days may lie across windows, and on no shelf
			pieces = append(pieces, piece{segment: &segments[i], windows: []window{{s.from, s.to}}})
			continue
		}
		left := cut[i].whole
		for _, w := range taken {
			if w.overlaps(segments[i].Min, segments[i].Max) {
				left = without(left, w)
			}
		}
		if anyOverlaps(left, segments[i].Min, segments[i].Max) {
			pieces = append(pieces, piece{segment: &segments[i], windows: left})
		}
	}
	return pieces, nil
}

// lacks reports whether events are needed that retention has removed.
func (s *scan) lacks(segments []store.Segment, cut []cutting) bool {
	lacks := false
	for i, seg := range segments {
		s.gone = s.gone || seg.RawDropped
		lacks = lacks || seg.RawDropped && !seg.Daily && anyOverlaps(cut[i].rest, seg.Min, seg.Max)
	}
	return lacks
}

// lose notes the segments whose events are gone and whose cells do not hold what was asked.
func (s *scan) lose(segments []store.Segment) {
	for _, seg := range segments {
		if !seg.RawDropped {
			continue
		}
		s.gone = true
		if s.sources.lostTo == 0 || seg.From < s.sources.lostFrom {
			s.sources.lostFrom = seg.From
		}
		s.sources.lostTo = max(s.sources.lostTo, seg.To)
	}
}

// tell writes the sources into the answer's meta.
func (s *scan) tell() {
	m := &s.meta.Sources
	m.Cells += s.sources.cells
	m.RawRows += s.sources.rawRows
	m.HeadRows += s.sources.headRows
	for name, used := range map[string]bool{
		s.cube.Name + "_hourly": s.sources.hours > 0, s.cube.Name + "_daily": s.sources.days > 0,
		s.cube.Name + "_monthly": s.sources.months > 0,
	} {
		if used && !slices.Contains(m.Cubes, name) {
			m.Cubes = append(m.Cubes, name)
		}
	}
	slices.Sort(m.Cubes)
	if s.sources.daysTo > 0 {
		s.meta.Resolution = "day"
		s.meta.Note("the hours before " + s.sources.daysTo.Start().Time().Format(time.RFC3339) + " were removed by " +
			"retention and days are whole: each counts where most of it is, or not at all if that is outside")
	}
	if s.sources.lostTo > 0 {
		s.meta.Note("events of " + s.sources.lostFrom.Start().Time().Format(time.RFC3339) + " to " +
			s.sources.lostTo.Start().Time().Format(time.RFC3339) + " are gone, and no rollup holds " +
			"what was asked: they are not in the answer")
	}
}
