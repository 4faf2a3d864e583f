package semconv

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"analytics/engine/fault"
	"analytics/ingest/wire"
)

// call is a span or log record with all that is the same for every kind of event.
type call struct {
	*reading
	name   string
	start  time.Time
	took   time.Duration
	timed  bool // took is known
	trace  string
	span   string
	parent string
	bad    bool
	why    string // the type of the error
	alone  string // what a record without ids is known by
}

// Span adds the event of a span, if it is one that counts.
func (t *Table) Span(l *wire.Lines, s Source, span ptrace.Span) error {
	r := t.read(s, span.Attributes())
	if r.from.noSpans {
		return nil
	}
	k := r.kindOfSpan(span.Name())
	if k == ignored || r.has(kindMCP) && span.Kind() == ptrace.SpanKindServer && !span.ParentSpanID().IsEmpty() {
		return nil
	}
	c := call{reading: r, name: span.Name()}
	if at := span.StartTimestamp(); at != 0 {
		c.start = at.AsTime()
		if end := span.EndTimestamp(); end >= at && end != 0 {
			c.took, c.timed = end.AsTime().Sub(c.start), true
		}
	} else {
		return fault.At(fault.Invalid, "missing_field", "startTimeUnixNano",
			"the span has no start time; set startTimeUnixNano")
	}
	// Coding agents' spans include waiting for people; they say themselves how long the work took.
	if d, ok := r.span(duration); ok && (r.from.events != "" || !c.timed) {
		c.took, c.timed = d, true
	}
	c.timed = c.timed && c.took <= longest
	c.identify(span.TraceID(), span.SpanID())
	if p := span.ParentSpanID(); !p.IsEmpty() {
		c.parent = hex.EncodeToString(p[:])
	}
	c.bad = span.Status().Code() == ptrace.StatusCodeError || r.failed()
	if c.bad {
		c.why = r.errorType(exceptionOf(span))
	}
	return c.write(l, k)
}

// Log adds the event of a log record, if it is one that counts.
func (t *Table) Log(l *wire.Lines, s Source, rec plog.LogRecord) error {
	r := t.read(s, rec.Attributes())
	c := call{reading: r, name: r.eventName(rec)}
	k := r.kindOfLog(c.name)
	if k == ignored {
		return nil
	}
	at := rec.Timestamp()
	if at == 0 {
		at = rec.ObservedTimestamp()
	}
	c.took, c.timed = r.span(duration)
	if at != 0 {
		// Records are written at the end of what they tell of; an event is known by its start.
		c.start = at.AsTime().Add(-c.took)
	}
	c.identify(rec.TraceID(), rec.SpanID())
	c.alone = strings.Join([]string{r.from.name, r.text(session), r.text(conversation), c.name,
		strconv.FormatUint(uint64(at), 10), r.text(model), r.text(tool), r.text(input), r.text(output)}, "\x00")
	c.bad = r.failed() || strings.HasSuffix(c.name, "_error") || r.text(eventKind) == "response.failed"
	if c.bad {
		c.why = r.errorType("")
	}
	return c.write(l, k)
}

// eventName is a log record's name: agents put it into the body, or leave out their own name.
func (r *reading) eventName(rec plog.LogRecord) string {
	name := rec.EventName()
	if name == "" {
		name = r.text(kindEvent)
	}
	if body := rec.Body(); r.from.events != "" && body.Type() == pcommon.ValueTypeStr &&
		strings.HasPrefix(body.Str(), r.from.events) {
		if _, ok := r.table.kinds["log "+body.Str()]; ok {
			return body.Str()
		}
	}
	if r.from.events != "" && !strings.Contains(name, ".") {
		return r.from.events + name
	}
	return name
}

func (c *call) identify(trace pcommon.TraceID, span pcommon.SpanID) {
	if !trace.IsEmpty() {
		c.trace = hex.EncodeToString(trace[:])
	}
	if !span.IsEmpty() {
		c.span = hex.EncodeToString(span[:])
	}
}

// failed reports whether the attributes tell of a failure.
func (r *reading) failed() bool {
	if yes, known := r.truth(success); known {
		return !yes
	}
	if r.has(errorType) || r.has(errorText) || strings.EqualFold(r.text(level), "error") {
		return true
	}
	n, ok := r.number(statusCode)
	return ok && n >= 400
}

// maxErrorType keeps messages out of the type: types are words.
const maxErrorType = 80

// errorType names an error: what the attributes call it, an exception's type, or the status. Texts
// of errors are not kept, they quote what was said.
func (r *reading) errorType(exception string) string {
	if name := r.text(errorType); name != "" && len(name) <= maxErrorType && !strings.ContainsAny(name, " \n") {
		return name
	}
	if exception != "" && len(exception) <= maxErrorType && !strings.ContainsAny(exception, " \n") {
		return exception
	}
	if n, ok := r.number(statusCode); ok && n >= 400 && n < 600 {
		return "http_" + strconv.Itoa(int(n))
	}
	return "error"
}

// exceptionOf is the type of the exception a span recorded.
func exceptionOf(span ptrace.Span) string {
	for _, e := range span.Events().All() {
		if e.Name() != "exception" {
			continue
		}
		if v, ok := e.Attributes().Get("exception.type"); ok {
			return v.Str()
		}
	}
	return ""
}

// minUnique is the shortest id that is believed to be one of a kind: some servers number their
// answers (Ollama: chatcmpl- and up to three digits) and their tool calls (functions.search:0).
const minUnique = 20

// id names the call the same in all that tells of it. Ids of coding agents are unique, and their log
// records are known by their content without one: many of them share the span around them. A response
// has the same id in a log record that lost its trace; a tool call's counts within one conversation
// (functions.get_weather:0), so it is good within its trace.
func (c *call) id(what string, own string) string {
	switch {
	case own != "" && c.from.events != "":
		return idOf(what, own)
	case c.from.events != "" && c.alone != "":
		return idOf(what, c.alone, c.trace)
	case len(own) >= minUnique && what == "ai_request":
		return idOf(what, own)
	case len(own) >= minUnique:
		return idOf(what, own, c.trace)
	case c.span != "":
		return idOf(what, c.trace, c.span)
	}
	return idOf(what, c.alone, c.trace, own)
}

// idOf is a UUID (version 8) made of the SHA-256 of its parts.
func idOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(strconv.AppendInt(nil, int64(len(p)), 10))
		h.Write([]byte{' '})
		h.Write([]byte(p))
	}
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	x := hex.EncodeToString(sum[:16])
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}
