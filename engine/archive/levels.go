package archive

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/parquet-go/bitpack"
)

// Two uses of Parquet's hybrid of run lengths and bit-packed groups are coded here rather than by
// parquet-go: levels of one bit go straight between Arrow's bitmap and the page, without a byte for
// each row in between, and a damaged run can never ask for more memory than the page has rows.

// appendBits appends the first n bits of a bitmap as levels of one bit.
func appendBits(dst, bitmap []byte, n int) []byte {
	whole := bitmap[:n/8]
	for i := 0; i < len(whole); {
		if same := runOf(whole[i:]); same >= minRun {
			dst = binary.AppendUvarint(dst, uint64(same*8)<<1)
			dst = append(dst, whole[i]&1)
			i += same
			continue
		}
		j := i + 1
		for j < len(whole) && runOf(whole[j:min(j+minRun, len(whole))]) < minRun {
			j++
		}
		dst = binary.AppendUvarint(dst, uint64(j-i)<<1|1)
		dst = append(dst, whole[i:j]...)
		i = j
	}
	if n%8 != 0 {
		dst = append(dst, 1<<1|1, bitmap[n/8]&(1<<(n%8)-1))
	}
	return dst
}

// minRun is from how many equal bytes on a run is shorter than the bits themselves.
const minRun = 4

// runOf is how many bytes at the start are all zeros or all ones alike.
func runOf(b []byte) int {
	if len(b) == 0 || (b[0] != 0 && b[0] != 0xff) {
		return 0
	}
	n := 1
	for n < len(b) && b[n] == b[0] {
		n++
	}
	return n
}

// readBits reads n levels of one bit into the bitmap, from bit at on, which is a multiple of eight.
func readBits(bitmap []byte, at, n int, src []byte) error {
	end := at + n
	for at < end {
		u, size := binary.Uvarint(src)
		if size <= 0 || u>>1 == 0 {
			return fmt.Errorf("%w: levels end early", ErrDamaged)
		}
		src = src[size:]
		if u&1 != 0 {
			groups := u >> 1
			take := min(groups, uint64(end-at+7)/8)
			if take > uint64(len(src)) || at%8 != 0 {
				return fmt.Errorf("%w: levels end early", ErrDamaged)
			}
			copy(bitmap[at/8:], src[:take])
			at += int(take) * 8
			src = src[take:]
			continue
		}
		if len(src) == 0 || u>>1 > uint64(end-at) {
			return fmt.Errorf("%w: a run of levels is longer than its page", ErrDamaged)
		}
		if src[0] != 0 {
			fillBits(bitmap, at, int(u>>1))
		}
		at += int(u >> 1)
		src = src[1:]
	}
	if end%8 != 0 { // bits of padding must not look like rows
		bitmap[end/8] &= 1<<(end%8) - 1
	}
	return nil
}

// fillBits sets n bits from bit at on.
func fillBits(bitmap []byte, at, n int) {
	for n > 0 && at%8 != 0 {
		bitmap[at/8] |= 1 << (at % 8)
		at, n = at+1, n-1
	}
	for ; n >= 8; n -= 8 {
		bitmap[at/8] = 0xff
		at += 8
	}
	if n > 0 {
		bitmap[at/8] |= 1<<n - 1
	}
}

// countBits counts the bits set in [from, to) of a bitmap; from is a multiple of eight.
func countBits(bitmap []byte, from, to int) int {
	n := 0
	b := bitmap[from/8 : to/8]
	for ; len(b) >= 8; b = b[8:] {
		n += bits.OnesCount64(binary.LittleEndian.Uint64(b))
	}
	for _, x := range b {
		n += bits.OnesCount8(x)
	}
	if to%8 != 0 {
		n += bits.OnesCount8(bitmap[to/8] & (1<<(to%8) - 1))
	}
	return n
}

// readCodes reads len(dst) codes of a dictionary, each below limit. After src there are at least
// bitpack.PaddingInt32 bytes that may be read.
func readCodes(dst []int32, src []byte, limit int) error {
	if len(dst) == 0 {
		return nil
	}
	if len(src) == 0 || src[0] > 31 {
		return fmt.Errorf("%w: codes of a strange width", ErrDamaged)
	}
	width := uint(src[0])
	src = src[1:]
	for at := 0; at < len(dst); {
		u, size := binary.Uvarint(src)
		if size <= 0 || u>>1 == 0 || u>>1 > 1<<31 {
			return fmt.Errorf("%w: codes end early", ErrDamaged)
		}
		src = src[size:]
		if u&1 != 0 {
			count := min(int(u>>1)*8, len(dst)-at)
			bytes := int(u>>1) * int(width)
			if bytes > len(src) {
				return fmt.Errorf("%w: codes end early", ErrDamaged)
			}
			if width == 0 {
				clear(dst[at : at+count])
			} else {
				bitpack.Unpack(dst[at:at+count], src[:bytes], width)
			}
			at += count
			src = src[bytes:]
			continue
		}
		wide := int(width+7) / 8
		if wide > len(src) || u>>1 > uint64(len(dst)-at) {
			return fmt.Errorf("%w: a run of codes is longer than its page", ErrDamaged)
		}
		var word [4]byte
		copy(word[:], src[:wide])
		code := int32(binary.LittleEndian.Uint32(word[:]))
		run := dst[at : at+int(u>>1)]
		for i := range run {
			run[i] = code
		}
		at += len(run)
		src = src[wide:]
	}
	for _, code := range dst {
		if uint32(code) >= uint32(limit) {
			return fmt.Errorf("%w: a code is not in the dictionary", ErrDamaged)
		}
	}
	return nil
}
