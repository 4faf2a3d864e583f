package store

import (
	"context"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/archive"
	"analytics/engine/event"
)

// Range is what a snapshot is of: one kind of one tenant in [From, To).
type Range struct {
	Tenant   Tenant
	Kind     event.Kind
	From, To event.Micros
}

// Snapshot is a consistent view: every event that was acknowledged before it was taken, exactly
// once. It keeps its segments alive until Release.
type Snapshot struct {
	// Range is what was asked for.
	Range Range
	// At is when it was taken: all events acknowledged before are in it.
	At time.Time

	store   *Store
	head    []Chunk
	entries []*entry
	sealed  []Chunk
}

// Chunk is a stretch of rows that is read at once: a run of the head, or a row group of a segment.
type Chunk struct {
	Rows     int
	Min, Max event.Micros
	// Head says that the rows are not sealed yet; then Segment is 0.
	Head    bool
	Segment SegmentID
	// Unsealed is what a chunk of the head is of, and Before how many of its rows come before those of
	// the chunk. Chunks of one follow each other, but for those outside the range, which are left out.
	Unsealed *Unsealed
	Before   int

	run   *run   // of the head
	entry *entry // of a segment
	group int    // its row group
	kind  event.Kind
	store *Store
}

// Segment is a sealed segment as the catalog has it.
type Segment struct {
	ID SegmentID
	// From and To are the hours it spans: [From, To).
	From, To event.Hour
	Rows     int
	Min, Max event.Micros
	// RawDropped says that retention removed its events for good; its blocks are still there. Those
	// of an archived segment are read from the archive.
	RawDropped bool
	// Daily says that retention removed the cells of its hours: its blocks have cells of days, or there
	// are no blocks any more.
	Daily bool
	// Blocks is the number of its blocks, another one each time they are made.
	Blocks SegmentID

	entry *entry
}

// Snapshot takes a snapshot. The caller releases it.
func (s *Store) Snapshot(r Range) *Snapshot {
	n := &Snapshot{Range: r, store: s}
	s.view.RLock()
	n.At = s.cfg.Now()
	for _, p := range s.head.overlapping(r) {
		for _, g := range p.generations() {
			before := 0
			for _, run := range g.cut() {
				if run.min < r.To && run.max >= r.From {
					n.head = append(n.head, Chunk{
						Rows: run.rows, Min: run.min, Max: run.max, Head: true,
						Unsealed: g.mark, Before: before,
						run: run, kind: r.Kind, store: s,
					})
				}
				before += run.rows
			}
		}
	}
	n.entries = s.catalog.hold(r)
	s.view.RUnlock()
	for _, e := range n.entries {
		n.sealed = append(n.sealed, e.chunks(s, r)...)
	}
	return n
}

// Release lets the segments go. The snapshot and its chunks are not used after it.
func (n *Snapshot) Release() {
	for _, e := range n.entries {
		n.store.letGo(e)
	}
	n.entries, n.head, n.sealed = nil, nil, nil
}

// Chunks lists what holds rows of the range: sealed first, the head last.
func (n *Snapshot) Chunks() []Chunk {
	out := make([]Chunk, 0, len(n.sealed)+len(n.head))
	return append(append(out, n.sealed...), n.head...)
}

// HeadChunks lists the chunks that are not sealed yet.
func (n *Snapshot) HeadChunks() []Chunk { return n.head }

// SealedChunks lists the chunks of segments that overlap the range and still have their events.
func (n *Snapshot) SealedChunks() []Chunk { return n.sealed }

// Segments lists the catalog entries that overlap the range.
func (n *Snapshot) Segments() []Segment {
	out := make([]Segment, 0, len(n.entries))
	for _, e := range n.entries {
		out = append(out, n.store.segment(e))
	}
	return out
}

// Block reads a segment's block of one cube, nil if it has none.
func (n *Snapshot) Block(ctx context.Context, seg *Segment, cube uint8) ([]byte, error) {
	return n.store.readBlock(ctx, seg.entry, cube)
}

// Read gives the chunk's rows with the given fields, nil meaning all; fields that no row sets are
// missing. The record may contain rows outside the range: the caller filters by timestamp, and
// releases it.
func (c *Chunk) Read(ctx context.Context, fields []int) (arrow.Record, error) {
	return c.read(ctx, nil, fields)
}

// Arena is memory that one reader uses again for each chunk.
type Arena = archive.Arena

// ReadInto is Read into an arena: the record is valid until the arena is read into again. It is for
// reading many chunks one after another.
func (c *Chunk) ReadInto(ctx context.Context, a *Arena, fields []int) (arrow.Record, error) {
	return c.read(ctx, a, fields)
}

func (c *Chunk) read(ctx context.Context, a *Arena, fields []int) (arrow.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.run == nil {
		return c.store.readGroup(ctx, a, c.entry, c.group, fields)
	}
	rec, err := c.run.record()
	if err != nil {
		return nil, err
	}
	return project(rec, c.kind, fields), nil
}

// MayContain reports whether the chunk may have a row whose ID field is the given identifier in
// compact form. False is certain, true is not.
func (c *Chunk) MayContain(field int, compact []byte) bool {
	if c.run != nil {
		return true
	}
	return c.store.mayContain(c.entry, c.group, field, compact)
}
