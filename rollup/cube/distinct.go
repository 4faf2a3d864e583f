package cube

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

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

// distinct is the different values of one group: their hashes while they are few, then the largest
// rank for each register. Which of both is a function of the set of values, so the order in which
// they came and were merged does not show.
//
// A hash is written down without a look whether it is there already. Now and then settle leaves out
// those that are twice, of many at once, in a small table that stays in the cache: a table for each
// group took four times as long, since a question has a thousand groups.
type distinct struct {
	hashes []uint64 // nil once there are registers
	known  int32    // so many of the first hashes are different
	due    int32    // settle when there are so many
	regs   *[registers]uint8
}

// full reports whether to settle.
func (s *distinct) full() bool { return len(s.hashes) >= max(int(s.due), fewHashes) }

// The bounds of due: below the first settling does not pay, and mostHashes fit into its table.
const (
	fewHashes  = 64
	mostHashes = 2 * ExactLimit
)

func (s *distinct) empty() bool { return len(s.hashes) == 0 && s.regs == nil }

func (s *distinct) add(h uint64, l *slab) {
	if s.regs != nil {
		rank(s.regs, h)
		return
	}
	s.hashes = append(l.room(s.hashes, 1), h)
	if s.full() {
		s.settle()
	}
}

// addAll adds many.
func (s *distinct) addAll(hashes []uint64, l *slab) {
	for len(hashes) > 0 && s.regs == nil {
		n := min(len(hashes), max(int(s.due), fewHashes)-len(s.hashes))
		s.hashes = append(l.room(s.hashes, n), hashes[:n]...)
		if hashes = hashes[n:]; s.full() {
			s.settle()
		}
	}
	for _, h := range hashes {
		rank(s.regs, h)
	}
}

// settle leaves out the hashes that are twice, and goes over to registers where too many are left.
func (s *distinct) settle() {
	if s.regs != nil {
		return
	}
	switch n := len(s.hashes); {
	case int(s.known) == n:
	case n <= veryFew:
		s.uniteFew()
	case n <= fewHashes:
		var slots [4 * fewHashes]uint32
		s.unite(slots[:])
	case n <= 4*fewHashes: // to clear a table takes as long as to use it
		var slots [8 * fewHashes]uint32
		s.unite(slots[:])
	default:
		var slots [2 * mostHashes]uint32
		size := 16 * fewHashes
		for size < 2*n {
			size *= 2
		}
		s.unite(slots[:size])
	}
	if s.known = int32(len(s.hashes)); s.known > ExactLimit {
		s.estimateFromNow()
	}
	s.due = min(4*s.known, mostHashes)
}

// veryFew is how many hashes are compared with each other sooner than a table is made.
const veryFew = 12

// uniteFew is unite without a table.
func (s *distinct) uniteFew() {
	n := int(s.known)
	for _, h := range s.hashes[n:] {
		if !slices.Contains(s.hashes[:n], h) {
			s.hashes[n] = h
			n++
		}
	}
	s.hashes = s.hashes[:n]
}

// An entry of the table of unite is the upper bits of a hash above the place of it in hashes plus one:
// the table alone tells most hashes apart. The lower bits of a hash choose the slot.
const (
	placeBits = 12
	tagShift  = hashBits - 32 + placeBits
)

// unite moves the different hashes to the front and cuts off the rest, by a table of empty slots.
func (s *distinct) unite(slots []uint32) {
	mask := uint64(len(slots) - 1)
	n := 0
next:
	for _, h := range s.hashes {
		at, tag := h&mask, uint32(h>>tagShift)<<placeBits
		for ; slots[at&mask] != 0; at++ {
			e := slots[at&mask]
			if (e^tag)>>placeBits == 0 && s.hashes[e&(1<<placeBits-1)-1] == h {
				continue next
			}
		}
		s.hashes[n] = h
		n++
		slots[at&mask] = tag | uint32(n)
	}
	s.hashes = s.hashes[:n]
}

func (s *distinct) estimateFromNow() {
	if s.regs != nil {
		return
	}
	s.regs = new([registers]uint8)
	for _, h := range s.hashes {
		rank(s.regs, h)
	}
	s.hashes, s.known = nil, 0
}

// rank puts a hash into its register: the first 14 bits choose it, the zeros that lead the rest
// make the rank.
func rank(regs *[registers]uint8, h uint64) {
	at := h >> (hashBits - precision) & (registers - 1)
	rest := h<<(64-hashBits+precision) | 1<<(63-hashBits+precision)
	r := uint8(bits.LeadingZeros64(rest)) + 1
	if r > regs[at] {
		regs[at] = r
	}
}

// merge adds the values of o. With own, o is not used any more and what it holds may be kept.
func (s *distinct) merge(o *distinct, own bool, l *slab) {
	switch {
	case o.empty():
	case s.empty() && own:
		*s = *o
	case s.empty():
		*s = *o
		s.hashes = append(l.room(nil, len(o.hashes)), o.hashes...)
		if o.regs != nil {
			regs := *o.regs
			s.regs = &regs
		}
	case o.regs == nil:
		s.addAll(o.hashes, l)
	default:
		s.estimateFromNow()
		maxBytes(s.regs[:], o.regs[:])
	}
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
	if s.settle(); s.regs == nil {
		return uint64(len(s.hashes)), true
	}
	return estimateOf(s.regs[:]), false
}

// estimateOf is LogLog-Beta (Qin, Kim and Tung 2016) of 2^14 registers, to the last bit what
// axiomhq/hyperloglog says of them, which a test holds it to. The library copies the registers and
// computes a power for each, 25 times as long: a panel by model and week asks a thousand times.
func estimateOf(regs []uint8) uint64 {
	// Four counts of each rank, since most registers are of few ranks and would wait for each other.
	var counts [4][1 << rankBits]uint32
	for i := 0; i+4 <= len(regs); i += 4 {
		counts[0][regs[i]&(1<<rankBits-1)]++
		counts[1][regs[i+1]&(1<<rankBits-1)]++
		counts[2][regs[i+2]&(1<<rankBits-1)]++
		counts[3][regs[i+3]&(1<<rankBits-1)]++
	}
	sum, none := 0.0, 0.0 // sums of powers of two are exact here
	for r := range counts[0] {
		n := float64(counts[0][r] + counts[1][r] + counts[2][r] + counts[3][r])
		if r == 0 {
			none = n
		}
		sum += n / float64(uint64(1)<<r)
	}
	const m = float64(registers)
	alpha := 0.7213 / (1 + 1.079/m)
	return uint64(alpha*m*(m-none)/(sum+beta(none)) + 0.5)
}

// beta corrects the estimate for registers that are still empty, for 2^14 of them.
func beta(none float64) float64 {
	zl := math.Log(none + 1)
	return -0.371009760230692*none +
		0.00978811941207509*zl +
		0.185796293324165*math.Pow(zl, 2) +
		0.203015527328432*math.Pow(zl, 3) +
		-0.116710521803686*math.Pow(zl, 4) +
		0.0431106699492820*math.Pow(zl, 5) +
		-0.00599583540511831*math.Pow(zl, 6) +
		0.000449704299509437*math.Pow(zl, 7)
}

// ErrorBound is the relative standard error of an estimate: 1.04 over the root of the registers.
const ErrorBound = 1.04 / 128
