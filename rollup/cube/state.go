package cube

import (
	"math"

	"analytics/engine/event"
)

// state is one measure of all groups of a table. Whatever the order of calls, the same events give
// the same state, and append gives the same bytes for it.
type state interface {
	// grow makes room for n groups; new ones are empty.
	grow(n int)
	// add counts the rows of a batch of a record; c is the measure's column.
	add(b *batch, c *column, w *scratch)
	// merge adds group g of o, which is of the same type, to group to[g], if not nowhere. With own, o is not used any
	// more, and what its groups hold may be kept.
	merge(o state, to []uint32, own bool)
	// settle leaves nothing to be put in order when somebody reads a group.
	settle()
	// permute puts the groups in the given order.
	permute(order []int32)
	// append writes all groups as a section of a block.
	append(dst []byte) []byte
	// read adds the cells of a section that are in the batch.
	read(section []byte, b *batch, w *scratch) error
}

// nowhere is a group that merge leaves out.
const nowhere = math.MaxUint32

// newState makes the state of a measure that plan has found valid.
func newState(kind event.Kind, m Measure) state {
	typ := event.Int
	if m.Op != Rows {
		typ = kind.Fields()[m.Field].Type
	}
	switch m.Op {
	case Min, Max:
		return &extremes{max: m.Op == Max}
	case Bins:
		return &bins{bare: !m.weighted(kind)}
	case Distinct:
		return &distincts{}
	case Sum:
		if typ == event.Float {
			return &floats{}
		}
	}
	return &ints{op: m.Op, value: m.Value, bare: !m.weighted(kind)}
}

// extend makes s at least n long, and what it adds v. It grows twofold: slices.Grow does so by a quarter,
// and a table of 66,000 groups took five times its memory on the way.
func extend[T any](s []T, n int, v T) []T {
	if n > cap(s) {
		s = append(make([]T, 0, max(n, 2*cap(s))), s...)
	}
	for len(s) < n {
		s = append(s, v)
	}
	return s
}
