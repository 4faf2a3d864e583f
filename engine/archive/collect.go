package archive

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/format"

	"analytics/engine/columns"
	"analytics/engine/event"
)

// collector puts the pages of a column together in the buffers of an Arrow array.
type collector struct {
	c     *column
	rows  int
	n     int    // rows so far
	seen  int    // values so far
	valid []byte // bitmap, if there are nulls
	nums  []int64
	codes []int32
	bits  []byte
	ends  []int32 // of texts: where each row's bytes end, from ends[1] on
	text  []byte
	// entries are the dictionary of a column of texts: where each ends in names.
	names   []byte
	entries []int32
	ints    []int64 // the dictionary of a column of numbers
}

// newCollector makes a collector of the column whose pages are in the buffer.
func newCollector(c *column, rows, nulls int, buf *buffer) *collector {
	b := &collector{c: c, rows: rows}
	a := buf.arena
	if nulls > 0 {
		b.valid = a.bitmap(rows)
	}
	switch {
	case c.shape == shapeInt || c.shape == shapeFloat:
		b.nums = a.words(rows)
		if nulls > 0 { // a missing number is zero
			clear(b.nums)
		}
	case c.shape == shapeBool:
		b.bits = a.bitmap(rows)
	case c.typ == event.String:
		b.codes = a.codes(rows)
		if nulls > 0 {
			clear(b.codes)
		}
	default:
		size := len(buf.raw)
		if c.shape == shapeFixed {
			size = (c.width() + 1) * max(rows-nulls, 0)
		}
		b.ends = append(a.codes(rows + 1)[:0], 0)
		b.text = a.bytes(size)[:0]
	}
	return b
}

// add takes a page in.
func (b *collector) add(r *pageReader, p *page) error {
	if b.valid != nil {
		if err := readBits(b.valid, b.n, p.rows, p.levels); err != nil {
			return err
		}
		if countBits(b.valid, b.n, b.n+p.rows) != p.values {
			return fmt.Errorf("%w: levels and values differ", ErrDamaged)
		}
	} else if p.values != p.rows {
		return fmt.Errorf("%w: nulls in a column without any", ErrDamaged)
	}
	var err error
	switch {
	case p.values == 0:
		b.skip(p.rows)
	case b.c.shape == shapeInt:
		err = b.addInts(r, p)
	case b.c.shape == shapeFloat:
		err = b.addFloats(p)
	case b.c.shape == shapeBool:
		err = b.addBools(p)
	case b.codes != nil:
		err = b.addCodes(r, p)
	default:
		err = b.addTexts(r, p)
	}
	b.n += p.rows
	b.seen += p.values
	return err
}

// skip passes over rows that are all null.
func (b *collector) skip(rows int) {
	if b.ends != nil {
		for range rows {
			b.ends = append(b.ends, int32(len(b.text)))
		}
	}
}

// dense is where the values of a page are decoded to: the rows themselves if none is null, else
// memory from which spread moves them apart.
func dense[T any](rows, spare []T, p *page) []T {
	if p.values == p.rows {
		return rows
	}
	return sized(spare, p.values)
}

// sized gives s n elements, whatever they are.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		s = make([]T, n+n/2)
	}
	return s[:n]
}

// spread moves values to the rows that have one.
func spread[T int64 | int32](rows, values []T, valid []byte, at int) {
	if len(rows) == len(values) {
		return
	}
	k := 0
	for i := range rows {
		if valid[(at+i)>>3]&(1<<((at+i)&7)) != 0 {
			rows[i] = values[k]
			k++
		}
	}
}

