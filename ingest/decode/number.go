package decode

import (
	"math"
	"math/bits"
	"strconv"
	"unsafe"
)

// number is a JSON number taken apart: ±mantissa × 10^exponent. Digits beyond the nineteenth are
// not in the mantissa; rest says that one of them was not zero.
type number struct {
	mantissa uint64
	exponent int
	negative bool
	rest     bool
}

// farExponent is where exponents end: no field holds so large or so small a number.
const farExponent = 9999

// numberEnd walks over a number by the grammar and says whether it is a plain whole number.
func (s *scanner) numberEnd() (whole, ok bool) {
	if s.at() == '-' {
		s.p++
	}
	switch c := s.at(); {
	case c == '0':
		s.p++
	case '1' <= c && c <= '9':
		s.digits()
	default:
		return false, s.fail("a digit was expected")
	}
	whole = true
	if s.at() == '.' {
		whole = false
		s.p++
		if !s.digits() {
			return false, s.fail("a digit was expected after the point")
		}
	}
	if c := s.at(); c == 'e' || c == 'E' {
		whole = false
		s.p++
		if c := s.at(); c == '+' || c == '-' {
			s.p++
		}
		if !s.digits() {
			return false, s.fail("a digit was expected in the exponent")
		}
	}
	if c := s.at(); '0' <= c && c <= '9' {
		return false, s.fail("a number must not begin with 0")
	}
	return whole, true
}

// digits walks over digits and says whether there was one.
func (s *scanner) digits() bool {
	from := s.p
	for s.p < len(s.b) && s.b[s.p]-'0' <= 9 {
		s.p++
	}
	return s.p > from
}

// small reads a whole number of up to 18 digits, the usual case; ok is false, and p where it was,
// for any other.
func (s *scanner) small() (v int64, ok bool) {
	b, i := s.b, s.p
	for i < len(b) && b[i]-'0' <= 9 {
		v = v*10 + int64(b[i]-'0')
		i++
	}
	n := i - s.p
	if n == 0 || n > 18 || n > 1 && b[s.p] == '0' {
		return 0, false
	}
	if i < len(b) && (b[i] == '.' || b[i]|0x20 == 'e') {
		return 0, false
	}
	s.p = i
	return v, true
}

// parse takes the number apart that text is by the grammar.
func parse(text []byte) (n number) {
	i, seen, point := 0, 0, false
	if text[0] == '-' {
		n.negative, i = true, 1
	}
	for ; i < len(text); i++ {
		c := text[i]
		if c == '.' {
			point = true
			continue
		}
		if c|0x20 == 'e' {
			n.exponent += exponent(text[i+1:])
			break
		}
		if point {
			n.exponent--
		}
		switch {
		case seen == 0 && c == '0':
		case seen < 19:
			n.mantissa = n.mantissa*10 + uint64(c-'0')
			seen++
		default:
			n.exponent++
			n.rest = n.rest || c != '0'
		}
	}
	return n
}

func exponent(text []byte) int {
	v, negative := 0, false
	for _, c := range text {
		switch {
		case c == '-':
			negative = true
		case c != '+' && v < farExponent:
			v = v*10 + int(c-'0')
		}
	}
	if negative {
		return -v
	}
	return v
}

// scaled is the number times 10^shift, rounded half to even, or cut towards zero if down is set;
// exact says that it was a whole number. ok is false when it does not fit an int64.
func (n number) scaled(shift int, down bool) (v int64, exact, ok bool) {
	m, e := n.mantissa, n.exponent+shift
	exact = !n.rest
	switch {
	case m == 0:
		return 0, exact, true
	case e > 19:
		return 0, false, false
	case e >= 0:
		hi, lo := bits.Mul64(m, powers[e])
		if hi != 0 {
			return 0, false, false
		}
		m = lo
	case e < -19:
		m, exact = 0, false
	default:
		q, r := m/powers[-e], m%powers[-e]
		if r != 0 {
			exact = false
			half := powers[-e] / 2
			if !down && (r > half || r == half && (n.rest || q&1 == 1)) {
				q++
			}
		}
		m = q
	}
	if m > math.MaxInt64 {
		return 0, false, false
	}
	if n.negative {
		return -int64(m), exact, true
	}
	return int64(m), exact, true
}

var powers = [20]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
	1e18, 1e19,
}

// float is the number that text is by the grammar, as a float; ok is false when it is too large.
func float(text []byte) (f float64, ok bool) {
	f, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(text), len(text)), 64)
	return f, err == nil
}
