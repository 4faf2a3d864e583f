package cube

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"analytics/engine/event"
)

// Table is groups of events with the states of their measures. It is filled with Add, AddBlock and
// Merge, in any order; the result does not depend on it. It is not safe for concurrent use: give
// each goroutine its own and Merge them.
type Table struct {
	spec   Spec
	plan   *plan
	dims   []dictionary // one for each of spec.Dims
	keys   keys
	states []state // one for each of spec.Measures
	folded bool
	work   scratch
}

// NewTable makes an empty table. A Spec without dimensions and buckets has one group from the
// start, so that totals of nothing are zeros.
func NewTable(s Spec) (*Table, error) {
	p, err := s.plan()
	if err != nil {
		return nil, err
	}
	t := &Table{spec: s, plan: p, dims: make([]dictionary, len(p.dims))}
	t.keys.width = len(p.dims)
	for _, m := range p.measures {
		t.states = append(t.states, newState(p.kind, m))
	}
	if len(p.dims) == 0 && p.edges == nil && p.grain == 0 {
		t.keys.find(0, nil)
		t.grow()
	}
	return t, nil
}

// Spec is what the table was made for.
func (t *Table) Spec() Spec { return t.spec }

// Len is the number of groups.
func (t *Table) Len() int { return t.keys.len() }

// Folded reports whether cells of Other are in the table: a cube had too many cells, so that totals
// are exact and groups are not.
func (t *Table) Folded() bool { return t.folded }

// Time is the start of the bucket of group g; 0 without buckets.
func (t *Table) Time(g int) event.Micros { return event.Micros(t.keys.times[g]) }

// Dim is the text of dimension d (position in Spec.Dims) of group g; empty for a missing value.
func (t *Table) Dim(d, g int) string { return t.dims[d].texts[t.keys.code(g, d)] }

// Measure is the position of a measure in Spec.Measures, -1 if it is not there.
func (t *Table) Measure(name string) int { return slices.Index(t.spec.Measures, name) }

// Int is a count, sum, min or max of whole numbers, money or lengths of time of group g, in the
// unit the field is kept in. ok is false for a min or max of nothing. A sum beyond 64 bits is cut
// to the nearest; Big has it exactly.
func (t *Table) Int(m, g int) (v int64, ok bool) {
	switch s := t.states[m].(type) {
	case *ints:
		return s.int64(g), true
	case *extremes:
		return s.v[g], s.v[g] != s.none()
	case *bins:
		return int64(min(s.groups[g].count(), math.MaxInt64)), true
	}
	panic(fmt.Sprintf("cube: %s is not a whole number", t.spec.Measures[m]))
}

// Big is a count or sum of whole numbers of group g, exactly.
func (t *Table) Big(m, g int) *big.Int { return t.states[m].(*ints).big(g) }

// Float is a sum, min or max of a Float field of group g. ok is false for a min or max of nothing,
// and for a sum too large for a float.
func (t *Table) Float(m, g int) (v float64, ok bool) {
	switch s := t.states[m].(type) {
	case *floats:
		v = s.sums[g].float64()
		return v, !math.IsInf(v, 0)
	case *extremes:
		return unsortable(s.v[g]), s.v[g] != s.none()
	}
	panic(fmt.Sprintf("cube: %s is not a float", t.spec.Measures[m]))
}

// Number is Int or Float of group g, whichever the measure has, as a float.
func (t *Table) Number(m, g int) (v float64, ok bool) {
	op := t.plan.measures[m].Op
	if summed := op == Sum || op == Min || op == Max; summed &&
		t.plan.kind.Fields()[t.plan.measures[m].Field].Type == event.Float {
		return t.Float(m, g)
	}
	n, ok := t.Int(m, g)
	return float64(n), ok
}

// Quantile is the value at quantile q (0 to 1) of a sketch of group g, within 1 % of a value that
// is there, in the unit the field is kept in. ok is false when the sketch is empty.
func (t *Table) Quantile(m, g int, q float64) (v float64, ok bool) {
	s := t.states[m].(*bins)
	return s.groups[g].quantile(q, &s.lists)
}

// Range is the exact smallest and largest value of a sketch of group g, and how many there are.
func (t *Table) Range(m, g int) (low, high int64, n uint64) {
	b := &t.states[m].(*bins).groups[g]
	return b.low, b.high, b.count()
}

// Unique is how many different values group g has. It is exact up to ExactLimit, and an estimate
// with 0.81 % standard error beyond.
func (t *Table) Unique(m, g int) (n uint64, exact bool) {
	return t.states[m].(*distincts).groups[g].estimate()
}

// UniqueAcross is how many different values a group of each table has together: users of AI
// requests and of tools, say. The measures must be Distinct.
func UniqueAcross(parts ...Part) (n uint64, exact bool) {
	var all distinct
	var lists slab
	for _, p := range parts {
		all.merge(&p.Table.states[p.Measure].(*distincts).groups[p.Group], false, &lists)
	}
	return all.estimate()
}

// Part is one state: a measure of a group of a table.
type Part struct {
	Table   *Table
	Measure int
	Group   int
}

// Settle puts in order what reading the groups would otherwise, so that several goroutines may read the
// table at once, as long as nothing is added to it.
func (t *Table) Settle() {
	for _, s := range t.states {
		s.settle()
	}
}

// grow makes the states as long as the keys.
func (t *Table) grow() {
	for _, s := range t.states {
		s.grow(t.keys.len())
	}
}

// Sort puts the groups in order: by time, then by the texts of the dimensions.
func (t *Table) Sort() {
	order := make([]int32, t.Len())
	for i := range order {
		order[i] = int32(i)
	}
	ranks := make([][]int32, len(t.dims))
	for d := range t.dims {
		ranks[d] = t.dims[d].ranks()
	}
	less := func(a, b int32) int {
		if x, y := t.keys.times[a], t.keys.times[b]; x != y {
			if x < y {
				return -1
			}
			return 1
		}
		for d := range ranks {
			x, y := ranks[d][t.keys.code(int(a), d)], ranks[d][t.keys.code(int(b), d)]
			if x != y {
				return int(x) - int(y)
			}
		}
		return 0
	}
	if slices.IsSortedFunc(order, less) {
		return
	}
	slices.SortFunc(order, less)
	t.keys.permute(order)
	for _, s := range t.states {
		s.permute(order)
	}
}
