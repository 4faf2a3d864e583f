package store

import (
	"sync"
	"sync/atomic"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// request is one Append on its way through the committer.
type request struct {
	tenant Tenant
	batch  *event.Batch // not to be touched once somebody else set taken
	events int
	size   int
	parts  []lookup // one for each part of the batch
	epoch  uint64   // of the catalog when the segments were asked for duplicates
	taken  atomic.Bool
	done   chan struct{} // gets one value when receipt and err are set

	receipt Receipt
	err     error
}

// lookup is what Append found out about a part before it queued up.
type lookup struct {
	found   []bool // rows that a segment holds already; nil for none
	untimed bool   // some row has an id of the client's and no timestamp
}

// control is a function that runs in the committer between two groups.
type control struct {
	run  func() error
	done chan error
}

// queue is what waits for the committer. It is bounded in events and bytes; over that it refuses.
type queue struct {
	mu       sync.Mutex
	waiting  []*request // guarded by mu
	controls []*control // guarded by mu
	events   int        // guarded by mu
	bytes    int        // guarded by mu
	need     int        // guarded by mu; requests that wake the committer
	closed   bool       // guarded by mu
	wake     chan struct{}
}

func newQueue() *queue { return &queue{need: 1, wake: make(chan struct{}, 1)} }

func errClosing() error {
	return fault.New(fault.Unavailable, "shutting_down",
		"the server is shutting down; send the events again")
}

// push adds a request. A request larger than the whole queue gets in when the queue is empty.
func (q *queue) push(r *request) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return errClosing()
	}
	if len(q.waiting) > 0 && (q.events+r.events > maxQueueEvents || q.bytes+r.size > maxQueueBytes) {
		return fault.New(fault.Unavailable, "overloaded",
			"%d events wait to be stored; send these again in a moment", q.events)
	}
	q.waiting = append(q.waiting, r)
	q.events += r.events
	q.bytes += r.size
	if len(q.waiting) >= q.need || q.events >= groupEvents {
		q.signal()
	}
	return nil
}

// pushControl adds a function.
func (q *queue) pushControl(c *control) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return errClosing()
	}
	q.controls = append(q.controls, c)
	q.signal()
	return nil
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// await says how many requests wake the committer, and how many wait now.
func (q *queue) await(need int) (waiting int, urgent bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.need = need
	return len(q.waiting), q.closed || len(q.controls) > 0 || q.events >= groupEvents
}

// take removes a group: requests up to the limits, or one that is larger.
func (q *queue) take(
	into []*request, events, bytes int,
) (group []*request, controls []*control, left int, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.need = 1
	controls, q.controls = q.controls, nil
	n := 0
	for n < len(q.waiting) {
		r := q.waiting[n]
		if n > 0 && (r.events > events || r.size > bytes) {
			break
		}
		n++
		events -= r.events
		bytes -= r.size
		q.events -= r.events
		q.bytes -= r.size
		if r.taken.CompareAndSwap(false, true) {
			into = append(into, r)
		}
	}
	left = copy(q.waiting, q.waiting[n:])
	clear(q.waiting[left:])
	q.waiting = q.waiting[:left]
	return into, controls, left, q.closed
}

// close refuses further requests; those that wait are still served.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}
