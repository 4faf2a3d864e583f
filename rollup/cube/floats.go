package cube

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
)

// exact is the exact sum of floats: a whole number of 2^-1074 in digits of 32 bits, so that the sum
// does not depend on the order in which floats came. Plain addition would: (1e16+1)-1e16 is 0 or 1.
//
// The value is the sum of digit[i] × 2^(32×(base+i)) units. Digits may leave [0, 2^32) between
// two calls of settle; each addition moves one by less than 2^32, so 2^30 additions are safe.
type exact struct {
	digits []int64
	base   int32
	loose  uint32 // additions since settle
}

// room makes digits base..base+n-1 be there and returns the position of base.
func (x *exact) room(base, n int) int {
	if len(x.digits) == 0 {
		x.base = int32(base)
	}
	if under := int(x.base) - base; under > 0 {
		x.digits = append(make([]int64, under, under+len(x.digits)+1), x.digits...)
		x.base = int32(base)
	}
	at := base - int(x.base)
	for len(x.digits) < at+n {
		x.digits = append(x.digits, 0)
	}
	return at
}

func (x *exact) add(f float64) {
	b := math.Float64bits(f)
	mantissa, exponent := b&(1<<52-1), int(b>>52&0x7ff)
	if exponent > 0 {
		mantissa |= 1 << 52
		exponent--
	}
	if mantissa == 0 {
		return
	}
	hi, lo := bits.Mul64(mantissa, 1<<(exponent&31))
	parts := [3]int64{int64(lo & math.MaxUint32), int64(lo >> 32), int64(hi)}
	at := x.room(exponent>>5, len(parts))
	for i, v := range parts {
		if f < 0 {
			v = -v
		}
		x.digits[at+i] += v
	}
	if x.loose++; x.loose >= 1<<30 {
		x.settle()
	}
}

func (x *exact) merge(o *exact) {
	if len(o.digits) == 0 {
		return
	}
	o.settle()
	at := x.room(int(o.base), len(o.digits))
	for i, v := range o.digits {
		x.digits[at+i] += v
	}
	if x.loose++; x.loose >= 1<<30 {
		x.settle()
	}
}

// settle carries digits into [0, 2^32), but for the last, which has the sign: it is -1 or above 0.
// Zeros at the ends are cut off, so that equal sums are equal digits.
func (x *exact) settle() {
	x.loose = 0
	carry := int64(0)
	for i := range x.digits {
		v := x.digits[i] + carry
		carry = v >> 32
		x.digits[i] = v & math.MaxUint32
	}
	for ; carry != 0 && carry != -1; carry >>= 32 {
		x.digits = append(x.digits, carry&math.MaxUint32)
	}
	n := len(x.digits)
	if carry == -1 {
		for n > 0 && x.digits[n-1] == math.MaxUint32 {
			n--
		}
		x.digits = append(x.digits[:n], -1)
	} else {
		for n > 0 && x.digits[n-1] == 0 {
			n--
		}
		x.digits = x.digits[:n]
	}
	low := 0
	for low < len(x.digits) && x.digits[low] == 0 {
		low++
	}
	x.digits = append(x.digits[:0], x.digits[low:]...)
	x.base += int32(low)
	if len(x.digits) == 0 {
		x.base = 0
	}
}

// float64 is the sum, rounded once, to the nearest float.
func (x *exact) float64() float64 {
	x.settle()
	sum := new(big.Int)
	for i := len(x.digits) - 1; i >= 0; i-- {
		sum.Add(sum.Lsh(sum, 32), big.NewInt(x.digits[i]))
	}
	f := new(big.Float).SetInt(sum)
	if sum.Sign() == 0 {
		return 0
	}
	v, _ := f.SetMantExp(f, 32*int(x.base)-1074).Float64()
	return v
}

// floats is the sum of a Float field.
type floats struct{ sums []exact }

func (s *floats) grow(n int) { s.sums = extend(s.sums, n, exact{}) }

func (s *floats) add(b *batch, c *column, _ *scratch) {
	for i, g := range b.groups {
		if row := b.row(i); c.has(row) {
			s.sums[g].add(c.floats[row])
		}
	}
}

func (s *floats) merge(from state, to []uint32, _ bool) {
	o := from.(*floats)
	for g := range o.sums {
		if to[g] != nowhere {
			s.sums[to[g]].merge(&o.sums[g])
		}
	}
}

func (s *floats) settle() {}

func (s *floats) permute(order []int32) { s.sums = reorder(s.sums, order) }

// append writes for each group the number of digits, and if there are any the base and the digits.
func (s *floats) append(dst []byte) []byte {
	for g := range s.sums {
		x := &s.sums[g]
		x.settle()
		dst = binary.AppendUvarint(dst, uint64(len(x.digits)))
		if len(x.digits) == 0 {
			continue
		}
		dst = binary.AppendUvarint(dst, uint64(x.base))
		for _, v := range x.digits {
			dst = binary.AppendVarint(dst, v)
		}
	}
	return dst
}

func (s *floats) read(section []byte, b *batch, _ *scratch) error {
	to := cursor{b: b}
	r := reader{rest: section}
	for row := range b.n {
		n := int(r.uvarint(maxDigits))
		if n == 0 {
			continue
		}
		x := exact{base: int32(r.uvarint(maxDigits))}
		for range n {
			v := r.varint()
			if v < -1 || v > math.MaxUint32 {
				return errBlock
			}
			x.digits = append(x.digits, v)
		}
		if r.bad {
			return errBlock
		}
		if g := to.group(row); g >= 0 {
			s.sums[g].merge(&x)
		}
	}
	return r.done()
}

// maxDigits is above what 2^64 sums of the largest floats need.
const maxDigits = 80
