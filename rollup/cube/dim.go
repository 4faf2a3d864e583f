package cube

import (
	"strconv"

	"analytics/engine/event"
)

// Other is the text of every dimension of the cell that takes in the smallest cells of an hour when
// a cube has too many of them.
const Other = "(other)"

// Dim is something events are counted by: a field of a kind, read as text. A missing value is the
// empty text, and so is an empty one: they are one group.
type Dim struct {
	Name  string
	Field int
	Type  event.Type
}

// DimOf finds the dimension of a kind by its name, which is the name of the field; ok is false when
// the kind has no such field or events cannot be counted by it.
func DimOf(kind event.Kind, name string) (d Dim, ok bool) {
	field, ok := kind.Field(name)
	if !ok {
		return Dim{}, false
	}
	return dimAt(kind, field)
}

// Dims lists the dimensions of a kind in the order of their fields.
func Dims(kind event.Kind) []Dim {
	var all []Dim
	for i := range kind.Fields() {
		if d, ok := dimAt(kind, i); ok {
			all = append(all, d)
		}
	}
	return all
}

func dimAt(kind event.Kind, field int) (Dim, bool) {
	fields := kind.Fields()
	if field < 0 || field >= len(fields) || field == event.EventID {
		return Dim{}, false
	}
	f := fields[field]
	switch f.Type {
	case event.String, event.Text, event.Int, event.Bool, event.ID:
		return Dim{Name: f.Name, Field: field, Type: f.Type}, !f.Transient
	}
	return Dim{}, false
}

// textOf is how a whole number or truth is read as a dimension.
func textOf(typ event.Type, v int64) string {
	if typ == event.Bool {
		return strconv.FormatBool(v != 0)
	}
	return strconv.FormatInt(v, 10)
}
