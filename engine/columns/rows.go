package columns

import (
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"analytics/engine/event"
)

// Rows reads a record row by row. Making one costs about as much as reading ten rows, so make one a
// record. It is not safe for concurrent use.
type Rows struct {
	kind event.Kind
	cols []source
	e    event.Event
}

// source is one column with its type known.
type source struct {
	field int
	arr   arrow.Array
	ints  []int64
	bools *array.Boolean
	float *array.Float64
	codes []int32
	names *array.String
	text  *array.String
	ids   *array.Binary
}

// NewRows reads the columns of rec that are fields of the kind; others are left out.
func NewRows(kind event.Kind, rec arrow.Record) *Rows {
	r := &Rows{kind: kind}
	for f, at := range Index(rec, kind) {
		if at >= 0 {
			r.cols = append(r.cols, newSource(f, rec.Column(at)))
		}
	}
	return r
}

func newSource(field int, arr arrow.Array) source {
	s := source{field: field, arr: arr}
	switch a := arr.(type) {
	case *array.Timestamp:
		s.ints = arrow.Int64Traits.CastFromBytes(
			arrow.TimestampTraits.CastToBytes(a.TimestampValues()))
	case *array.Int64:
		s.ints = a.Int64Values()
	case *array.Float64:
		s.float = a
	case *array.Boolean:
		s.bools = a
	case *array.Dictionary:
		s.codes = a.Indices().(*array.Int32).Int32Values()
		s.names = a.Dictionary().(*array.String)
	case *array.String:
		s.text = a
	case *array.Binary:
		s.ids = a
	}
	return s
}

// Event fills e with row i. Its texts point into the record.
func (r *Rows) Event(e *event.Event, i int) {
	e.Reset(r.kind)
	for c := range r.cols {
		s := &r.cols[c]
		if s.arr.IsNull(i) {
			continue
		}
		switch {
		case s.ints != nil:
			e.SetInt(s.field, s.ints[i])
		case s.codes != nil:
			e.SetText(s.field, bytesOf(s.names.Value(int(s.codes[i]))))
		case s.text != nil:
			e.SetText(s.field, bytesOf(s.text.Value(i)))
		case s.ids != nil:
			e.SetText(s.field, s.ids.Value(i))
		case s.bools != nil:
			e.SetBool(s.field, s.bools.Value(i))
		case s.float != nil:
			e.SetFloat(s.field, s.float.Value(i))
		}
	}
}

// Append appends row i: the very bytes the record was made from.
func (r *Rows) Append(dst []byte, i int) []byte {
	r.Event(&r.e, i)
	return r.e.AppendRow(dst)
}

// AppendRowAt appends row i of a record as a row. For more than a few rows, NewRows is faster.
func AppendRowAt(dst []byte, kind event.Kind, rec arrow.Record, i int) []byte {
	return NewRows(kind, rec).Append(dst, i)
}

// bytesOf is the bytes of a string, which nobody writes to: an Event only reads them.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
