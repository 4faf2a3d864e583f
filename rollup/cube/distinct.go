package cube

import (
	"encoding/binary"
	"math/bits"

	"github.com/axiomhq/hyperloglog"
	"github.com/cespare/xxhash/v2"
)

// ExactLimit is how many different values a group counts exactly; beyond, it estimates. At the
// limit the list of hashes is half as large as the registers, and the estimate's error would be 8
// values.
const ExactLimit = 1024

const (
	precision = 14 // HyperLogLog's p: 16,384 registers, standard error 0.81 %
	registers = 1 << precision
	hashBits  = 40 // two of 1,024 values share a hash once in two million groups
	rankBits  = 5  // ranks are at most hashBits-precision+1 = 27
	rankBytes = registers * rankBits / 8
)

// hashOf is the hash of a value. Zero is a free slot, so no value has it.
func hashOf(value string) uint64 {
	return max(1, xxhash.Sum64String(value)>>(64-hashBits))
}

// distinct is the different values of one group: their hashes in an open table while they are few,
// then the largest rank for each register. Which of both is a function of the set of values, so the
// order in which they came and were merged does not show.
type distinct struct {
	slots []uint64
	n     int
	regs  []uint8
}

func (s *distinct) add(h uint64) {
	if s.regs != nil {
		s.rank(h)
		return
	}
	if 4*(s.n+1) > 3*len(s.slots) {
		s.resize(max(4, 2*len(s.slots)))
	}
	mask := uint64(len(s.slots) - 1)
	at := h & mask
	for s.slots[at] != 0 {
		if s.slots[at] == h {
			return
		}
		at = (at + 1) & mask
	}
	s.slots[at] = h
	if s.n++; s.n > ExactLimit {
		s.estimateFromNow()
	}
}

func (s *distinct) resize(size int) {
	old := s.slots
	s.slots = make([]uint64, size)
	mask := uint64(size - 1)
	for _, h := range old {
		if h == 0 {
			continue
		}
		at := h & mask
		for s.slots[at] != 0 {
			at = (at + 1) & mask
		}
		s.slots[at] = h
	}
}

func (s *distinct) estimateFromNow() {
	if s.regs != nil {
		return
	}
	s.regs = make([]uint8, registers)
	for _, h := range s.slots {
		if h != 0 {
			s.rank(h)
		}
	}
	s.slots, s.n = nil, 0
}

// rank puts a hash into its register: the first 14 bits choose it, the zeros that lead the rest
// make the rank.
func (s *distinct) rank(h uint64) {
	at := h >> (hashBits - precision)
	rest := h<<(64-hashBits+precision) | 1<<(63-hashBits+precision)
	r := uint8(bits.LeadingZeros64(rest)) + 1
	if r > s.regs[at] {
		s.regs[at] = r
	}
}

func (s *distinct) merge(o *distinct) {
	if o.regs == nil {
		for _, h := range o.slots {
			if h != 0 {
				s.add(h)
			}
		}
		return
	}
	s.estimateFromNow()
	maxBytes(s.regs, o.regs)
}

// maxBytes is dst[i] = max(dst[i], src[i]) for bytes below 128, eight at a time.
func maxBytes(dst, src []uint8) {
	const high = 0x8080808080808080
	for i := 0; i+8 <= len(dst) && i+8 <= len(src); i += 8 {
		a, b := getUint64(dst[i:]), getUint64(src[i:])
		if a == b {
			continue
		}
		// The high bit of each byte of larger is set where a >= b; it becomes a mask of the byte.
		larger := (a | high) - b&^high
		mask := (larger & high) >> 7 * 0xff
		binary.LittleEndian.PutUint64(dst[i:], a&mask|b&^mask)
	}
}

// estimate is the number of values, and whether it is exact.
func (s *distinct) estimate() (uint64, bool) {
	if s.regs == nil {
		return uint64(s.n), true
	}
	// The library's own encoding of dense registers: version, p, bias, dense, length.
	b := append([]byte{2, precision, 0, 0}, 0, 0, registers>>8, 0)
	var h hyperloglog.Sketch
	if err := h.UnmarshalBinary(append(b, s.regs...)); err != nil {
		panic("cube: hyperloglog refuses registers: " + err.Error())
	}
	return h.Estimate(), false
}

// ErrorBound is the relative standard error of an estimate: 1.04 over the root of the registers.
const ErrorBound = 1.04 / 128
