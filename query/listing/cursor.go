package listing

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// Cursor is a place in a list: just after (that is, older than) the event it names. It holds no
// more than that event's time, kind and id. As text it ends with a sum over these and the tenant, so
// that one of another tenant, or one made up, is refused and not taken for a place. The sum is no
// secret: whoever makes it finds no more than their own events.
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

// sumSize is how many bytes of the sum a cursor has.
const sumSize = 4

func sumOf(t store.Tenant, b []byte) []byte {
	sum := sha256.Sum256(append(t[:], b...))
	return sum[:sumSize]
}

// Text writes the cursor as ParseCursor reads it; the zero cursor is the empty text.
func (c Cursor) Text(t store.Tenant) string {
	if c.Time == 0 {
		return ""
	}
	b := binary.BigEndian.AppendUint64(nil, uint64(c.Time))
	b = append(append(b, byte(c.Kind)), c.ID...)
	return base64.RawURLEncoding.EncodeToString(append(b, sumOf(t, b)...))
}

// ParseCursor reads a cursor of a tenant.
func ParseCursor(t store.Tenant, text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	refused := fault.At(fault.Invalid, "invalid_cursor", "cursor",
		"this is not a cursor; use meta.next of the page before")
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < 9+sumSize || len(b) > 9+1+64+sumSize {
		return Cursor{}, refused
	}
	b, sum := b[:len(b)-sumSize], b[len(b)-sumSize:]
	c := Cursor{Time: event.Micros(binary.BigEndian.Uint64(b)), Kind: event.Kind(b[8]), ID: b[9:]}
	if !bytes.Equal(sum, sumOf(t, b)) || !c.Kind.Valid() || c.Time <= 0 {
		return Cursor{}, refused
	}
	return c, nil
}
