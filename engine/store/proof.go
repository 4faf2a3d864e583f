package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"

	"analytics/engine/archive"
	"analytics/engine/event"
)

// Proof checks what an Image handed out, wherever it is now and without a store: every key, checksum
// and count. Small pairs come first, in their order, then the pieces, then Finish.
type Proof struct {
	marks    map[place]uint64
	hours    map[place]*tally
	files    map[string]*largeFile // by what the keys have in common
	totals   map[series]*Total
	sequence uint64
	newest   uint64 // sequence of a journal batch
}

// Total is what there is of a kind of a tenant.
type Total struct {
	Tenant Tenant
	Kind   event.Kind
	// Events were accepted in all; Sum is the sum of the hashes of their rows, modulo 2^64.
	Events, Sum uint64
	// Here are in journal and segments, Archived in the archive; the others retention let go.
	Here, Archived uint64
}

// largeFile is a segment's Parquet file or the blocks of a segment, as far as they have come.
type largeFile struct {
	entry  *entry
	pieces []largePiece // that must come, in order
	next   int
}

type largePiece struct {
	key  key
	size int
	crc  uint32
}

// NewProof begins.
func NewProof() *Proof {
	return &Proof{
		marks: map[place]uint64{}, hours: map[place]*tally{}, files: map[string]*largeFile{},
		totals: map[series]*Total{},
	}
}

// Small takes one pair of Image.Small.
func (p *Proof) Small(k, v []byte) error {
	at, err := parseKey(k)
	if err != nil {
		return err
	}
	switch at.space {
	case spaceMark:
		if len(v) != 8 {
			return errDamagedKey("sealed mark", k)
		}
		p.marks[at.place] = binary.BigEndian.Uint64(v)
	case spaceCatalog:
		return p.entry(k, v)
	case spaceJournal:
		return p.batch(at, k, v)
	case spaceLedger:
		row, err := parseLedger(k, v)
		if err != nil {
			return errUnreadable("ledger row", k, err)
		}
		p.hour(at.place).ledger = row
		t := p.total(at.place.series)
		t.Events += row.rows
		t.Sum += row.sum
	case spaceSequence:
		if len(v) != 8 {
			return errDamagedKey("sequence number", k)
		}
		p.sequence = binary.BigEndian.Uint64(v)
	case spaceShelf, spaceErase:
	default:
		return errKey
	}
	return nil
}

func (p *Proof) hour(at place) *tally {
	if p.hours[at] == nil {
		p.hours[at] = &tally{}
	}
	return p.hours[at]
}

func (p *Proof) total(sr series) *Total {
	if p.totals[sr] == nil {
		p.totals[sr] = &Total{Tenant: sr.tenant, Kind: sr.kind}
	}
	return p.totals[sr]
}

func (p *Proof) batch(at key, k, v []byte) error {
	rows, info, err := openBatch(k, v)
	if err == nil {
		err = checkRows(rows, info)
	}
	if err != nil || at.seq <= p.marks[at.place] {
		return errDamagedKey("journal batch", k)
	}
	p.newest = max(p.newest, at.seq)
	found := &p.hour(at.place).found
	found.rows += uint64(info.count)
	found.sum += info.sum
	p.total(at.place.series).Here += uint64(info.count)
	return nil
}

// entry takes a catalog entry: what it names must come.
func (p *Proof) entry(k, v []byte) error {
	e, err := parseEntry(k, v)
	if err != nil {
		return errUnreadable("catalog entry", k, err)
	}
	for _, h := range e.hours {
		found := &p.hour(place{e.place.series, h.hour}).found
		found.rows += h.rows
		found.sum += h.sum
	}
	switch t := p.total(e.place.series); {
	case !e.dropped:
		t.Here += e.rows
		f := &largeFile{entry: e}
		f.expect(key{space: spacePiece, place: e.place, seq: uint64(e.id)}, e.size, e.pieces)
		p.files[string(segmentKey(spacePiece, e.place, e.id))] = f
	case e.kept():
		t.Archived += e.rows
	}
	f := &largeFile{entry: e}
	blocks := slices.SortedFunc(slices.Values(e.blocks), func(a, b blockRef) int {
		return cmp.Compare(a.cube, b.cube)
	})
	for _, b := range blocks {
		at := key{space: spaceBlock, place: e.place, seq: uint64(e.blocksAt), cube: b.cube}
		f.expect(at, b.size, b.pieces)
	}
	p.files[string(segmentKey(spaceBlock, e.place, e.blocksAt))] = f
	return nil
}

