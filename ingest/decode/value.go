package decode

import (
	"strconv"
	"strings"

	"analytics/engine/event"
)

// value reads the value at p into the field of k. It returns false when the text breaks the
// grammar; a value that the field does not accept is reported and walked over.
func (d *Decoder) value(e *event.Event, k *key) bool {
	word, bit := k.slot>>6, uint64(1)<<(k.slot&63)
	if d.seen[word]&bit != 0 {
		d.report(DuplicateField, k.name, "")
		return d.skip(d.level)
	}
	d.seen[word] |= bit
	c := d.at()
	if c == 'n' {
		return d.literal("null")
	}
	switch k.act {
	case readText, readFree, readID, readError, readWord:
		if c != '"' {
			return d.mistyped(k, "must be a string")
		}
		return d.setText(e, k)
	case readInt, readWhole, readStatus:
		return d.setInt(e, k)
	case readMillis, readFloat, readCost:
		return d.setDecimal(e, k)
	case readBool:
		switch c {
		case 't':
			e.SetBool(int(k.slot), true)
			return d.literal("true")
		case 'f':
			e.SetBool(int(k.slot), false)
			return d.literal("false")
		}
		return d.mistyped(k, "must be true or false")
	case readTime:
		return d.setTime(e, k)
	case readProperties:
		return d.setProperties(e, k)
	case readList:
		return d.setList(e, k)
	case readSection:
		if c != '{' {
			return d.mistyped(k, "must be an object")
		}
		return d.members(e, sections[k.section].table)
	}
	return d.skip(d.level) // type, which is known by now
}

// mistyped reports a value of the wrong type and walks over it.
func (d *Decoder) mistyped(k *key, text string) bool {
	d.report(WrongType, k.name, text)
	return d.skip(d.level)
}

// content reads the string at p and unescapes it if it must.
func (d *Decoder) content() (text []byte, escaped, ok bool) {
	from, to, escaped, ok := d.text()
	if !ok {
		return nil, false, false
	}
	text = d.b[from:to:to]
	if escaped {
		at := len(d.arena)
		d.arena = unescape(d.arena, text)
		text = d.arena[at:len(d.arena):len(d.arena)]
	}
	return text, escaped, true
}

// setText sets a field that is text. An empty text is no text.
func (d *Decoder) setText(e *event.Event, k *key) bool {
	text, escaped, ok := d.content()
	if !ok || len(text) == 0 {
		return ok
	}
	field := int(k.slot)
	switch k.act {
	case readFree:
		if escaped {
			text = calm(text)
		}
		e.SetText(field, cut(text, int(k.max)))
		return true
	case readError:
		at := len(d.arena)
		d.arena = Scrub(d.arena, text, int(k.max))
		e.SetText(field, calm(d.arena[at:len(d.arena):len(d.arena)]))
		return true
	case readWord:
		word := d.word(k, text)
		if word != nil {
			e.SetText(field, word)
		}
		return true
	}
	switch {
	case len(text) > int(k.max):
		d.report(TooLong, k.name, "is over "+strconv.FormatInt(k.max, 10)+" bytes")
	case escaped && hasControl(text):
		d.report(InvalidValue, k.name, "must not hold control characters")
	case k.act == readID:
		e.SetID(field, text)
		e.Named = e.Named || field == event.EventID
	default:
		e.SetText(field, text)
	}
	return true
}

var (
	severities = []string{"low", "medium", "high", "critical"}
	statuses   = []string{"started", "completed", "failed"}
)

// word is text in lower case if it is one of the words the field knows.
func (d *Decoder) word(k *key, text []byte) []byte {
	words := severities
	if k.name == "status" {
		words = statuses
	}
	for _, w := range words {
		if len(w) == len(text) && strings.EqualFold(w, string(text)) {
			at := len(d.arena)
			d.arena = append(d.arena, w...)
			return d.arena[at:len(d.arena):len(d.arena)]
		}
	}
	d.report(InvalidValue, k.name, "must be one of "+strings.Join(words, ", "))
	return nil
}

// setInt sets a field that counts something.
func (d *Decoder) setInt(e *event.Event, k *key) bool {
	v, ok := d.small()
	if !ok {
		var good bool
		if v, good, ok = d.whole(k); !ok || !good {
			return ok
		}
	}
	switch {
	case k.act == readStatus && (v < 100 || v > 599):
		d.report(InvalidValue, k.name, "must be from 100 to 599")
	case v < 0:
		d.report(InvalidValue, k.name, "must not be negative")
	case v > k.max:
		d.report(InvalidValue, k.name, "is over "+strconv.FormatInt(k.max, 10))
	default:
		e.SetInt(int(k.slot), v)
	}
	return true
}

