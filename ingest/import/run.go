package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/events"
)

const (
	// senders is how many batches are on their way at once: one is being read by the door while
	// the store syncs another; more only wait for each other.
	senders = 3
	// patience is how long a server that is overloaded or restarting is waited for.
	patience = time.Minute
	// grace is how long batches under way may take once the run is stopped.
	grace = 5 * time.Second
)

// run is one import.
type run struct {
	client   *web.Client
	name     string
	source   *source
	fromLine int // lines before it are not sent
	splitter *splitter
	progress *progress
	now      func() time.Time

	mu     sync.Mutex // guards report, done and failed
	report *Report
	done   map[int]*batch // sent, but one before is not
	failed error
}

// do sends the whole file. The report is right whatever the error is.
func (r *run) do(ctx context.Context) (*Report, error) {
	begun := r.now()
	r.report = &Report{File: r.name, Errors: []LineError{}, unit: "line", NextLine: 1}
	if r.source.array || r.source.logs != nil || r.source.access != nil {
		r.report.unit = "event"
	}
	r.done = map[int]*batch{}
	reading, stop := context.WithCancel(ctx)
	defer stop()
	posting, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, giveUp) })()

	batches := make(chan *batch)
	var group sync.WaitGroup
	for range senders {
		group.Go(func() {
			for b := range batches {
				err := r.send(reading, posting, b)
				r.note(b, err)
				if err != nil {
					stop()
				}
				r.splitter.free(b)
			}
		})
	}
	err := r.read(reading, batches)
	close(batches)
	group.Wait()
	r.progress.end()
	r.report.finish(r.splitter.leftOut(), r.now().Sub(begun))
	r.report.logged(r.source)
	switch {
	case ctx.Err() != nil:
		return r.report, ctx.Err()
	case r.failed != nil:
		return r.report, r.failed
	}
	if err == nil {
		err = nothingRead(r.report.Access)
	}
	return r.report, err
}

// read cuts batches until the end of the file, or until ctx says to stop. The file is read by a
// goroutine of its own: standard input may have nothing to say for hours, and nothing can wake it.
func (r *run) read(ctx context.Context, out chan<- *batch) error {
	type cut struct {
		b   *batch
		err error
	}
	cuts := make(chan cut)
	go func() {
		for {
			b, err := r.splitter.cut()
			if b != nil {
				b.read = r.source.read.Load()
			}
			select {
			case cuts <- cut{b, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	for {
		select {
		case c := <-cuts:
			if errors.Is(c.err, io.EOF) {
				return nil
			}
			if c.err != nil {
				return c.err
			}
			select {
			case out <- c.b:
			case <-ctx.Done():
				return nil
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// send posts a batch, again and again while the server is only busy. Once waiting is done, it
// gives up.
func (r *run) send(waiting, posting context.Context, b *batch) error {
	if b.line+b.lines <= r.fromLine || blank(b.text) {
		return nil
	}
	if b.line < r.fromLine {
		b.trim(r.fromLine)
	}
	wait := 250 * time.Millisecond
	for waited := time.Duration(0); ; waited += wait {
		answer, err := r.post(posting, b)
		if err == nil {
			r.tally(b, answer)
			return nil
		}
		if f := fault.Of(err); f.Code == "broken_json" && b.number > 0 {
			r.reject(b, f)
			return nil
		}
		if fault.Of(err).Kind != fault.Unavailable || waited >= patience {
			return err
		}
		wait = min(2*wait, 5*time.Second)
		select {
		case <-time.After(wait):
		case <-waiting.Done():
			return err
		}
	}
}

// trim leaves out the lines before the given one.
func (b *batch) trim(line int) {
	text := b.text
	for ; b.line < line; b.line, b.lines = b.line+1, b.lines-1 {
		n := bytes.IndexByte(text, '\n') + 1
		text, b.offset = text[n:], b.offset+int64(n)
	}
	b.text = append(b.text[:0], text...)
}

func (r *run) post(ctx context.Context, b *batch) (*events.Answer, error) {
	query := url.Values{"line_ids": {strconv.FormatInt(b.offset, 10)}}
	resp, err := r.client.Do(ctx, http.MethodPost, "/v1/events", query, "application/x-ndjson",
		bytes.NewReader(b.text))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer := new(events.Answer)
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil {
		return nil, fault.New(fault.Unavailable, "connection_lost",
			"the server went away before it had answered; try again").Wrap(err)
	}
	return answer, nil
}

// tally adds what the server said of a batch.
func (r *run) tally(b *batch, a *events.Answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Accepted += a.Accepted
	r.report.Duplicates += a.Duplicates
	r.report.Rejected += a.Rejected
	r.report.Dropped += a.Dropped
	r.report.Sampled += a.Sampled
	for _, e := range a.Errors {
		if len(r.report.Errors) >= maxErrors*senders {
			break
		}
		r.report.Errors = append(r.report.Errors,
			LineError{b.lineOf(e.Index), string(e.Code), e.Message})
	}
}

// reject counts a batch of which no line is JSON.
func (r *run) reject(b *batch, f *fault.Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Rejected += b.events()
	r.report.Errors = append(r.report.Errors, LineError{b.lineOf(0), f.Code,
		fmt.Sprintf("%s (and so on to line %d)", f.Message, b.line+b.lines-1)})
}

// note remembers how far the file is done without a gap.
func (r *run) note(b *batch, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		if r.failed == nil {
			r.failed = err
		}
		return
	}
	r.done[b.number] = &batch{line: b.line + b.lines}
	for next := r.done[r.report.batches]; next != nil; next = r.done[r.report.batches] {
		delete(r.done, r.report.batches)
		r.report.batches++
		r.report.NextLine = next.line
	}
	r.progress.at(b.read, r.report.Accepted+r.report.Duplicates+r.report.Rejected)
}
