package store

import (
	"context"
	"errors"
	"hash/crc32"
	"io"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/archive"
	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/fault"
)

// Outside is a file of a UTC day that lies where the Source looks, and of which the store does not know.
type Outside struct {
	ID   SegmentID
	Size int64
	// File is the file, or a copy of it. It is read several times.
	File io.ReaderAt
	// Stray says that nothing lists the file: its events are taken into the store one by one, and no segment
	// ever names it.
	Stray bool
}

// outside is such a file once it was read.
type outside struct {
	Outside
	file  *archive.File
	entry *entry // that would name it; it has no blocks yet
	gone  int64  // of its events
	named bool   // a segment names it already, or will
}

// errOutside is the fault of a file that is not what a segment can name.
func errOutside(id SegmentID, why string) *fault.Error {
	return fault.New(fault.Damaged, "archive_damaged", "the file of segment %016x %s", uint64(id), why)
}

// examine reads a file, all of it: whether its events are of the day, how many each hour has, and what a
// segment has to say to name it.
func (w *adopting) examine(ctx context.Context, o Outside) (*outside, error) {
	f, err := archive.Open(o.File, o.Size)
	if err != nil {
		return nil, errOutside(o.ID, "cannot be read").Wrap(err)
	}
	if f.Kind() != w.sr.kind || f.Rows() == 0 {
		return nil, errOutside(o.ID, "has no events of "+w.sr.kind.String())
	}
	w.s.segments.seen(o.ID) // no segment gets the number that a file of the day has
	e := &entry{id: o.ID, rows: uint64(f.Rows()), size: uint64(o.Size), dropped: true}
	c := &outside{Outside: o, file: f, entry: e}
	err = c.each(ctx, func(ev *event.Event, row []byte) error {
		hour := ev.Time().Hour()
		if n := len(e.hours); hour < w.first || hour >= w.first+hoursPerDay || n > 0 && e.hours[n-1].hour > hour {
			return errOutside(o.ID, "has events of another day, or out of their order")
		}
		e.hours = share(e.hours, hour, rowHash(row))
		if w.Gone != nil && w.Gone(ev) {
			c.gone++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for g := range f.RowGroups() {
		first, last := f.GroupTime(g)
		e.groups = append(e.groups, groupInfo{uint64(f.GroupRows(g)), first, last})
	}
	e.place = place{w.sr, e.hours[0].hour}
	e.to = e.hours[len(e.hours)-1].hour + 1
	e.min, e.max = e.groups[0].min, e.groups[len(e.groups)-1].max
	if e.pieces, err = crcsOf(o.File, o.Size); err != nil {
		return nil, err
	}
	if !e.sensible() {
		return nil, errOutside(o.ID, "is not what a segment can be")
	}
	e.alive()
	return c, nil
}

// each calls f with every event and its row.
func (c *outside) each(ctx context.Context, f func(ev *event.Event, row []byte) error) error {
	var ev event.Event
	var row []byte
	for g := range c.file.RowGroups() {
		if err := ctx.Err(); err != nil {
			return err
		}
		rec, err := c.file.Read(g, nil)
		if err != nil {
			return errOutside(c.ID, "cannot be read").Wrap(err)
		}
		rows := columns.NewRows(c.file.Kind(), rec)
		for i := range int(rec.NumRows()) {
			rows.Event(&ev, i)
			row = rows.Append(row[:0], i)
			if err := f(&ev, row); err != nil {
				rec.Release()
				return err
			}
		}
		rec.Release()
	}
	return nil
}

// crcsOf are the checksums of the pieces of a file.
func crcsOf(r io.ReaderAt, size int64) (crcs []uint32, err error) {
	piece := make([]byte, pieceSize)
	for at := int64(0); at < size; at += pieceSize {
		p := piece[:min(pieceSize, size-at)]
		if n, err := r.ReadAt(p, at); n < len(p) {
			return nil, errors.Join(errPiece, err)
		}
		crcs = append(crcs, crc32.Checksum(p, castagnoli))
	}
	return crcs, nil
}

// name writes the blocks of a file's events and gives the entry that names the file, which nobody sees yet.
func (w *adopting) name(ctx context.Context, c *outside) (*entry, error) {
	var recs []arrow.Record
	for g := range c.file.RowGroups() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rec, err := c.file.Read(g, nil)
		if err != nil {
			return nil, errOutside(c.ID, "cannot be read").Wrap(err)
		}
		recs = append(recs, rec)
	}
	blocks, err := w.s.derive(w.sr.kind, recs)
	if err != nil {
		return nil, err
	}
	e := c.entry
	e.blocksAt = w.s.nextSegment()
	var pairs []pair
	e.blocks, pairs = blockPairs(e.place, e.blocksAt, blocks)
	e.verified = make([]atomic.Bool, len(e.pieces))
	if err := w.s.writePieces(pairs); err != nil {
		return e, err
	}
	return e, w.s.proveBlocks(e, blocks)
}

// write writes a segment of a file's events but for those that go, which nobody sees yet; nil if none is left.
func (w *adopting) write(ctx context.Context, c *outside, goes func(*event.Event) bool) (*entry, error) {
	read := func(g int) (arrow.Record, error) { return c.file.Read(g, nil) }
	r, err := w.s.writeLeft(ctx, w.sr, c.file.RowGroups(), read, goes)
	return r.left, err
}
