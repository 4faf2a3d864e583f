package cube

import (
	"math"
	"slices"
)

// extremes is the smallest or largest of whole numbers, or of floats in their sortable form.
type extremes struct {
	max bool
	v   []int64
}

// none is the value of a group that has met no value yet. No event reaches it: numbers end at 2^53,
// and floats are finite.
func (s *extremes) none() int64 {
	if s.max {
		return math.MinInt64
	}
	return math.MaxInt64
}

func (s *extremes) grow(n int) { s.v = extend(s.v, n, s.none()) }

func (s *extremes) put(g uint32, v int64) {
	if s.max {
		s.v[g] = max(s.v[g], v)
	} else {
		s.v[g] = min(s.v[g], v)
	}
}

func (s *extremes) add(b *batch, c *column, _ *scratch) {
	for i, g := range b.groups {
		row := b.row(i)
		switch {
		case !c.has(row):
		case c.floats != nil:
			s.put(g, sortable(c.floats[row]))
		default:
			s.put(g, c.ints[row])
		}
	}
}

func (s *extremes) merge(from state, to []uint32, _ bool) {
	for g, v := range from.(*extremes).v {
		if to[g] != nowhere {
			s.put(to[g], v)
		}
	}
}

func (s *extremes) settle() {}

func (s *extremes) permute(order []int32) { s.v = reorder(s.v, order) }

// append writes a bit for each group that has a value, then the packed values; groups without one
// carry the smallest value that is there, which costs no bits.
func (s *extremes) append(dst []byte) []byte {
	least, vals := int64(math.MaxInt64), slices.Clone(s.v)
	there := make([]byte, (len(vals)+7)/8)
	for g, v := range vals {
		if v != s.none() {
			least = min(least, v)
			there[g/8] |= 1 << (g % 8)
		}
	}
	for g, v := range vals {
		if v == s.none() {
			vals[g] = least
		}
	}
	return appendPacked(append(dst, there...), vals)
}

func (s *extremes) read(section []byte, b *batch, w *scratch) error {
	head := (b.n + 7) / 8
	if len(section) < head {
		return errBlock
	}
	vals := size(&w.values, b.n)
	rest, err := unpack(vals, section[head:])
	if err != nil || len(rest) != 0 {
		return errBlock
	}
	there := bitmap{bytes: section}
	for i, g := range b.groups {
		if row := b.row(i); there.at(row) {
			s.put(g, vals[row])
		}
	}
	return nil
}
