package listing

import (
	"encoding/binary"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// truths asks the condition once for each of the three values that a truth has, and picks the rows
// by their bits: 64 at a time where all rows are looked at, so that a chunk in which nothing failed
// costs a microsecond. ok is false if the column is none of truths, or not there.
func (t *test) truths(v *View, rows []int32) (kept []int32, ok bool) {
	at := v.at[t.fields[0]]
	if at < 0 {
		return nil, false
	}
	col, ok := v.rec.Column(at).(*array.Boolean)
	if !ok {
		return nil, false
	}
	pick := choice{
		no: t.text("false"), yes: t.text("true"), none: t.missing,
		truth: col.Data().Buffers()[1].Bytes(), offset: col.Data().Offset(),
	}
	if col.NullN() > 0 {
		pick.valid = col.NullBitmapBytes()
	}
	if rows != nil {
		return keep(rows, func(row int32) bool { return pick.row(int(row)) }), true
	}
	return pick.all(col.Len()), true
}

// choice is which of false, true and missing are wanted, and the bits of a column.
type choice struct {
	no, yes, none bool
	truth, valid  []byte // valid is nil if no row is missing
	offset        int
}

func (c *choice) row(i int) bool {
	i += c.offset
	switch {
	case c.valid != nil && !bitutil.BitIsSet(c.valid, i):
		return c.none
	case bitutil.BitIsSet(c.truth, i):
		return c.yes
	}
	return c.no
}

// all lists the rows of n that are wanted. It is never nil.
func (c *choice) all(n int) []int32 {
	kept := []int32{}
	row := 0
	for ; c.offset == 0 && row+64 <= n; row += 64 {
		for word := c.word(row / 8); word != 0; word &= word - 1 {
			kept = append(kept, int32(row+bits.TrailingZeros64(word)))
		}
	}
	for ; row < n; row++ {
		if c.row(row) {
			kept = append(kept, int32(row))
		}
	}
	return kept
}

// word is the bits of the wanted among 64 rows from byte at on.
func (c *choice) word(at int) uint64 {
	truth, valid := binary.LittleEndian.Uint64(c.truth[at:]), ^uint64(0)
	if c.valid != nil {
		valid = binary.LittleEndian.Uint64(c.valid[at:])
	}
	word := uint64(0)
	if c.yes {
		word |= truth & valid
	}
	if c.no {
		word |= ^truth & valid
	}
	if c.none {
		word |= ^valid
	}
	return word
}
