package cube

import "slices"

// slab is memory that many short lists share: a question by page and month has 66,000 groups with a
// few values each, and to allocate each list took as long as to fill them.
type slab struct {
	free []uint64
	size int // of the last piece that was allocated
	// tally is what lists of bins are put in order with.
	tally *tally
}

const (
	shortList = 256     // longer ones have memory of their own
	slabSize  = 8 << 10 // values of a piece at most; the first is smaller, for tables of few groups
)

// room is the list with room for n more.
func (l *slab) room(list []uint64, n int) []uint64 {
	if cap(list)-len(list) >= n {
		return list
	}
	want := max(4, 2*cap(list), len(list)+n)
	if want > shortList {
		return slices.Grow(list, want-len(list))
	}
	if len(l.free) < want {
		l.size = min(max(2*l.size, 2*shortList), slabSize)
		l.free = make([]uint64, l.size)
	}
	longer := l.free[:0:want]
	l.free = l.free[want:]
	return append(longer, list...)
}
