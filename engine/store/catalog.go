package store

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/archive"
	"analytics/engine/event"
)

// catalog is the segments that snapshots see. The store's view lock guards it. Entries never
// change: what changes a segment puts another entry in its place.
type catalog struct {
	segments map[series][]*entry // in the order of hour and id
}

func newCatalog() *catalog { return &catalog{segments: map[series][]*entry{}} }

// add puts an entry in.
func (c *catalog) add(e *entry) {
	list := c.segments[e.place.series]
	at, _ := slices.BinarySearchFunc(list, e, compareEntries)
	c.segments[e.place.series] = slices.Insert(list, at, e)
}

// remove takes an entry out.
func (c *catalog) remove(e *entry) {
	list := c.segments[e.place.series]
	if at, ok := slices.BinarySearchFunc(list, e, compareEntries); ok {
		c.segments[e.place.series] = slices.Delete(list, at, at+1)
	}
}

func compareEntries(a, b *entry) int {
	return cmp.Or(cmp.Compare(a.place.hour, b.place.hour), cmp.Compare(a.id, b.id))
}

// from cuts a list of entries to those that may reach into the hour: no segment spans more than a
// day, so years of entries before it need not be looked at.
func from(list []*entry, hour event.Hour) []*entry {
	first := hour - min(hour, hoursPerDay)
	at, _ := slices.BinarySearchFunc(list, first, func(e *entry, h event.Hour) int {
		return cmp.Compare(e.place.hour, h)
	})
	return list[at:]
}

// spanning lists the entries of a series whose hours overlap [first, to).
func (c *catalog) spanning(sr series, first, to event.Hour) []*entry {
	var out []*entry
	for _, e := range from(c.segments[sr], first) {
		if e.place.hour >= to {
			break
		}
		if e.to > first {
			out = append(out, e)
		}
	}
	return out
}

// hold lists the entries that overlap the range and keeps them alive; under the view lock.
func (c *catalog) hold(r Range) []*entry {
	var out []*entry
	for _, e := range from(c.segments[series{r.Tenant, r.Kind}], max(r.From, 0).Hour()) {
		if e.place.hour.Start() >= r.To {
			break
		}
		if e.to.Start() > r.From {
			e.keep()
			out = append(out, e)
		}
	}
	return out
}

// count is the number of segments, and the rows by kind of those that still have them.
func (c *catalog) count(rows map[event.Kind]int64) int {
	n := 0
	for sr, list := range c.segments {
		for _, e := range list {
			n++
			if !e.dropped {
				rows[sr.kind] += int64(e.rows)
			}
		}
	}
	return n
}

// chunks lists the row groups that may hold rows of the range.
func (e *entry) chunks(s *Store, r Range) []Chunk {
	if e.dropped && !s.archived(e) {
		return nil
	}
	var out []Chunk
	for g, info := range e.groups {
		if info.min < r.To && info.max >= r.From {
			out = append(out, Chunk{
				Rows: int(info.rows), Min: info.min, Max: info.max, Segment: e.id,
				entry: e, group: g, kind: r.Kind, store: s,
			})
		}
	}
	return out
}

func (s *Store) segment(e *entry) Segment {
	return Segment{
		ID: e.id, From: e.place.hour, To: e.to, Rows: int(e.rows), Min: e.min, Max: e.max,
		RawDropped: e.dropped && !s.archived(e), Daily: e.daily, Blocks: e.blocksAt, entry: e,
	}
}

