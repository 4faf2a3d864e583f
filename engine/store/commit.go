package store

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/dgraph-io/badger/v4"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// committer is the one goroutine that writes events. Badger syncs every transaction by itself, one
// after another, 300 a second or so under load; so the committer makes one transaction of all that
// came in while the last was being written. 64 clients with one event each get 8 times what
// Badger's own concurrency gives them.
type committer struct {
	s      *Store
	seq    uint64 // the last one given
	limit  int    // bytes of one transaction
	bytes  int    // staged so far
	stages []*stage
	spare  []*stage
	group  []*request
	pairs  []pair
	known  []*ids // where duplicates of the part at hand may be
	last   int    // requests in the group before
}

// pair is one key with its value.
type pair struct{ key, value []byte }

// run serves the queue until it is closed and empty.
func (c *committer) run() {
	defer close(c.s.committed)
	for {
		<-c.s.queue.wake
		c.linger()
		var controls []*control
		for {
			var left int
			var closed bool
			c.group, controls, left, closed = c.s.queue.take(c.group[:0], groupEvents, c.limit)
			for _, f := range controls {
				f.done <- f.run()
			}
			if len(c.group) > 0 {
				c.serve()
			}
			if closed && left == 0 {
				return
			}
			if len(c.group) == 0 && left == 0 {
				break
			}
			c.linger()
		}
	}
}

// The group before shows how many clients send small requests at the same time. If it was many, a
// moment's wait brings nearly all of them into one transaction, which costs less than the several
// that would otherwise be made of them.
const (
	lingerFrom = 8
	lingerTime = 500 * time.Microsecond
)

// linger waits for the next group to gather.
func (c *committer) linger() {
	if c.last < lingerFrom {
		return
	}
	want := c.last * 3 / 4
	waiting, urgent := c.s.queue.await(want)
	if urgent || waiting >= want || waiting == 0 {
		return
	}
	timer := time.NewTimer(lingerTime)
	defer timer.Stop()
	select {
	case <-c.s.queue.wake:
	case <-timer.C:
	}
}

// serve commits the group and answers everybody in it.
func (c *committer) serve() {
	c.last = len(c.group)
	err := c.s.Err()
	if err == nil {
		size := 0
		for _, r := range c.group {
			size += r.size
		}
		err = c.s.disk.admit(int64(size))
	}
	if err == nil {
		for _, r := range c.group {
			if err = c.take(r); err != nil {
				break
			}
		}
		if err == nil {
			err = c.flush()
		}
	}
	clear(c.known)
	if err == nil {
		c.s.cfg.Failpoint("commit.acked")
	}
	for i, r := range c.group {
		if err != nil {
			r.receipt, r.err = Receipt{}, err
		}
		c.group[i] = nil
		r.done <- struct{}{}
	}
}

// take stages a request. A request that does not fit into the transaction begun is divided over
// several; it is answered after the last.
func (c *committer) take(r *request) error {
	parts := r.batch.Parts()
	for i := range parts {
		if len(parts[i].Marks) == 0 {
			continue
		}
		st := c.stage(placeOf(r.tenant, parts[i].Kind, parts[i].Hour))
		found, err := c.recall(r, i)
		if err == nil {
			err = c.s.loadLedger(st.part)
		}
		if err != nil {
			r.err = err // this request's alone: nothing of the part was staged
			return nil
		}
		if err := c.takePart(st, r, &parts[i], found); err != nil {
			return err
		}
	}
	return nil
}

// recall lists the id sets of the head in which duplicates of a part may be, and marks the rows
// that segments hold. What is sealed from here on is in one of the sets; what was sealed since the
// request asked is in a segment it did not see, so it asks again.
func (c *committer) recall(r *request, i int) (found []bool, err error) {
	p, l := &r.batch.Parts()[i], r.parts[i]
	c.s.view.RLock()
	epoch := c.s.epoch.Load()
	c.known = c.known[:0]
	from, to := window(p, l.untimed)
	for hour := from; hour <= to; hour++ {
		if part := c.s.head.find(placeOf(r.tenant, p.Kind, hour)); part != nil {
			for _, g := range part.generations() {
				c.known = append(c.known, &g.ids)
			}
		}
	}
	c.s.view.RUnlock()
	if epoch == r.epoch {
		return l.found, nil
	}
	return c.s.inSegments(context.Background(), r.tenant, p, l.untimed)
}

