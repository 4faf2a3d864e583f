package listing

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"analytics/engine/columns"
	"analytics/engine/event"
)

// View reads single values of a record by field number.
type View struct {
	kind event.Kind
	rec  arrow.Record
	at   []int
	// names are the dictionaries of String columns, made on first use: the record's own cache is
	// not safe for several readers.
	names map[int]*array.String
}

// NewView makes a view of a record of a kind.
func NewView(kind event.Kind, rec arrow.Record) *View {
	return &View{
		kind: kind, rec: rec, at: columns.Index(rec, kind), names: map[int]*array.String{},
	}
}

// Rows is how many rows the record has.
func (v *View) Rows() int { return int(v.rec.NumRows()) }

// all lists all rows.
func (v *View) all() []int32 {
	rows := make([]int32, v.Rows())
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// column is a field's column if the row has a value in it.
func (v *View) column(field, row int) (arrow.Array, bool) {
	if at := v.at[field]; at >= 0 {
		if col := v.rec.Column(at); col.IsValid(row) {
			return col, true
		}
	}
	return nil, false
}

// Int is a Time, Int, Money, Millis or Bool value in the unit it is kept in.
func (v *View) Int(field, row int) (n int64, ok bool) {
	col, ok := v.column(field, row)
	if !ok {
		return 0, false
	}
	switch c := col.(type) {
	case *array.Int64:
		return c.Value(row), true
	case *array.Timestamp:
		return int64(c.Value(row)), true
	case *array.Boolean:
		if c.Value(row) {
			n = 1
		}
		return n, true
	}
	return 0, false
}

// Float is a Float value.
func (v *View) Float(field, row int) (f float64, ok bool) {
	col, ok := v.column(field, row)
	if !ok {
		return 0, false
	}
	c, ok := col.(*array.Float64)
	if !ok {
		return 0, false
	}
	return c.Value(row), true
}

// Text is a value of a type that is text; of an ID it is the text of the identifier.
func (v *View) Text(field, row int) (s string, ok bool) {
	col, ok := v.column(field, row)
	if !ok {
		return "", false
	}
	switch c := col.(type) {
	case *array.Dictionary:
		return v.dictionary(field, c).Value(c.GetValueIndex(row)), true
	case *array.String:
		return c.Value(row), true
	case *array.Binary:
		return event.IDText(c.Value(row)), true
	}
	return "", false
}

// Bytes is an ID in its compact form.
func (v *View) Bytes(field, row int) []byte {
	if col, ok := v.column(field, row); ok {
		if c, ok := col.(*array.Binary); ok {
			return c.Value(row)
		}
	}
	return nil
}

func (v *View) dictionary(field int, c *array.Dictionary) *array.String {
	names := v.names[field]
	if names == nil {
		names = array.NewStringData(c.Data().Dictionary())
		v.names[field] = names
	}
	return names
}

// Times are the timestamps of all rows.
func (v *View) Times() []arrow.Timestamp {
	if at := v.at[event.Timestamp]; at >= 0 {
		if c, ok := v.rec.Column(at).(*array.Timestamp); ok {
			return c.TimestampValues()
		}
	}
	return nil
}

// Time is the row's timestamp.
func (v *View) Time(row int) event.Micros {
	t, _ := v.Int(event.Timestamp, row)
	return event.Micros(t)
}
