package cube

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/DataDog/sketches-go/ddsketch/mapping"
)

// Accuracy is the relative error of quantiles.
const Accuracy = 0.01

// mapper maps values to bins and back: DDSketch's cubically interpolated mapping. Its parameters
// are part of the block format (version), since bins of another mapping cannot be merged.
var mapper, _ = mapping.NewCubicallyInterpolatedMapping(Accuracy)

// binOf is the bin of a value: 0 for zero and less (a length of time is not negative), then
// DDSketch's index plus one. The largest is about 2,200.
func binOf(v int64) int {
	if v <= 0 {
		return 0
	}
	return 1 + mapper.Index(float64(v))
}

// maxBin is above the bin of the largest whole number.
const maxBin = 1<<12 - 1

// bins is the quantile state of all groups.
type bins struct {
	groups []sketch
	lists  slab
	bare   bool // weights do not count
}

func (s *bins) grow(n int) {
	s.groups = extend(s.groups, n, sketch{low: math.MaxInt64, high: math.MinInt64})
}

func (s *bins) add(b *batch, c *column, _ *scratch) {
	if c.absent {
		return
	}
	if b.weights != nil && !s.bare {
		s.addWeighted(b, c)
		return
	}
	for i, g := range b.groups {
		row := b.row(i)
		if c.valid.bytes == nil || c.valid.at(row) {
			s.groups[g].add(c.ints[row], &s.lists)
		}
	}
}

func (s *bins) merge(from state, to []uint32, own bool) {
	o := from.(*bins)
	for g := range o.groups {
		if to[g] != nowhere {
			o.groups[g].settle(&o.lists) // by several workers at once, and not one after another in the answer
			s.groups[to[g]].merge(&o.groups[g], own, &s.lists)
		}
	}
}

func (s *bins) settle() {
	for g := range s.groups {
		s.groups[g].settle(&s.lists)
	}
}

func (s *bins) permute(order []int32) { s.groups = reorder(s.groups, order) }

// append writes the lengths of the cells packed, so that a reader can step over those it does not
// want, then the cells: nothing for an empty one, else
//
//	low, high  zigzag varint, and uvarint of the difference
//	bins       ascending, each: uvarint of step<<1 | more; if more, uvarint of the count minus 2
//
// where step is the bin minus the bin before minus one (of the first: the bin).
func (s *bins) append(dst []byte) []byte {
	lengths := make([]int64, len(s.groups))
	var cells []byte
	for g := range s.groups {
		start := len(cells)
		cells = s.groups[g].append(cells, &s.lists)
		lengths[g] = int64(len(cells) - start)
	}
	return append(appendPacked(dst, lengths), cells...)
}

func (s *sketch) append(dst []byte, l *slab) []byte {
	if len(s.small) == 0 && s.dense == nil {
		return dst
	}
	dst = binary.AppendVarint(dst, s.low)
	dst = binary.AppendUvarint(dst, uint64(s.high)-uint64(s.low))
	next := 0
	s.each(l, func(bin int, n uint64) {
		step := uint64(bin-next) << 1
		next = bin + 1
		if n == 1 {
			dst = binary.AppendUvarint(dst, step)
			return
		}
		dst = binary.AppendUvarint(dst, step|1)
		dst = binary.AppendUvarint(dst, n-2)
	})
	return dst
}

func (s *bins) read(section []byte, b *batch, w *scratch) error {
	lengths := size(&w.values, b.n)
	cells, err := unpack(lengths, section)
	if err != nil {
		return err
	}
	to, last := cursor{b: b}, -1
	for cell, n := range lengths {
		if n < 0 || n > int64(len(cells)) {
			return errBlock
		}
		if g := to.group(cell); g >= 0 && n > 0 {
			if g != last {
				last = g
				s.groups[g].reserve(to.run(), &s.lists)
			}
			if !s.groups[g].read(cells[:n], &s.lists) {
				return errBlock
			}
		}
		cells = cells[n:]
	}
	if len(cells) != 0 {
		return errBlock
	}
	return nil
}

// read adds an encoded sketch; false if the bytes are not one.
func (s *sketch) read(b []byte, l *slab) bool {
	low, size := binary.Varint(b)
	if size <= 0 {
		return false
	}
	b = b[size:]
	more, size := binary.Uvarint(b)
	if size <= 0 {
		return false
	}
	b = b[size:]
	high, carry := bits.Add64(uint64(low)^1<<63, more, 0)
	if carry != 0 {
		return false
	}
	s.low, s.high = min(s.low, low), max(s.high, int64(high^1<<63))
	bin := -1
	for len(b) > 0 {
		step, n := uint64(b[0]), uint64(1)
		if b[0] < 0x80 {
			b = b[1:]
		} else if step, size = binary.Uvarint(b); size > 0 && step <= 2*maxBin+1 {
			b = b[size:]
		} else {
			return false
		}
		if step&1 != 0 {
			k, size := binary.Uvarint(b)
			if size <= 0 || k > binCount>>8 {
				return false
			}
			b, n = b[size:], k+2
		}
		if bin += 1 + int(step>>1); bin > maxBin {
			return false
		}
		if at := bin - s.base; uint(at) < uint(len(s.dense)) {
			s.dense[at] += n
		} else if k := len(s.small) + 1; s.dense == nil && k < smallBins && k <= cap(s.small) {
			s.small = append(s.small, uint64(bin)<<48|n)
		} else {
			s.put(bin, n, l)
		}
	}
	return true
}
