package cube

import (
	"math"
	"slices"
	"sort"

	"analytics/engine/event"
)

// bucketOf is the bucket of a moment: [start, end). ok is false for a moment that no bucket holds.
func (p *plan) bucketOf(at int64) (start, end int64, ok bool) {
	switch {
	case p.grain > 0:
		start = at - at%p.grain
		if at%p.grain < 0 {
			start -= p.grain
		}
		return start, start + p.grain, true
	case p.edges == nil:
		return 0, math.MaxInt64, true
	}
	i := sort.Search(len(p.edges), func(i int) bool { return int64(p.edges[i]) > at })
	if i == 0 || i == len(p.edges) {
		return 0, 0, false
	}
	return int64(p.edges[i-1]), int64(p.edges[i]), true
}

// clip narrows a range to what the edges hold.
func (p *plan) clip(from, to event.Micros) (int64, int64) {
	if p.edges != nil {
		from, to = max(from, p.edges[0]), min(to, p.edges[len(p.edges)-1])
	}
	return int64(from), int64(to)
}

// window narrows the batch to the rows in [from, to), and makes the level of the time bucket when
// there are buckets. Rows of one bucket mostly follow each other, so that a row costs a comparison;
// rows in any order give the same.
func (t *Table) window(b *batch, s stretch) (level, bool) {
	p := t.plan
	if s.low < s.from || s.high >= s.to {
		rows := size(&t.work.rows, b.n)
		k := 0
		for i, at := range s.times {
			rows[k] = int32(i)
			if at >= s.from && at < s.to {
				k++
			}
		}
		b.rows = rows[:k]
	}
	if p.edges == nil && p.grain == 0 {
		return level{}, false
	}
	if start, end, ok := p.bucketOf(max(s.low, s.from)); ok && min(s.high, s.to-1) < end {
		return level{card: 1, start: []int64{start}}, true
	}
	return t.buckets(b, s.times), true
}

// buckets gives each row the code of its bucket.
func (t *Table) buckets(b *batch, times []int64) level {
	codes := t.work.codes(len(t.dims), b.n)
	var starts []int64
	start, end, code := int64(0), int64(0), int32(0)
	step := func(i int) {
		if at := times[i]; at < start || at >= end {
			start, end, _ = t.plan.bucketOf(at)
			at := slices.Index(starts, start)
			if at < 0 {
				at = len(starts)
				starts = append(starts, start)
			}
			code = int32(at)
		}
		codes[i] = code
	}
	if b.rows == nil {
		for i := range times {
			step(i)
		}
	} else {
		for _, i := range b.rows {
			step(int(i))
		}
	}
	return level{codes: codes, card: len(starts), start: starts}
}
