package store

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/archive"
	"analytics/engine/event"
	"analytics/engine/fault"
)

// entry is one segment in the catalog. It never changes once others can see it.
type entry struct {
	place    place      // series, and the first hour of the span
	to       event.Hour // the hour after the span
	id       SegmentID
	rows     uint64
	min, max event.Micros
	dropped  bool     // the events are gone, or archived if pieces are named; blocks and counts stay
	daily    bool     // the blocks have cells of days, or went with their days: see Condense
	size     uint64   // bytes of the Parquet file
	pieces   []uint32 // CRC-32C of each piece
	hours    []hourShare
	groups   []groupInfo
	blocksAt SegmentID // the id under which the blocks lie: another one each time they are made
	blocks   []blockRef

	life     *life
	verified []atomic.Bool // pieces whose CRC was right
}

// hourShare is what a segment holds of one hour: rows, and the sum of their hashes.
type hourShare struct {
	hour event.Hour
	rows uint64
	sum  uint64
}

// groupInfo is a row group.
type groupInfo struct {
	rows     uint64
	min, max event.Micros
}

// blockRef is a block of cells of one cube.
type blockRef struct {
	cube   uint8
	size   uint64
	pieces []uint32 // CRC-32C of each piece
}

// A catalog entry is the value under a catalog key:
//
//	version   1 byte, 1; 2 if bit 1 of the flags is set, which programs of format 1 do not know
//	flags     1 byte: bit 0 the events were dropped, bit 1 the cells of hours were
//	to        uvarint  hours from the first hour of the span (in the key) to the one after it
//	rows      uvarint
//	min, max  varint   microseconds
//	size      uvarint  bytes of the Parquet file
//	pieces    uvarint n, then n x 4 bytes CRC-32C
//	hours     uvarint n, then n x (uvarint hours after the first, uvarint rows, 8 bytes sum)
//	groups    uvarint n, then n x (uvarint rows, varint min, varint max)
//	blocksAt  uvarint  the id in the keys of the blocks
//	blocks    uvarint n, then n x (1 byte cube, uvarint size, uvarint m, m x 4 bytes CRC-32C)
//	crc       4 bytes  CRC-32C of the key and all before
//
// Fixed-width numbers are little-endian. Pieces are pieceSize bytes but for the last.
const (
	entryVersion = 2
	flagDropped  = 1
	flagDaily    = 2
)

var errEntry = errors.New("store: damaged catalog entry")

// bytes is the value under the entry's key.
func (e *entry) bytes() []byte {
	b := []byte{1, 0}
	if e.dropped {
		b[1] |= flagDropped
	}
	if e.daily {
		b[0], b[1] = 2, b[1]|flagDaily
	}
	b = binary.AppendUvarint(b, uint64(e.to-e.place.hour))
	b = binary.AppendUvarint(b, e.rows)
	b = binary.AppendVarint(b, int64(e.min))
	b = binary.AppendVarint(b, int64(e.max))
	b = binary.AppendUvarint(b, e.size)
	b = appendCRCs(b, e.pieces)
	b = binary.AppendUvarint(b, uint64(len(e.hours)))
	for _, h := range e.hours {
		b = binary.AppendUvarint(b, uint64(h.hour-e.place.hour))
		b = binary.AppendUvarint(b, h.rows)
		b = binary.LittleEndian.AppendUint64(b, h.sum)
	}
	b = binary.AppendUvarint(b, uint64(len(e.groups)))
	for _, g := range e.groups {
		b = binary.AppendUvarint(b, g.rows)
		b = binary.AppendVarint(b, int64(g.min))
		b = binary.AppendVarint(b, int64(g.max))
	}
	b = binary.AppendUvarint(b, uint64(e.blocksAt))
	b = binary.AppendUvarint(b, uint64(len(e.blocks)))
	for _, bl := range e.blocks {
		b = append(b, bl.cube)
		b = binary.AppendUvarint(b, bl.size)
		b = appendCRCs(b, bl.pieces)
	}
	crc := crc32.Update(crc32.Checksum(e.key(), castagnoli), castagnoli, b)
	return binary.LittleEndian.AppendUint32(b, crc)
}

func (e *entry) key() []byte { return catalogKey(e.place, e.id) }

func appendCRCs(b []byte, crcs []uint32) []byte {
	b = binary.AppendUvarint(b, uint64(len(crcs)))
	for _, c := range crcs {
		b = binary.LittleEndian.AppendUint32(b, c)
	}
	return b
}

