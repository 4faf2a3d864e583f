package archive

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/parquet-go/parquet-go/bloom"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/format"

	"analytics/engine/event"
)

// values is the values of a column in one row group, nulls left out, ready to be cut into pages.
type values struct {
	n        int
	encoding format.Encoding
	dict     []byte // the dictionary in PLAIN encoding, if the encoding is RLE_DICTIONARY
	dictN    int
	// page appends the encoded values [from, to).
	page func(dst []byte, from, to int) []byte
	// bounds are the smallest and largest of the values [from, to); nil if they are not kept.
	bounds func(from, to int) (low, high []byte)
	hashes []uint64 // of the distinct values, for the bloom filter
	// dense says that the pages are random bits that compression would only slow down.
	dense bool
}

// gather takes the values of rows [from, to) out of an array; nil is a column of nulls.
func gather(c *column, arr arrow.Array, from, to int) *values {
	if arr == nil {
		return &values{
			encoding: format.Plain, page: func(dst []byte, _, _ int) []byte { return dst },
		}
	}
	rows := presentRows(arr, from, to)
	switch c.shape {
	case shapeInt:
		return intValues(ints(arr, rows, from, to))
	case shapeFloat:
		return floatValues(arr.(*array.Float64), rows, from, to)
	case shapeBool:
		return boolValues(arr.(*array.Boolean), rows, from, to)
	}
	if names, ok := arr.(*array.Dictionary); ok {
		return codedValues(names, rows, from, to)
	}
	return byteValues(c, arr, rows, from, to)
}

