package store

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/dgraph-io/badger/v4"

	"analytics/engine/archive"
	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/fault"
)

// SealReport says what a sealing did.
type SealReport struct {
	Hours    int // of one kind each
	Segments int
	Rows     int64
	Bytes    int64 // of the Parquet files
}

// maxSegmentRows is the largest segment that sealing several hours together or merging makes. Both
// have all of it in memory as a record, twice for a moment, and as a file: of AI requests some 400
// bytes a row, so 100 MB. Larger segments would answer no question faster: two row groups are read
// as fast as two segments.
const maxSegmentRows = 1 << 18

// hoursPerDay is the span of the largest segment.
const hoursPerDay = 24

// Seal moves the hours of the head that begin before the given hour into segments, and with all set
// every hour. Hours of a day that is over share a segment: an import of a month makes 30 segments a
// kind and not 720. It may be called at any time, also twice at once; a sealing that a crash cut
// short is done again by the next.
func (s *Store) Seal(ctx context.Context, before event.Hour, all bool) (SealReport, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	var report SealReport
	if all {
		before = ^event.Hour(0)
	}
	today := event.MicrosOf(s.cfg.Now()).Hour() / hoursPerDay
	for _, group := range sealGroups(s.sealable(before), today) {
		if err := s.sealGroup(ctx, group, &report); err != nil {
			return report, err
		}
	}
	return report, s.sweep(ctx)
}

// Relieve seals the largest hours until the head is below a quarter of its bound: what to do when
// Pressure says so.
func (s *Store) Relieve(ctx context.Context) (SealReport, error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	var report SealReport
	for s.head.bytes.Load() > s.cfg.MaxHeadBytes/4 {
		p, ok := s.largest()
		if !ok {
			break
		}
		if err := s.sealGroup(ctx, []place{p}, &report); err != nil {
			return report, err
		}
	}
	return report, s.sweep(ctx)
}

// largest is the hour of the head with the most bytes.
func (s *Store) largest() (best place, ok bool) {
	s.view.RLock()
	defer s.view.RUnlock()
	most := int64(0)
	s.head.each(nil, func(p *partition) {
		n := int64(0)
		for _, g := range p.generations() {
			n += g.bytes
		}
		if n > most {
			best, ok, most = p.place, true, n
		}
	})
	return best, ok
}

// sealGroups sorts hours into the groups that share a segment.
func sealGroups(places []place, today event.Hour) [][]place {
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(
			slices.Compare(a.tenant[:], b.tenant[:]),
			cmp.Compare(a.kind, b.kind),
			cmp.Compare(a.hour, b.hour))
	})
	var groups [][]place
	for i, p := range places {
		if i > 0 {
			last := places[i-1]
			day := p.hour / hoursPerDay
			if last.series == p.series && last.hour/hoursPerDay == day && day < today {
				groups[len(groups)-1] = append(groups[len(groups)-1], p)
				continue
			}
		}
		groups = append(groups, []place{p})
	}
	return groups
}

// sealGroup freezes hours of one series and seals them.
func (s *Store) sealGroup(ctx context.Context, places []place, report *SealReport) error {
	var parts []frozen
	rows := 0
	seal := func() error {
		if len(parts) == 0 {
			return nil
		}
		e, err := s.sealFrozen(ctx, parts)
		if err != nil {
			return err
		}
		report.Hours += len(parts)
		report.Segments++
		report.Rows += int64(e.rows)
		report.Bytes += int64(e.size)
		parts, rows = nil, 0
		return nil
	}
	for _, p := range places {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, ok, err := s.freeze(ctx, p)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if rows+f.count > maxSegmentRows {
			if err := seal(); err != nil {
				return err
			}
		}
		parts = append(parts, f)
		rows += f.count
	}
	return seal()
}

// sealFrozen writes one segment of frozen hours.
func (s *Store) sealFrozen(ctx context.Context, parts []frozen) (*entry, error) {
	first, last := parts[0].place, parts[len(parts)-1].place
	var slabs [][]byte
	var hours []hourShare
	for _, f := range parts {
		slabs = append(slabs, f.rows...)
		hours = append(hours, hourShare{f.place.hour, uint64(f.count), f.sum})
	}
	rec, err := columns.Sorted(first.kind, slabs)
	if err != nil {
		return nil, fault.New(fault.Internal, "seal", "cannot seal").Wrap(err)
	}
	e, err := s.writeSegment(ctx, first, last.hour+1, rec, hours)
	if err != nil {
		return nil, err
	}
	s.cfg.Failpoint("seal.entry.before")
	err = s.update(func(txn *badger.Txn) error {
		for _, f := range parts {
			if err := txn.Set(placeKey(spaceMark, f.place), markValue(f.upTo)); err != nil {
				return err
			}
		}
		return txn.Set(e.key(), e.bytes())
	})
	if err != nil {
		return nil, err
	}
	s.cfg.Failpoint("seal.entry.after")
	if set, err := sealedIDs(e, slabs); err == nil {
		s.segments.ids.put(set)
	}
	places := make([]place, len(parts))
	for i, f := range parts {
		places[i] = f.place
		s.garbage.journal(f.place, f.upTo)
	}
	s.publish(func() { s.catalog.add(e) }, places...)
	return e, nil
}