// takePart stages the rows of a part that are not duplicates, and remembers their ids. They are
// remembered before they are committed; should the commit fail, nothing is accepted any more.
func (c *committer) takePart(st *stage, r *request, p *event.Part, found []bool) error {
	part := st.part
	start, from := 0, 0 // of this row, and of the rows not staged yet
	for i := range p.Marks {
		m := &p.Marks[i]
		row := p.Rows[start:m.End]
		if m.Named && (found != nil && found[i] || taken(c.known, m)) {
			st.put(p.Rows[from:start])
			start, from = m.End, m.End
			r.receipt.Duplicates++
			continue
		}
		if c.bytes > 0 && c.bytes+len(row) > c.limit {
			st.put(p.Rows[from:start])
			if err := c.flush(); err != nil {
				return err
			}
			st, from = c.stage(part.place), start
		}
		if st.current().size+start-from+len(row) > maxValue {
			st.put(p.Rows[from:start])
			from = start
			st.next()
			c.bytes += pairOverhead
		}
		part.live.ids.add(m.Key, m.Time)
		st.current().info.add(row, m.Time)
		c.bytes += len(row)
		r.receipt.Accepted++
		start = m.End
	}
	st.put(p.Rows[from:start])
	return nil
}

// taken reports whether the head holds the event.
func taken(known []*ids, m *event.Mark) bool {
	for _, k := range known {
		if k.has(m) {
			return true
		}
	}
	return false
}

// flush commits what is staged, shows it and keeps what it needs of it.
func (c *committer) flush() error {
	if c.bytes == 0 {
		return nil
	}
	c.compose()
	if len(c.pairs) == 0 { // all of them duplicates
		c.reset()
		return nil
	}
	c.s.cfg.Failpoint("commit.before")
	if err := c.s.write(c.pairs); err != nil {
		return c.s.stop(err)
	}
	c.s.cfg.Failpoint("commit.after")
	now := c.s.cfg.Now()
	over := event.MicrosOf(now).Hour()
	c.s.view.Lock()
	for _, st := range c.stages {
		for i := range st.drafts {
			d := &st.drafts[i]
			if d.info.count == 0 {
				continue
			}
			if st.part.place.hour < over {
				c.s.belated.Add(int64(d.info.count))
			}
			if c.s.head.add(st.part, d.rows, d.info, d.seq) {
				d.rows = nil // they are the head's now
			}
		}
	}
	c.s.acked.Store(c.seq)
	c.s.lastCommit.Store(now.UnixMicro())
	c.s.view.Unlock()
	c.s.cfg.Committed()
	c.reset()
	return nil
}

// compose makes the pairs of the transaction.
func (c *committer) compose() {
	c.pairs = c.pairs[:0]
	for _, st := range c.stages {
		part := st.part
		if st.drafts[0].info.count == 0 {
			continue
		}
		for i := range st.drafts {
			d := &st.drafts[i]
			if d.info.count == 0 {
				continue
			}
			c.seq++
			d.seq = c.seq
			key := journalKey(part.place, d.seq)
			d.compose(key)
			c.pairs = append(c.pairs, pair{key, d.value})
			part.ledger.rows += uint64(d.info.count)
			part.ledger.sum += d.info.sum
		}
		key := placeKey(spaceLedger, part.place)
		c.pairs = append(c.pairs, pair{key, part.ledger.bytes(key)})
	}
	if len(c.pairs) > 0 {
		seq := binary.BigEndian.AppendUint64(nil, c.seq)
		c.pairs = append(c.pairs, pair{sequenceKey(), seq})
	}
}

// write commits pairs in one synced transaction. While Badger refuses writes because it drops a
// prefix, it waits: clients see latency, not errors.
func (s *Store) write(pairs []pair) error {
	return s.update(func(txn *badger.Txn) error {
		for _, p := range pairs {
			if err := txn.Set(p.key, p.value); err != nil {
				return err
			}
		}
		return nil
	})
}

// blockedPause is how long to wait before a refused transaction is tried again.
const blockedPause = 2 * time.Millisecond

// update runs one synced transaction. An error of Badger's after which it is not known whether the
// transaction was written stops the store for good; an error of fill's comes back as it is.
func (s *Store) update(fill func(*badger.Txn) error) error {
	for {
		if err := s.Err(); err != nil {
			return err
		}
		txn := s.db.NewTransaction(true)
		if err := fill(txn); err != nil {
			txn.Discard()
			return err
		}
		err := s.commit(txn)
		if err == nil {
			return nil
		}
		if !errors.Is(err, badger.ErrBlockedWrites) {
			return s.stop(err)
		}
		time.Sleep(blockedPause)
	}
}

// stop makes the first commit error the store's last: from here on nothing is acknowledged.
func (s *Store) stop(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); !ok {
		err = fault.New(fault.Internal, "store_stopped",
			"a write failed, so the store takes no more; restart the server").Wrap(err)
	}
	s.failOnce.Do(func() {
		s.err.Store(&err)
		s.cfg.Log.Error("store: stopped taking events", "error", err)
		close(s.fatal)
	})
	return err
}
