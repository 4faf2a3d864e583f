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
	t.mergeAt(o, func(at int64) int64 { return at }, true)
	return nil
}

// mergeAt adds the groups of o; bucket says into which of the table's buckets one of o's goes.
func (t *Table) mergeAt(o *Table, bucket func(at int64) int64, own bool) {
	known := make([][]int32, len(t.dims))
	for d := range known {
		known[d] = make([]int32, len(o.dims[d].texts))
		for code, text := range o.dims[d].texts {
			known[d][code] = int32(t.dims[d].code(text))
		}
	}
	to := make([]uint32, o.Len())
	key := make([]uint32, len(t.dims))
	for g := range to {
		for d := range key {
			key[d] = uint32(known[d][o.keys.code(g, d)])
		}
		to[g] = uint32(t.keys.find(bucket(o.keys.times[g]), key))
	}
	t.grow()
	for i, s := range t.states {
		s.merge(o.states[i], to, own)
	}
	t.folded = t.folded || o.folded
}