// writeSegment writes the pieces and blocks of a segment, which nobody sees yet, reads them back
// and compares rows and sums with what they must be.
func (s *Store) writeSegment(
	ctx context.Context, at place, to event.Hour, rec arrow.Record, hours []hourShare,
) (*entry, error) {
	// Both take about as long and only read the record. An import waits for its sealing.
	var blocks []Block
	var deriveErr error
	var deriving sync.WaitGroup
	deriving.Go(func() { blocks, deriveErr = s.derive(at.kind, []arrow.Record{rec}) })
	seg, err := archive.Write(at.kind, rec, archive.Options{})
	deriving.Wait()
	if deriveErr != nil {
		return nil, deriveErr
	}
	if err != nil {
		return nil, fault.New(fault.Internal, "seal", "cannot write a segment").Wrap(err)
	}
	if err := s.disk.spare(int64(len(seg.Data))); err != nil {
		return nil, err
	}
	id := s.nextSegment()
	e := &entry{
		place: at, to: to, id: id, blocksAt: id,
		rows: uint64(rec.NumRows()), min: seg.MinTime, max: seg.MaxTime,
		size: uint64(len(seg.Data)), hours: hours, groups: groupsOf(rec),
	}
	pairs, crcs := piecesOf(seg.Data, func(n uint32) []byte { return pieceKey(at, id, n) })
	e.pieces = crcs
	e.alive()
	refs, more := blockPairs(at, id, blocks)
	e.blocks = refs
	if err := s.writePieces(append(pairs, more...)); err != nil {
		return nil, err
	}
	s.cfg.Failpoint("seal.pieces")
	if err := s.proveSegment(ctx, e); err != nil {
		s.garbage.add(segmentKey(spacePiece, at, id), segmentKey(spaceBlock, at, id))
		return nil, err
	}
	return e, nil
}

// groupsOf says which rows archive.Write puts into which row group.
func groupsOf(rec arrow.Record) []groupInfo {
	times := timestamps(rec)
	var out []groupInfo
	for at := 0; at < len(times); at += archive.GroupRows {
		end := min(at+archive.GroupRows, len(times))
		out = append(out, groupInfo{
			rows: uint64(end - at),
			min:  event.Micros(times[at]), max: event.Micros(times[end-1]),
		})
	}
	return out
}

// timestamps is the timestamp column, which every record has first.
func timestamps(rec arrow.Record) []arrow.Timestamp {
	return rec.Column(0).(*array.Timestamp).TimestampValues()
}

// proveSegment reads a segment from Badger and compares its rows, turned back into the bytes that
// were accepted, with what it must hold. It costs about 1 µs a row.
func (s *Store) proveSegment(ctx context.Context, e *entry) error {
	f, err := s.segments.file(s, e)
	if err != nil {
		return err
	}
	got, err := sumFile(ctx, f, e.place.kind)
	if err != nil {
		return errReading(e, err)
	}
	return e.compare(got)
}

// compare compares what was found of each hour with what the entry says.
func (e *entry) compare(got map[event.Hour]hourShare) error {
	for _, want := range e.hours {
		if share := got[want.hour]; share.rows != want.rows || share.sum != want.sum {
			return fault.New(fault.Damaged, "store_damaged",
				"a segment of %s for %s holds %d rows with sum %x instead of %d with sum %x",
				e.place.kind, want.hour.Start().Time().Format(time.RFC3339),
				share.rows, share.sum, want.rows, want.sum)
		}
		delete(got, want.hour)
	}
	if len(got) > 0 {
		return fault.New(fault.Damaged, "store_damaged",
			"a segment of %s holds rows of %d hours it must not hold", e.place.kind, len(got))
	}
	return nil
}

// sumFile counts and sums the rows of a segment by hour.
func sumFile(ctx context.Context, f *archive.File, kind event.Kind) (map[event.Hour]hourShare, error) {
	out := map[event.Hour]hourShare{}
	var row []byte
	for g := range f.RowGroups() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rec, err := f.Read(g, nil)
		if err != nil {
			return nil, err
		}
		times := timestamps(rec)
		rows := columns.NewRows(kind, rec)
		for i := range times {
			row = rows.Append(row[:0], i)
			hour := event.Micros(times[i]).Hour()
			share := out[hour]
			share.hour = hour
			share.rows++
			share.sum += rowHash(row)
			out[hour] = share
		}
		rec.Release()
	}
	return out, nil
}