// expect lists the pieces of one file or block.
func (f *largeFile) expect(at key, size uint64, crcs []uint32) {
	for i, crc := range crcs {
		at.piece = uint32(i)
		n := min(pieceSize, int(size)-i*pieceSize)
		f.pieces = append(f.pieces, largePiece{at, n, crc})
	}
}

// Large takes one pair of Image.Large. In the order of their keys, what one file has comes together.
func (p *Proof) Large(k, v []byte) error {
	common, _ := LargeFile(k)
	f := p.files[string(common)]
	if f == nil {
		return errDamagedKey("piece that no segment names", k)
	}
	if f.next >= len(f.pieces) {
		return errDamagedKey("piece that is one too many", k)
	}
	want := f.pieces[f.next]
	if string(want.key.bytes()) != string(k) {
		return errDamagedKey("piece out of its order", k)
	}
	if len(v) != want.size || crc32.Checksum(v, castagnoli) != want.crc {
		return errDamagedSegment(f.entry, errPiece)
	}
	f.next++
	return nil
}

// Segment reads the Parquet file of which Large took all pieces and compares every row with the
// catalog. The key is that of any of its pieces.
func (p *Proof) Segment(ctx context.Context, k []byte, file io.ReaderAt) error {
	common, _ := LargeFile(k)
	f := p.files[string(common)]
	if f == nil {
		return errDamagedKey("segment that the catalog does not name", k)
	}
	a, err := archive.Open(file, int64(f.entry.size))
	if err == nil {
		err = f.entry.matches(a)
	}
	if err != nil {
		return errDamagedSegment(f.entry, err)
	}
	got, err := sumFile(ctx, a, f.entry.place.kind)
	if err == nil {
		err = f.entry.compare(got)
	}
	if err != nil && ctx.Err() == nil {
		return errDamagedSegment(f.entry, err)
	}
	return err
}

// SegmentSize is the length of the Parquet file that a piece belongs to.
func (p *Proof) SegmentSize(k []byte) int64 {
	common, _ := LargeFile(k)
	if f := p.files[string(common)]; f != nil {
		return int64(f.entry.size)
	}
	return 0
}

// Finish compares what came with what had to come, and gives what there is, by tenant and kind.
func (p *Proof) Finish() ([]Total, error) {
	if p.newest > p.sequence {
		return nil, fmt.Errorf("journal batch %d came, and the last number given is %d", p.newest, p.sequence)
	}
	for _, common := range slices.Sorted(maps.Keys(p.files)) {
		if f := p.files[common]; f.next < len(f.pieces) {
			return nil, errDamagedSegment(f.entry,
				fmt.Errorf("%d pieces came of %d", f.next, len(f.pieces)))
		}
	}
	for at, b := range p.hours {
		if b.ledger != b.found {
			return nil, fmt.Errorf("%s", problemAt(at, fmt.Sprintf(
				"the ledger says %d rows with sum %x, journal and segments hold %d with sum %x",
				b.ledger.rows, b.ledger.sum, b.found.rows, b.found.sum), adviceRestore).String())
		}
	}
	return p.Totals(), nil
}

// Totals is what came, by tenant and kind.
func (p *Proof) Totals() []Total {
	out := make([]Total, 0, len(p.totals))
	for _, t := range p.totals {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Total) int {
		return cmp.Or(cmp.Compare(string(a.Tenant[:]), string(b.Tenant[:])), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}