// presentRows lists the rows that have a value; nil means that all have.
func presentRows(arr arrow.Array, from, to int) []int32 {
	if arr.NullN() == 0 {
		return nil
	}
	rows := make([]int32, 0, to-from)
	for i := from; i < to; i++ {
		if arr.IsValid(i) {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// each calls f with the rows that have a value.
func each(rows []int32, from, to int, f func(i int)) {
	if rows == nil {
		for i := from; i < to; i++ {
			f(i)
		}
		return
	}
	for _, i := range rows {
		f(int(i))
	}
}

func count(rows []int32, from, to int) int {
	if rows == nil {
		return to - from
	}
	return len(rows)
}

func ints(arr arrow.Array, rows []int32, from, to int) []int64 {
	var all []int64
	switch a := arr.(type) {
	case *array.Timestamp:
		all = arrow.Int64Traits.CastFromBytes(
			arrow.TimestampTraits.CastToBytes(a.TimestampValues()))
	case *array.Int64:
		all = a.Int64Values()
	}
	if rows == nil {
		return all[from:to]
	}
	out := make([]int64, len(rows))
	for k, i := range rows {
		out[k] = all[i]
	}
	return out
}

// intValues writes whole numbers as differences (DELTA_BINARY_PACKED), or, where there are few
// different ones, with a dictionary: durations in whole milliseconds are an example, which kept in
// microseconds would take ten more bits each.
func intValues(all []int64) *values {
	v := &values{n: len(all), encoding: format.DeltaBinaryPacked, dense: true}
	var enc delta.BinaryPackedEncoding
	v.page = func(dst []byte, from, to int) []byte {
		page, _ := enc.EncodeInt64(nil, all[from:to])
		return append(dst, page...)
	}
	v.bounds = func(from, to int) (low, high []byte) {
		return binary.LittleEndian.AppendUint64(nil, uint64(slices.Min(all[from:to]))),
			binary.LittleEndian.AppendUint64(nil, uint64(slices.Max(all[from:to])))
	}
	codes, distinct := intDictionary(all, min(len(all)/4, 1<<14))
	if distinct == nil {
		return v
	}
	sample, _ := enc.EncodeInt64(nil, all[:min(len(all), pageRows)])
	asDelta := len(sample) * len(all) / min(len(all), pageRows)
	// A sorted dictionary of numbers compresses to about three bytes each.
	asCodes := 3*len(distinct) + len(all)*bits.Len(uint(len(distinct)-1))/8
	if asCodes >= asDelta {
		return v
	}
	for _, x := range distinct {
		v.dict = binary.LittleEndian.AppendUint64(v.dict, uint64(x))
	}
	v.useCodes(codes, len(distinct))
	return v
}

// useCodes makes the pages codes of a dictionary of n entries.
func (v *values) useCodes(codes []int32, n int) {
	v.encoding, v.dictN, v.dense = format.RLEDictionary, n, true
	v.page = func(dst []byte, from, to int) []byte {
		var enc rle.DictionaryEncoding
		page, _ := enc.EncodeInt32(nil, codes[from:to])
		return append(dst, page...)
	}
}

func floatValues(a *array.Float64, rows []int32, from, to int) *values {
	v := &values{n: count(rows, from, to), encoding: format.Plain}
	plain := make([]byte, 0, 8*v.n)
	each(rows, from, to, func(i int) {
		plain = binary.LittleEndian.AppendUint64(plain, math.Float64bits(a.Value(i)))
	})
	v.page = func(dst []byte, from, to int) []byte { return append(dst, plain[8*from:8*to]...) }
	return v
}

// boolValues writes truths as runs and packed bits, after four bytes of length as RLE asks for.
func boolValues(a *array.Boolean, rows []int32, from, to int) *values {
	v := &values{n: count(rows, from, to), encoding: format.RLE, dense: true}
	bitmap := make([]byte, (v.n+7)/8)
	k := 0
	each(rows, from, to, func(i int) {
		if a.Value(i) {
			bitmap[k/8] |= 1 << (k % 8)
		}
		k++
	})
	v.page = func(dst []byte, from, to int) []byte {
		part := bitmap[from/8:]
		if from%8 != 0 {
			part = shiftBits(bitmap, from, to)
		}
		at := len(dst)
		dst = appendBits(append(dst, 0, 0, 0, 0), part, to-from)
		binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
		return dst
	}
	return v
}

// shiftBits copies the bits [from, to) to the start of another bitmap.
func shiftBits(bitmap []byte, from, to int) []byte {
	out := make([]byte, (to-from+7)/8)
	for k := range to - from {
		if i := from + k; bitmap[i/8]&(1<<(i%8)) != 0 {
			out[k/8] |= 1 << (k % 8)
		}
	}
	return out
}

// codedValues writes a String column: the codes are in the record already, and only need to be
// renumbered so that the dictionary holds what this row group uses.
func codedValues(a *array.Dictionary, rows []int32, from, to int) *values {
	names := a.Dictionary().(*array.String)
	all := a.Indices().(*array.Int32).Int32Values()
	v := &values{n: count(rows, from, to)}
	renumbered := slices.Repeat([]int32{-1}, names.Len())
	codes := make([]int32, 0, v.n)
	n := int32(0)
	var low, high string
	each(rows, from, to, func(i int) {
		code := &renumbered[all[i]]
		if *code < 0 {
			name := names.Value(int(all[i]))
			v.dict = binary.LittleEndian.AppendUint32(v.dict, uint32(len(name)))
			v.dict = append(v.dict, name...)
			if n == 0 || name < low {
				low = name
			}
			if n == 0 || name > high {
				high = name
			}
			*code = n
			n++
		}
		codes = append(codes, *code)
	})
	v.useCodes(codes, int(n))
	if len(low) <= maxBound && len(high) <= maxBound {
		v.bounds = func(int, int) ([]byte, []byte) { return []byte(low), []byte(high) }
	}
	return v
}

// maxBound is the longest text that is kept as a bound.
const maxBound = 64

// byteValues writes texts and identifiers: with a dictionary if at most half of them are different,
// which user agents and titles are although they are not String, else one after another.
func byteValues(c *column, arr arrow.Array, rows []int32, from, to int) *values {
	v := &values{n: count(rows, from, to)}
	at := accessor(c, arr)
	var ends []uint32
	var plain []byte
	ids := make(map[string]int32)
	codes := make([]int32, 0, v.n)
	each(rows, from, to, func(i int) {
		b := at(i)
		if ids != nil {
			code, ok := ids[string(b)]
			if !ok {
				code = int32(len(ids))
				ids[string(b)] = code
				v.dict = appendPlain(v.dict, c, b)
			}
			codes = append(codes, code)
			if len(codes) >= 1024 && len(ids) > len(codes)/2 {
				ids = nil
			}
		}
		ends = append(ends, uint32(len(plain)))
		plain = append(plain, b...)
	})
	ends = append(ends, uint32(len(plain)))
	if c.field == event.EventID || c.field == event.TraceID {
		v.hashes = hashesOf(plain, ends)
	}
	if ids != nil && (len(ids) <= v.n/2 || v.n < 16) {
		v.useCodes(codes, len(ids))
		return v
	}
	v.dict, v.dense = nil, c.shape == shapeFixed
	if c.shape == shapeFixed {
		v.encoding = format.Plain
		width := c.width()
		v.page = func(dst []byte, from, to int) []byte {
			return append(dst, plain[width*from:width*to]...)
		}
		return v
	}
	v.encoding = format.DeltaLengthByteArray
	v.page = func(dst []byte, from, to int) []byte { return appendTexts(dst, plain, ends[from:to+1]) }
	return v
}

// accessor gives the bytes of a row as they are written: identifiers without their form, or as
// text.
func accessor(c *column, arr arrow.Array) func(i int) []byte {
	switch a := arr.(type) {
	case *array.Binary:
		if c.shape == shapeFixed {
			return func(i int) []byte { return a.Value(i)[1:] }
		}
		var buf []byte
		return func(i int) []byte {
			buf = event.AppendIDText(buf[:0], a.Value(i))
			return buf
		}
	case *array.String:
		return func(i int) []byte {
			s := a.Value(i)
			return unsafe.Slice(unsafe.StringData(s), len(s))
		}
	}
	return func(int) []byte { return nil }
}

func appendPlain(dst []byte, c *column, b []byte) []byte {
	if c.shape != shapeFixed {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(b)))
	}
	return append(dst, b...)
}

// appendTexts appends texts as DELTA_LENGTH_BYTE_ARRAY: their lengths, then their bytes.
func appendTexts(dst, plain []byte, ends []uint32) []byte {
	lengths := make([]int32, len(ends)-1)
	for i := range lengths {
		lengths[i] = int32(ends[i+1] - ends[i])
	}
	var enc delta.BinaryPackedEncoding
	packed, _ := enc.EncodeInt32(nil, lengths)
	dst = append(dst, packed...)
	return append(dst, plain[ends[0]:ends[len(ends)-1]]...)
}

func hashesOf(plain []byte, ends []uint32) []uint64 {
	hashes := make([]uint64, len(ends)-1)
	for i := range hashes {
		hashes[i] = bloom.XXH64{}.Sum64(plain[ends[i]:ends[i+1]])
	}
	slices.Sort(hashes)
	return slices.Compact(hashes)
}

// intDictionary gives the distinct numbers in ascending order and the code of each number; nil if
// there are more than limit.
func intDictionary(all []int64, limit int) (codes []int32, distinct []int64) {
	if limit < 1 {
		return nil, nil
	}
	size := 1 << bits.Len(uint(2*limit))
	slots := make([]int32, size) // 1 + place in distinct
	codes = make([]int32, len(all))
	for i, x := range all {
		h := uint64(x) * 0x9e3779b97f4a7c15 >> (64 - bits.Len(uint(size-1)))
		for slots[h] != 0 && distinct[slots[h]-1] != x {
			h = (h + 1) & uint64(size-1)
		}
		if slots[h] == 0 {
			if len(distinct) == limit {
				return nil, nil
			}
			distinct = append(distinct, x)
			slots[h] = int32(len(distinct))
		}
		codes[i] = slots[h] - 1
	}
	sorted := slices.Clone(distinct)
	slices.Sort(sorted)
	rank := make([]int32, len(distinct))
	for place, x := range distinct {
		r, _ := slices.BinarySearch(sorted, x)
		rank[place] = int32(r)
	}
	for i := range codes {
		codes[i] = rank[codes[i]]
	}
	return codes, sorted
}
