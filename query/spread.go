package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/store"
	"analytics/rollup/cube"
)

// workers is how many goroutines count one question: the machine this is made for has two cores.
const workers = 2

// together does n things at once, and gives the error of the first that has one.
func together(n int, do func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			defer func() { // a panic here would end the process, not the question
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("panic in an answer: %v\n%s", p, debug.Stack())
				}
			}()
			errs[i] = do(i)
		})
	}
	wg.Wait()
	return cmp.Or(errs...)
}

// spread shares the pieces out, each worker with tables of its own, and merges these. The first error
// ends it.
func (s *scan) spread(ctx context.Context, pieces []piece) (tables, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	n := max(1, min(workers, len(pieces)))
	counters := make([]*counter, n)
	for i := range counters {
		var err error
		if counters[i], err = s.counter(); err != nil {
			return tables{}, err
		}
		defer s.desk.arenas.Put(counters[i].arena)
	}
	left := turns{left: pieces}
	err := together(n, func(i int) error {
		err := s.work(ctx, counters[i], &left)
		if err != nil {
			cancel(err)
		}
		return err
	})
	if cause := context.Cause(ctx); cause != nil { // what came first
		err = cause
	}
	if err != nil {
		return tables{}, err
	}
	all := counters[0].tables
	for _, c := range counters[1:] {
		if err := all.merge(c.tables); err != nil {
			return tables{}, err
		}
	}
	if all.len() > s.desk.limits.Cells {
		return tables{}, tooManyCells(s.desk.limits)
	}
	return all, nil
}

// work is what one worker does: it counts pieces while there are any, and sums up what it counted.
func (s *scan) work(ctx context.Context, c *counter, left *turns) error {
	for pieces := left.next(); len(pieces) > 0; pieces = left.next() {
		for i := range pieces {
			if ctx.Err() != nil {
				return nil // whoever ended it has said why
			}
			if err := s.add(ctx, c, &pieces[i]); err != nil {
				return err
			}
			if c.table.Len() > s.desk.limits.Cells {
				return tooManyCells(s.desk.limits)
			}
		}
	}
	var err error
	c.tables, err = sumUp(c.table)
	return err
}

// turns hands pieces out.
type turns struct {
	mu   sync.Mutex
	left []piece // guarded by mu
}

// next are the pieces that a worker counts next: neighbours in time, so that most buckets are of one
// worker and need no merging, and the fewer the fewer are left, so that all end together.
func (t *turns) next() []piece {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := (len(t.left) + 2*workers - 1) / (2 * workers)
	mine := t.left[:n]
	t.left = t.left[n:]
	return mine
}

// counter is what one worker counts with.
type counter struct {
	table    *cube.Table
	tables   tables // of table, once all is counted
	sources  *sources
	arena    *store.Arena
	fields   []int // to read of a chunk
	timeless []int // to read of a chunk of which timestamps do not matter
}

func (s *scan) counter() (c *counter, err error) {
	c = &counter{sources: &s.sources}
	if c.table, err = cube.NewTable(s.part.spec); err != nil {
		return nil, err
	}
	if c.fields, err = s.part.spec.Fields(); err != nil {
		return nil, err
	}
	if c.timeless, err = s.part.spec.Timeless(); err != nil {
		return nil, err
	}
	var ok bool
	if c.arena, ok = s.desk.arenas.Get().(*store.Arena); !ok {
		c.arena = &store.Arena{}
	}
	return c, nil
}

// add counts one piece.
func (s *scan) add(ctx context.Context, c *counter, p *piece) error {
	switch {
	case p.record != nil:
		atomic.AddInt64(&s.sources.rawRows, p.record.NumRows())
		return c.table.Add(p.record, p.windows[0].from, p.windows[0].to)
	case p.chunk != nil:
		return s.addChunk(ctx, c, p.chunk, 0, p.windows)
	case p.recent != nil:
		return s.addRecent(ctx, c, p.recent)
	case p.day != nil:
		return s.addDay(ctx, c, p)
	}
	return s.addCells(ctx, c, p)
}

