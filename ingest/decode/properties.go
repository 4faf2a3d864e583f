package decode

import (
	"bytes"
	"math"
	"strconv"

	"analytics/engine/event"
)

// sheet is the properties of an event while they are read.
type sheet struct {
	entries [MaxProperties]property
	n       int
}

type property struct {
	name  []byte
	value []byte // canonical JSON
}

// setProperties reads a flat map of strings, numbers and booleans, and keeps it as canonical JSON:
// names in order, no white space, no needless escapes, one way to write a number.
func (d *Decoder) setProperties(e *event.Event, k *key) bool {
	if d.at() != '{' {
		return d.mistyped(k, "must be an object")
	}
	d.sheet.n = 0
	d.p++
	for object := d.space() != '}'; object; {
		if !d.property() {
			return false
		}
		switch d.space() {
		case ',':
			d.p++
			d.space()
		case '}':
			object = false
		default:
			return d.fail("a comma or a closing brace was expected")
		}
	}
	d.p++
	if d.bad || d.sheet.n == 0 {
		return true
	}
	at := len(d.arena)
	d.arena = d.sheet.append(d.arena)
	if len(d.arena)-at > int(k.max) {
		d.report(TooLong, k.name, "is over "+strconv.FormatInt(k.max, 10)+" bytes")
		return true
	}
	e.SetText(int(k.slot), d.arena[at:len(d.arena):len(d.arena)])
	return true
}

// property reads one entry. Entries named like message content are dropped: nobody means to keep a
// prompt here.
func (d *Decoder) property() bool {
	if d.at() != '"' {
		return d.fail("a key in quotes was expected")
	}
	name, _, ok := d.content()
	if !ok || !d.colon() {
		return false
	}
	if d.keys++; d.keys > MaxKeys {
		d.report(TooManyKeys, "", "the event has more than 256 keys")
	}
	switch {
	case isContent(name):
		d.dropped++
		return d.skip(d.level + 1)
	case d.bad:
		return d.skip(d.level + 1)
	case len(name) == 0 || len(name) > MaxPropertyKey || hasControl(name):
		d.report(InvalidValue, "properties", "has a name that is empty, over 128 bytes or not plain")
		return d.skip(d.level + 1)
	case d.at() == 'n':
		return d.literal("null")
	}
	return d.propertyValue(name)
}

// propertyValue reads the value of an entry and puts it on the sheet.
func (d *Decoder) propertyValue(name []byte) bool {
	from, at := d.p, 0
	switch c := d.at(); {
	case c == '"':
		text, _, ok := d.content()
		if !ok {
			return false
		}
		at = len(d.arena)
		d.arena = appendString(d.arena, cut(text, MaxPropertyText))
	case c == '-' || c-'0' <= 9:
		whole, ok := d.numberEnd()
		if !ok {
			return false
		}
		at = len(d.arena)
		if d.arena, ok = appendNumber(d.arena, d.b[from:d.p], whole); !ok {
			d.report(InvalidValue, "properties."+string(name), "is too large for a 64-bit float")
			return true
		}
	case c == 't', c == 'f':
		if !d.skip(d.level + 1) {
			return false
		}
		at = len(d.arena)
		d.arena = append(d.arena, d.b[from:d.p]...)
	default:
		d.report(WrongType, "properties."+string(cut(name, 64)),
			"must be a string, a number or a boolean")
		return d.skip(d.level + 1)
	}
	d.put(name, d.arena[at:len(d.arena):len(d.arena)])
	return true
}

// put inserts an entry where it belongs.
func (d *Decoder) put(name, value []byte) {
	s := &d.sheet
	i := s.n
	for ; i > 0; i-- {
		order := bytes.Compare(s.entries[i-1].name, name)
		if order == 0 {
			d.report(DuplicateField, "properties."+string(name), "")
			return
		}
		if order < 0 {
			break
		}
	}
	if s.n == MaxProperties {
		d.report(TooManyProperties, "properties", "has more than 32 entries")
		return
	}
	copy(s.entries[i+1:s.n+1], s.entries[i:s.n])
	s.entries[i] = property{name, value}
	s.n++
}

func (s *sheet) append(dst []byte) []byte {
	dst = append(dst, '{')
	for i, p := range s.entries[:s.n] {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, p.name)
		dst = append(append(dst, ':'), p.value...)
	}
	return append(dst, '}')
}

const hexDigits = "0123456789abcdef"

// appendString appends text as a JSON string with the fewest escapes.
func appendString(dst, text []byte) []byte {
	dst = append(dst, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// appendNumber appends a number in the one way it is written here: whole numbers of up to 18
// digits digit by digit (identifiers are often such), others as the shortest text that gives the
// same 64-bit float, as in ECMAScript.
func appendNumber(dst, text []byte, whole bool) ([]byte, bool) {
	if whole && len(text) <= 18 && string(text) != "-0" {
		return append(dst, text...), true
	}
	f, ok := float(text)
	if !ok {
		return dst, false
	}
	if f == 0 {
		return append(dst, '0'), true
	}
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64), true
	}
	at := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	if n := len(dst); n-at > 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst = append(dst[:n-2], dst[n-1])
	}
	return dst, true
}
