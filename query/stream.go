package query

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/engine/web"
)

// The limits of answers that go on.
const (
	// mostStreams is how many there are at a time, of all tenants: each asks its question again with
	// every second in which something comes.
	mostStreams = 32
	// streamFor is how long one lasts; browsers then ask again, with a key that is looked at again.
	streamFor = 15 * time.Minute
)

// pace is how fast answers go on.
type pace struct {
	tick time.Duration // how often is looked whether something came
	beat time.Duration // how long a client hears nothing
	late time.Duration // how old an answer becomes where nothing comes: time passes, too
}

var livePace = pace{tick: time.Second, beat: 15 * time.Second, late: 30 * time.Second}

// stream answers a question again and again, as server-sent events: at once, and whenever events were
// taken in since, at most each second. It ends when the client leaves or may not look any more, the
// server drains or streamFor is over.
func (d *Desk) stream(
	w http.ResponseWriter, r *http.Request, values url.Values, reply func() (document, error),
) error {
	if format := values.Get("format"); format != "" && format != "json" {
		return fault.At(fault.Invalid, "unknown_format", "format",
			"a stream of events is of json; leave format away, or ask without Accept: text/event-stream")
	}
	select {
	case d.streams <- struct{}{}:
		defer func() { <-d.streams }()
	default:
		return fault.New(fault.Limited, "too_many_streams",
			"%d live answers are under way already, which is the limit; ask without text/event-stream",
			cap(d.streams))
	}
	tick, end := time.NewTicker(d.pace.tick), time.NewTimer(streamFor)
	defer tick.Stop()
	defer end.Stop()
	var out bytes.Buffer
	var seen [2]uint64
	said, answered := d.now(), time.Time{}
	for first := true; ; first = false {
		now := d.now()
		var version [2]uint64
		version[0], version[1] = d.store.Version()
		if first || version != seen || now.Sub(answered) >= d.pace.late {
			a, err := reply()
			if err != nil && (first || r.Context().Err() != nil) {
				return err
			}
			if first {
				web.Unhurried(w)
				h := w.Header()
				h.Set("Content-Type", "text/event-stream")
				h.Set("X-Accel-Buffering", "no") // a proxy would keep what is to be seen at once
			}
			if err == nil {
				err = appendAnswer(&out, version, a)
			}
			if err != nil { // such as too many questions at once: the next may be answered
				out.Reset()
				f := fault.Of(err)
				_, _ = fmt.Fprintf(&out, "event: failed\ndata: {\"code\":%q}\n\n", f.Code)
			}
			seen, answered = version, now
		} else if now.Sub(said) >= d.pace.beat {
			out.WriteString(": still here\n\n")
		}
		if !first && web.Ended(r) || !send(w, &out) {
			return nil
		} else if out.Len() > 0 {
			out.Reset()
			said = now
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-web.Draining(r.Context()):
			return nil
		case <-end.C:
			return nil
		case <-tick.C:
		}
	}
}

// send sends what there is, and reports whether the client is still there.
func send(w http.ResponseWriter, out *bytes.Buffer) bool {
	if out.Len() == 0 {
		return true
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return false
	}
	return http.NewResponseController(w).Flush() == nil
}

// appendAnswer appends an answer as one event. Its id is the version of the store that it saw.
func appendAnswer(out *bytes.Buffer, version [2]uint64, a document) error {
	var text strings.Builder
	if err := a.WriteJSON(&text); err != nil {
		return err
	}
	fmt.Fprintf(out, "event: answer\nid: %d-%d\n", version[0], version[1])
	for line := range strings.Lines(text.String()) {
		out.WriteString("data: ")
		out.WriteString(strings.TrimSuffix(line, "\n"))
		out.WriteByte('\n')
	}
	out.WriteByte('\n')
	return nil
}
