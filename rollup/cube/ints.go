package cube

import (
	"math"
	"math/big"
	"math/bits"
)

// ints is a count or a sum of whole numbers. Sums are kept in 64 bits while no sum can have left
// them, which span and the number of rows prove without a look at each addition; after that in 128.
type ints struct {
	op    Op
	value string // of Equals
	bare  bool   // weights do not count
	n     int
	lo    []int64 // nil while all are zero: many fields are never there
	hi    []int64 // upper half; nil while 64 bits suffice
	bound uint64  // no group's magnitude is larger; saturates
}

func (s *ints) grow(n int) {
	s.n = n
	if s.lo != nil {
		s.lo = extend(s.lo, n, 0)
	}
	if s.hi != nil {
		s.hi = extend(s.hi, n, 0)
	}
}

// reserve accounts for n more values of at most the given magnitude.
func (s *ints) reserve(n int, magnitude uint64) {
	if s.lo == nil {
		s.lo = make([]int64, s.n)
	}
	over, more := bits.Mul64(uint64(n), magnitude)
	sum, carry := bits.Add64(s.bound, more, 0)
	s.bound = sum
	if over|carry != 0 {
		s.bound = math.MaxUint64
	}
	if s.bound > math.MaxInt64 && s.hi == nil {
		s.hi = make([]int64, len(s.lo))
		for g, v := range s.lo {
			s.hi[g] = v >> 63
		}
	}
}

func (s *ints) add(b *batch, c *column, w *scratch) {
	switch {
	case b.weights != nil && !s.bare:
		s.addWeighted(b, c)
	case s.op == Rows || (s.op == Present && !c.absent && c.valid.bytes == nil):
		s.addRows(b, w)
	case c.absent:
	case s.op != Sum:
		s.reserve(b.len(), 1)
		s.addEach(b, s.hits(c))
	default:
		s.reserve(b.len(), span(c.ints))
		s.addSum(b, c.ints, c.valid)
	}
}

func (s *ints) addRows(b *batch, w *scratch) {
	s.reserve(b.len(), 1)
	if counts := b.perGroup(w, len(s.lo)); counts != nil {
		for g, n := range counts {
			s.put(g, n)
		}
		return
	}
	s.addEach(b, func(int) int64 { return 1 })
}

// put adds to one group.
func (s *ints) put(g int, v int64) {
	if s.hi == nil {
		s.lo[g] += v
		return
	}
	lo, carry := bits.Add64(uint64(s.lo[g]), uint64(v), 0)
	s.lo[g] = int64(lo)
	s.hi[g] += v>>63 + int64(carry)
}

func (s *ints) addEach(b *batch, value func(row int) int64) {
	for i, g := range b.groups {
		s.put(int(g), value(b.row(i)))
	}
}

// hits is what counts rows: 1 for one that counts, else 0. The column is not absent.
func (s *ints) hits(c *column) func(row int) int64 {
	switch {
	case s.op == Rows || (s.op == Present && c.valid.bytes == nil):
		return func(int) int64 { return 1 }
	case s.op == Present:
		return func(row int) int64 { return -c.valid.mask(row) }
	case c.codes == nil && c.text == nil:
		want := s.value == "true"
		return func(row int) int64 {
			if c.has(row) && c.truths.at(row) == want {
				return 1
			}
			return 0
		}
	case c.text != nil:
		return func(row int) int64 {
			if c.has(row) && c.text.Value(row) == s.value {
				return 1
			}
			return 0
		}
	}
	same := make([]int64, c.names.Len())
	for code := range same {
		if c.names.Value(code) == s.value {
			same[code] = 1
		}
	}
	return func(row int) int64 {
		if !c.has(row) {
			return 0
		}
		return same[c.codes[row]]
	}
}

