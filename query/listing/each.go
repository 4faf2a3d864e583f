package listing

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"

	"analytics/engine/event"
	"analytics/engine/store"
)

// Each calls yield for each row of a list, newest first, as many as the request's limit says or, with
// none, for all. The row is the caller's until yield returns. Chunks are open only while rows of
// theirs are next, so that memory does not grow with the list: it is that of the chunks that overlap
// at one moment, which is one a kind and what came late. The snapshots stay the caller's.
func Each(ctx context.Context, sources []Source, req Request, yield func(row []any) error) error {
	most := req.Limit
	req.Limit = math.MaxInt - 1 // no row is left out for a newer one
	m := merge{search: search{req: &req}, steps: stepsOf(sources, &req)}
	for i := range sources {
		m.openFresh(&sources[i])
	}
	row := make([]any, len(req.Columns))
	for n := 0; most == 0 || n < most; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		r, err := m.newest(ctx)
		if err != nil || r == nil {
			return err
		}
		r.cells(row, req.Zone)
		if err := yield(row); err != nil {
			return err
		}
		m.advance()
	}
	return nil
}

// step is a chunk to be read, and of which source it is.
type step struct {
	source *Source
	chunk  store.Chunk
}

// stepsOf lists the chunks that may hold rows of a request, the one with the newest row first.
func stepsOf(sources []Source, req *Request) []step {
	var steps []step
	for i := range sources {
		src := &sources[i]
		field, id, point := src.Matcher.ID()
		for _, c := range src.Snapshot.Chunks() {
			if c.Min >= req.To || c.Max < req.From || point && !c.MayContain(field, id) {
				continue
			}
			steps = append(steps, step{src, c})
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int {
		return cmp.Compare(b.chunk.Max, a.chunk.Max)
	})
	return steps
}

// merge is the chunks of a list, those whose rows are next open.
type merge struct {
	search search
	steps  []step // still to be opened
	open   readers
}

// newest is the reader of the next row, nil at the end of the list.
func (m *merge) newest(ctx context.Context) (*reader, error) {
	for len(m.steps) > 0 && (len(m.open) == 0 || m.steps[0].chunk.Max >= m.open[0].next.Time) {
		if err := m.openChunk(ctx, m.steps[0].source, &m.steps[0].chunk); err != nil {
			return nil, err
		}
		m.steps = m.steps[1:]
	}
	if len(m.open) == 0 {
		return nil, nil
	}
	return m.open[0], nil
}

// openChunk reads the columns that decide, and the others of those pages that have rows to list.
func (m *merge) openChunk(ctx context.Context, src *Source, c *store.Chunk) error {
	rows, err := m.search.passing(ctx, src, c)
	if err != nil || len(rows) == 0 {
		return err
	}
	rec, first, err := c.ReadRows(ctx, m.search.fields(src.Kind), int(rows[0]), int(rows[len(rows)-1])+1)
	if err != nil {
		return err
	}
	m.add(NewView(src.Kind, rec), rows, first)
	return nil
}

func (m *merge) openFresh(src *Source) {
	if src.Fresh == nil {
		return
	}
	v := NewView(src.Kind, src.Fresh)
	oldest, newest := m.search.span(forever)
	if rows := within(v, max(oldest, src.Until), newest); len(rows) > 0 {
		m.add(v, src.Matcher.Narrow(v, rows), 0)
	}
}

// add adds a reader of rows that are counted from the view's first.
func (m *merge) add(v *View, rows []int32, first int) {
	for i := range rows {
		rows[i] -= int32(first)
	}
	r := &reader{view: v, rows: rows, slots: slotsOf(v.kind, m.search.req.Columns)}
	after := m.search.req.After
	if after.Time != 0 {
		r.rows = keep(r.rows, func(row int32) bool { return r.cursor(row).compare(after) < 0 })
	}
	older := func(a, b int32) int {
		return cmp.Or(cmp.Compare(v.Time(int(a)), v.Time(int(b))), bytes.Compare(r.id(a), r.id(b)))
	}
	if !slices.IsSortedFunc(r.rows, older) { // of a segment they are, but for those of one moment
		slices.SortFunc(r.rows, older)
	}
	if len(r.rows) > 0 {
		r.next = r.cursor(r.rows[len(r.rows)-1])
		heap.Push(&m.open, r)
	}
}

// advance goes on behind the newest row.
func (m *merge) advance() {
	r := m.open[0]
	if r.rows = r.rows[:len(r.rows)-1]; len(r.rows) == 0 {
		heap.Pop(&m.open)
		return
	}
	r.next = r.cursor(r.rows[len(r.rows)-1])
	heap.Fix(&m.open, 0)
}

// reader is the rows of an open chunk that are still to come, the next one last.
type reader struct {
	view  *View
	slots []slot
	rows  []int32
	next  Cursor
}

func (r *reader) id(row int32) []byte { return r.view.Bytes(event.EventID, int(row)) }

func (r *reader) cursor(row int32) Cursor {
	return Cursor{Time: r.view.Time(int(row)), Kind: r.view.kind, ID: r.id(row)}
}

// readers is a heap with the reader of the newest row on top.
type readers []*reader

func (h readers) Len() int           { return len(h) }
func (h readers) Less(i, j int) bool { return h[i].next.compare(h[j].next) > 0 }
func (h readers) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push is for package heap.
func (h *readers) Push(r any) { *h = append(*h, r.(*reader)) }

// Pop is for package heap.
func (h *readers) Pop() any {
	last := len(*h) - 1
	r := (*h)[last]
	(*h)[last] = nil // its chunk is let go
	*h = (*h)[:last]
	return r
}
