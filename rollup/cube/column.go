package cube

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// column is a record's column with its type known and its buffers at hand.
type column struct {
	typ    event.Type
	absent bool // the record has no such column: every value is missing
	valid  bitmap
	ints   []int64   // Time, Int, Money, Millis
	floats []float64 // Float
	truths bitmap    // Bool
	codes  []int32   // String; a missing row's code means nothing
	names  *array.String
	text   *array.String // Text
	ids    *array.Binary // ID
}

// bitmap is bits of a column; nil bytes mean that all are set.
type bitmap struct {
	bytes []byte
	shift int
}

func (b bitmap) at(i int) bool {
	i += b.shift
	return b.bytes[i>>3]>>(i&7)&1 != 0
}

// mask is -1 for a set bit and 0 for one that is not.
func (b bitmap) mask(i int) int64 {
	i += b.shift
	return -int64(b.bytes[i>>3] >> (i & 7) & 1)
}

func (c *column) has(i int) bool {
	return !c.absent && (c.valid.bytes == nil || c.valid.at(i))
}

// columnOf reads a field of a record; at is the position of its column or -1.
func columnOf(kind event.Kind, rec arrow.Record, field, at int) (column, error) {
	f := &kind.Fields()[field]
	c := column{typ: f.Type, absent: true}
	if at < 0 {
		return c, nil
	}
	arr := rec.Column(at)
	if arr.NullN() == arr.Len() {
		return c, nil
	}
	c.absent = false
	if arr.NullN() > 0 {
		c.valid = bitmap{arr.NullBitmapBytes(), arr.Data().Offset()}
	}
	ok := false
	switch a := arr.(type) {
	case *array.Timestamp:
		ok = f.Type == event.Time
		c.ints = arrow.Int64Traits.CastFromBytes(
			arrow.TimestampTraits.CastToBytes(a.TimestampValues()))
	case *array.Int64:
		ok = f.Type == event.Int || f.Type == event.Money || f.Type == event.Millis
		c.ints = a.Int64Values()
	case *array.Float64:
		ok = f.Type == event.Float
		c.floats = a.Float64Values()
	case *array.Boolean:
		ok = f.Type == event.Bool
		c.truths = bitmap{a.Data().Buffers()[1].Bytes(), a.Data().Offset()}
	case *array.Dictionary:
		ok = f.Type == event.String
		c.codes = a.Indices().(*array.Int32).Int32Values()
		// Not a.Dictionary(): it caches on first use, and records are shared by readers.
		c.names = array.NewStringData(a.Data().Dictionary())
	case *array.String:
		ok = f.Type == event.Text || f.Type == event.String || f.Type == event.Properties
		c.typ, c.text = event.Text, a
	case *array.Binary:
		ok = f.Type == event.ID
		c.ids = a
	}
	if !ok {
		return c, fault.New(fault.Damaged, "store_damaged", "column %s is a %s", f.Name, arr.DataType())
	}
	return c, nil
}

// level is a dimension (or the time bucket) of the rows of one record or the cells of one block:
// a local code for each, which becomes the table's code when first met.
type level struct {
	codes []int32 // nil when there is one value only
	card  int
	known []int32 // local code -> code of the table's dictionary, -1 while not met
	text  func(code int) string
	start []int64  // of a bucket level instead of text
	words []uint32 // the numbers that the texts have in of, if they have
	of    *Words
}

// levelOf reads a column as a dimension. The local codes of a dictionary column are its own, so
// nothing is copied unless values are missing.
func (w *scratch) levelOf(slot int, c *column, n int) level {
	if c.absent {
		return w.level(slot, nil, 1, func(int) string { return "" })
	}
	switch c.typ {
	case event.String:
		names := c.names
		if c.valid.bytes == nil {
			return w.level(slot, c.codes, names.Len(), names.Value)
		}
		none := names.Len()
		codes := w.codes(slot, n)
		for i := range codes {
			codes[i] = int32(none)
			if c.valid.at(i) {
				codes[i] = c.codes[i]
			}
		}
		return w.level(slot, codes, none+1, func(code int) string {
			if code == none {
				return ""
			}
			return names.Value(code)
		})
	case event.Bool:
		codes := w.codes(slot, n)
		for i := range codes {
			codes[i] = 2
			if c.has(i) {
				codes[i] = int32(-c.truths.mask(i))
			}
		}
		return w.level(slot, codes, 3, func(code int) string {
			return [3]string{"false", "true", ""}[code]
		})
	case event.Int:
		return w.intLevel(slot, c, n)
	}
	return w.textLevel(slot, c, n)
}

// intLevel gives codes to whole numbers; they are few (status codes, attempts).
func (w *scratch) intLevel(slot int, c *column, n int) level {
	codes := w.codes(slot, n)
	texts := []string{""}
	met := map[int64]int32{}
	last, code := int64(0), int32(-1)
	for i := range codes {
		if !c.has(i) {
			codes[i] = 0
			continue
		}
		if v := c.ints[i]; code < 0 || v != last {
			var ok bool
			if code, ok = met[v]; !ok {
				code = int32(len(texts))
				met[v] = code
				texts = append(texts, textOf(event.Int, v))
			}
			last = v
		}
		codes[i] = code
	}
	return w.level(slot, codes, len(texts), func(code int) string { return texts[code] })
}

// textLevel gives codes to texts without a dictionary.
func (w *scratch) textLevel(slot int, c *column, n int) level {
	codes := w.codes(slot, n)
	texts := []string{""}
	met := map[string]int32{"": 0}
	for i := range codes {
		codes[i] = 0
		if !c.has(i) {
			continue
		}
		v := c.string(i)
		code, ok := met[v]
		if !ok {
			code = int32(len(texts))
			met[v] = code
			texts = append(texts, v)
		}
		codes[i] = code
	}
	if c.typ == event.ID {
		for i, v := range texts {
			texts[i] = event.IDText([]byte(v))
		}
	}
	return w.level(slot, codes, len(texts), func(code int) string { return texts[code] })
}

// string is the bytes of a Text or ID at row i, without a copy.
func (c *column) string(i int) string {
	if c.typ == event.ID {
		return c.ids.ValueString(i)
	}
	return c.text.Value(i)
}

// span is a number that no value's magnitude exceeds, cheaply: at most twice the largest.
func span(vals []int64) uint64 {
	var all uint64
	for _, v := range vals {
		all |= uint64(v ^ v>>63)
	}
	return 1<<bits.Len64(all) | all
}
