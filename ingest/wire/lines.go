package wire

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"analytics/engine/event"
)

// Lines is native events as text, in the order they were begun. The zero value is ready.
//
//	l.Begin(event.AIRequest)
//	l.Text(event.AIModel, model)
//	l.Int(event.AIInputTokens, n)
//	l.End()
//
// Missing is not zero: what a sender did not say is not written, so callers leave such fields out.
// Setting a field twice in one event is an error that the intake reports.
type Lines struct {
	text []byte
	n    int
	kind event.Kind
}

// Begin begins an event.
func (l *Lines) Begin(k event.Kind) {
	l.kind = k
	l.text = append(l.text, `{"type":"`...)
	l.text = append(l.text, k.String()...)
	l.text = append(l.text, '"')
}

// End ends the event.
func (l *Lines) End() {
	l.text = append(l.text, '}', '\n')
	l.n++
	l.kind = 0
}

// Len is how many events were ended.
func (l *Lines) Len() int { return l.n }

// Bytes is the text so far, valid until the next Begin.
func (l *Lines) Bytes() []byte { return l.text }

// Reset forgets all events and keeps the memory.
func (l *Lines) Reset() { l.text, l.n, l.kind = l.text[:0], 0, 0 }

// Text writes a field that is text, cut to what the field may hold; empty text is left out. Use it
// for all fields that the intake takes as a JSON string.
func (l *Lines) Text(field int, v string) {
	if v == "" {
		return
	}
	f := l.field(field)
	limit := int(f.Max)
	if limit == 0 {
		limit = event.DefaultMaxText
	}
	if f.Type == event.ID && len(v) > limit {
		// A cut id could be another's id. The intake refuses it, and names the field.
		limit = len(v)
	}
	l.name(f.Name)
	// Repaired first: what is not UTF-8 grows, and must not grow past the limit.
	l.text = appendString(l.text, cut(strings.ToValidUTF8(v, "\ufffd"), limit))
}

// Int writes a whole number. Negative numbers are left out: senders use -1 for unknown.
func (l *Lines) Int(field int, v int64) {
	if v < 0 {
		return
	}
	l.name(l.field(field).Name)
	l.text = strconv.AppendInt(l.text, v, 10)
}

// Float writes a number; NaN and infinities are left out.
func (l *Lines) Float(field int, v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	l.name(l.field(field).Name)
	l.text = strconv.AppendFloat(l.text, v, 'g', -1, 64)
}

// Bool writes a truth.
func (l *Lines) Bool(field int, v bool) {
	l.name(l.field(field).Name)
	l.text = strconv.AppendBool(l.text, v)
}

// Time writes an instant.
func (l *Lines) Time(field int, at time.Time) {
	l.name(l.field(field).Name)
	l.text = append(l.text, '"')
	l.text = at.UTC().AppendFormat(l.text, time.RFC3339Nano)
	l.text = append(l.text, '"')
}

// Span writes a length of time into a field of milliseconds; negative ones, which clocks that were
// set make, are left out.
func (l *Lines) Span(field int, d time.Duration) {
	if d < 0 {
		return
	}
	l.Float(field, float64(d.Microseconds())/1000)
}

// Properties writes a flat map of texts, numbers and booleans; an empty one is left out.
func (l *Lines) Properties(v map[string]any) {
	if len(v) == 0 {
		return
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("wire: properties must be texts, numbers and booleans: %v", err))
	}
	l.name(l.field(event.PropertiesField).Name)
	l.text = append(l.text, text...)
}

// field is the schema's line of a field that clients may send.
func (l *Lines) field(number int) *event.Field {
	fields := l.kind.Fields()
	if number >= len(fields) || fields[number].Derived {
		panic(fmt.Sprintf("wire: clients may not send field %d of %s", number, l.kind))
	}
	return &fields[number]
}

func (l *Lines) name(name string) {
	l.text = append(l.text, ',', '"')
	l.text = append(l.text, name...)
	l.text = append(l.text, '"', ':')
}

// cut shortens text to at most limit bytes of whole characters.
func cut(v string, limit int) string {
	if len(v) <= limit {
		return v
	}
	for limit > 0 && !utf8.RuneStart(v[limit]) {
		limit--
	}
	return v[:limit]
}

// appendString appends v, which is UTF-8, as a JSON string. Control characters, which the intake
// refuses, become spaces: a line feed in somebody's error message costs no event.
func appendString(dst []byte, v string) []byte {
	dst = append(dst, '"')
	for _, r := range v {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case unicode.IsControl(r):
			dst = append(dst, ' ')
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
