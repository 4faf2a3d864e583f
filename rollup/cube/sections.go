package cube

import (
	"hash/crc32"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"analytics/engine/event"
)

// Sections is what was read of a block: its header, and the sections that were wanted so far. It may
// be kept and used for several questions at once, each with a Block of its own.
type Sections struct {
	Kind     event.Kind
	Grain    time.Duration // of buckets; 0 when there are none or edges were given
	Cells    int
	Folded   bool // has cells of Other
	dims     []int
	measures []Measure
	sections []section // times, dims, measures
	words    *Words    // numbers the texts of dimensions; nil if they are read each time
	bytes    atomic.Int64
}

// section is one section of a block: where it is, and what is in it once that was read and checked.
type section struct {
	at, size int64
	sum      uint32
	content  atomic.Pointer[content]
}

// content is the bytes of a section. Of a dimension whose texts are numbered it is the numbers, and
// the packed codes of the cells alone.
type content struct {
	bytes []byte
	words []uint32
}

// OpenNumbered is OpenBlockAt for sections that are kept: the texts of dimensions are numbered.
func OpenNumbered(source Source, words *Words) (*Block, error) { return open(source, words) }

// From is the block again, with what is not read yet at a source.
func (s *Sections) From(source Source) *Block { return &Block{Sections: s, source: source} }

// The memory that is taken for sections without bytes: a header has some thirty of them.
const (
	bareSections = 256
	bareSection  = 80
)

// Size is about how many bytes of memory the sections take that were read so far.
func (s *Sections) Size() int64 {
	return s.bytes.Load() + bareSections + bareSection*int64(len(s.sections))
}

// read is the content of one section, read and checked against its checksum once.
func (b *Block) read(i int) (*content, error) {
	s := &b.sections[i]
	if c := s.content.Load(); c != nil {
		return c, nil
	}
	c := &content{bytes: make([]byte, s.size)}
	if _, err := b.source.ReadAt(c.bytes, s.at); err != nil && err != io.EOF {
		return nil, err
	}
	if crc32.Checksum(c.bytes, castagnoli) != s.sum {
		return nil, damaged("has a damaged section")
	}
	if b.words != nil && i > 0 && i <= len(b.dims) {
		texts, packed, err := b.texts(c.bytes)
		if err != nil {
			return nil, err
		}
		if words := b.words.number(texts); words != nil {
			c = &content{bytes: slices.Clone(packed), words: words}
		}
	}
	if s.content.CompareAndSwap(nil, c) { // else somebody else was faster
		b.bytes.Add(int64(len(c.bytes) + 4*len(c.words)))
	}
	return c, nil
}

// section is the bytes of one section that is no dimension.
func (b *Block) section(i int) ([]byte, error) {
	c, err := b.read(i)
	if err != nil {
		return nil, err
	}
	return c.bytes, nil
}

// texts takes the section of a dimension apart.
func (s *Sections) texts(section []byte) (texts [][]byte, packed []byte, err error) {
	r := reader{rest: section}
	n := int(r.uvarint(uint64(s.Cells)))
	texts = make([][]byte, n)
	for i := range texts {
		texts[i] = r.take(r.uvarint(1 << 20))
	}
	if r.bad || n == 0 {
		return nil, nil, damaged("has a damaged dimension")
	}
	return texts, r.rest, nil
}
