package cube

import "encoding/binary"

// reader takes numbers and bytes from the front of a section. After the first bad one everything is
// zero and bad is set, so that callers check once.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) fail() {
	r.rest, r.bad = nil, true
}

// uvarint reads a number of at most limit.
func (r *reader) uvarint(limit uint64) uint64 {
	v, size := binary.Uvarint(r.rest)
	if size <= 0 || v > limit {
		r.fail()
		return 0
	}
	r.rest = r.rest[size:]
	return v
}

func (r *reader) varint() int64 {
	v, size := binary.Varint(r.rest)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[size:]
	return v
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fail()
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

// done says whether all was good and nothing is left over.
func (r *reader) done() error {
	if r.bad || len(r.rest) != 0 {
		return errBlock
	}
	return nil
}

// targets is the group of each cell of a block, -1 for cells that are not in the batch. Cells must
// be asked for in ascending order.
func (b *batch) targets() func(cell int) int {
	next := 0
	return func(cell int) int {
		if b.rows == nil {
			return int(b.groups[cell])
		}
		for next < len(b.rows) && int(b.rows[next]) < cell {
			next++
		}
		if next < len(b.rows) && int(b.rows[next]) == cell {
			return int(b.groups[next])
		}
		return -1
	}
}
