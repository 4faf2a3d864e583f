package gateway

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/ingest/events"
	"analytics/ingest/wire"
)

// recorder writes the rows of calls, many together. One goroutine owns the writing: a commit for
// each row would be a thousand syncs a second.
type recorder struct {
	intake *events.Intake
	log    *slog.Logger
	queue  chan *record
	over   chan struct{} // closed when nothing is written any more
	end    sync.Once
	lost   atomic.Int64
	stored atomic.Int64

	lines map[store.Tenant]*wire.Lines // of the writing goroutine
}

func newRecorder(intake *events.Intake, log *slog.Logger) *recorder {
	return &recorder{
		intake: intake, log: log, queue: make(chan *record, maxQueued), over: make(chan struct{}),
		lines: map[store.Tenant]*wire.Lines{},
	}
}

// take takes a record over. When the queue is full it waits: rows are not thrown away, callers are
// slowed down.
func (q *recorder) take(c *record) {
	select {
	case q.queue <- c:
		return
	default:
	}
	select {
	case q.queue <- c:
	case <-q.over:
		q.lose(1, errors.New("the server is ending"))
	}
}

// run writes until ctx ends, and then what is there.
func (q *recorder) run(ctx context.Context) {
	for {
		select {
		case c := <-q.queue:
			q.gather(ctx, c)
		case <-ctx.Done():
			q.flush()
			return
		}
	}
}

// gather waits a moment for more rows, and writes them together.
func (q *recorder) gather(ctx context.Context, c *record) {
	wait := time.NewTimer(linger)
	defer wait.Stop()
	for n := 1; ; n++ {
		q.add(c)
		if n == maxTogether {
			break
		}
		select {
		case c = <-q.queue:
			continue
		case <-wait.C:
		case <-ctx.Done():
		}
		break
	}
	q.write(ctx)
}

// flush writes all that waits now.
func (q *recorder) flush() {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for {
		for n := 0; n < maxTogether; n++ {
			select {
			case c := <-q.queue:
				q.add(c)
				continue
			default:
			}
			break
		}
		if !q.write(ended) {
			return
		}
	}
}

func (q *recorder) add(c *record) {
	l := q.lines[c.tenant]
	if l == nil {
		l = new(wire.Lines)
		q.lines[c.tenant] = l
	}
	c.write(l)
}

// write stores what was added, and says whether there was anything.
func (q *recorder) write(ctx context.Context) bool {
	any := false
	for tenant, l := range q.lines {
		if l.Len() == 0 {
			continue
		}
		any = true
		q.store(ctx, tenant, l)
		l.Reset()
	}
	if len(q.lines) > maxQueued { // tenants that are gone
		clear(q.lines)
	}
	return any
}

// store tries until the rows are stored, for storePatience; when ctx has ended, for lastPatience.
func (q *recorder) store(ctx context.Context, tenant store.Tenant, l *wire.Lines) {
	// Results of a batch carry the time at which they were first fetched.
	body := &events.Body{Tenant: tenant, Text: l.Bytes(), Lines: true, Backfill: true}
	for waited := time.Duration(0); ; waited += retryEvery {
		answer, err := q.intake.Take(context.WithoutCancel(ctx), body)
		if err == nil {
			q.stored.Add(int64(answer.Accepted))
			if answer.Rejected > 0 {
				q.lose(answer.Rejected, errors.New(answer.Errors[0].Message))
			}
			return
		}
		kind := fault.Of(err).Kind
		passing := kind == fault.Unavailable || kind == fault.Full // not that taking in is switched off
		if !passing || waited >= storePatience || ctx.Err() != nil && waited >= lastPatience {
			q.lose(l.Len(), err)
			return
		}
		time.Sleep(retryEvery)
	}
}

func (q *recorder) lose(n int, err error) {
	q.lost.Add(int64(n))
	q.log.Error("rows of the gateway could not be stored", "rows", n, "error", err)
}

// close writes what came after run had ended, and lets nobody wait any more.
func (q *recorder) close() {
	q.end.Do(func() {
		q.flush()
		close(q.over)
	})
}
