package query

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/cube"
)

// recent is a piece that a standing question keeps its count of: the segments of one hour, or its
// rows that came in between two sealings and are not sealed.
type recent struct {
	standing *standing
	hour     event.Hour
	segments []*store.Segment  // all of the hour that lie in the range and are cut by no edge
	there    []store.SegmentID // all of the hour
	chunks   []*store.Chunk    // of one hour, in order
}

// recentFrom is the first hour that standing questions keep.
func (s *scan) recentFrom() event.Hour { return event.MicrosOf(s.desk.now()).Hour() - 1 }

// recent makes pieces of the recent hours, if the question stands, and says which segments are in
// them; all rows of the head that are of these hours are.
func (s *scan) recent(segments []store.Segment) (pieces []piece, taken map[store.SegmentID]bool, stands bool) {
	if s.raw || s.to <= s.recentFrom().Start() {
		return nil, nil, false
	}
	s.kept = s.keeping()
	q := s.desk.standings.of(s.standingKey(), s.desk.now())
	if q == nil {
		return nil, nil, false
	}
	taken = map[store.SegmentID]bool{}
	hours := s.recentSegments(segments)
	for _, hour := range slices.Sorted(maps.Keys(hours)) {
		r := hours[hour]
		r.standing = q
		for _, seg := range r.segments {
			taken[seg.ID] = true
		}
		pieces = append(pieces, piece{recent: r})
	}
	for _, r := range s.recentHead() {
		r.standing = q
		pieces = append(pieces, piece{recent: r})
	}
	return pieces, taken, true
}

// keeping is how recent hours are kept.
type keeping struct {
	grain time.Duration // of the buckets
	cells bool          // cells of segments are counted, not events
}

// keeping is by the grain of cells, or where the question's buckets begin within those, as hours do in
// Kolkata, of events by the quarter of an hour: the buckets of all zones begin at one.
func (s *scan) keeping() keeping {
	of := keeping{s.desk.grain, s.cubed}
	if inner := s.part.spec.Edges; len(inner) > 2 {
		for _, edge := range inner[1 : len(inner)-1] {
			if edge > s.recentFrom().Start() && floor(edge, event.Micros(of.grain.Microseconds())) != edge {
				return keeping{quarter, false}
			}
		}
	}
	return of
}

const quarter = 15 * time.Minute

// recentSegments are the segments of each recent hour.
func (s *scan) recentSegments(segments []store.Segment) map[event.Hour]*recent {
	hours := map[event.Hour]*recent{}
	from := s.recentFrom()
	for i := range segments {
		seg := &segments[i]
		if seg.From < from || seg.To != seg.From+1 || seg.RawDropped {
			continue
		}
		r := hours[seg.From]
		if r == nil {
			r = &recent{hour: seg.From}
			hours[seg.From] = r
		}
		r.there = append(r.there, seg.ID)
		if s.uncut(seg.Min, seg.Max) {
			r.segments = append(r.segments, seg)
		}
	}
	return hours
}

// recentHead is the rows of the head that are of recent hours.
func (s *scan) recentHead() (all []*recent) {
	chunks := s.snap.HeadChunks()
	for i := range chunks {
		c := &chunks[i]
		if c.Min.Hour() < s.recentFrom() {
			continue
		}
		if n := len(all); n > 0 && all[n-1].chunks[0].Unsealed == c.Unsealed {
			all[n-1].chunks = append(all[n-1].chunks, c)
			continue
		}
		all = append(all, &recent{hour: c.Min.Hour(), chunks: []*store.Chunk{c}})
	}
	return all
}

// uncut reports whether events between two moments are all in the range, and cells that lie between
// edges hold them.
func (s *scan) uncut(first, last event.Micros) bool {
	if first < s.from || last >= s.to {
		return false
	}
	_, rest := s.part.windows(s.from, s.to, s.kept.grain, window{first, last + 1})
	return len(rest) == 0
}

// addRecent counts a recent piece.
func (s *scan) addRecent(ctx context.Context, c *counter, r *recent) error {
	q := r.standing
	q.mu.Lock()
	defer q.mu.Unlock()
	good := false
	defer func() {
		if !good { // something may be half counted
			q.hours = nil
		}
	}()
	grown, err := s.catchUp(ctx, c, r)
	if err != nil {
		return err
	}
	good = !grown || s.desk.standings.charge(q, q.size(), s.desk.now())
	return nil
}

// catchUp counts what is new of a piece, adds what is kept of it to what the question counts, and says
// whether there was anything new. What cannot be kept is counted as for a question that does not stand.
func (s *scan) catchUp(ctx context.Context, c *counter, r *recent) (grown bool, err error) {
	h := r.standing.hour(r.hour, s.recentFrom())
	if r.chunks != nil {
		return s.catchUpHead(ctx, c, r, h)
	}
	return s.catchUpSegments(ctx, c, r, h)
}

