package columns

import (
	"bytes"
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"analytics/engine/event"
)

var errUnsortable = errors.New("columns: a record without timestamp and id cannot be sorted")

// place is a row of one of several records.
type place struct {
	rec, row int32
}

// Concat joins records of one kind, whatever columns each has. With sortByTime the rows are ordered
// by timestamp and id as Sorted orders them; otherwise they stay in the order they are given. A
// column none of whose values is used is left out. With one record and nothing to sort, it is
// that record.
func Concat(kind event.Kind, recs []arrow.Record, sortByTime bool) (arrow.Record, error) {
	recs = slices.DeleteFunc(slices.Clone(recs), func(r arrow.Record) bool {
		return r.NumRows() == 0
	})
	if len(recs) == 1 && !sortByTime {
		recs[0].Retain()
		return recs[0], nil
	}
	var order []place
	if sortByTime {
		var err error
		if order, err = timeOrder(kind, recs); err != nil {
			return nil, err
		}
	}
	b := NewBuilder(kind)
	indexes := make([][]int, len(recs))
	for i, rec := range recs {
		indexes[i] = Index(rec, kind)
		b.n += int(rec.NumRows())
	}
	b.expect(b.n)
	for f := range b.cols {
		from := make([]source, len(recs))
		found := false
		for i, rec := range recs {
			if at := indexes[i][f]; at >= 0 {
				from[i], found = newSource(f, rec.Column(at)), true
			}
		}
		if found {
			if err := b.cols[f].gather(recs, from, order); err != nil {
				return nil, err
			}
		}
	}
	return b.Record(nil), nil
}

// timeOrder is the order of the rows of all records, nil when they stand in order already.
func timeOrder(kind event.Kind, recs []arrow.Record) ([]place, error) {
	times := make([][]arrow.Timestamp, len(recs))
	ids := make([]*array.Binary, len(recs))
	n := 0
	for i, rec := range recs {
		at := Index(rec, kind)
		if at[event.Timestamp] < 0 || at[event.EventID] < 0 {
			return nil, errUnsortable
		}
		times[i] = rec.Column(at[event.Timestamp]).(*array.Timestamp).TimestampValues()
		ids[i] = rec.Column(at[event.EventID]).(*array.Binary)
		n += int(rec.NumRows())
	}
	less := func(a, b place) int {
		if c := cmp.Compare(times[a.rec][a.row], times[b.rec][b.row]); c != 0 {
			return c
		}
		c := bytes.Compare(ids[a.rec].Value(int(a.row)), ids[b.rec].Value(int(b.row)))
		if c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.rec, b.rec), cmp.Compare(a.row, b.row))
	}
	order := make([]place, 0, n)
	sorted := true
	for r := range recs {
		for row := range int(recs[r].NumRows()) {
			p := place{int32(r), int32(row)}
			if k := len(order); sorted && k > 0 && less(order[k-1], p) > 0 {
				sorted = false
			}
			order = append(order, p)
		}
	}
	if sorted {
		return nil, nil
	}
	slices.SortFunc(order, less)
	return order, nil
}

// gather fills the column with the rows of all records in the given order; nil is the order they
// stand in. A record without the column has a source without an array.
func (c *column) gather(recs []arrow.Record, from []source, order []place) error {
	codes := make([][]int32, len(recs)) // code in the record -> code here, -1 not known yet
	for i := range from {
		if from[i].names != nil {
			codes[i] = slices.Repeat([]int32{-1}, from[i].names.Len())
		}
	}
	row := 0
	one := func(r, i int) bool {
		s := &from[r]
		if s.arr == nil || s.arr.IsNull(i) {
			row++
			return true
		}
		if c.n == 0 {
			c.room()
		}
		c.fill(row)
		row++
		return c.copyValue(s, i, codes[r])
	}
	for _, p := range order {
		if !one(int(p.rec), int(p.row)) {
			return ErrTooBig
		}
	}
	if order == nil {
		for r, rec := range recs {
			for i := range int(rec.NumRows()) {
				if !one(r, i) {
					return ErrTooBig
				}
			}
		}
	}
	return nil
}

func (c *column) copyValue(s *source, i int, codes []int32) bool {
	switch {
	case s.ints != nil:
		c.addInt(s.ints[i])
	case s.codes != nil:
		code := &codes[s.codes[i]]
		if *code < 0 {
			*code = c.dict.code(bytesOf(s.names.Value(int(s.codes[i]))))
		}
		c.codes = append(c.codes, *code)
		c.mark()
	case s.text != nil:
		return c.addText(bytesOf(s.text.Value(i)))
	case s.ids != nil:
		return c.addText(s.ids.Value(i))
	case s.bools != nil:
		v := int64(0)
		if s.bools.Value(i) {
			v = 1
		}
		c.addInt(v)
	case s.float != nil:
		c.addInt(int64(math.Float64bits(s.float.Value(i))))
	}
	return true
}
