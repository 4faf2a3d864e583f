package cube

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// Block is a table as bytes: the cells of a cube for one segment, or of a day. Sections are apart,
// each with a checksum of its own, so that a reader touches only what it was asked for. The bytes
// are described in rollup/FORMAT.md.
type Block struct {
	*Sections
	source Source
	// first and last are the moments that all events of the block lie between; see Between.
	first, last event.Micros
}

// Between says that the events of the block lie from first to last, which whoever made it knows: then
// an edge cuts a cell only where there is something on both sides of it. The hour that is not over
// can be counted from its cells up to now, since what is in it happened before.
func (b *Block) Between(first, last event.Micros) { b.first, b.last = first, last }

// Source is the bytes of a block where they lie: on disk in pieces, or in memory.
type Source interface {
	io.ReaderAt
	Size() int64
}

const (
	blockMagic   = "CB"
	blockVersion = 1
	flagFolded   = 1
	maxCells     = 1 << 23 // a day of quarter hours, each with the most cells, is 5 M
)

// ErrLacks says that a block does not hold what was asked: a dimension, a measure, or a bucket that
// its cells do not fit into. Ask another cube or the raw events.
var ErrLacks = fault.New(fault.Internal, "cube_lacks", "the cube does not hold what was asked")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// headerSize is how much of a block is read to find its header: mostly all of it, seldom too little.
const headerSize = 2 << 10

// OpenBlock reads the header of a block.
func OpenBlock(data []byte) (*Block, error) { return OpenBlockAt(bytes.NewReader(data)) }

// OpenBlockAt reads the header of a block where it lies; the sections are read when they are
// wanted. A day of many models and users has megabytes of distinct counts, which a question about
// costs never sees.
func OpenBlockAt(source Source) (*Block, error) { return open(source, nil) }

func open(source Source, words *Words) (*Block, error) {
	size := source.Size()
	for n := int64(headerSize); ; n *= 16 {
		data := make([]byte, min(n, size))
		if _, err := source.ReadAt(data, 0); err != nil && err != io.EOF {
			return nil, err
		}
		header, err := parseHeader(data, size)
		if err == nil {
			header.words = words
			return &Block{Sections: header, source: source}, nil
		}
		if n >= size {
			return nil, err
		}
	}
}

// parseHeader reads the header that data begins with, of a block of a size.
func parseHeader(data []byte, size int64) (*Sections, error) {
	r := reader{rest: data}
	if string(r.take(2)) != blockMagic {
		return nil, damaged("is not a block of cells")
	}
	if v := r.byte(); v > blockVersion {
		return nil, fault.New(fault.Newer, "store_newer",
			"a block of cells has format %d, newer than this program knows; use a newer one", v)
	} else if v == 0 {
		return nil, damaged("has no version")
	}
	b := &Sections{Kind: event.Kind(r.byte())}
	b.Folded = r.byte()&flagFolded != 0
	b.Grain = time.Duration(r.uvarint(1<<20)) * time.Minute
	b.Cells = int(r.uvarint(maxCells))
	for range r.uvarint(event.MaxFields) {
		field := int(r.uvarint(event.MaxFields))
		if _, ok := dimAt(b.Kind, field); !ok {
			return nil, damaged("has an unknown dimension")
		}
		b.dims = append(b.dims, field)
	}
	count := r.uvarint(1 << 10)
	b.measures = make([]Measure, 0, count)
	for range count {
		m := Measure{Op: Op(r.byte()), Field: int(r.uvarint(event.MaxFields))}
		if m.Op == Equals {
			m.Value = string(r.take(r.uvarint(event.DefaultMaxText)))
		}
		if r.bad || !b.Kind.Valid() || !m.valid(b.Kind) {
			return nil, damaged("has an unknown measure")
		}
		b.measures = append(b.measures, m)
	}
	b.sections = make([]section, 1+len(b.dims)+len(b.measures))
	for i := range b.sections {
		b.sections[i].size = int64(r.uvarint(1 << 32))
		if sum := r.take(4); sum != nil {
			b.sections[i].sum = binary.LittleEndian.Uint32(sum)
		}
	}
	head := data[:len(data)-len(r.rest)]
	sum := r.take(4)
	if r.bad || !b.Kind.Valid() ||
		crc32.Checksum(head, castagnoli) != binary.LittleEndian.Uint32(sum) {
		return nil, damaged("has a damaged header")
	}
	at := int64(len(head) + 4)
	for i := range b.sections {
		b.sections[i].at = at
		at += b.sections[i].size
	}
	if at != size {
		return nil, damaged("is cut short")
	}
	return b, nil
}

func damaged(what string) error {
	return fault.New(fault.Damaged, "store_damaged", "a cube's block %s; rebuild it with "+
		"`analytics rollup rebuild`", what).Wrap(errBlock)
}

// Spec is what the block was made with, but for edges.
func (b *Sections) Spec() Spec {
	s := Spec{Kind: b.Kind, Grain: b.Grain, Dims: []string{}}
	for _, field := range b.dims {
		s.Dims = append(s.Dims, b.Kind.Fields()[field].Name)
	}
	for _, m := range b.measures {
		s.Measures = append(s.Measures, m.Name(b.Kind))
	}
	return s
}

// Bucketed is Spec with the edges.
func (b *Block) Bucketed() (Spec, error) {
	s := b.Spec()
	times, err := b.times()
	s.Edges = times.edges
	return s, err
}

// dim is the section of a dimension, -1 if the block lacks it.
func (b *Sections) dim(field int) int {
	for i, f := range b.dims {
		if f == field {
			return 1 + i
		}
	}
	return -1
}

func (b *Sections) measure(m Measure) int {
	for i, have := range b.measures {
		if have == m {
			return 1 + len(b.dims) + i
		}
	}
	return -1
}

// Verify checks all checksums and decodes everything.
func (b *Block) Verify() error {
	for i := range b.sections {
		if _, err := b.read(i); err != nil {
			return err
		}
	}
	_, err := b.table()
	return err
}
