package cube

import (
	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/columns"
	"analytics/engine/event"
)

// Add counts the rows of a record of the table's kind whose timestamps are in [from, to) and that
// pass the filter. The record needs no columns but those of Spec.Fields; one that is left out is
// missing in all rows.
func (t *Table) Add(rec arrow.Record, from, to event.Micros) error {
	p := t.plan
	b := batch{n: int(rec.NumRows())}
	if b.n == 0 {
		return nil
	}
	at := columns.Index(rec, p.kind)
	times, err := columnOf(p.kind, rec, event.Timestamp, at[event.Timestamp])
	if err != nil {
		return err
	}
	low, high := p.clip(from, to)
	bucket, buckets := t.window(&b, times.ints, low, high)
	for _, c := range p.conditions {
		cols := make([]column, len(c.fields))
		for i, field := range c.fields {
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
	for i, m := range p.measures {
		col, err := columnOf(p.kind, rec, m.Field, at[m.Field])
		if err != nil {
			return err
		}
		t.states[i].add(&b, &col, &t.work)
	}
	return nil
}

// Merge adds the groups of o, which was made for the same dimensions and measures.
func (t *Table) Merge(o *Table) error {
	if err := t.alike(o); err != nil {
		return err
	}
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
		to[g] = uint32(t.keys.find(o.keys.times[g], key))
	}
	t.grow()
	for i, s := range t.states {
		s.merge(o.states[i], to)
	}
	t.folded = t.folded || o.folded
	return nil
}
