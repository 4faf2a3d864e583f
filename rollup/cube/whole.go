package cube

import (
	"math"

	"analytics/engine/event"
)

// Of days long ago only cells of whole days are left. A question about hours, or about days of another
// time zone, gets them whole: each counts in the bucket that has the most of it, so that sums over
// time stay right and nothing is counted twice.

// moving says into which bucket of a table the cells of the bucket [at, end) of a block come, of which
// [low, high) is asked for.
type moving func(at, end, low, high int64) (bucket int64)

// outside is the bucket of cells that are not counted.
const outside = math.MinInt64

// AddWhole is AddCells for a block whose cells may lie across edges: those of a bucket go where most of
// it is, the first of equals, or nowhere if more than half of it is out of the range. moved says that
// there were such.
func (t *Table) AddWhole(b *Block, from, to event.Micros) (moved bool, err error) {
	err = t.addCells(b, from, to, func(at, end, low, high int64) int64 {
		moved = true
		return t.plan.most(at, end, max(at, low), min(end, high))
	})
	return moved, err
}

// most is the bucket that has the most of [low, high), which is what of [at, end) is asked for; outside
// if that is less than half, or just half and the second one.
func (p *plan) most(at, end, low, high int64) int64 {
	if left := 2*(high-low) - (end - at); left < 0 || left == 0 && low > at {
		return outside
	}
	best, size := int64(outside), int64(0)
	for low < high {
		s, e, ok := p.bucketOf(low)
		if !ok {
			break
		}
		if part := min(e, high) - low; part > size {
			best, size = s, part
		}
		low = e
	}
	return best
}