// catchUpSegments begins anew if a segment that was counted is there no more: merged, or without
// somebody's events.
func (s *scan) catchUpSegments(
	ctx context.Context, c *counter, r *recent, h *standingHour,
) (grown bool, err error) {
	ordinary := func() error { return s.addEach(ctx, c, r.segments, s.cubed, []window{{s.from, s.to}}) }
	if h.sealed != nil && !s.uncut(h.sealed.first, h.sealed.last) {
		return false, ordinary() // the range ends before some of what was counted
	}
	known := 0
	for _, id := range r.there {
		if h.of[id] {
			known++
		}
	}
	if known < len(h.of) || h.sealed == nil {
		h.of = map[store.SegmentID]bool{}
		if h.sealed, err = s.keep(); err != nil {
			return false, err
		}
	}
	of := c.into(h.sealed)
	for _, seg := range r.segments {
		if h.of[seg.ID] {
			continue
		}
		grown = true
		whole := []window{{seg.Min, seg.Max + 1}}
		if err := s.addEach(ctx, of, []*store.Segment{seg}, s.kept.cells, whole); err != nil {
			return true, err
		}
		h.sealed.widen(seg.Min, seg.Max)
		h.of[seg.ID] = true
	}
	of.done(c)
	if len(h.of) == 0 {
		return grown, nil
	}
	return grown, s.addKept(c, h.sealed, ordinary)
}

// addEach counts segments, of cells or of events.
func (s *scan) addEach(
	ctx context.Context, c *counter, segments []*store.Segment, cells bool, windows []window,
) error {
	for _, seg := range segments {
		var err error
		if cells {
			err = s.addCells(ctx, c, &piece{segment: seg, windows: windows})
		} else {
			err = s.addSegment(ctx, c, seg, windows)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// catchUpHead counts the rows that came since, up to the first of which some lie behind the end of the
// range: the clock of a sender may be ahead, and the next question counts those. What is kept may be
// newer than the snapshot, by rows that were acknowledged while another asked the same: the answer has
// these as well, each once.
func (s *scan) catchUpHead(ctx context.Context, c *counter, r *recent, h *standingHour) (grown bool, err error) {
	k := h.growing[r.chunks[0].Unsealed]
	if k == nil {
		if k, err = s.keep(); err != nil {
			return false, err
		}
	}
	of := c.into(k)
	left := r.chunks
	for ; len(left) > 0; left = left[1:] {
		chunk := left[0]
		if chunk.Before+chunk.Rows <= k.rows {
			continue
		}
		if chunk.Before > k.rows || !s.uncut(chunk.Min, chunk.Max) {
			break
		}
		grown = true
		h.growing[chunk.Unsealed] = k
		all := []window{{chunk.Min, chunk.Max + 1}}
		if err := s.addChunk(ctx, of, chunk, k.rows-chunk.Before, all); err != nil {
			return true, err
		}
		k.rows = chunk.Before + chunk.Rows
		k.widen(chunk.Min, chunk.Max)
	}
	of.done(c)
	rows := k.rows
	if rows > 0 {
		err = s.addKept(c, k, func() error {
			left, rows = r.chunks, 0
			return nil
		})
		if err != nil {
			return grown, err
		}
	}
	return grown, s.addChunks(ctx, c, left, rows)
}

// addChunks counts the rows of the chunks of one hour from a row on.
func (s *scan) addChunks(ctx context.Context, c *counter, chunks []*store.Chunk, from int) error {
	for _, chunk := range chunks {
		if err := s.addChunk(ctx, c, chunk, max(0, from-chunk.Before), []window{{s.from, s.to}}); err != nil {
			return err
		}
	}
	return nil
}

// addKept adds what is kept, or what otherwise says instead if an edge of this question cuts it.
func (s *scan) addKept(c *counter, k *kept, otherwise func() error) error {
	if !s.uncut(k.first, k.last) {
		return otherwise()
	}
	err := c.table.AddTable(k.table, k.first, k.last)
	if errors.Is(err, cube.ErrLacks) {
		return otherwise()
	}
	s.sources.add(&k.from)
	return err
}

// into is a counter that counts into what is kept, with the memory of c until done.
func (c *counter) into(k *kept) *counter {
	of := &counter{table: k.table, arena: c.arena, fields: c.fields, timeless: c.timeless, sources: &k.from}
	c.table.Lend(of.table)
	return of
}

func (c *counter) done(to *counter) { c.table.Lend(to.table) }

// add adds what else was read. Workers may do so at once.
func (s *sources) add(o *sources) {
	atomic.AddInt64(&s.cells, o.cells)
	atomic.AddInt64(&s.rawRows, o.rawRows)
	atomic.AddInt64(&s.headRows, o.headRows)
	atomic.AddInt64(&s.hours, o.hours)
}
