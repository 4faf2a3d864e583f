package cube

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
)

// errBlock says that bytes are not a block, or damaged.
var errBlock = errors.New("cube: damaged block")

func appendUint64(dst []byte, v uint64) []byte { return binary.LittleEndian.AppendUint64(dst, v) }
func getUint64(b []byte) uint64                { return binary.LittleEndian.Uint64(b) }

// appendPacked writes whole numbers as differences from the smallest, each in as many bits as the
// largest difference needs:
//
//	base   zigzag varint
//	width  1 byte: 0 to 56, or 64
//	bits   n × width bits, little-endian, the last byte filled with zeros
func appendPacked(dst []byte, vals []int64) []byte {
	low, high := int64(0), int64(0)
	if len(vals) > 0 {
		low, high = vals[0], vals[0]
	}
	for _, v := range vals {
		low, high = min(low, v), max(high, v)
	}
	dst = binary.AppendVarint(dst, low)
	width := bits.Len64(uint64(high) - uint64(low))
	if width > 56 {
		width = 64
	}
	dst = append(dst, byte(width))
	word, used := uint64(0), 0
	for _, v := range vals {
		d := uint64(v) - uint64(low)
		if width == 64 {
			dst = appendUint64(dst, d)
			continue
		}
		word |= d << used
		for used += width; used >= 8; used -= 8 {
			dst = append(dst, byte(word))
			word >>= 8
		}
	}
	if used > 0 {
		dst = append(dst, byte(word))
	}
	return dst
}

// unpack reads len(vals) numbers and returns the bytes after them.
func unpack[T int32 | int64](vals []T, b []byte) ([]byte, error) {
	low, size := binary.Varint(b)
	if size <= 0 || len(b) <= size {
		return nil, errBlock
	}
	width := int(b[size])
	b = b[size+1:]
	if width > 56 && width != 64 {
		return nil, errBlock
	}
	end := (len(vals)*width + 7) / 8
	if len(b) < end {
		return nil, errBlock
	}
	packed, rest := b[:end], b[end:]
	switch {
	case width == 0:
		for i := range vals {
			vals[i] = T(low)
		}
	case width == 64:
		for i := range vals {
			vals[i] = T(getUint64(packed[8*i:]) + uint64(low))
		}
	default:
		unpackBits(vals, packed, width, low)
	}
	return rest, nil
}

// unpackBits loads eight bytes at a time; the last few values go through a padded copy.
func unpackBits[T int32 | int64](vals []T, packed []byte, width int, low int64) {
	mask := uint64(1)<<width - 1
	safe := 0
	if len(packed) >= 8 {
		safe = min(len(vals), (8*(len(packed)-8))/width+1)
	}
	at, i := 0, 0
	for ; width <= 14 && i+4 <= safe; i += 4 { // four of them, and the seven bits before, are in one load
		word := getUint64(packed[at>>3:]) >> (at & 7)
		four := vals[i : i+4 : i+4]
		four[0] = T(word&mask + uint64(low))
		four[1] = T(word>>width&mask + uint64(low))
		four[2] = T(word>>(2*width)&mask + uint64(low))
		four[3] = T(word>>(3*width)&mask + uint64(low))
		at += 4 * width
	}
	for ; i < safe; i++ {
		vals[i] = T(getUint64(packed[at>>3:])>>(at&7)&mask + uint64(low))
		at += width
	}
	var tail [24]byte
	start := max(0, len(packed)-16)
	copy(tail[:], packed[start:])
	for i := safe; i < len(vals); i++ {
		vals[i] = T(getUint64(tail[at>>3-start:])>>(at&7)&mask + uint64(low))
		at += width
	}
}

// sortable maps a float to a whole number with the same order.
func sortable(f float64) int64 {
	b := int64(math.Float64bits(f + 0))
	return b ^ int64(uint64(b>>63)>>1)
}

func unsortable(v int64) float64 {
	return math.Float64frombits(uint64(v ^ int64(uint64(v>>63)>>1)))
}