// parseEntry reads a catalog entry. It refuses what bytes could not have made.
func parseEntry(k, v []byte) (*entry, error) {
	at, err := parseKey(k)
	if err != nil || at.space != spaceCatalog || len(v) < 6 || v[0] == 0 {
		return nil, errEntry
	}
	body := v[:len(v)-4]
	crc := crc32.Update(crc32.Checksum(k, castagnoli), castagnoli, body)
	if crc != binary.LittleEndian.Uint32(v[len(v)-4:]) {
		return nil, errEntry
	}
	if v[0] > entryVersion {
		return nil, errNewer("catalog entry", v[0])
	}
	e := &entry{place: at.place, id: SegmentID(at.seq), dropped: body[1]&flagDropped != 0,
		daily: body[1]&flagDaily != 0}
	if body[1]&^(flagDropped|flagDaily) != 0 || e.daily != (body[0] == 2) || e.daily && !e.dropped {
		return nil, errEntry
	}
	d := decoder{b: body[2:]}
	e.to = e.place.hour + event.Hour(d.uint())
	e.rows = d.uint()
	e.min, e.max = event.Micros(d.int()), event.Micros(d.int())
	e.size = d.uint()
	e.pieces = d.crcs()
	for n := d.count(10); n > 0; n-- {
		e.hours = append(e.hours, hourShare{e.place.hour + event.Hour(d.uint()), d.uint(), d.fixed()})
	}
	for n := d.count(3); n > 0; n-- {
		g := groupInfo{rows: d.uint()}
		g.min, g.max = event.Micros(d.int()), event.Micros(d.int())
		e.groups = append(e.groups, g)
	}
	e.blocksAt = SegmentID(d.uint())
	for n := d.count(3); n > 0; n-- {
		e.blocks = append(e.blocks, blockRef{cube: d.byte(), size: d.uint(), pieces: d.crcs()})
	}
	if d.bad || len(d.b) > 0 || !e.sensible() {
		return nil, errEntry
	}
	e.alive()
	return e, nil
}

// alive makes what an entry has only in memory.
func (e *entry) alive() {
	e.life, e.verified = &life{}, make([]atomic.Bool, len(e.pieces))
}

// sensible compares the parts of an entry with each other.
func (e *entry) sensible() bool {
	if e.to <= e.place.hour || e.to-e.place.hour > hoursPerDay {
		return false
	}
	if (!e.dropped || e.kept()) && len(e.pieces) != pieceCount(e.size) {
		return false
	}
	for i := range e.blocks {
		if len(e.blocks[i].pieces) != pieceCount(e.blocks[i].size) {
			return false
		}
	}
	left := e.rows
	for i, h := range e.hours {
		if h.hour < e.place.hour || h.hour >= e.to || h.rows > left ||
			i > 0 && h.hour <= e.hours[i-1].hour {
			return false
		}
		left -= h.rows
	}
	if left != 0 {
		return false
	}
	for _, g := range e.groups {
		if g.rows > archive.GroupRows || g.max < g.min {
			return false
		}
		left += g.rows
	}
	return e.dropped && !e.kept() || left == e.rows
}

// decoder reads numbers one after another; once something is missing it is bad and reads zeros.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	return v * d.take(n)
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.b)
	return v * int64(d.take(n))
}

func (d *decoder) fixed() uint64 {
	if len(d.b) < 8 {
		return d.take(0)
	}
	v := binary.LittleEndian.Uint64(d.b)
	d.take(8)
	return v
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		return byte(d.take(0))
	}
	v := d.b[0] // before take moves on: in one expression either may come first
	d.take(1)
	return v
}

// count reads a number of things that are at least size bytes each.
func (d *decoder) count(size int) int {
	n := d.uint()
	if n > uint64(len(d.b)/size) {
		d.bad = true
		return 0
	}
	return int(n)
}

func (d *decoder) crcs() []uint32 {
	out := make([]uint32, d.count(4))
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(d.b)
		d.take(4)
	}
	return out
}

// take moves on by n bytes: 1 if that was possible, else 0, and d is bad.
func (d *decoder) take(n int) uint64 {
	if n <= 0 || d.bad || n > len(d.b) {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return 1
}

// errDamagedSegment is the fault of a segment that cannot be read as it was written.
func errDamagedSegment(e *entry, err error) error {
	return fault.New(fault.Damaged, "store_damaged",
		"the segment of %s from %s (id %d) is damaged; restore a backup, or run doctor to see "+
			"what else is", e.place.kind, hourText(e.place.hour), e.id).Wrap(err)
}

// errReading is the fault of a segment that was not read: damaged, unless there is a better reason.
func errReading(e *entry, err error) error {
	switch {
	case e.life.erased.Load():
		return fault.New(fault.Unavailable, "erased",
			"the events were erased while they were read; ask again").Wrap(err)
	case errors.Is(err, badger.ErrDBClosed):
		return errClosing()
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case e.dropped:
		return errArchive(e, err)
	}
	return errDamagedSegment(e, err)
}

// errArchive is the fault of a segment outside the store: out of reach for now, or not there as it was.
func errArchive(e *entry, err error) error {
	kind, hour := e.place.kind, hourText(e.place.hour)
	for cause := err; ; {
		f, ok := errors.AsType[*fault.Error](cause)
		if !ok {
			return fault.New(fault.Damaged, "archive_unreadable", "the archived events of %s from %s cannot be read; "+
				"put the file back into the archive, or after a restore run `analytics archive adopt`, which takes over "+
				"what is there", kind, hour).Wrap(err)
		}
		if f.Kind == fault.Unavailable || f.Kind == fault.Invalid {
			return fault.New(fault.Unavailable, "archive_unreachable", "the archived events of %s from %s cannot be "+
				"read now: %s", kind, hour, f.Message).Wrap(err)
		}
		cause = f.Err
	}
}

func hourText(h event.Hour) string { return h.Start().Time().Format("2006-01-02T15:04Z") }
