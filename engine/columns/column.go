package columns

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"analytics/engine/event"
)

// column gathers the values of one field. A row that does not set the field costs nothing: the gap
// is filled with nulls when the next value comes, or when the record is made. Arrow builders would
// hash every string twice and append a null to every absent column.
type column struct {
	typ   event.Type
	want  int     // rows to make room for at once, where that is known
	n     int     // rows filled, nulls included
	nulls int     // how many of them are null
	valid []byte  // bitmap of n rows; empty while there is no null
	nums  []int64 // Time Int Money Millis, and the bits of Float
	bits  []byte  // Bool, a bitmap
	codes []int32 // String
	dict  dict
	ends  []int32 // Text Properties ID: where each row's bytes end
	text  []byte
}

// fill adds nulls up to the row.
func (c *column) fill(row int) {
	if c.n >= row {
		return
	}
	if c.nulls == 0 {
		c.valid = ones(c.valid[:0], c.n)
	}
	c.nulls += row - c.n
	c.valid = zeros(c.valid, (row+7)/8)
	switch {
	case c.typ == event.Bool:
		c.bits = zeros(c.bits, (row+7)/8)
	case c.typ.Numeric():
		c.nums = zeros(c.nums, row)
	case c.typ == event.String:
		c.codes = zeros(c.codes, row)
	default:
		for i := c.n; i < row; i++ {
			c.ends = append(c.ends, int32(len(c.text)))
		}
	}
	c.n = row
}

// room makes room for the rows that are to come, when the first one does.
func (c *column) room() {
	switch {
	case c.want == 0 || c.typ == event.Bool:
	case c.typ.Numeric() && c.nums == nil:
		c.nums = make([]int64, 0, c.want)
	case c.typ == event.String && c.codes == nil:
		c.codes = make([]int32, 0, c.want)
	case c.typ == event.ID && c.ends == nil:
		c.ends, c.text = make([]int32, 0, c.want), make([]byte, 0, 17*c.want)
	}
}

// mark says that the row about to be added has a value.
func (c *column) mark() {
	if c.nulls > 0 {
		c.valid = setBit(c.valid, c.n)
	}
	c.n++
}

func (c *column) addInt(v int64) {
	if c.typ == event.Bool {
		if v != 0 {
			c.bits = setBit(c.bits, c.n)
		} else {
			c.bits = zeros(c.bits, c.n/8+1)
		}
	} else {
		c.nums = append(c.nums, v)
	}
	c.mark()
}

// addText adds bytes; it is false when the column would outgrow the 2 GiB that Arrow's offsets can
// reach.
func (c *column) addText(v []byte) bool {
	if c.typ == event.String {
		c.codes = append(c.codes, c.dict.code(v))
		c.mark()
		return c.dict.bytes <= math.MaxInt32
	}
	if len(c.text)+len(v) > math.MaxInt32 {
		return false
	}
	c.text = append(c.text, v...)
	c.ends = append(c.ends, int32(len(c.text)))
	c.mark()
	return true
}

// reset empties the column and keeps its memory.
func (c *column) reset() {
	c.n, c.nulls = 0, 0
	c.valid, c.nums, c.bits = c.valid[:0], c.nums[:0], c.bits[:0]
	c.codes, c.ends, c.text = c.codes[:0], c.ends[:0], c.text[:0]
	if c.typ == event.String {
		c.dict.next()
	}
}

// size is how many bytes array takes from its block.
func (c *column) size() int {
	n := 0
	if c.nulls > 0 {
		n += pad((c.n + 7) / 8)
	}
	switch {
	case c.typ == event.Bool:
		n += pad((c.n + 7) / 8)
	case c.typ.Numeric():
		n += 8 * c.n
	case c.typ == event.String:
		n += pad(4*c.n) + pad(4*len(c.dict.used)+4) + pad(c.dict.bytes)
	default:
		n += pad(4*c.n+4) + pad(len(c.text))
	}
	return n
}

// array copies the column into an Arrow array. The copy makes the array exactly as big as it must
// be and leaves the column's own memory for the next record.
func (c *column) array(b *block) arrow.Array {
	var valid *memory.Buffer
	if c.nulls > 0 {
		valid = b.buffer(c.valid[:(c.n+7)/8])
	}
	dt := DataType(c.typ)
	var bufs []*memory.Buffer
	switch {
	case c.typ == event.Bool:
		bufs = []*memory.Buffer{valid, b.buffer(c.bits[:(c.n+7)/8])}
	case c.typ.Numeric():
		bufs = []*memory.Buffer{valid, b.buffer(arrow.Int64Traits.CastToBytes(c.nums))}
	case c.typ == event.String:
		bufs = []*memory.Buffer{valid, b.buffer(arrow.Int32Traits.CastToBytes(c.codes))}
		return Dictionary(c.n, bufs, c.nulls, c.dictionary(b))
	default:
		ends := b.take(4*c.n + 4)
		copy(ends[4:], arrow.Int32Traits.CastToBytes(c.ends))
		bufs = []*memory.Buffer{valid, memory.NewBufferBytes(ends), b.buffer(c.text)}
	}
	return array.MakeFromData(array.NewData(dt, c.n, bufs, nil, c.nulls, 0))
}

// Dictionary makes the array of a String column from its codes (validity and int32 codes) and the
// data of its strings. It makes the array of the strings at once: Arrow would make it on first use
// without a lock, which is a race between readers of one record.
func Dictionary(n int, codes []*memory.Buffer, nulls int, names *array.Data) *array.Dictionary {
	d := array.NewDictionaryData(
		array.NewDataWithDictionary(dictType, n, codes, nulls, 0, names))
	d.Dictionary()
	return d
}

// dictionary copies the names in use.
func (c *column) dictionary(b *block) *array.Data {
	d := &c.dict
	ends := b.take(4*len(d.used) + 4)
	text := b.take(d.bytes)
	at := 0
	for i, place := range d.used {
		at += copy(text[at:], d.names[place])
		binary.NativeEndian.PutUint32(ends[4*i+4:], uint32(at))
	}
	bufs := []*memory.Buffer{nil, memory.NewBufferBytes(ends), memory.NewBufferBytes(text)}
	return array.NewData(arrow.BinaryTypes.String, len(d.used), bufs, nil, 0, 0)
}
