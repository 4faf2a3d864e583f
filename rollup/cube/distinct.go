package cube

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/axiomhq/hyperloglog"
	"github.com/cespare/xxhash/v2"

	"analytics/engine/event"
)

// ExactLimit is how many different values a group counts exactly; beyond, it estimates. At the limit
// the list of hashes is half as large as the registers, and the estimate's error would be 8 values.
const ExactLimit = 1024

const (
	precision = 14 // HyperLogLog's p: 16,384 registers, standard error 0.81 %
	registers = 1 << precision
	hashBits  = 40 // two of 1,024 values share a hash once in two million groups
	hashBytes = hashBits / 8
	rankBits  = 5 // ranks are at most hashBits-precision+1 = 27
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

// distincts is the different values of all groups.
type distincts struct{ groups []distinct }

func (s *distincts) grow(n int) { s.groups = extend(s.groups, n, distinct{}) }

// add hashes each dictionary entry once, and asks a bitmap of (group, entry) pairs before the table
// of the group when the bitmap is small: most rows repeat a pair.
func (s *distincts) add(b *batch, c *column, _ *scratch) {
	if c.absent {
		return
	}
	if c.codes == nil {
		for i, g := range b.groups {
			if row := b.row(i); c.has(row) {
				if v := c.string(row); v != "" && !(c.typ == event.ID && len(v) == 1) {
					s.groups[g].add(hashOf(v))
				}
			}
		}
		return
	}
	hashes := make([]uint64, c.names.Len())
	for code := range hashes {
		if v := c.names.Value(code); v != "" {
			hashes[code] = hashOf(v)
		}
	}
	pairs := len(hashes) * len(s.groups)
	var met []uint64
	if pairs <= 8*b.len() {
		met = make([]uint64, pairs/64+1)
	}
	for i, g := range b.groups {
		row := b.row(i)
		if !c.has(row) {
			continue
		}
		code := int(c.codes[row])
		if met != nil {
			pair := int(g)*len(hashes) + code
			if met[pair>>6]>>(pair&63)&1 != 0 {
				continue
			}
			met[pair>>6] |= 1 << (pair & 63)
		}
		if hashes[code] != 0 {
			s.groups[g].add(hashes[code])
		}
	}
}

func (s *distincts) merge(from state, to []uint32) {
	o := from.(*distincts)
	for g := range o.groups {
		s.groups[to[g]].merge(&o.groups[g])
	}
}

func (s *distincts) permute(order []int32) { s.groups = reorder(s.groups, order) }

// append writes the number of hashes of each cell packed, ExactLimit+1 for registers, then the
// cells: ascending hashes of 5 bytes, or registers of 5 bits.
func (s *distincts) append(dst []byte) []byte {
	counts := make([]int64, len(s.groups))
	for g := range s.groups {
		counts[g] = int64(s.groups[g].n)
		if s.groups[g].regs != nil {
			counts[g] = ExactLimit + 1
		}
	}
	dst = appendPacked(dst, counts)
	var hashes []uint64
	for g := range s.groups {
		if regs := s.groups[g].regs; regs != nil {
			dst = appendRanks(dst, regs)
			continue
		}
		hashes = hashes[:0]
		for _, h := range s.groups[g].slots {
			if h != 0 {
				hashes = append(hashes, h)
			}
		}
		slices.Sort(hashes)
		for _, h := range hashes {
			dst = append(dst, byte(h), byte(h>>8), byte(h>>16), byte(h>>24), byte(h>>32))
		}
	}
	return dst
}

// appendRanks writes eight registers of 5 bits as five bytes.
func appendRanks(dst []byte, regs []uint8) []byte {
	for i := 0; i < len(regs); i += 8 {
		word := uint64(0)
		for k, r := range regs[i : i+8] {
			word |= uint64(r) << (rankBits * k)
		}
		dst = append(dst, byte(word), byte(word>>8), byte(word>>16), byte(word>>24), byte(word>>32))
	}
	return dst
}

func (s *distincts) read(section []byte, b *batch, w *scratch) error {
	counts := size(&w.values, b.n)
	rest, err := unpack(counts, section)
	if err != nil {
		return err
	}
	to := b.targets()
	for cell, n := range counts {
		length := n * hashBytes
		if n == ExactLimit+1 {
			length = registers * rankBits / 8
		}
		if n < 0 || n > ExactLimit+1 || length > int64(len(rest)) {
			return errBlock
		}
		if g := to(cell); g >= 0 && n > 0 && !s.groups[g].read(rest[:length]) {
			return errBlock
		}
		rest = rest[length:]
	}
	if len(rest) != 0 {
		return errBlock
	}
	return nil
}

func fiveBytes(b []byte) uint64 {
	return uint64(binary.LittleEndian.Uint32(b)) | uint64(b[4])<<32
}

// read adds encoded hashes or registers; false if a hash is zero or a rank impossible.
func (s *distinct) read(b []byte) bool {
	if len(b) <= ExactLimit*hashBytes {
		for ; len(b) > 0; b = b[hashBytes:] {
			h := fiveBytes(b)
			if h == 0 {
				return false
			}
			s.add(h)
		}
		return true
	}
	s.estimateFromNow()
	for i := 0; i < registers; i += 8 {
		word := fiveBytes(b[i/8*hashBytes:])
		for k := range 8 {
			r := uint8(word >> (rankBits * k) & (1<<rankBits - 1))
			if r > hashBits-precision+1 {
				return false
			}
			s.regs[i+k] = max(s.regs[i+k], r)
		}
	}
	return true
}

// ErrorBound is the relative standard error of an estimate: 1.04 over the root of the registers.
const ErrorBound = 1.04 / 128
