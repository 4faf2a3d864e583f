package cube

import (
	"math"
	"math/bits"

	"analytics/engine/event"
)

// Sampling leaves whole traces out and gives the events it keeps a weight: how many each stands for.
// Records in which no event has one have no such column, and take none of the paths here.

// weigh reads the weights of a record's rows. One that no sampling gives counts as the nearest that
// it does.
func (w *scratch) weigh(b *batch, c *column) {
	if c.absent {
		return
	}
	b.weights = size(&w.weight, b.n)
	for i := range b.weights {
		b.weights[i] = 1
		if c.has(i) {
			b.weights[i] = min(max(c.ints[i], 1), event.MaxWeight)
			b.heaviest = max(b.heaviest, uint64(b.weights[i]))
		}
	}
	b.heaviest = max(b.heaviest, 1)
}

// addWeighted is add where rows stand for several events each.
func (s *ints) addWeighted(b *batch, c *column) {
	switch {
	case s.op != Rows && c.absent:
	case s.op != Sum:
		hit := s.hits(c)
		s.reserve(b.len(), b.heaviest)
		s.addEach(b, func(row int) int64 { return hit(row) * b.weights[row] })
	default:
		over, magnitude := bits.Mul64(span(c.ints), b.heaviest)
		if over != 0 {
			magnitude = math.MaxUint64
		}
		s.reserve(b.len(), magnitude)
		s.addProducts(b, c)
	}
}

// addProducts adds values times weights, in 128 bits where 64 might not hold a sum.
func (s *ints) addProducts(b *batch, c *column) {
	for i, g := range b.groups {
		row := b.row(i)
		if !c.has(row) {
			continue
		}
		v, weight := c.ints[row], b.weights[row]
		if s.hi == nil {
			s.lo[g] += v * weight
			continue
		}
		hi, lo := bits.Mul64(uint64(v), uint64(weight))
		if v < 0 { // as unsigned it was 2^64 more
			hi -= uint64(weight)
		}
		s.put128(int(g), int64(hi), int64(lo))
	}
}

func (s *bins) addWeighted(b *batch, c *column) {
	for i, g := range b.groups {
		row := b.row(i)
		if !c.has(row) {
			continue
		}
		v, group := c.ints[row], &s.groups[g]
		group.put(binOf(v), uint64(b.weights[row]), &s.lists)
		group.low, group.high = min(group.low, v), max(group.high, v)
	}
}
