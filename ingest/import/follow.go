package importer

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/accesslog"
)

const (
	// pause is how long a log that has not grown is left alone. Asking costs a system call.
	pause = 250 * time.Millisecond
	// late is how late a line may come. Servers that write their logs in lumps are later.
	late = 5 * time.Second
	// saveEvery is how often positions are written: what is read again is known by its ids.
	saveEvery = time.Second
)

// follow reads logs as they grow until it is stopped.
type follow struct {
	run  *run
	now  func() time.Time
	logs []*followed
}

// followed is one of them.
type followed struct {
	*tail
	place  string // of the position
	saved  position
	when   time.Time // of the saving
	caught bool      // the end of the log was seen: what comes now is new
	prompt bool      // the lines come when they happen, as far as was seen
}

// newFollow opens the positions of all logs.
func newFollow(client *web.Client, a *accessLogs, folder string, errOut io.Writer, now func() time.Time) (
	*follow, error,
) {
	f := &follow{now: now, run: &run{client: client, name: a.from, fromLine: 1, now: now, source: new(source)}}
	f.run.report = &Report{File: a.from, Errors: []LineError{}, unit: "event", NextLine: 1}
	note := func(format string, args ...any) { _, _ = fmt.Fprintf(errOut, format+"\n", args...) }
	for _, log := range a.files {
		o, err := a.options(now)
		if err != nil {
			return nil, err
		}
		if err := readable(log); err != nil {
			return nil, err
		}
		t := &followed{tail: newTail(log, accesslog.NewReader(o), note)}
		if t.place, err = positionFile(folder, log, a); err != nil {
			return nil, err
		}
		p, err := loadPosition(t.place)
		if err != nil {
			return nil, err
		}
		if p != nil {
			t.resume(p)
		}
		f.logs = append(f.logs, t)
		note("following %s", log)
	}
	return f, nil
}

// readable reports what is wrong with a log before it is followed for days.
func readable(log string) error {
	info, err := os.Stat(log)
	if log == "-" || err == nil && !info.Mode().IsRegular() {
		return fault.New(fault.Invalid, "not_a_file", "--follow takes files that grow, not %s", log)
	}
	f, err := os.Open(log)
	if err != nil {
		return notFound(log, err)
	}
	return f.Close()
}

// do reads and sends until ctx is done. What was read but is held then is read again the next time.
func (f *follow) do(ctx context.Context) error {
	begun := f.now()
	defer func() { f.finish(begun) }()
	for {
		busy := false
		for _, t := range f.logs {
			more, err := f.round(ctx, t)
			if err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return err
			}
			busy = busy || more
		}
		if busy && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// round reads what is new in one log, sends it and remembers how far it is.
func (f *follow) round(ctx context.Context, t *followed) (busy bool, err error) {
	now := f.now()
	busy, err = t.step(now)
	if err != nil {
		return false, err
	}
	if since, any := t.reader.Since(); any && t.caught {
		t.prompt = now.Sub(since) <= late
	}
	t.caught = !busy
	if !busy {
		t.reader.Idle(now, t.prompt)
	}
	if err := f.send(ctx, t.reader.Events().Bytes()); err != nil {
		return false, err
	}
	t.reader.Forget()
	return busy, t.save(now)
}

// send sends events, however long the server is away: the log is not lost meanwhile.
func (f *follow) send(ctx context.Context, text []byte) error {
	for len(text) > 0 {
		end, lines := measure(text, true)
		b := &batch{text: bytes.Clone(text[:end]), line: 1, lines: lines}
		for {
			err := f.run.send(ctx, ctx, b)
			if err == nil {
				break
			}
			if ctx.Err() != nil || fault.Of(err).Kind != fault.Unavailable {
				return err
			}
		}
		text = text[end:]
	}
	return nil
}

// save writes the position now and then.
func (t *followed) save(now time.Time) error {
	p, ok := t.position()
	if !ok || p == t.saved || now.Sub(t.when) < saveEvery {
		return nil
	}
	t.saved, t.when = p, now
	return p.save(t.place)
}

// finish closes the logs and sums up.
func (f *follow) finish(begun time.Time) {
	sum := accesslog.Summary{}
	for _, t := range f.logs {
		t.when = time.Time{}
		if err := t.save(f.now()); err != nil {
			t.note("%v", err)
		}
		t.close()
		sum = sum.Plus(t.reader.Summary())
	}
	f.run.report.Access = &sum
	f.run.report.finish(nil, f.now().Sub(begun))
}
