package cube

import (
	"math"
	"math/bits"
	"slices"
)

// smallBins is how many values a sketch writes down before it looks which are of one bin, and half of
// it how many bins it has before it gets a dense window of them: cells of an hour are mostly small,
// groups of a question over raw events mostly large.
const smallBins = 256

// sketch is the quantile state of one group: how many values fell into each bin. The bins of a
// DDSketch are a function of the set of values, whatever the order, since nothing is ever
// collapsed: whole numbers reach no more bins than a dense window holds.
type sketch struct {
	low, high int64    // exact; meaningless while empty
	small     []uint64 // bin<<48 | count; the first known of them ascend, the others are as they came
	known     int
	dense     []uint64 // counts of the bins from base on; nil while small suffices
	base      int
}

const binCount = 1<<48 - 1

func (s *sketch) add(v int64, l *slab) {
	bin := binOf(v)
	if at := bin - s.base; uint(at) < uint(len(s.dense)) {
		s.dense[at]++
	} else {
		s.put(bin, 1, l)
	}
	s.low, s.high = min(s.low, v), max(s.high, v)
}

// put adds to a bin the slow way: to the list, or where the window is too short.
func (s *sketch) put(bin int, n uint64, l *slab) {
	if s.dense != nil {
		s.widen(bin, bin)
		s.dense[bin-s.base] += n
		return
	}
	s.small = append(l.room(s.small, 1), uint64(bin)<<48|n)
	if len(s.small) < smallBins {
		return
	}
	if s.settle(l); len(s.small) > smallBins/2 {
		s.spread(l)
	}
}

// reserve makes room for some more values, as far as a list goes.
func (s *sketch) reserve(n int, l *slab) {
	if s.dense == nil {
		s.small = l.room(s.small, min(n, smallBins-len(s.small)))
	}
}

// spread goes over from the list to a window.
func (s *sketch) spread(l *slab) {
	s.settle(l)
	list := s.small
	s.small, s.known = nil, 0
	s.widen(int(list[0]>>48), int(list[len(list)-1]>>48))
	for _, e := range list {
		s.dense[int(e>>48)-s.base] += e & binCount
	}
	l.give(list)
}

// settle puts the list in order, each bin once.
func (s *sketch) settle(l *slab) {
	if s.known == len(s.small) {
		return
	}
	low, high := s.small[0]>>48, s.small[0]>>48
	for _, e := range s.small {
		low, high = min(low, e>>48), max(high, e>>48)
	}
	if len(s.small) > 16 && high-low < tallied { // values of one group are mostly within a factor of a million
		s.tally(l, low)
	} else {
		s.sort()
	}
	s.known = len(s.small)
}

// tallied is how many neighbouring bins are tallied at once.
const tallied = 1024

// tally is counts of bins, zero between two uses, and a bit for each that is not.
type tally struct {
	counts [tallied]uint64
	there  [tallied / 64]uint64
}

// tally settles by a window of counts from a bin on.
func (s *sketch) tally(l *slab, low uint64) {
	if l.tally == nil {
		l.tally = new(tally)
	}
	t := l.tally
	for _, e := range s.small {
		at := (e>>48 - low) % tallied
		t.counts[at] += e & binCount
		t.there[at/64] |= 1 << (at % 64)
	}
	n := 0
	for i, word := range t.there {
		for ; word != 0; word &= word - 1 {
			at := uint64(64*i + bits.TrailingZeros64(word))
			s.small[n] = (low+at)<<48 | t.counts[at]
			t.counts[at] = 0
			n++
		}
		t.there[i] = 0
	}
	s.small = s.small[:n]
}

// sort settles by sorting.
func (s *sketch) sort() {
	slices.SortFunc(s.small, func(a, b uint64) int { return int(a>>48) - int(b>>48) })
	n := 0
	for _, e := range s.small {
		if n > 0 && s.small[n-1]>>48 == e>>48 {
			s.small[n-1] += e & binCount
			continue
		}
		s.small[n] = e
		n++
	}
	s.small = s.small[:n]
}

