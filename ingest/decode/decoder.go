package decode

import (
	"strings"

	"analytics/engine/event"
)

// Window is which timestamps are believed.
type Window struct {
	Now  event.Micros // the time of events that give none
	From event.Micros // the earliest
	To   event.Micros // the latest
}

// Decoder reads the events of one body after the other. It is reused and not safe for concurrent
// use.
//
//	d.Reset(body, lines, window)
//	for d.Next(&e) {
//		if p := d.Problem(); p != nil { … } else { … }
//	}
//	if err := d.Err(); err != nil { … nothing of the body counts … }
type Decoder struct {
	scanner
	window Window
	body   []byte
	offset int // of b in body
	framing
	start   int // of the event in b
	stop    int // behind it
	of      event.Kind
	level   int // how deep the object being read is nested; the event is 1
	keys    int // seen in this event
	seen    [2]uint64
	habit   [event.Metric + 1][maxHabit]*key
	arena   []byte // unescaped text of this event
	sheet   sheet  // the properties of this event
	problem Problem
	bad     bool
	dropped int
}

// Problem is what is wrong with the event just read, nil if nothing is. It is valid until Next.
func (d *Decoder) Problem() *Problem {
	if !d.bad {
		return nil
	}
	return &d.problem
}

// Dropped is the number of keys so far that no field knows; their values are gone.
func (d *Decoder) Dropped() int { return d.dropped }

// Raw is the JSON text of the event just read, and where in the body it is.
func (d *Decoder) Raw() (text []byte, offset int) {
	return d.b[d.start:d.stop], d.offset + d.start
}

// event reads the event at p into e. It returns false when the text breaks the grammar; any other
// problem leaves p behind the event.
func (d *Decoder) event(e *event.Event) bool {
	defer func() { d.stop = d.p }()
	d.start, d.level, d.keys, d.of = d.p, 0, 0, 0
	d.seen, d.arena, d.bad = [2]uint64{}, d.arena[:0], false
	if d.at() != '{' {
		d.report(WrongType, "", "an event must be a JSON object")
		return d.skip(0)
	}
	kind, ok := d.kind()
	if !ok {
		return false
	}
	d.p = d.start
	if kind == 0 {
		return d.skip(0)
	}
	e.Reset(kind)
	d.of = kind
	t := tables[kind]
	if !d.members(e, t) {
		return false
	}
	if d.p-d.start > MaxEventBytes {
		d.tooLarge()
	}
	if !d.bad {
		d.finish(e, t)
	}
	return true
}

func (d *Decoder) tooLarge() {
	d.bad, d.problem = true, Problem{
		Code: TooLarge, Text: "the event is over 65536 bytes", Index: d.index,
	}
}

// maxHabit is how many keys of an event are expected where they were in the one before.
const maxHabit = 48

// members reads the object at p: the event, or a section of it.
func (d *Decoder) members(e *event.Event, t *table) bool {
	d.level++
	d.p++
	if d.space() == '}' {
		d.p++
		d.level--
		return true
	}
	for n := 0; ; n++ {
		k, ok := d.member(e, t, n)
		if !ok {
			return false
		}
		if d.keys++; d.keys > MaxKeys {
			d.report(TooManyKeys, "", "the event has more than 256 keys")
		}
		switch {
		case k == nil:
			d.dropped++
			ok = d.skip(d.level)
		case d.bad:
			ok = d.skip(d.level)
		default:
			ok = d.value(e, k)
		}
		if !ok {
			return false
		}
		switch d.space() {
		case ',':
			d.p++
			d.space()
		case '}':
			d.p++
			d.level--
			return true
		default:
			if d.p >= len(d.b) {
				return d.fail("the text ends in the middle")
			}
			return d.fail("a comma or a closing brace was expected")
		}
	}
}

// member reads a key and its colon, and stops at the value; k is nil for a key that no field knows.
// Senders write their keys in the same order each time, so it first looks for the key that was the
// nth of the event before: comparing costs a third of scanning and hashing.
func (d *Decoder) member(e *event.Event, t *table, n int) (k *key, ok bool) {
	var habit **key
	if d.level == 1 && n < maxHabit {
		habit = &d.habit[e.Kind][n]
		if k := *habit; k != nil && len(d.b)-d.p > len(k.quoted) &&
			string(d.b[d.p:d.p+len(k.quoted)]) == k.quoted {
			d.p += len(k.quoted)
			d.space()
			return k, true
		}
	}
	if d.at() != '"' {
		return nil, d.fail("a key in quotes was expected")
	}
	from, to, escaped, ok := d.text()
	if !ok || !d.colon() {
		return nil, false
	}
	if escaped {
		at := len(d.arena)
		d.arena = unescape(d.arena, d.b[from:to])
		return t.find(d.arena, at, len(d.arena)), true
	}
	k = t.find(d.b, from, to)
	if habit != nil {
		*habit = k
	}
	return k, true
}

// kind looks ahead for the event's kind. Nearly all senders put "type"
// first; for others the look costs a second walk over what stands before it.
func (d *Decoder) kind() (kind event.Kind, ok bool) {
	d.p++
	nested := false
	for object := d.space() != '}'; object; {
		if d.at() != '"' {
			return 0, d.fail("a key in quotes was expected")
		}
		name, _, ok := d.content()
		if !ok || !d.colon() {
			return 0, false
		}
		if string(name) == "type" {
			return d.kindHere()
		}
		nested = nested || d.at() == '{' && isSection(name)
		if !d.skip(1) {
			return 0, false
		}
		if object = d.space() == ','; object {
			d.p++
			d.space()
		}
	}
	if nested {
		return event.AIRequest, true
	}
	d.report(MissingField, "type", "")
	return 0, true
}

// sendable is the types that may be sent, for people.
func sendable() string {
	var names []string
	for _, kind := range event.Sent() {
		names = append(names, kind.String())
	}
	return strings.Join(names, ", ")
}

// kindHere reads the value of "type" at p.
func (d *Decoder) kindHere() (kind event.Kind, ok bool) {
	if d.at() != '"' {
		d.report(WrongType, "type", "must be a string")
		return 0, true
	}
	name, _, ok := d.content()
	if !ok {
		return 0, false
	}
	kind, ok = event.ParseKind(string(name))
	if !ok {
		d.report(UnknownType, "type", "there is no type "+quote(name)+"; the types are "+sendable())
		return 0, true
	}
	if kind.Derived() {
		d.report(UnknownType, "type", "events of type "+quote(name)+" are made here of others and cannot be sent")
		return 0, true
	}
	return kind, true
}

// report notes what is wrong with the event, unless something was before.
func (d *Decoder) report(code Code, field, text string) {
	if !d.bad {
		d.bad, d.problem = true, Problem{
			Index: d.index, Kind: d.of, Code: code, Field: field, Text: text,
		}
	}
}
