package columns

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// block is the memory of one record, taken from the allocator at once: a record of a single event
// would otherwise cost three allocations a column.
type block struct{ free []byte }

// newBlock is made of words so that every buffer starts at a multiple of eight bytes.
func newBlock(size int) *block {
	return &block{free: arrow.Uint64Traits.CastToBytes(make([]uint64, (size+7)/8))}
}

// take cuts n zeroed bytes off the block.
func (b *block) take(n int) []byte {
	out := b.free[:n:n]
	b.free = b.free[pad(n):]
	return out
}

// buffer copies p into the block.
func (b *block) buffer(p []byte) *memory.Buffer {
	out := b.take(len(p))
	copy(out, p)
	return memory.NewBufferBytes(out)
}

func pad(n int) int { return (n + 7) &^ 7 }

// zeros grows s with zeros to n elements.
func zeros[T any](s []T, n int) []T {
	was := len(s)
	if n <= was {
		return s
	}
	s = slices.Grow(s, n-was)[:n]
	clear(s[was:])
	return s
}

// ones is a bitmap whose first n bits are set.
func ones(s []byte, n int) []byte {
	for range n / 8 {
		s = append(s, 0xff)
	}
	if n%8 != 0 {
		s = append(s, 1<<(n%8)-1)
	}
	return s
}

// setBit sets bit i of a bitmap that ends there or before.
func setBit(s []byte, i int) []byte {
	if i>>3 >= len(s) {
		s = zeros(s, i>>3+1)
	}
	s[i>>3] |= 1 << (i & 7)
	return s
}
