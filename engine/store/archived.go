package store

import (
	"context"
	"errors"
	"io"

	"analytics/engine/archive"
	"analytics/engine/event"
	"analytics/engine/fault"
)

// A segment may be kept outside the store: DropSegments then leaves in the catalog where its row
// groups and pieces are, and the pieces are read from a Source. They are the same bytes, so they are
// checked against the same checksums, and a question cannot tell where a chunk came from.

// Source opens the file that holds a segment outside the store. What it gives is asked for ranges
// of bytes and not closed.
type Source func(t Tenant, k event.Kind, first event.Hour, id SegmentID) (io.ReaderAt, error)

// ReadArchive says where archived segments are. Without a source, or with nil, their events are gone
// for snapshots, as those of other dropped segments are.
func (s *Store) ReadArchive(from Source) {
	if from == nil {
		s.source.Store(nil)
		return
	}
	s.source.Store(&from)
}

// archived reports whether the events of the entry can be read outside the store.
func (s *Store) archived(e *entry) bool {
	return e.dropped && e.kept() && s.source.Load() != nil
}

// kept reports whether the entry still says what its Parquet file is made of.
func (e *entry) kept() bool { return len(e.pieces) > 0 }

// readArchived reads a piece of an archived segment.
func (r pieceReader) readArchived(i int, use func(v []byte)) error {
	source := r.s.source.Load()
	if source == nil {
		return errPiece
	}
	file, err := (*source)(r.e.place.tenant, r.e.place.kind, r.e.place.hour, r.e.id)
	if err != nil {
		return err
	}
	from := int64(i) * pieceSize
	v := make([]byte, min(pieceSize, int64(r.e.size)-from))
	if n, err := file.ReadAt(v, from); n < len(v) {
		return errors.Join(errPiece, err)
	}
	if err := r.check(i, v); err != nil {
		return err
	}
	use(v)
	return nil
}

// HourShare is what a segment holds of an hour: rows, and the sum of their hashes, which does not
// depend on their order.
type HourShare struct {
	Hour event.Hour
	Rows int64
	Sum  uint64
}

// Hours lists what the segment holds of each hour.
func (g *Segment) Hours() []HourShare {
	out := make([]HourShare, len(g.entry.hours))
	for i, h := range g.entry.hours {
		out[i] = HourShare{h.hour, int64(h.rows), h.sum}
	}
	return out
}

// Size is the length of the segment's Parquet file; 0 once its events were dropped for good.
func (g *Segment) Size() int64 { return int64(g.entry.size) }

// Archived says that the events are outside the store and can be read there.
func (g *Segment) Archived() bool { return g.entry.dropped && g.entry.kept() }

// Copy writes a segment's Parquet file as it is. Every piece is checked on the way.
func (n *Snapshot) Copy(ctx context.Context, g *Segment, w io.Writer) error {
	r := pieceReader{n.store, newEntryLike(g.entry)} // with no piece taken for right
	for i := range r.e.pieces {
		if err := ctx.Err(); err != nil {
			return err
		}
		var bad error
		err := r.read(i, func(v []byte) { _, bad = w.Write(v) })
		if err != nil {
			return errReading(g.entry, err)
		}
		if bad != nil {
			return bad
		}
	}
	return nil
}

// Prove reads a copy of the segment, all of it, and compares every row with what the segment must
// hold: what was accepted into each hour, and nothing else. It costs about 1 µs a row.
func (n *Snapshot) Prove(ctx context.Context, g *Segment, copied io.ReaderAt) error {
	e := g.entry
	f, err := archive.Open(copied, int64(e.size))
	if err != nil {
		return err
	}
	if err := e.matches(f); err != nil {
		return err
	}
	got, err := sumFile(ctx, f, e.place.kind)
	if err != nil {
		return err
	}
	return e.compare(got)
}

// DropSegments removes the events of some segments that are kept elsewhere now; those it does not
// find are left out. Their blocks and counts stay, and their events are read from the Source.
func (s *Store) DropSegments(
	ctx context.Context, t Tenant, k event.Kind, ids []SegmentID,
) (DropReport, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if s.source.Load() == nil {
		return DropReport{}, fault.New(fault.Conflict, "no_archive",
			"there is no archive to read the events from; nothing was dropped")
	}
	wanted := map[SegmentID]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	s.view.RLock()
	var old []*entry
	for _, e := range s.catalog.segments[series{t, k}] {
		if wanted[e.id] && !e.dropped {
			old = append(old, e)
		}
	}
	s.view.RUnlock()
	return s.drop(ctx, old, true)
}
