package rollup

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/sessions"
)

// stream gives the events of several kinds as one, in the order of sessions.Before. Memory holds
// the chunks that the moment lies in: some of each kind.
type stream struct {
	from, to event.Micros
	fields   func(kind event.Kind, c *store.Chunk) []int
	snaps    []*store.Snapshot
	chunks   []source // by their first moment
	active   cursors
	e        event.Event
}

type source struct {
	kind  event.Kind
	chunk store.Chunk
}

// openStream begins to read [from, to) of some kinds; fields says which to read of a chunk.
func (m *Mill) openStream(
	t store.Tenant, kinds []event.Kind, from, to event.Micros,
	fields func(kind event.Kind, c *store.Chunk) []int,
) *stream {
	s := &stream{from: from, to: to, fields: fields}
	for _, kind := range kinds {
		n := m.Store.Snapshot(store.Range{Tenant: t, Kind: kind, From: from, To: to})
		s.snaps = append(s.snaps, n)
		for _, c := range n.Chunks() {
			s.chunks = append(s.chunks, source{kind, c})
		}
	}
	slices.SortStableFunc(s.chunks, func(a, b source) int {
		return cmp.Compare(a.chunk.Min, b.chunk.Min)
	})
	return s
}

func (s *stream) close() {
	for _, n := range s.snaps {
		n.Release()
	}
}

// each calls f for every event until one of them is an error. The event is valid until f returns.
func (s *stream) each(ctx context.Context, f func(*event.Event) error) error {
	for n := 0; ; n++ {
		if n%8192 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if len(s.active) == 0 && len(s.chunks) == 0 {
			return nil
		}
		for len(s.chunks) > 0 &&
			(len(s.active) == 0 || s.chunks[0].chunk.Min <= s.active[0].time()) {
			if err := s.open(ctx, &s.chunks[0]); err != nil {
				return err
			}
			s.chunks = s.chunks[1:]
		}
		if len(s.active) == 0 {
			continue
		}
		c := s.active[0]
		c.rows.Event(&s.e, c.row())
		if err := f(&s.e); err != nil {
			return err
		}
		if c.at++; c.at < c.n {
			heap.Fix(&s.active, 0)
		} else {
			c.rec.Release()
			heap.Pop(&s.active)
		}
	}
}

// open reads a chunk and puts it among the active ones, if it has anything of the range. Of calls and
// tasks only those with a session are wanted: where none has one, as with most senders, a look at one
// column is all.
func (s *stream) open(ctx context.Context, src *source) error {
	bySession := sessions.OnlyNamed(src.kind)
	if bySession {
		if some, err := anySession(ctx, src); err != nil || !some {
			return err
		}
	}
	rec, err := src.chunk.Read(ctx, s.fields(src.kind, &src.chunk))
	if err != nil {
		return err
	}
	c := &cursor{kind: src.kind, rec: rec}
	for i := range int(rec.NumCols()) {
		switch rec.ColumnName(i) {
		case "session_id":
			if bySession && rec.Column(i).NullN() > 0 {
				c.session = rec.Column(i)
			}
		case "timestamp":
			c.times = rec.Column(i).(*array.Timestamp).TimestampValues()
		case "id":
			c.ids = rec.Column(i).(*array.Binary)
		}
	}
	c.sort(s.from, s.to)
	if c.n == 0 {
		rec.Release()
		return nil
	}
	c.rows = columns.NewRows(src.kind, rec)
	heap.Push(&s.active, c)
	return nil
}

// anySession reports whether any event of a chunk has a session.
func anySession(ctx context.Context, src *source) (bool, error) {
	rec, err := src.chunk.Read(ctx, []int{event.SessionID})
	if err != nil {
		return false, err
	}
	defer rec.Release()
	for i := range int(rec.NumCols()) {
		if rec.ColumnName(i) == "session_id" {
			return rec.Column(i).NullN() < rec.Column(i).Len(), nil
		}
	}
	return false, nil
}

// cursor is a chunk being read in the order of time.
type cursor struct {
	kind  event.Kind
	rec   arrow.Record
	rows  *columns.Rows
	times []arrow.Timestamp
	ids   *array.Binary
	// session is where the wanted rows have a value; nil if all rows are wanted.
	session arrow.Array
	order   []int32 // of the rows in the range; nil when they lie in order, from first on
	first   int
	at, n   int
}

// sort finds the rows of the range and their order: segments have one, the head's runs may not.
func (c *cursor) sort(from, to event.Micros) {
	compare := func(a, b int32) int {
		return cmp.Or(cmp.Compare(c.times[a], c.times[b]),
			bytes.Compare(c.ids.Value(int(a)), c.ids.Value(int(b))))
	}
	if c.session == nil && slices.IsSorted(c.times) {
		low, _ := slices.BinarySearch(c.times, arrow.Timestamp(from))
		high, _ := slices.BinarySearch(c.times, arrow.Timestamp(to))
		c.first, c.n = low, high-low
		ordered := true
		for i := low + 1; i < high && ordered; i++ {
			ordered = c.times[i-1] != c.times[i] || compare(int32(i-1), int32(i)) <= 0
		}
		if ordered {
			return
		}
	}
	c.order = make([]int32, 0, len(c.times))
	for i, at := range c.times {
		if at >= arrow.Timestamp(from) && at < arrow.Timestamp(to) && (c.session == nil || c.session.IsValid(i)) {
			c.order = append(c.order, int32(i))
		}
	}
	slices.SortFunc(c.order, compare)
	c.n = len(c.order)
}

func (c *cursor) row() int {
	if c.order != nil {
		return int(c.order[c.at])
	}
	return c.first + c.at
}

func (c *cursor) time() event.Micros { return event.Micros(c.times[c.row()]) }

// cursors is a heap of them: the one whose row comes next is the first.
type cursors []*cursor

func (h cursors) Len() int      { return len(h) }
func (h cursors) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h cursors) Less(i, j int) bool {
	a, b := h[i], h[j]
	x, y := a.row(), b.row()
	return cmp.Or(cmp.Compare(a.times[x], b.times[y]), cmp.Compare(a.kind, b.kind),
		bytes.Compare(a.ids.Value(x), b.ids.Value(y))) < 0
}

// Push and Pop are what container/heap calls.
func (h *cursors) Push(x any) { *h = append(*h, x.(*cursor)) }

// Pop takes the last off.
func (h *cursors) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return c
}
