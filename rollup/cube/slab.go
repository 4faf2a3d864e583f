package cube

import (
	"math/bits"
	"slices"
)

// slab is memory that many short lists share: a question by page and month has 66,000 groups with a
// few values each, and to allocate each list took as long as to fill them. The room of a list is a
// power of two, and what it leaves when it grows is there for another one: without, lists that grow
// to a hundred values touched twice as much memory.
type slab struct {
	free []uint64
	size int                       // of the last piece that was allocated
	left [shortBits + 1][][]uint64 // by the power
	// tally is what lists of bins are put in order with.
	tally *tally
}

const (
	shortBits = 8       // longer lists have memory of their own
	slabSize  = 8 << 10 // values of a piece at most; the first is smaller, for tables of few groups
	leastBits = 2
)

// room is the list with room for n more.
func (l *slab) room(list []uint64, n int) []uint64 {
	if cap(list)-len(list) >= n {
		return list
	}
	power := bits.Len(uint(max(1<<leastBits, 2*cap(list), len(list)+n) - 1))
	if power > shortBits {
		return slices.Grow(list, 1<<power-len(list))
	}
	longer := append(l.take(power), list...)
	l.give(list)
	return longer
}

// give takes back a list that is not used any more.
func (l *slab) give(list []uint64) {
	if power := bits.Len(uint(cap(list))) - 1; power >= leastBits && power <= shortBits {
		l.left[power] = append(l.left[power], list[:0])
	}
}

// take is an empty list with the room of a power of two.
func (l *slab) take(power int) []uint64 {
	if n := len(l.left[power]); n > 0 {
		list := l.left[power][n-1]
		l.left[power] = l.left[power][:n-1]
		return list
	}
	want := 1 << power
	if len(l.free) < want {
		l.size = min(max(2*l.size, 2<<shortBits), slabSize)
		l.free = make([]uint64, l.size)
	}
	list := l.free[:0:want]
	l.free = l.free[want:]
	return list
}
