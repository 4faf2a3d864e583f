package show

import (
	"slices"

	"analytics/query/answer"
	"analytics/query/catalog"
)

// The value of a sample, or of a part of the health, is in the unit that its own row names. It is read as
// any other number with it, so that nobody adds up bytes and megabytes: the unit needs no column then.

// values are the columns that are in the unit that their row names: of rows in several units they say
// nothing together.
var values = []string{"value", "avg_value", "min_value", "max_value"}

// cellsOf are the cells of an answer as people read them.
func cellsOf(a *answer.Answer) [][]string {
	unit := a.Column("unit")
	cells := make([][]string, len(a.Rows))
	for i, row := range a.Rows {
		cells[i] = make([]string, len(row))
		for j, cell := range row {
			c := a.Columns[j]
			if unit >= 0 && slices.Contains(values, c.Name) {
				cells[i][j] = inUnit(c, cell, row[unit])
				continue
			}
			cells[i][j] = Human(c, cell, a.Meta.Interval)
		}
	}
	return cells
}

// known are the units that numbers have a writing of their own in.
var known = []string{"ms", "s", "ratio", "percent", "bytes", "tokens/s"}

func inUnit(c answer.Column, cell, unit any) string {
	name, _ := unit.(string)
	if name == "" || cell == nil || slices.Contains(known, name) {
		c.Unit = name
		return Human(c, cell, "")
	}
	return Human(c, cell, "") + " " + Clean(name)
}

// measured lists the columns without the unit, where the values have it and a row still has a name; nil
// where all stay.
func measured(a *answer.Answer) (keep []int) {
	unit, named, valued := a.Column("unit"), false, false
	for i, c := range a.Columns {
		if i != unit {
			keep = append(keep, i)
			named = named || c.Type == catalog.String
			valued = valued || slices.Contains(values, c.Name)
		}
	}
	if unit < 0 || !named || !valued {
		return nil
	}
	return keep
}