func (b *collector) addInts(r *pageReader, p *page) error {
	rows := b.nums[b.n : b.n+p.rows]
	out := dense(rows, r.buf.nums, p)
	switch p.encoding {
	case format.DeltaBinaryPacked:
		if deltaCount(p.body) != p.values {
			return fmt.Errorf("%w: a page has other values than it says", ErrDamaged)
		}
		var enc delta.BinaryPackedEncoding
		got, err := enc.DecodeInt64(out[:p.values:p.values], p.body)
		if err != nil || len(got) != p.values {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	case format.RLEDictionary:
		if b.ints == nil {
			if len(r.dict) != 8*r.dictN {
				return fmt.Errorf("%w: dictionary of %d bytes", ErrDamaged, len(r.dict))
			}
			b.ints = arrow.Int64Traits.CastFromBytes(r.dict)
		}
		r.buf.codes = sized(r.buf.codes, p.values)
		codes := r.buf.codes
		if err := readCodes(codes, p.body, r.dictN); err != nil {
			return err
		}
		for i, code := range codes {
			out[i] = b.ints[code]
		}
	default:
		return badEncoding(p)
	}
	spread(rows, out, b.valid, b.n)
	if p.values != p.rows {
		r.buf.nums = out
	}
	return nil
}

func badEncoding(p *page) error {
	return fmt.Errorf("%w: a page of encoding %v", ErrDamaged, p.encoding)
}

func (b *collector) addFloats(p *page) error {
	if p.encoding != format.Plain || len(p.body) != 8*p.values {
		return badEncoding(p)
	}
	k := 0
	for i := b.n; i < b.n+p.rows; i++ {
		if b.isValid(i) {
			b.nums[i] = int64(binary.LittleEndian.Uint64(p.body[8*k:]))
			k++
		}
	}
	return nil
}

func (b *collector) isValid(i int) bool {
	return b.valid == nil || b.valid[i>>3]&(1<<(i&7)) != 0
}

func (b *collector) addBools(p *page) error {
	if p.encoding != format.RLE || len(p.body) < 4 {
		return badEncoding(p)
	}
	if p.values == p.rows {
		return readBits(b.bits, b.n, p.rows, p.body[4:])
	}
	bits := make([]byte, (p.values+7)/8)
	if err := readBits(bits, 0, p.values, p.body[4:]); err != nil {
		return err
	}
	k := 0
	for i := b.n; i < b.n+p.rows; i++ {
		if b.isValid(i) {
			b.bits[i>>3] |= bits[k>>3] >> (k & 7) & 1 << (i & 7)
			k++
		}
	}
	return nil
}

func (b *collector) addCodes(r *pageReader, p *page) error {
	if p.encoding != format.RLEDictionary {
		return badEncoding(p)
	}
	if err := b.readEntries(r); err != nil {
		return err
	}
	rows := b.codes[b.n : b.n+p.rows]
	out := dense(rows, r.buf.codes, p)
	if err := readCodes(out, p.body, r.dictN); err != nil {
		return err
	}
	spread(rows, out, b.valid, b.n)
	if p.values != p.rows {
		r.buf.codes = out
	}
	return nil
}

// readEntries takes the dictionary of texts apart, once.
func (b *collector) readEntries(r *pageReader) error {
	if b.entries != nil {
		return nil
	}
	width := 0
	if b.c.shape == shapeFixed {
		width = b.c.width()
	}
	b.entries = make([]int32, 1, r.dictN+1)
	b.names = make([]byte, 0, len(r.dict))
	d := r.dict
	for range r.dictN {
		n := width
		if width == 0 {
			if len(d) < 4 {
				return fmt.Errorf("%w: dictionary ends early", ErrDamaged)
			}
			n = int(binary.LittleEndian.Uint32(d))
			d = d[4:]
		}
		if n > len(d) {
			return fmt.Errorf("%w: dictionary ends early", ErrDamaged)
		}
		b.names = append(b.names, d[:n]...)
		b.entries = append(b.entries, int32(len(b.names)))
		d = d[n:]
	}
	return nil
}

// addTexts takes in texts and identifiers, which may be coded by a dictionary or stand one after
// another.
func (b *collector) addTexts(r *pageReader, p *page) error {
	var ends []int32
	var text []byte
	var codes []int32
	switch {
	case p.encoding == format.RLEDictionary:
		if err := b.readEntries(r); err != nil {
			return err
		}
		r.buf.codes = sized(r.buf.codes, p.values)
		codes, ends, text = r.buf.codes, b.entries, b.names
		if err := readCodes(codes, p.body, r.dictN); err != nil {
			return err
		}
	case p.encoding == format.Plain && b.c.shape == shapeFixed:
		if text = p.body; len(text) != p.values*b.c.width() {
			return badEncoding(p)
		}
		if p.values == p.rows {
			b.addFixed(text, p.rows)
			return nil
		}
	case p.encoding == format.DeltaLengthByteArray && b.c.shape == shapeText:
		if deltaCount(p.body) != p.values {
			return fmt.Errorf("%w: a page has other values than it says", ErrDamaged)
		}
		var enc delta.LengthByteArrayEncoding
		plain, offsets, err := enc.DecodeByteArray(nil, p.body, nil)
		if err != nil || len(offsets) != p.values+1 {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		text, ends = plain, arrow.Int32Traits.CastFromBytes(arrow.Uint32Traits.CastToBytes(offsets))
	default:
		return badEncoding(p)
	}
	k, width := 0, b.c.width()
	for i := b.n; i < b.n+p.rows; i++ {
		if b.isValid(i) {
			at := k
			if codes != nil {
				at = int(codes[k])
			}
			k++
			if ends == nil {
				b.append(text[at*width : (at+1)*width])
			} else {
				b.append(text[ends[at]:ends[at+1]])
			}
		}
		if len(b.text) > math.MaxInt32 {
			return fmt.Errorf("%w: texts of more than 2 GiB", ErrDamaged)
		}
		b.ends = append(b.ends, int32(len(b.text)))
	}
	return nil
}

// addFixed adds identifiers of one form, none of them missing: what ids mostly are. It takes a
// quarter of the time of adding them one by one.
func (b *collector) addFixed(text []byte, rows int) {
	width := b.c.width()
	at := len(b.text)
	b.text = append(b.text, make([]byte, rows*(width+1))...)
	out := b.text[at:]
	ends := make([]int32, rows)
	for i := range ends {
		out[0] = b.c.form
		copy(out[1:1+width], text[:width])
		out, text = out[1+width:], text[width:]
		at += 1 + width
		ends[i] = int32(at)
	}
	b.ends = append(b.ends, ends...)
}

// append adds the bytes of one row, of an identifier in its compact form.
func (b *collector) append(value []byte) {
	switch {
	case b.c.shape == shapeFixed:
		b.text = append(append(b.text, b.c.form), value...)
	case b.c.typ == event.ID:
		b.text = event.AppendID(b.text, value)
	default:
		b.text = append(b.text, value...)
	}
}

// array is the finished column, nil if all of it is null.
func (b *collector) array(r *pageReader) (arrow.Array, error) {
	if b.n != b.rows {
		return nil, fmt.Errorf("%w: column %s has %d rows of %d", ErrDamaged, b.c.name, b.n, b.rows)
	}
	if b.seen == 0 {
		return nil, nil
	}
	var valid *memory.Buffer
	if b.valid != nil {
		valid = memory.NewBufferBytes(b.valid)
	}
	nulls := b.rows - b.seen
	dt := columns.DataType(b.c.typ)
	bufs := []*memory.Buffer{valid, nil}
	switch {
	case b.nums != nil:
		bufs[1] = memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(b.nums))
	case b.bits != nil:
		bufs[1] = memory.NewBufferBytes(b.bits)
	case b.codes != nil:
		bufs[1] = memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(b.codes))
		names := array.NewData(arrow.BinaryTypes.String, r.dictN, []*memory.Buffer{
			nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(b.entries)),
			memory.NewBufferBytes(b.names),
		}, nil, 0, 0)
		return columns.Dictionary(b.rows, bufs, nulls, names), nil
	default:
		bufs[1] = memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(b.ends))
		bufs = append(bufs, memory.NewBufferBytes(b.text))
	}
	return array.MakeFromData(array.NewData(dt, b.rows, bufs, nil, nulls, 0)), nil
}