// addSum is the loop that questions spend their time in: one load, one add, one store a row.
func (s *ints) addSum(b *batch, vals []int64, valid bitmap) {
	switch {
	case s.hi != nil:
		for i, g := range b.groups {
			row := b.row(i)
			if valid.bytes == nil || valid.at(row) {
				s.put(int(g), vals[row])
			}
		}
	case b.rows != nil && valid.bytes == nil:
		for i, row := range b.rows {
			s.lo[b.groups[i]] += vals[row]
		}
	case b.rows != nil:
		for i, row := range b.rows {
			s.lo[b.groups[i]] += vals[row] & valid.mask(int(row))
		}
	case valid.bytes != nil:
		vals, lo := vals[:len(b.groups)], s.lo
		for i, g := range b.groups {
			lo[g] += vals[i] & valid.mask(i)
		}
	case b.sole:
		sum := int64(0)
		for _, v := range vals {
			sum += v
		}
		s.lo[b.groups[0]] += sum
	default:
		vals, lo := vals[:len(b.groups)], s.lo
		for i, g := range b.groups {
			lo[g] += vals[i]
		}
	}
}

func (s *ints) merge(from state, to []uint32, _ bool) {
	o := from.(*ints)
	if o.lo == nil {
		return
	}
	s.reserve(1, o.bound)
	for g, v := range o.lo {
		switch {
		case to[g] == nowhere:
		case o.hi == nil:
			s.put(int(to[g]), v)
		default:
			s.put128(int(to[g]), o.hi[g], v)
		}
	}
}

// put128 adds 128 bits to one group of a wide state.
func (s *ints) put128(g int, hi, lo int64) {
	sum, carry := bits.Add64(uint64(s.lo[g]), uint64(lo), 0)
	s.lo[g] = int64(sum)
	s.hi[g] += hi + int64(carry)
}

func (s *ints) settle() {}

func (s *ints) permute(order []int32) {
	if s.lo != nil {
		s.lo = reorder(s.lo, order)
	}
	if s.hi != nil {
		s.hi = reorder(s.hi, order)
	}
}

// fits reports whether the sum of group g is within 64 bits.
func (s *ints) fits(g int) bool { return s.hi == nil || s.hi[g] == s.lo[g]>>63 }

func (s *ints) low(g int) int64 {
	if s.lo == nil {
		return 0
	}
	return s.lo[g]
}

// int64 is the sum of group g, cut to the nearest that 64 bits hold.
func (s *ints) int64(g int) int64 {
	switch {
	case s.fits(g):
		return s.low(g)
	case s.hi[g] < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}

func (s *ints) big(g int) *big.Int {
	if s.fits(g) {
		return big.NewInt(s.low(g))
	}
	v := new(big.Int).Lsh(big.NewInt(s.hi[g]), 64)
	return v.Add(v, new(big.Int).SetUint64(uint64(s.lo[g])))
}

// append writes a byte that says how wide, then packed 64-bit or plain 128-bit values.
func (s *ints) append(dst []byte) []byte {
	if s.lo == nil {
		return append(dst, zeros...)
	}
	wide := false
	for g := range s.lo {
		wide = wide || !s.fits(g)
	}
	if !wide {
		return appendPacked(append(dst, 0), s.lo)
	}
	dst = append(dst, 1)
	for g := range s.lo {
		dst = appendUint64(dst, uint64(s.lo[g]))
		dst = appendUint64(dst, uint64(s.hi[g]))
	}
	return dst
}

// zeros is the section of a state that is zero everywhere.
const zeros = "\x00\x00\x00"

func (s *ints) read(section []byte, b *batch, w *scratch) error {
	if len(section) == 0 {
		return errBlock
	}
	if string(section) == zeros {
		return nil
	}
	if section[0] == 0 {
		vals := size(&w.values, b.n)
		rest, err := unpack(vals, section[1:])
		if err != nil || len(rest) != 0 {
			return errBlock
		}
		s.reserve(b.len(), span(vals))
		s.addSum(b, vals, bitmap{})
		return nil
	}
	if section[0] != 1 || len(section) != 1+16*b.n {
		return errBlock
	}
	s.reserve(1, math.MaxUint64)
	for i, g := range b.groups { // wide sums are rare: somebody sent numbers near 2^53
		at := section[1+16*b.row(i):]
		s.put128(int(g), int64(getUint64(at[8:])), int64(getUint64(at)))
	}
	return nil
}
