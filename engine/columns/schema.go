package columns

import (
	"github.com/apache/arrow/go/v17/arrow"

	"analytics/engine/event"
)

// set is one bit per field of a kind.
type set [2]uint64

func (s *set) add(field int)      { s[field>>6] |= 1 << (field & 63) }
func (s *set) has(field int) bool { return s[field>>6]&(1<<(field&63)) != 0 }

// Types with parameters, made once: Arrow compares a record's types with its schema's by pointer
// first, and deeply, at a microsecond a column, if that fails.
var (
	timeType = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	dictType = &arrow.DictionaryType{
		IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String,
	}
)

// DataType is the Arrow type that a field of type t has in records.
func DataType(t event.Type) arrow.DataType {
	switch t {
	case event.Time:
		return timeType
	case event.Int, event.Money, event.Millis:
		return arrow.PrimitiveTypes.Int64
	case event.Float:
		return arrow.PrimitiveTypes.Float64
	case event.Bool:
		return arrow.FixedWidthTypes.Boolean
	case event.String:
		return dictType
	case event.ID:
		return arrow.BinaryTypes.Binary
	}
	return arrow.BinaryTypes.String
}

// Schema is the schema of a record of the kind that has the given fields, which are in ascending
// order.
func Schema(kind event.Kind, fields []int) *arrow.Schema {
	all := kind.Fields()
	cols := make([]arrow.Field, len(fields))
	for i, f := range fields {
		cols[i] = arrow.Field{Name: all[f].Name, Type: DataType(all[f].Type), Nullable: true}
	}
	return arrow.NewSchema(cols, nil)
}

// Index finds the columns of a record: for each field number of the kind the position of its
// column, or -1 where the record has none.
func Index(rec arrow.Record, kind event.Kind) []int {
	fields := kind.Fields()
	at := make([]int, len(fields))
	for i := range at {
		at[i] = -1
	}
	// Columns are in the order of the fields, so one pass finds them all; a record that came from
	// elsewhere in another order costs a search by name.
	next := 0
	for col := range int(rec.NumCols()) {
		name := rec.ColumnName(col)
		f := next
		for f < len(fields) && fields[f].Name != name {
			f++
		}
		if f < len(fields) {
			at[f], next = col, f+1
		} else if f, ok := kind.Field(name); ok {
			at[f] = col
		}
	}
	return at
}
