package decode

import (
	"bytes"
	"unicode/utf8"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// framing is how the events of a body are told apart, and how far reading has come.
type framing struct {
	mode   mode
	rest   int // lines: where the next line starts in body
	index  int // of the event being read
	broken int // lines that were not JSON
	first  Problem
	err    error
}

type mode uint8

const (
	single mode = iota
	array
	lines
	done
)

// Reset starts a body. A body is read as lines if asLines says so (its content type did) or if it
// looks like it: one object, then more on further lines. The decoder keeps body until the next
// Reset, and events point into it.
func (d *Decoder) Reset(body []byte, asLines bool, w Window) {
	d.body, d.window, d.dropped = body, w, 0
	d.framing = framing{index: -1}
	d.b, d.p, d.offset, d.wrong = body, 0, 0, ""
	d.clean = utf8.Valid(body)
	if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
		d.p = 3
	}
	start := d.p
	switch c := d.space(); {
	case asLines:
		d.mode, d.rest = lines, start
	case c == '[':
		d.mode = array
		d.p++
		if d.space() == ']' {
			d.p++
			d.end()
		}
	case c == '{' && d.looksLikeLines():
		d.mode, d.rest = lines, start
	case c == '{':
		d.mode = single
	default:
		d.refuse("the body must be a JSON object, an array of objects, or lines of objects")
	}
}

// looksLikeLines tells lines of objects from one object on several lines. Only a body with text
// behind its first line needs a closer look.
func (d *Decoder) looksLikeLines() bool {
	start := d.p
	defer func() { d.p, d.wrong = start, "" }()
	n := bytes.IndexByte(d.b[start:], '\n')
	if n < 0 {
		return false
	}
	rest := bytes.TrimLeft(d.b[start+n:], " \t\r\n")
	if len(rest) == 0 {
		return false
	}
	if !d.skip(0) {
		return rest[0] == '{'
	}
	return d.p <= start+n
}

// Next reads the next event into e; it is false at the end. If Problem is not nil then, e is
// worth nothing.
func (d *Decoder) Next(e *event.Event) bool {
	if d.mode == lines && !d.line() || d.mode == done {
		d.mode = done
		return false
	}
	if d.index++; d.index == MaxEvents {
		d.mode = done
		d.err = fault.New(fault.TooLarge, "too_many_events", "a body may hold at most 10000 events")
		return false
	}
	if d.mode == lines {
		return d.lineEvent(e)
	}
	d.space()
	if !d.event(e) {
		d.refuse(d.wrong)
		return false
	}
	if d.mode == single {
		d.end()
		return d.err == nil
	}
	more, ok := d.next(false)
	if !ok {
		d.refuse(d.wrong)
		return false
	}
	if more {
		return true
	}
	d.end()
	return d.err == nil
}

// line makes the next line that is not blank the scanner's text.
func (d *Decoder) line() bool {
	for d.rest < len(d.body) {
		from, to := d.rest, len(d.body)
		if n := bytes.IndexByte(d.body[from:], '\n'); n >= 0 {
			to = from + n
		}
		d.rest = min(to+1, len(d.body))
		if d.body[from] != '{' && len(bytes.TrimLeft(d.body[from:to], " \t\r")) == 0 {
			continue
		}
		d.b, d.p, d.offset, d.wrong = d.body[from:to], 0, from, ""
		return true
	}
	if d.index < 0 {
		d.refuse("the body is empty")
	} else if d.broken == d.index+1 {
		d.err = fault.New(fault.Invalid, string(BrokenJSON),
			"no line of the body is JSON: %s", d.first.Message())
	}
	return false
}

// lineEvent reads the event of the line. What is broken in a line ends with it.
func (d *Decoder) lineEvent(e *event.Event) bool {
	if len(d.b) > MaxEventBytes+2 {
		d.start, d.stop, d.p = 0, len(d.b), len(d.b)
		d.tooLarge()
		return true
	}
	d.space()
	ok := d.event(e)
	if ok && d.space() != 0 {
		ok = d.fail("there is text behind the event; every event needs its own line")
	}
	if ok && d.p < len(d.b) {
		ok = d.fail("raw control character")
	}
	if ok {
		return true
	}
	d.broken++
	d.bad, d.problem = true, Problem{
		Index: d.index, Code: BrokenJSON, Text: d.wrong, At: d.p - d.start + 1,
	}
	if d.broken == 1 {
		d.first = d.problem
	}
	return true
}

// end expects that nothing but white space is left of the body.
func (d *Decoder) end() {
	d.mode = done
	d.space()
	if d.p < len(d.b) {
		d.refuse("there is text behind the end; several events need an array, or a line each")
	}
}

// refuse refuses the whole body: an array or object that is broken has no safe part.
func (d *Decoder) refuse(why string) {
	d.mode = done
	d.err = fault.New(fault.Invalid, string(BrokenJSON), "broken JSON at byte %d: %s", d.p+1, why)
}

// Err is what is wrong with the body as a whole once Next has returned false. If it is not nil,
// nothing of the body counts.
func (d *Decoder) Err() error { return d.err }

// Count is the number of events read so far.
func (d *Decoder) Count() int { return d.index + 1 }
