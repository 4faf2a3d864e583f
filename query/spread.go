package query

import (
	"context"
	"errors"
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
	if p.chunk != nil {
		return s.addChunk(ctx, t, p.chunk, p.windows)
	}
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
		if errors.Is(err, cube.ErrLacks) { // sealed before the cube was declared, or the grain changed
			return s.addSegment(ctx, t, p.segment, p.windows[i:])
		}
		if err != nil {
			return err
		}
	}
	if b, err := cube.OpenBlock(data); err == nil {
		atomic.AddInt64(&s.sources.cells, int64(b.Cells))
	}
	return nil
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
