package cube

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/columns"
	"analytics/engine/event"
)

// Add counts the rows of a record of the table's kind whose timestamps are in [from, to) and that
// pass the filter. The record needs no columns but those of Spec.Fields; one that is left out is
// missing in all rows.
func (t *Table) Add(rec arrow.Record, from, to event.Micros) error {
	at := columns.Index(rec, t.plan.kind)
	times, err := columnOf(t.plan.kind, rec, event.Timestamp, at[event.Timestamp])
	if err != nil {
		return err
	}
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for _, at := range times.ints {
		low, high = min(low, at), max(high, at)
	}
	low2, high2 := t.plan.clip(from, to)
	return t.add(rec, at, stretch{times.ints, low, high, low2, high2})
}

// Timeless reports whether rows from low to high count in [from, to) all alike, whatever their
// timestamps: none is outside, and all are in one bucket.
func (t *Table) Timeless(low, high, from, to event.Micros) bool {
	first, end := t.plan.clip(from, to)
	if int64(low) < first || int64(high) >= end {
		return false
	}
	_, end, ok := t.plan.bucketOf(int64(low))
	return ok && int64(high) < end
}

// AddTimeless is Add for rows from low to high, of which Timeless must be true: the record needs
// only the columns of Spec.Timeless. Timestamps are the largest column and the slowest to read.
func (t *Table) AddTimeless(rec arrow.Record, low, high event.Micros) error {
	at := columns.Index(rec, t.plan.kind)
	return t.add(rec, at, stretch{nil, int64(low), int64(high), int64(low), int64(high) + 1})
}

// stretch is where rows are in time, low to high, and what of it counts: [from, to). The times may
// be left out if all of it counts, in one bucket.
type stretch struct {
	times               []int64
	low, high, from, to int64
}

// add counts the rows of a record; at is where its columns are.
func (t *Table) add(rec arrow.Record, at []int, s stretch) error {
	p := t.plan
	b := batch{n: int(rec.NumRows())}
	if b.n == 0 {
		return nil
	}
	bucket, buckets := t.window(&b, s)
	for _, c := range p.conditions {
		cols := make([]column, len(c.fields))
		for i, field := range c.fields {
			var err error
			if cols[i], err = columnOf(p.kind, rec, field, at[field]); err != nil {
				return err
			}
		}
		t.work.filterColumns(&b, c, cols)
	}
	if b.len() == 0 {
		return nil
	}
	levels := t.work.levels[:0]
	if buckets {
		levels = append(levels, bucket)
	}
	for i, d := range p.dims {
		col, err := columnOf(p.kind, rec, d.Field, at[d.Field])
		if err != nil {
			return err
		}
		levels = append(levels, t.work.levelOf(i, &col, b.n))
	}
	t.work.levels = levels
	t.group(&b, levels)
	if p.weight >= 0 {
		col, err := columnOf(p.kind, rec, p.weight, at[p.weight])
		if err != nil {
			return err
		}
		t.work.weigh(&b, &col)
	}
	for i, m := range p.measures {
		col, err := columnOf(p.kind, rec, m.Field, at[m.Field])
		if err != nil {
			return err
		}
		t.states[i].add(&b, &col, &t.work)
	}
	return nil
}

// Merge adds the groups of o, which was made for the same dimensions and measures, and is not used
// any more.
func (t *Table) Merge(o *Table) error {
	if err := t.alike(o); err != nil {
		return err
	}
	there := map[int64]bool{}
	for _, at := range t.keys.times {
		there[at] = true
	}
	to := t.adopt(o, func(at int64) (int64, bool) { return at, !there[at] })
	t.mergeStates(o, to, true)
	return nil
}

// adopt makes groups for those of o, and says which is whose. bucket says into which of the table's
// buckets one of o's goes, and whether it is a new one that no other goes to: to find the groups of a
// bucket that only another worker counted took longer than to count them.
func (t *Table) adopt(o *Table, bucket func(at int64) (start int64, own bool)) (to []uint32) {
	known := make([][]uint32, len(t.dims))
	for d := range known {
		known[d] = make([]uint32, len(o.dims[d].texts))
		for code, text := range o.dims[d].texts {
			known[d][code] = t.dims[d].code(text)
		}
	}
	to = make([]uint32, o.Len())
	key := make([]uint32, len(t.dims))
	keyOf := func(g int) []uint32 {
		for d := range key {
			key[d] = known[d][o.keys.code(g, d)]
		}
		return key
	}
	var own []int32
	for g := range to {
		start, alone := bucket(o.keys.times[g])
		if alone {
			own = append(own, int32(g))
			continue
		}
		to[g] = uint32(t.keys.find(start, keyOf(g)))
	}
	for _, g := range own {
		start, _ := bucket(o.keys.times[g])
		to[g] = uint32(t.keys.add(start, keyOf(int(g))))
	}
	return to
}

// mergeStates adds what the groups of o have counted.
func (t *Table) mergeStates(o *Table, to []uint32, own bool) {
	t.grow()
	for i, s := range t.states {
		s.merge(o.states[i], to, own)
	}
	t.folded = t.folded || o.folded
}
