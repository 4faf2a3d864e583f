package funnels

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"analytics/engine/columns"
	"analytics/engine/event"
)

// table is a record with its columns at hand.
type table struct {
	kind  event.Kind
	rec   arrow.Record
	at    []int
	times []arrow.Timestamp
}

func newTable(kind event.Kind, rec arrow.Record) *table {
	t := &table{kind: kind, rec: rec, at: columns.Index(rec, kind)}
	if at := t.at[event.Timestamp]; at >= 0 {
		t.times = rec.Column(at).(*array.Timestamp).TimestampValues()
	}
	return t
}

// column is one column; all of it is missing where the record does not have it.
type column struct {
	arr   arrow.Array
	codes []int32
	names *array.String // of a dictionary
	text  *array.String
	ids   *array.Binary
	ints  []int64
}

func (t *table) column(field int) column {
	if t.at[field] < 0 {
		return column{}
	}
	c := column{arr: t.rec.Column(t.at[field])}
	switch a := c.arr.(type) {
	case *array.Dictionary:
		c.codes = a.Indices().(*array.Int32).Int32Values()
		// Not a.Dictionary(): it caches on first use, and records are shared by readers.
		c.names = array.NewStringData(a.Data().Dictionary())
	case *array.String:
		c.text = a
	case *array.Binary:
		c.ids = a
	case *array.Int64:
		c.ints = a.Int64Values()
	}
	return c
}

// len is how many different values the column has, missing ones left out.
func (c *column) len() int {
	if c.names == nil {
		return 0
	}
	return c.names.Len()
}

// code is the row's place among the values, and len if it is missing.
func (c *column) code(row int) int {
	if c.names == nil || c.arr.IsNull(row) {
		return c.len()
	}
	return int(c.codes[row])
}

// each asks once for each value, and for the missing one.
func (c *column) each(f func(string) bool) []bool {
	all := make([]bool, c.len()+1)
	for i := range c.len() {
		all[i] = f(c.names.Value(i))
	}
	all[c.len()] = f("")
	return all
}

// string is the text of the row; it is valid as long as the record.
func (c *column) string(row int) string {
	switch {
	case c.arr == nil || c.arr.IsNull(row):
		return ""
	case c.names != nil:
		return c.names.Value(int(c.codes[row]))
	case c.text != nil:
		return c.text.Value(row)
	}
	return ""
}

// id is the identifier of the row, nil if there is none: one byte is the form of none.
func (c *column) id(row int) []byte {
	if c.ids == nil || c.arr.IsNull(row) || len(c.ids.Value(row)) <= 1 {
		return nil
	}
	return c.ids.Value(row)
}

func (c *column) int(row int) int64 {
	if c.ints == nil || c.arr.IsNull(row) {
		return 0
	}
	return c.ints[row]
}
