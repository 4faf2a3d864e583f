package query

import (
	"slices"

	"analytics/rollup/cube"
)

// tables is what was counted, by dimensions and buckets, by dimensions, and as one group. The coarser
// ones are merged states, so that quantiles and distinct counts of the whole are right.
type tables struct {
	// cells are those of each worker, who has mostly other buckets. They are not merged until it is known
	// which are shown: the twenty largest of 5,000 pages over 13 months have one cell in 250. Without
	// buckets it is groups alone.
	cells         []*cube.Table
	groups, total *cube.Table
}

// sumUp makes the coarser tables.
func sumUp(cells *cube.Table) (t tables, err error) {
	t = tables{cells: []*cube.Table{cells}, groups: cells}
	dims := cells.Spec().Dims
	if cells.Spec().Edges != nil {
		if t.groups, err = cells.Regroup(dims, false); err != nil {
			return t, err
		}
	}
	t.total = t.groups
	if len(dims) > 0 {
		t.total, err = t.groups.Regroup(nil, false)
	}
	return t, err
}

// merge adds what another worker counted.
func (t *tables) merge(o tables) error {
	if t.groups != t.cells[0] {
		t.cells = append(t.cells, o.cells...)
	}
	err := t.groups.Merge(o.groups)
	if err == nil && t.total != t.groups {
		err = t.total.Merge(o.total)
	}
	return err
}

// len is how many cells there are, those of a bucket that two workers counted twice.
func (t *tables) len() (n int) {
	for _, cells := range t.cells {
		n += cells.Len()
	}
	return n
}

// folded reports whether some groups were too small for a cell of their own.
func (t *tables) folded() bool { return slices.ContainsFunc(t.cells, (*cube.Table).Folded) }

// whole are all cells, in one table from now on.
func (t *tables) whole() (*cube.Table, error) {
	for len(t.cells) > 1 {
		if err := t.cells[0].Merge(t.cells[1]); err != nil {
			return nil, err
		}
		t.cells = append(t.cells[:1], t.cells[2:]...)
	}
	return t.cells[0], nil
}

// only are the cells of the groups that are wanted, in a table of their own.
func (t *tables) only(wanted func(group int32) bool) (*cube.Table, error) {
	return t.each(func(cells *cube.Table) (*cube.Table, error) {
		of := cells.GroupsIn(t.groups)
		return cells.Only(func(g int) bool { return wanted(of[g]) })
	})
}

// without are the cells of the groups whose value of a dimension is none of those, by buckets alone.
func (t *tables) without(dim string, values []string) (*cube.Table, error) {
	return t.each(func(cells *cube.Table) (*cube.Table, error) { return cells.Without(dim, values) })
}

// each makes a table of the cells of each worker, and one of all.
func (t *tables) each(table func(cells *cube.Table) (*cube.Table, error)) (*cube.Table, error) {
	all, err := table(t.cells[0])
	for _, cells := range t.cells[1:] {
		if err != nil {
			return nil, err
		}
		var more *cube.Table
		if more, err = table(cells); err == nil {
			err = all.Merge(more)
		}
	}
	return all, err
}
