package otlp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"analytics/engine/auth"
	"analytics/ingest/events"
	"analytics/ingest/wire"
)

// taking is one request on its way into the store. Its memory is kept for the next.
type taking struct {
	door  *Door
	ctx   context.Context
	who   auth.Identity
	body  bytes.Buffer
	lines wire.Lines

	count    int // records of the request
	rejected int
	ignored  int      // records that became no event
	lasting  int      // lines before the record at hand
	why      []string // different messages, each with how many it stands for
	times    []int
}

// maxWhy is how many different messages an answer has.
const maxWhy = 3

// take reads a body, and stores what it holds before it returns. Nothing is known of what was
// stored if it fails in between: the sender sends all of it again, and ids find what was there.
func (t *taking) take(s *signal, e encoding, body io.Reader) (outcome, error) {
	if _, err := t.body.ReadFrom(body); err != nil {
		return outcome{}, err
	}
	if t.body.Len() > heavyBody {
		select {
		case t.door.heavy <- struct{}{}:
			defer func() { <-t.door.heavy }()
		case <-t.ctx.Done():
			return outcome{}, t.ctx.Err()
		}
	}
	b, err := s.read(t.body.Bytes(), e)
	if err != nil {
		return outcome{}, err
	}
	t.count = b.count()
	if err := b.store(t); err != nil {
		return outcome{}, err
	}
	if err := t.flush(); err != nil {
		return outcome{}, err
	}
	t.door.count(s, t)
	return outcome{records: s.rejected, rejected: min(t.rejected, t.count), message: t.message()}, nil
}

// took notes what became of n records whose events, if any, were added to the lines.
func (t *taking) took(n int, err error) error {
	switch {
	case err != nil:
		t.reject(n, err.Error())
	case t.lines.Len() == t.lasting:
		t.ignored += n
	}
	if t.lines.Len() >= takeEvents {
		return t.flush()
	}
	t.lasting = t.lines.Len()
	return nil
}

// flush stores the lines, in pieces that the intake takes: one metric may be any number of events.
func (t *taking) flush() error {
	rest := t.lines.Bytes()
	for len(rest) > 0 {
		end, n := 0, 0
		for n < takeEvents && end < len(rest) {
			end += bytes.IndexByte(rest[end:], '\n') + 1
			n++
		}
		answer, err := t.door.intake.Take(t.ctx, &events.Body{
			Tenant: t.who.Tenant, Text: rest[:end], Lines: true, Recent: true,
			Backfill: t.who.May(auth.Backfill),
		})
		if err != nil {
			return err
		}
		for i := range answer.Errors {
			t.note(1, answer.Errors[i].Message)
		}
		t.rejected += answer.Rejected
		rest = rest[end:]
	}
	t.lines.Reset()
	t.lasting = 0
	return nil
}

func (t *taking) reject(n int, why string) {
	t.rejected += n
	t.note(n, why)
}

// note keeps a message, of which most batches have one kind.
func (t *taking) note(n int, why string) {
	for i := range t.why {
		if t.why[i] == why {
			t.times[i] += n
			return
		}
	}
	if len(t.why) < maxWhy {
		t.why, t.times = append(t.why, why), append(t.times, n)
	}
}

// message is why records were rejected.
func (t *taking) message() string {
	var b strings.Builder
	for i, why := range t.why {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(why)
		if t.times[i] > 1 {
			fmt.Fprintf(&b, " (%d times)", t.times[i])
		}
	}
	text := strings.ToValidUTF8(b.String(), "\uFFFD")
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return text
}

// reset forgets the request.
func (t *taking) reset() {
	t.ctx, t.who = nil, auth.Identity{}
	t.count, t.rejected, t.ignored, t.lasting = 0, 0, 0, 0
	t.why, t.times = nil, nil
	t.body.Reset()
	t.lines.Reset()
}
