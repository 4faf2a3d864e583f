package archive

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/klauspost/compress/zstd"
)

// Arena is memory that one reader uses again for each row group. A question over a million events
// makes some 50 MB of columns; made anew each time, a third of its time went to clearing memory and
// to collecting it. The zero Arena is ready. It is not safe for concurrent use.
type Arena struct {
	buf   buffer
	slabs [][]int64
	used  int // slabs of this record
}

// ReadInto is Read into an arena: the record is valid until the arena is read into again.
func (f *File) ReadInto(a *Arena, g int, fields []int) (arrow.Record, error) {
	a.used = 0
	a.buf.arena = a
	return f.read(&a.buf, g, fields)
}

// words gives n words of memory with anything in them; a nil arena gives new memory.
func (a *Arena) words(n int) []int64 {
	if a == nil {
		return make([]int64, n)
	}
	if a.used == len(a.slabs) {
		a.slabs = append(a.slabs, nil)
	}
	slab := &a.slabs[a.used]
	a.used++
	if cap(*slab) < n {
		*slab = make([]int64, n+n/8)
	}
	return (*slab)[:n]
}

// bytes gives n bytes with anything in them.
func (a *Arena) bytes(n int) []byte {
	return arrow.Int64Traits.CastToBytes(a.words((n + 7) / 8))[:n]
}

// codes gives n codes with anything in them.
func (a *Arena) codes(n int) []int32 {
	return arrow.Int32Traits.CastFromBytes(a.bytes(4 * n))
}

// bitmap gives n bits, none of them set.
func (a *Arena) bitmap(n int) []byte {
	b := a.bytes((n + 7) / 8)
	clear(b)
	return b
}

// decoder is the buffer's decompressor.
func (b *buffer) decoder() (*zstd.Decoder, error) {
	if b.unzip != nil {
		return b.unzip, nil
	}
	unzip, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxPage))
	b.unzip = unzip
	return unzip, err
}
