package store

import (
	"context"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// Receipt says what became of a batch.
type Receipt struct {
	Accepted   int
	Duplicates int
}

// Append stores a batch and returns after the transaction that holds it was synced: what the
// receipt counts survives kill -9 and power loss. After an error some of the batch may be stored
// all the same, so a client sends it again; ids make that safe. The batch is the caller's again
// when Append returns.
//
// It fails with fault.Unavailable when too much waits already or the store is closing, with
// fault.Full when the disk is full, and for good once a commit failed: Badger's errors do not mean
// "not written", so after one nothing more is acknowledged.
func (s *Store) Append(ctx context.Context, t Tenant, b *event.Batch) (Receipt, error) {
	if b.Len() == 0 {
		return Receipt{}, nil
	}
	if err := s.admit(ctx); err != nil {
		return Receipt{}, err
	}
	r := s.requests.Get().(*request)
	r.tenant, r.batch, r.events, r.size = t, b, b.Len(), b.Size()
	r.taken.Store(false)
	r.receipt, r.err = Receipt{}, nil
	if err := s.lookUp(ctx, r); err != nil {
		return Receipt{}, err
	}
	if err := s.queue.push(r); err != nil {
		return Receipt{}, err
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		if r.taken.CompareAndSwap(false, true) {
			return Receipt{}, fault.New(fault.Unavailable, "canceled",
				"the request was given up before its events were stored").Wrap(ctx.Err())
		}
		<-r.done // the committer reads the batch; it may not go back to the caller yet
	}
	receipt, err := r.receipt, r.err
	r.batch = nil
	s.requests.Put(r)
	return receipt, err
}

// newRequest makes a request for the pool. One that was given up never goes back to it.
func newRequest() any { return &request{done: make(chan struct{}, 1)} }

// lookUp asks the segments for duplicates, before the batch queues up: the committer has no time to
// read. Should the catalog change in between, the committer asks again.
func (s *Store) lookUp(ctx context.Context, r *request) error {
	parts := r.batch.Parts()
	r.epoch = s.epoch.Load()
	r.parts = r.parts[:0]
	for i := range parts {
		var l lookup
		var err error
		for j := range parts[i].Marks {
			if m := &parts[i].Marks[j]; m.Named && !m.Timed {
				l.untimed = true
				break
			}
		}
		if l.found, err = s.inSegments(ctx, r.tenant, &parts[i], l.untimed); err != nil {
			return err
		}
		r.parts = append(r.parts, l)
	}
	return nil
}

// window is the hours in which an id without a timestamp may be found: it may be as old as
// untimedWindow, and clocks that were set back may have put it into the next hour.
func window(p *event.Part, untimed bool) (from, to event.Hour) {
	if !untimed {
		return p.Hour, p.Hour
	}
	const hours = event.Hour(untimedWindow / event.Micros(time.Hour/time.Microsecond))
	return p.Hour - min(p.Hour, hours), p.Hour + 1
}

// inSegments marks the rows of a part that segments hold already; nil means none.
func (s *Store) inSegments(
	ctx context.Context, t Tenant, p *event.Part, untimed bool,
) (found []bool, err error) {
	from, to := window(p, untimed)
	for hour := from; hour <= to; hour++ {
		at := placeOf(t, p.Kind, hour)
		if !s.sealedAny(at) {
			continue
		}
		if found == nil {
			found = make([]bool, len(p.Marks))
		}
		if err := s.sealedHas(ctx, at, p.Marks, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// admit refuses or holds back a request before it costs anything.
func (s *Store) admit(ctx context.Context) error {
	if err := s.Err(); err != nil {
		return err
	}
	if err := s.disk.admit(0); err != nil {
		return err
	}
	used := s.head.bytes.Load()
	if used >= s.cfg.MaxHeadBytes/2 {
		s.press()
	}
	if used < s.cfg.MaxHeadBytes {
		s.slow(ctx, used)
		return nil
	}
	return s.awaitRoom(ctx)
}

// slowest is how long a request is held back when the head is all but full.
const slowest = 60 * time.Millisecond

// slow holds a request back for a while once the head is five eighths full, the longer the fuller
// it is. Clients that send faster than sealing can keep up come down to its speed that way; without
// it they ran into the bound at full speed and then all stood still until a whole segment was
// written.
func (s *Store) slow(ctx context.Context, used int64) {
	over := used - s.cfg.MaxHeadBytes*5/8
	if over <= 0 {
		return
	}
	timer := time.NewTimer(slowest * time.Duration(over) / time.Duration(s.cfg.MaxHeadBytes*3/8))
	defer timer.Stop()
	select {
	case <-s.room():
	case <-timer.C:
	case <-s.closing:
	case <-ctx.Done():
	}
}

// roomPatience is how long Append waits for sealing to make room in the head.
const roomPatience = 5 * time.Second

// awaitRoom holds a request back while the head is full.
func (s *Store) awaitRoom(ctx context.Context) error {
	timer := time.NewTimer(roomPatience)
	defer timer.Stop()
	for {
		s.press()
		room := s.room()
		if s.head.bytes.Load() < s.cfg.MaxHeadBytes {
			return nil
		}
		select {
		case <-room:
		case <-s.fatal:
			return s.Err()
		case <-s.closing:
			return errClosing()
		case <-ctx.Done():
			return fault.New(fault.Unavailable, "canceled",
				"the request was given up before its events were stored").Wrap(ctx.Err())
		case <-timer.C:
			return fault.New(fault.Unavailable, "overloaded",
				"sealing cannot keep up; send the events again in a moment")
		}
	}
}