// whole reads a number in any notation, such as 1e3 or 42.0, that has a whole value.
func (d *Decoder) whole(k *key) (v int64, good, ok bool) {
	n, good, ok := d.number(k, d.level)
	if !ok || !good {
		return 0, false, ok
	}
	v, exact, fits := n.scaled(0, false)
	switch {
	case !fits && n.negative:
		d.report(InvalidValue, k.name, "must not be negative")
	case !fits:
		d.report(InvalidValue, k.name, "is over "+strconv.FormatInt(k.max, 10))
	case !exact && k.act != readWhole:
		d.report(InvalidValue, k.name, "must be a whole number")
	default:
		return v, true, true
	}
	return 0, false, true
}

// number reads the number at p; good is false when something else is there.
func (d *Decoder) number(k *key, level int) (n number, good, ok bool) {
	if c := d.at(); c != '-' && c-'0' > 9 {
		d.report(WrongType, k.name, "must be a number")
		return n, false, d.skip(level)
	}
	from := d.p
	if _, ok = d.numberEnd(); !ok {
		return n, false, false
	}
	return parse(d.b[from:d.p]), true, true
}

// setDecimal sets a field whose numbers have a fraction.
func (d *Decoder) setDecimal(e *event.Event, k *key) bool {
	if k.act == readCost && d.at() == '"' {
		return d.setCostText(e, k)
	}
	from := d.p
	if v, ok := d.small(); ok && k.act == readMillis && v < event.MaxNumber/1000 {
		e.SetInt(int(k.slot), v*1000)
		return true
	}
	d.p = from
	n, good, ok := d.number(k, d.level)
	if !ok || !good {
		return ok
	}
	switch k.act {
	case readFloat:
		f, ok := float(d.b[from:d.p])
		if !ok {
			d.report(InvalidValue, k.name, "is too large for a 64-bit float")
			return true
		}
		e.SetFloat(int(k.slot), f)
	case readCost:
		d.setCost(e, k, n)
	default:
		v, _, fits := n.scaled(3, false)
		switch {
		case n.negative && n.mantissa != 0:
			d.report(InvalidValue, k.name, "must not be negative")
		case !fits || v > k.max:
			d.report(InvalidValue, k.name, "is too large")
		default:
			e.SetInt(int(k.slot), v)
		}
	}
	return true
}

// setCostText reads cost_usd from a string: how senders keep a decimal from becoming a float.
func (d *Decoder) setCostText(e *event.Event, k *key) bool {
	text, _, ok := d.content()
	if !ok || len(text) == 0 {
		return ok
	}
	s := scanner{b: text}
	if _, ok := s.numberEnd(); !ok || s.p < len(text) {
		d.report(InvalidValue, k.name, "is not a decimal number")
		return true
	}
	d.setCost(e, k, parse(text))
	return true
}

// setCost keeps the client's own figure in nano-USD, exactly up to nine decimals.
func (d *Decoder) setCost(e *event.Event, k *key, n number) {
	v, _, fits := n.scaled(9, false)
	switch {
	case n.negative && n.mantissa != 0:
		d.report(InvalidValue, k.name, "must not be negative")
	case !fits || v > MaxCost:
		d.report(InvalidValue, k.name, "is over 1000000")
	default:
		e.SetInt(event.AIClientCost, v)
	}
}

// setList sets a field to the texts of a list, joined by commas; a single text is fine too.
func (d *Decoder) setList(e *event.Event, k *key) bool {
	if d.at() == '"' {
		return d.setText(e, &key{name: k.name, act: readText, slot: k.slot, max: k.max})
	}
	if d.at() != '[' {
		return d.mistyped(k, "must be a list of strings")
	}
	d.p++
	if d.space() == ']' {
		d.p++
		return true
	}
	var joined []byte
	for n := 1; ; n++ {
		if d.at() != '"' || n > maxServers {
			d.report(WrongType, k.name, "must be a list of at most 64 strings")
		}
		if d.bad {
			if !d.skip(d.level + 1) {
				return false
			}
		} else {
			text, escaped, ok := d.content()
			if !ok {
				return false
			}
			if escaped {
				text = calm(text)
			}
			if len(joined) > 0 && len(text) > 0 {
				joined = append(joined, ',')
			}
			joined = append(joined, text...)
		}
		more, ok := d.next(false)
		if !ok {
			return false
		}
		if !more {
			break
		}
	}
	if len(joined) > int(k.max) {
		d.report(TooLong, k.name, "is over "+strconv.FormatInt(k.max, 10)+" bytes")
	}
	if !d.bad && len(joined) > 0 {
		e.SetText(int(k.slot), joined)
	}
	return true
}

// quote is text from outside, short enough and safe to show in a message.
func quote(text []byte) string { return strconv.QuoteToASCII(string(cut(text, 64))) }
