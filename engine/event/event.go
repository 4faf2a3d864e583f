package event

import (
	"math"
	"math/bits"
)

// Event is one event while it is being taken in or read back: a slot for each field of its kind and
// a bit that says which are set. Missing is not zero. An Event is meant to be reused: Reset costs a
// few words, and text fields point into the caller's buffer.
type Event struct {
	Kind Kind
	// Timed says that the client gave the timestamp itself; it decides how duplicates are found.
	Timed bool
	// Named says that the client gave the id itself; events without one are never duplicates.
	Named bool

	set [2]uint64
	num [MaxFields]int64
	str [MaxFields][]byte
	ids []byte // backing of the compact forms made by SetID
}

// Reset empties the event and gives it a kind.
func (e *Event) Reset(k Kind) {
	e.Kind, e.Timed, e.Named, e.set = k, false, false, [2]uint64{}
	e.ids = e.ids[:0]
}

// Has reports whether the field is set.
func (e *Event) Has(field int) bool { return e.set[field>>6]&(1<<(field&63)) != 0 }

// Clear unsets the field.
func (e *Event) Clear(field int) { e.set[field>>6] &^= 1 << (field & 63) }

// SetInt sets a Time, Int, Money or Millis field in the unit it is kept in.
func (e *Event) SetInt(field int, v int64) {
	e.num[field] = v
	e.set[field>>6] |= 1 << (field & 63)
}

// SetBool sets a Bool field.
func (e *Event) SetBool(field int, v bool) {
	n := int64(0)
	if v {
		n = 1
	}
	e.SetInt(field, n)
}

// SetFloat sets a Float field; the caller has refused NaN and infinities. Minus zero becomes zero.
func (e *Event) SetFloat(field int, v float64) { e.SetInt(field, int64(math.Float64bits(v+0))) }

// SetID sets an ID field from the text of the identifier, of which it keeps the compact form.
func (e *Event) SetID(field int, text []byte) {
	at := len(e.ids)
	e.ids = AppendID(e.ids, text)
	e.SetText(field, e.ids[at:len(e.ids):len(e.ids)])
}

// SetText sets a field of a type that is text, or an ID field in compact form. The event keeps v,
// not a copy.
func (e *Event) SetText(field int, v []byte) {
	e.str[field] = v
	e.set[field>>6] |= 1 << (field & 63)
}

// Int is the number in the field, 0 if it is not set.
func (e *Event) Int(field int) int64 {
	if !e.Has(field) {
		return 0
	}
	return e.num[field]
}

// Bool is the truth in the field, false if it is not set.
func (e *Event) Bool(field int) bool { return e.Int(field) != 0 }

// Float is the value of a Float field, 0 if it is not set.
func (e *Event) Float(field int) float64 { return math.Float64frombits(uint64(e.Int(field))) }

// Text is the text in the field (of an ID field the compact form, see IDText), nil if it is not
// set. It may be overwritten with the buffer it came from.
func (e *Event) Text(field int) []byte {
	if !e.Has(field) {
		return nil
	}
	return e.str[field]
}

// Time is the event's timestamp.
func (e *Event) Time() Micros { return Micros(e.Int(Timestamp)) }

// Each calls f for the set fields in the order of their numbers.
func (e *Event) Each(f func(field int)) {
	for w, word := range e.set {
		for ; word != 0; word &= word - 1 {
			f(w<<6 + bits.TrailingZeros64(word))
		}
	}
}