// widen makes the window hold the bins from low to high, and some around them: more, the wider it is,
// so that values which come from all over do not have it made again for each.
func (s *sketch) widen(low, high int) {
	room := 32
	if s.dense != nil {
		if low >= s.base && high < s.base+len(s.dense) {
			return
		}
		room += len(s.dense) / 4
		low, high = min(low, s.base), max(high, s.base+len(s.dense)-1)
	}
	low, high = max(0, low-room), high+room
	dense := make([]uint64, high-low+1)
	if s.dense != nil {
		copy(dense[s.base-low:], s.dense)
	}
	s.dense, s.base = dense, low
}

// each calls f for the bins that are not empty, ascending.
func (s *sketch) each(l *slab, f func(bin int, n uint64)) {
	s.settle(l)
	for _, e := range s.small {
		f(int(e>>48), e&binCount)
	}
	for i, n := range s.dense {
		if n > 0 {
			f(s.base+i, n)
		}
	}
}

func (s *sketch) empty() bool { return len(s.small) == 0 && s.dense == nil }

// merge adds the values of o. With own, o is not used any more and what it holds may be kept.
func (s *sketch) merge(o *sketch, own bool, l *slab) {
	switch {
	case o.empty():
		return
	case s.empty() && own:
		*s = *o
		return
	case s.empty():
		*s = *o
		s.small, s.dense = append(l.room(nil, len(o.small)), o.small...), slices.Clone(o.dense)
		return
	}
	for _, e := range o.small {
		if at := int(e>>48) - s.base; uint(at) < uint(len(s.dense)) {
			s.dense[at] += e & binCount
		} else {
			s.put(int(e>>48), e&binCount, l)
		}
	}
	if o.dense != nil {
		s.mergeDense(o, l)
	}
	s.low, s.high = min(s.low, o.low), max(s.high, o.high)
}

// mergeDense adds the window of o. Its margins are empty, and mostly within the window that is here.
func (s *sketch) mergeDense(o *sketch, l *slab) {
	first, end := 0, len(o.dense)
	for first < end && o.dense[first] == 0 {
		first++
	}
	for first < end && o.dense[end-1] == 0 {
		end--
	}
	if first == end {
		return
	}
	if s.dense == nil && len(s.small) > 0 {
		s.spread(l)
	}
	s.widen(o.base+first, o.base+end-1)
	from := o.dense[first:end]
	to := s.dense[o.base+first-s.base:][:len(from)]
	for i, n := range from {
		to[i] += n
	}
}

func (s *sketch) count() (n uint64) {
	for _, e := range s.small {
		n += e & binCount
	}
	for _, k := range s.dense {
		n += k
	}
	return n
}

// quantile is the value that q of all values do not exceed, the smallest such: the nearest rank,
// kept within the exact range. DDSketch's own floor(q(n-1)) calls the smaller of two values their
// 95th percentile.
func (s *sketch) quantile(q float64, l *slab) (float64, bool) {
	n := s.count()
	if n == 0 {
		return 0, false
	}
	rank := math.Ceil(max(0, min(1, q))*float64(n)-1e-9) - 1
	v := 0.0
	if bin := s.at(rank, l); bin > 0 {
		v = mapper.Value(bin - 1)
	}
	return max(float64(s.low), min(float64(s.high), v)), true
}

// at is the bin of the value that so many values are before.
func (s *sketch) at(rank float64, l *slab) int {
	s.settle(l)
	seen := uint64(0)
	for _, e := range s.small {
		if seen += e & binCount; float64(seen) > rank {
			return int(e >> 48)
		}
	}
	for i, k := range s.dense {
		if seen += k; float64(seen) > rank {
			return s.base + i
		}
	}
	return 0
}
