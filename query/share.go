package query

import (
	"context"
	"net/url"
	"sync"
	"time"

	"analytics/engine/auth"
	"analytics/engine/store"
)

// The limits of sharing. Four dashboards that refresh each second ask the same eleven questions 44
// times, of events that come in all the while: without sharing, ingest went on at less than half of
// its speed (BenchmarkIngestWithDashboards).
const (
	// sharedFor is how old an answer may be that is given again, by when it was begun: an event counts
	// within a second of its ack.
	sharedFor = 900 * time.Millisecond
	// slowAnswer is what an answer must have taken before it is given again: one that is cheap is made
	// for everybody who asks, of the newest events.
	slowAnswer = 20 * time.Millisecond
	// sought is how often a question must have been asked within soughtIn before its answers are shared:
	// who asks, sends an event and asks again sees the event.
	sought, soughtIn = 4, 2 * time.Second
	// mostShared is how many answers are kept, and mostSharedRows how long they are at most.
	mostShared, mostSharedRows = 128, 2000
)

// shares is the answers that were slow to make and are young.
type shares struct {
	mu   sync.Mutex
	each map[string]*share // guarded by mu
}

// share is an answer, or one under way.
type share struct {
	begun time.Time
	slow  bool          // it took long, or the one before did
	asked tally         // how often, lately
	done  chan struct{} // closed when answer is set
	// answer is nil if there was none, or if it is too long to be kept.
	answer document
}

// shareKey is what makes two questions one: who asks, as far as answers differ by it, and what.
func shareKey(tenant store.Tenant, bound auth.Binding, v *Verb, values url.Values, format string) string {
	return string(tenant[:]) + bound.String() + "\x00" + v.Path() + "\x00" + format + "\x00" + values.Encode()
}

// shared gives an answer that was made for somebody else within the last moment, if making it takes
// long, or has it made. What it gives is not changed by anybody.
func (d *Desk) shared(ctx context.Context, key string, fill func() (document, error)) (document, error) {
	s := &d.shares
	now := d.now()
	s.mu.Lock()
	old := s.each[key]
	var asked tally
	if old != nil {
		asked = old.asked.and(now)
		old.asked = asked
	}
	if old != nil && old.slow && asked.lately() >= sought && now.Sub(old.begun) < sharedFor {
		s.mu.Unlock()
		select {
		case <-old.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if old.answer != nil {
			return old.answer, nil
		}
		return fill()
	}
	mine := &share{begun: now, slow: old != nil && old.slow, asked: asked, done: make(chan struct{})}
	if old == nil {
		mine.asked = asked.and(now)
	}
	s.put(key, mine, now)
	s.mu.Unlock()
	defer close(mine.done)
	a, err := fill()
	if err == nil && rowsIn(a) <= mostSharedRows {
		mine.answer = a
	}
	s.mu.Lock()
	mine.slow = d.now().Sub(now) > slowAnswer
	s.mu.Unlock()
	return a, err
}

// tally counts in stretches of time, of which it knows this one and the one before.
type tally struct {
	since       time.Time
	now, before int
}

// and is the tally with one more.
func (t tally) and(at time.Time) tally {
	switch gone := at.Sub(t.since); {
	case gone >= 2*soughtIn:
		t = tally{since: at}
	case gone >= soughtIn:
		t = tally{since: t.since.Add(soughtIn), before: t.now}
	}
	t.now++
	return t
}

func (t tally) lately() int { return t.now + t.before }

// put keeps a share in place of the one before it; where there is no place, those that are too old go
// first.
func (s *shares) put(key string, mine *share, now time.Time) {
	if s.each == nil {
		s.each = map[string]*share{}
	}
	if len(s.each) >= mostShared {
		for k, old := range s.each {
			if now.Sub(old.begun) >= sharedFor {
				delete(s.each, k)
			}
		}
	}
	if _, there := s.each[key]; there || len(s.each) < mostShared {
		s.each[key] = mine
	}
}

// rowsIn is how long an answer is. One whose rows are made while they are written, and a trail, which
// few ask for twice, are as if they were too long.
func rowsIn(a document) int {
	switch a := a.(type) {
	case *Answer:
		if a.More == nil {
			return len(a.Rows)
		}
	case Page:
		rows := 0
		for _, s := range a {
			rows += rowsIn(s.Answer)
		}
		return rows
	}
	return mostSharedRows + 1
}
