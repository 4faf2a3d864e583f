package cube

import (
	"slices"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// alike says why groups of o cannot be added to t, if they cannot.
func (t *Table) alike(o *Table) error {
	if t.spec.Kind != o.spec.Kind || !slices.Equal(t.spec.Dims, o.spec.Dims) ||
		!slices.Equal(t.spec.Measures, o.spec.Measures) {
		return fault.New(fault.Internal, "merge", "tables of different specs cannot be merged")
	}
	return nil
}

// Regroup counts the same events by fewer dimensions: dims is a part of the table's. Buckets stay
// if keepTime. Totals of sums, quantiles and distinct values alike come from here; without dims and
// time it is one group, even of an empty table.
func (t *Table) Regroup(dims []string, keepTime bool) (*Table, error) {
	return t.regroup(dims, keepTime, func(int) bool { return true })
}

// Without counts the events of the groups whose value of a dimension is none of those, by buckets
// alone: what a list of the largest leaves out.
func (t *Table) Without(dim string, values []string) (*Table, error) {
	d := slices.Index(t.spec.Dims, dim)
	if d < 0 {
		return nil, fault.At(fault.Internal, "regroup", "by", "the table has no %q", dim)
	}
	out := make([]bool, len(t.dims[d].texts))
	for code, text := range t.dims[d].texts {
		out[code] = slices.Contains(values, text)
	}
	return t.regroup(nil, true, func(g int) bool { return !out[t.keys.code(g, d)] })
}

// Only is a table of those groups alone for which keep is true.
func (t *Table) Only(keep func(g int) bool) (*Table, error) {
	return t.regroup(t.spec.Dims, true, keep)
}

// regroup is Regroup of the groups that are kept.
func (t *Table) regroup(dims []string, keepTime bool, keep func(g int) bool) (*Table, error) {
	spec := t.spec
	spec.Dims = dims
	if !keepTime {
		spec.Edges, spec.Grain = nil, 0
	}
	out, err := NewTable(spec)
	if err != nil {
		return nil, err
	}
	from := make([]int, len(dims))
	known := make([][]uint32, len(dims)) // the code of a text in out
	for i, name := range dims {
		if from[i] = slices.Index(t.spec.Dims, name); from[i] < 0 {
			return nil, fault.At(fault.Internal, "regroup", "by", "the table has no %q", name)
		}
		known[i] = make([]uint32, len(t.dims[from[i]].texts))
		fill(known[i], nowhere)
	}
	to := make([]uint32, t.Len())
	key := make([]uint32, len(dims))
	for g := range to {
		if to[g] = nowhere; !keep(g) {
			continue
		}
		for i, d := range from {
			code := t.keys.code(g, d)
			if known[i][code] == nowhere {
				known[i][code] = out.dims[i].code(t.dims[d].texts[code])
			}
			key[i] = known[i][code]
		}
		at := int64(0)
		if keepTime {
			at = t.keys.times[g]
		}
		to[g] = uint32(out.keys.find(at, key))
	}
	out.grow()
	for i, s := range out.states {
		s.merge(t.states[i], to, false)
	}
	out.folded = t.folded
	return out, nil
}

// GroupsIn finds the group of o that each group is of, whatever its bucket: o has the same dimensions
// and no buckets. It is -1 where there is none.
func (t *Table) GroupsIn(o *Table) []int32 {
	known := make([][]int64, len(t.dims)) // the code of a text in o
	for d := range known {
		known[d] = make([]int64, len(t.dims[d].texts))
		for code, text := range t.dims[d].texts {
			known[d][code] = o.dims[d].known(text)
		}
	}
	groups := make([]int32, t.Len())
	key := make([]uint32, len(t.dims))
	for g := range groups {
		there := true
		for d := range key {
			code := known[d][t.keys.code(g, d)]
			there = there && code >= 0
			key[d] = uint32(code)
		}
		if groups[g] = -1; there {
			groups[g] = int32(o.keys.known(0, key))
		}
	}
	return groups
}

// fold merges the smallest groups of each bucket that has more than limit groups into Other, in
// every dimension. The first measure must be rows, which says what is small; the table is sorted,
// so ties are decided the same way each time.
func (t *Table) fold(limit int) error {
	if t.plan.measures[0].Op != Rows {
		return fault.New(fault.Internal, "fold", "only tables that count rows can be folded")
	}
	t.Sort()
	rows := t.states[0].(*ints)
	small := make([]bool, t.Len())
	found := false
	for lo := 0; lo < t.Len(); {
		hi := lo
		for hi < t.Len() && t.keys.times[hi] == t.keys.times[lo] {
			hi++
		}
		if hi-lo > limit {
			order := make([]int, hi-lo)
			for i := range order {
				order[i] = lo + i
			}
			slices.SortStableFunc(order, func(a, b int) int {
				return int(min(max(rows.int64(b)-rows.int64(a), -1), 1))
			})
			for _, g := range order[limit-1:] {
				small[g] = true
			}
			found = true
		}
		lo = hi
	}
	if !found {
		return nil
	}
	out, err := NewTable(t.spec)
	if err != nil {
		return err
	}
	to := make([]uint32, t.Len())
	key := make([]uint32, len(t.dims))
	for g := range to {
		for d := range key {
			text := Other
			if !small[g] {
				text = t.Dim(d, g)
			}
			key[d] = out.dims[d].code(text)
		}
		to[g] = uint32(out.keys.find(t.keys.times[g], key))
	}
	out.grow()
	for i, s := range out.states {
		s.merge(t.states[i], to, true)
	}
	out.folded = true
	*t = *out
	return nil
}

// The range of all time, for Add and AddBlock without bounds.
const (
	Always event.Micros = -1 << 62
	Never  event.Micros = 1 << 62
)

// Unfolded is the table without the mark of Folded: totals of a folded table are exact.
func (t *Table) Unfolded() *Table {
	t.folded = false
	return t
}
