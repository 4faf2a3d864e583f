package store

// stage gathers the rows that a group adds to one partition.
type stage struct {
	part   *partition
	drafts []draft
}

// draft is a journal batch being made: slices of the requests' rows, then the value.
type draft struct {
	info  batchInfo
	rows  [][]byte
	size  int // of rows
	seq   uint64
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
			clear(d.rows)
			d.rows, d.size, d.info = d.rows[:0], 0, batchInfo{}
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
	d.rows = append(d.rows, rows)
	d.size += len(rows)
}

// compose makes the value. Large ones go to the head, so each is its own allocation of the exact
// size; small ones are copied there and the memory is used again.
func (d *draft) compose(key []byte) {
	n := batchHeader + d.size
	if cap(d.value) < n {
		size := n
		if d.size < packBelow {
			size = batchHeader + packBelow
		}
		d.value = make([]byte, size)
	}
	d.value = d.value[:n]
	at := batchHeader
	for _, r := range d.rows {
		at += copy(d.value[at:], r)
	}
	sealBatch(key, d.value, d.info)
}