// addDay counts the cells of a day, or where they went away meanwhile those of its segments.
func (s *scan) addDay(ctx context.Context, c *counter, p *piece) error {
	key := blockKey{day: p.day.Number, cube: s.cube.ID}
	b, err := s.desk.blocks.open(key, p.day.Pieces())
	if err == nil && c.table.AddCells(b, p.day.From, p.day.To) == nil {
		s.desk.blocks.keep(key, b)
		read := &s.sources.days
		if p.day.Month {
			read = &s.sources.months
		}
		atomic.AddInt64(read, 1)
		atomic.AddInt64(&s.sources.cells, int64(b.Cells))
		return nil
	}
	segments := s.snap.Segments()
	for i := range segments {
		if !anyOverlaps(p.windows, segments[i].Min, segments[i].Max) {
			continue
		}
		err := s.addCells(ctx, c, &piece{segment: &segments[i], windows: p.windows})
		if err != nil {
			return err
		}
	}
	return nil
}

// addCells counts the cells of a segment, or its events where the cells do not hold what is asked:
// it was sealed before the cube was declared, or before the grain changed.
func (s *scan) addCells(ctx context.Context, c *counter, p *piece) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	pieces := s.snap.OpenBlock(p.segment, s.cube.ID)
	if pieces == nil {
		return s.addSegment(ctx, c, p.segment, p.windows)
	}
	key := blockKey{segment: p.segment.Blocks, cube: s.cube.ID}
	b, err := s.desk.blocks.open(key, pieces)
	if err != nil {
		return err
	}
	b.Between(p.segment.Min, p.segment.Max)
	if p.segment.Daily && p.segment.RawDropped {
		return s.addDays(c, p.segment, b)
	}
	for i, w := range p.windows {
		if !w.overlaps(p.segment.Min, p.segment.Max) {
			continue
		}
		err := c.table.AddCells(b, w.from, w.to)
		if errors.Is(err, cube.ErrLacks) {
			return s.addSegment(ctx, c, p.segment, p.windows[i:])
		}
		if err != nil {
			return err
		}
	}
	s.desk.blocks.keep(key, b)
	atomic.AddInt64(&c.sources.hours, 1)
	atomic.AddInt64(&c.sources.cells, int64(b.Cells))
	return nil
}

// addDays counts the cells of days that are all there is of a segment.
func (s *scan) addDays(c *counter, seg *store.Segment, b *cube.Block) error {
	moved, err := c.table.AddWhole(b, s.from, s.to)
	if err != nil && !errors.Is(err, cube.ErrLacks) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.lose([]store.Segment{*seg})
		return nil
	}
	if moved {
		s.sources.daysTo = max(s.sources.daysTo, seg.To)
	}
	atomic.AddInt64(&s.sources.days, 1)
	atomic.AddInt64(&s.sources.cells, int64(b.Cells))
	return nil
}

// addSegment counts a segment's events where its cells cannot be used.
func (s *scan) addSegment(
	ctx context.Context, c *counter, seg *store.Segment, windows []window,
) error {
	if seg.RawDropped {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lose([]store.Segment{*seg})
		return nil
	}
	sealed := s.snap.SealedChunks()
	for i := range sealed {
		chunk := &sealed[i]
		if chunk.Segment != seg.ID || !anyOverlaps(windows, chunk.Min, chunk.Max) {
			continue
		}
		if err := s.addChunk(ctx, c, chunk, 0, windows); err != nil {
			return err
		}
	}
	return nil
}

// addChunk counts a chunk's events but for the first few.
func (s *scan) addChunk(
	ctx context.Context, c *counter, chunk *store.Chunk, without int, windows []window,
) error {
	if err := c.chunk(ctx, chunk, without, windows); err != nil {
		return err
	}
	rows := &c.sources.rawRows
	if chunk.Head {
		rows = &c.sources.headRows
	}
	atomic.AddInt64(rows, int64(chunk.Rows-without))
	return nil
}

// chunk counts a chunk's events, without a look at their timestamps where a window has all of them.
func (c *counter) chunk(ctx context.Context, chunk *store.Chunk, without int, windows []window) error {
	low, high := chunk.Min, chunk.Max
	read := func(fields []int) (arrow.Record, error) {
		rec, err := chunk.ReadInto(ctx, c.arena, fields)
		if err == nil && without > 0 {
			rec = rec.NewSlice(int64(without), rec.NumRows())
		}
		return rec, err
	}
	for _, w := range windows {
		if c.table.Timeless(low, high, w.from, w.to) {
			rec, err := read(c.timeless)
			if err != nil {
				return err
			}
			return c.table.AddTimeless(rec, low, high)
		}
	}
	rec, err := read(c.fields)
	if err != nil {
		return err
	}
	for _, w := range windows {
		if !w.overlaps(low, high) {
			continue
		}
		if err := c.table.Add(rec, w.from, w.to); err != nil {
			return err
		}
	}
	return nil
}