// loadCatalog reads the catalog on start, before the journal is read, and finishes what a crash
// left half done: an erasure, and pieces that no entry names.
func (s *Store) loadCatalog(ctx context.Context) error {
	if err := s.resumeErasures(); err != nil {
		return err
	}
	if err := s.resumeScrubs(); err != nil {
		return err
	}
	err := s.scan([]byte{byte(spaceCatalog)}, true, func(k, v []byte) error {
		e, err := parseEntry(k, v)
		if err != nil {
			return errUnreadable("catalog entry", k, err)
		}
		s.catalog.add(e)
		s.segments.seen(max(e.id, e.blocksAt))
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return s.findOrphans(ctx)
}

// closeCatalog sweeps what can be swept; the rest is found on the next start.
func (s *Store) closeCatalog() {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
}

// sealedAny reports whether segments hold rows of the place. It takes the view lock.
func (s *Store) sealedAny(p place) bool {
	s.view.RLock()
	defer s.view.RUnlock()
	for _, e := range s.catalog.spanning(p.series, p.hour, p.hour+1) {
		if !e.dropped {
			return true
		}
	}
	return false
}

// sealedHour is the sealed part of an hour.
type sealedHour struct {
	rows, sum uint64
	dropped   bool
}

// sealedHours says for each hour of a series how many rows segments have or had. It takes the view
// lock.
func (s *Store) sealedHours(sr series, from, to event.Hour) map[event.Hour]sealedHour {
	s.view.RLock()
	defer s.view.RUnlock()
	out := map[event.Hour]sealedHour{}
	for _, e := range s.catalog.spanning(sr, from, to) {
		for _, share := range e.hours {
			if share.hour < from || share.hour >= to {
				continue
			}
			h := out[share.hour]
			h.rows += share.rows
			h.sum += share.sum
			h.dropped = h.dropped || e.dropped
			out[share.hour] = h
		}
	}
	return out
}

// readGroup reads one row group of a segment, into the arena if there is one.
func (s *Store) readGroup(
	ctx context.Context, a *Arena, e *entry, group int, fields []int,
) (arrow.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := s.segments.file(s, e)
	if err != nil {
		return nil, err
	}
	var rec arrow.Record
	if a != nil {
		rec, err = f.ReadInto(a, group, fields)
	} else {
		rec, err = f.Read(group, fields)
	}
	if err != nil {
		return nil, errReading(e, err)
	}
	return rec, nil
}

// ReadRows is Read for rows [from, to) of the chunk: of a sealed chunk it reads only the pages they
// are on. The record begins with row first of the chunk, at or before from, and ends at or after to.
// What it is for: showing few rows after Read of some columns told which.
func (c *Chunk) ReadRows(
	ctx context.Context, fields []int, from, to int,
) (rec arrow.Record, first int, err error) {
	if c.run != nil || to-from > c.Rows/2 {
		rec, err = c.Read(ctx, fields)
		return rec, 0, err
	}
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	f, err := c.store.segments.file(c.store, c.entry)
	if err != nil {
		return nil, 0, err
	}
	if rec, first, err = f.ReadRows(c.group, from, to, fields); err != nil {
		return nil, 0, errReading(c.entry, err)
	}
	return rec, first, nil
}

// Locate finds the rows [from, to) of the chunk outside of which no row has the identifier, given in
// compact form, in a field; both are 0 if no row has it.
func (c *Chunk) Locate(ctx context.Context, field int, compact []byte) (from, to int, err error) {
	if c.run != nil {
		return 0, c.Rows, nil
	}
	if err := ctx.Err(); err != nil {
		return 0, 0, err
	}
	f, err := c.store.segments.file(c.store, c.entry)
	if err != nil {
		return 0, 0, err
	}
	if from, to, err = f.Locate(c.group, field, compact); err != nil {
		return 0, 0, errReading(c.entry, err)
	}
	return from, to, nil
}

// mayContain asks the bloom filter of a row group; one that cannot be read excludes nothing.
func (s *Store) mayContain(e *entry, group, field int, compact []byte) bool {
	f, err := s.segments.file(s, e)
	if err != nil {
		return true
	}
	may, err := f.GroupMayContain(group, field, compact)
	return may || err != nil
}

// openFiles bounds how many segments' footers are kept parsed: one of 50 columns takes some 30 KiB.
const openFiles = 256

// segments is what the sealed side keeps in memory beside the catalog.
type segments struct {
	newest atomic.Uint64 // id given
	mu     sync.Mutex
	files  map[*entry]*archive.File // guarded by mu
	ids    idCache
	recent pieceCache
}
