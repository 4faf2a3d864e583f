package listing

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// Cursor is a place in a list: just after (that is, older than) the event it names. It holds no
// more than that event's time, kind and id, so that it means nothing in another tenant's events.
type Cursor struct {
	Time event.Micros
	Kind event.Kind
	ID   []byte // compact form
}

// compare orders by time, then kind, then id, so that a list has one order.
func (c Cursor) compare(o Cursor) int {
	return cmp.Or(
		cmp.Compare(c.Time, o.Time), cmp.Compare(c.Kind, o.Kind), bytes.Compare(c.ID, o.ID),
	)
}

// String writes the cursor as ParseCursor reads it; the zero cursor is the empty text.
func (c Cursor) String() string {
	if c.Time == 0 {
		return ""
	}
	b := binary.BigEndian.AppendUint64(nil, uint64(c.Time))
	return base64.RawURLEncoding.EncodeToString(append(append(b, byte(c.Kind)), c.ID...))
}

// ParseCursor reads a cursor.
func ParseCursor(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < 9 || len(b) > 9+1+64 || !event.Kind(b[8]).Valid() {
		return Cursor{}, fault.At(fault.Invalid, "invalid_cursor", "cursor",
			"this is not a cursor; use meta.next of the page before")
	}
	c := Cursor{Time: event.Micros(binary.BigEndian.Uint64(b)), Kind: event.Kind(b[8]), ID: b[9:]}
	if c.Time <= 0 {
		return Cursor{}, fault.At(fault.Invalid, "invalid_cursor", "cursor",
			"this is not a cursor; use meta.next of the page before")
	}
	return c, nil
}
