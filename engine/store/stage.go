package store

// stage gathers the rows that a group adds to one partition.
type stage struct {
	part   *partition
	drafts []draft
}

// draft is a journal batch being made: slices of the requests' rows, then the rows as the head
// keeps them, then the value.
type draft struct {
	info  batchInfo
	parts [][]byte
	size  int // of rows
	seq   uint64
	rows  []byte
	value []byte
}

// pairOverhead is what a key and a header cost in a transaction, generously.
const pairOverhead = 128

// stage finds or begins the stage of a place.
func (c *committer) stage(p place) *stage {
	c.s.view.RLock()
	part := c.s.head.find(p)
	c.s.view.RUnlock()
	if part == nil {
		c.s.view.Lock()
		part = c.s.head.fresh(p)
		c.s.view.Unlock()
	}
	if part.stage != nil {
		return part.stage
	}
	var st *stage
	if n := len(c.spare); n > 0 {
		st, c.spare = c.spare[n-1], c.spare[:n-1]
	} else {
		st = &stage{}
	}
	st.part, part.stage = part, st
	st.next()
	c.stages = append(c.stages, st)
	c.bytes += 2 * pairOverhead // the batch and the ledger row
	return st
}

// reset empties the stages for the next transaction.
func (c *committer) reset() {
	for _, st := range c.stages {
		for i := range st.drafts {
			d := &st.drafts[i]
			clear(d.parts)
			d.parts, d.size, d.info = d.parts[:0], 0, batchInfo{}
		}
		st.drafts = st.drafts[:0]
		st.part.stage, st.part = nil, nil
		c.spare = append(c.spare, st)
	}
	c.stages = c.stages[:0]
	c.bytes = 0
}

func (st *stage) current() *draft { return &st.drafts[len(st.drafts)-1] }

// next begins another batch.
func (st *stage) next() {
	if n := len(st.drafts); n < cap(st.drafts) {
		st.drafts = st.drafts[:n+1]
		return
	}
	st.drafts = append(st.drafts, draft{})
}

// put adds rows that stand one after another in a request.
func (st *stage) put(rows []byte) {
	if len(rows) == 0 {
		return
	}
	d := st.current()
	d.parts = append(d.parts, rows)
	d.size += len(rows)
}

// compose gathers the rows and makes the value. Many rows go to the head as they are, so they get
// an allocation of the exact size; few are copied there and the memory is used again, as is the
// value's, which Badger copies.
func (d *draft) compose(key []byte) {
	if cap(d.rows) < d.size {
		d.rows = make([]byte, max(d.size, packBelow))
	}
	d.rows = d.rows[:0]
	for _, r := range d.parts {
		d.rows = append(d.rows, r...)
	}
	d.value = appendBatch(d.value, key, d.rows, d.info)
}
