package query

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"analytics/engine/store"
	"analytics/rollup/cube"
)

// workers is how many goroutines count one question: the machine this is made for has two cores.
const workers = 2

// spread shares the pieces out, each worker with a table of its own, and merges the tables. The
// first error ends it.
func (s *scan) spread(ctx context.Context, pieces []piece) (*cube.Table, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	n := max(1, min(workers, len(pieces)))
	tables := make([]*cube.Table, n)
	for i := range tables {
		var err error
		if tables[i], err = cube.NewTable(s.part.spec); err != nil {
			return nil, err
		}
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for _, t := range tables {
		wg.Go(func() {
			defer func() { // a panic here would end the process, not the question
				if p := recover(); p != nil {
					cancel(fmt.Errorf("panic while counting %s: %v\n%s", s.part.kind, p, debug.Stack()))
				}
			}()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(pieces) {
					return
				}
				if err := s.add(ctx, t, &pieces[i]); err != nil {
					cancel(err)
					return
				}
				if t.Len() > s.desk.limits.Cells {
					cancel(tooManyGroups(s.desk.limits.Cells))
					return
				}
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	for _, t := range tables[1:] {
		if err := tables[0].Merge(t); err != nil {
			return nil, err
		}
	}
	if tables[0].Len() > s.desk.limits.Cells {
		return nil, tooManyGroups(s.desk.limits.Cells)
	}
	return tables[0], nil
}

// add counts one piece.
func (s *scan) add(ctx context.Context, t *cube.Table, p *piece) error {
	switch {
	case p.chunk != nil:
		return s.addChunk(ctx, t, p.chunk, p.windows)
	case p.day != nil:
		return s.addDay(ctx, t, p)
	}
	return s.addCells(ctx, t, p)
}

// addDay counts the cells of a day, or where they went away meanwhile those of its segments.
func (s *scan) addDay(ctx context.Context, t *cube.Table, p *piece) error {
	data, ok, err := p.day.Cells()
	if err != nil {
		return err
	}
	if ok {
		err = t.AddBlock(data, p.day.From, p.day.To)
		if err == nil {
			atomic.AddInt64(&s.sources.days, 1)
			s.cellsOf(data)
			return nil
		}
		if !errors.Is(err, cube.ErrLacks) {
			return err
		}
	}
	segments := s.snap.Segments()
	for i := range segments {
		if !anyOverlaps(p.windows, segments[i].Min, segments[i].Max) {
			continue
		}
		err := s.addCells(ctx, t, &piece{segment: &segments[i], windows: p.windows})
		if err != nil {
			return err
		}
	}
	return nil
}

// addCells counts the cells of a segment, or its events where the cells do not hold what is asked:
// it was sealed before the cube was declared, or before the grain changed.
func (s *scan) addCells(ctx context.Context, t *cube.Table, p *piece) error {
	data, err := s.snap.Block(ctx, p.segment, s.cube.ID)
	if err != nil {
		return err
	}
	for i, w := range p.windows {
		if !w.overlaps(p.segment.Min, p.segment.Max) {
			continue
		}
		err := error(cube.ErrLacks)
		if data != nil {
			err = t.AddBlock(data, w.from, w.to)
		}
		if errors.Is(err, cube.ErrLacks) {
			return s.addSegment(ctx, t, p.segment, p.windows[i:])
		}
		if err != nil {
			return err
		}
	}
	atomic.AddInt64(&s.sources.hours, 1)
	s.cellsOf(data)
	return nil
}

func (s *scan) cellsOf(data []byte) {
	if b, err := cube.OpenBlock(data); err == nil {
		atomic.AddInt64(&s.sources.cells, int64(b.Cells))
	}
}

// addSegment counts a segment's events where its cells cannot be used.
func (s *scan) addSegment(
	ctx context.Context, t *cube.Table, seg *store.Segment, windows []window,
) error {
	if seg.RawDropped {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lose([]store.Segment{*seg})
		return nil
	}
	sealed := s.snap.SealedChunks()
	for i := range sealed {
		c := &sealed[i]
		if c.Segment != seg.ID || !anyOverlaps(windows, c.Min, c.Max) {
			continue
		}
		if err := s.addChunk(ctx, t, c, windows); err != nil {
			return err
		}
	}
	return nil
}

func (s *scan) addChunk(
	ctx context.Context, t *cube.Table, c *store.Chunk, windows []window,
) error {
	fields, err := s.part.spec.Fields()
	if err != nil {
		return err
	}
	rec, err := c.Read(ctx, fields)
	if err != nil {
		return err
	}
	for _, w := range windows {
		if !w.overlaps(c.Min, c.Max) {
			continue
		}
		if err := t.Add(rec, w.from, w.to); err != nil {
			return err
		}
	}
	rows := &s.sources.rawRows
	if c.Head {
		rows = &s.sources.headRows
	}
	atomic.AddInt64(rows, int64(c.Rows))
	return nil
}
