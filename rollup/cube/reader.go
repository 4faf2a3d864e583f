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

// cursor goes through the cells of a block, in ascending order.
type cursor struct {
	b    *batch
	next int // in the rows of the batch
}

// group is the group of a cell, -1 for one that is not in the batch.
func (c *cursor) group(cell int) int {
	b := c.b
	if b.rows == nil {
		c.next = cell
		return int(b.groups[cell])
	}
	for c.next < len(b.rows) && int(b.rows[c.next]) < cell {
		c.next++
	}
	if c.next < len(b.rows) && int(b.rows[c.next]) == cell {
		return int(b.groups[c.next])
	}
	return -1
}

// run is how many cells from this one on, which is in the batch, are of its group.
func (c *cursor) run() int {
	groups := c.b.groups[c.next:]
	n := 1
	for n < len(groups) && groups[n] == groups[0] {
		n++
	}
	return n
}
