package decode

import (
	"encoding/binary"
	"math/bits"

	"analytics/engine/event"
)

// action is what to do with the value of a key.
type action uint8

const (
	readText action = iota // a String field: too long is an error
	readFree               // a Text field: too long is cut
	readID
	readInt
	readWhole // an Int field whose senders measure in fractions, which are rounded
	readMillis
	readFloat
	readBool
	readTime
	readProperties
	readCost
	readError  // error_message: keys and addresses are scrubbed
	readList   // a text or a list of texts, kept joined by commas
	readWord   // one of a few words, see words
	readStatus // an HTTP status
	readType
	readSection // an object that holds fields, see nested.go
)

// key is one accepted key of an object.
type key struct {
	name    string
	quoted  string // as it stands in compact JSON, with its colon
	act     action
	slot    uint8 // field number, or a pseudo number from slotType on
	max     int64
	section uint8 // for readSection: which
}

// Slots beyond the fields, so that a key given twice is noticed for these too.
const (
	slotType    = event.MaxFields
	slotSection = event.MaxFields + 1
)

// table finds the key of a name: a perfect hash, so one probe and one comparison.
type table struct {
	multiplier uint64
	longest    int
	slots      [tableSize]uint8 // index in keys plus one
	keys       []key
	required   [2]uint64
}

const (
	tableBits = 9
	tableSize = 1 << tableBits
)

// tables has the keys of each kind's object.
var tables = kindTables()

func kindTables() (all [event.Metric + 1]*table) {
	for _, k := range event.Sent() {
		t := newTable(kindKeys(k))
		for i, f := range k.Fields() {
			if f.Required && i != event.Timestamp && i != event.EventID {
				t.required[i>>6] |= 1 << (i & 63)
			}
		}
		all[k] = t
	}
	return all
}

// kindKeys lists what a kind's object may hold: its fields but the derived ones.
func kindKeys(k event.Kind) []key {
	keys := []key{{name: "type", act: readType, slot: slotType}}
	for i, f := range k.Fields() {
		if f.Derived {
			continue
		}
		keys = append(keys, fieldKey(f.Name, i, f))
	}
	if k == event.AIRequest {
		for i := range sections {
			keys = append(keys, key{
				name: sections[i].name, act: readSection,
				slot: slotSection + uint8(i), section: uint8(i),
			})
		}
	}
	return keys
}

// fieldKey is the key that sets a field, under the field's name or another.
func fieldKey(name string, number int, f event.Field) key {
	return key{name: name, act: actionOf(f), slot: uint8(number), max: limitOf(f)}
}

func actionOf(f event.Field) action {
	switch f.Name {
	case "cost_usd":
		return readCost
	case "error_message":
		return readError
	case "mcp_servers":
		return readList
	case "severity", "status":
		return readWord
	case "status_code":
		return readStatus
	}
	switch f.Type {
	case event.Time:
		return readTime
	case event.Int:
		if f.Unit == "ms" {
			return readWhole
		}
		return readInt
	case event.Float:
		return readFloat
	case event.Bool:
		return readBool
	case event.Millis:
		return readMillis
	case event.Text:
		return readFree
	case event.ID:
		return readID
	case event.Properties:
		return readProperties
	}
	return readText
}

func limitOf(f event.Field) int64 {
	if f.Max != 0 {
		return f.Max
	}
	if f.Type.Numeric() {
		return event.MaxNumber
	}
	return event.DefaultMaxText
}

// newTable searches for a multiplier that gives every name its own slot. With 60 names in 512
// slots one in thirty does; all tables together take well under a millisecond.
func newTable(keys []key) *table {
	t := &table{keys: keys, multiplier: 0x9e3779b97f4a7c15}
	for i := range keys {
		t.longest = max(t.longest, len(keys[i].name))
		keys[i].quoted = `"` + keys[i].name + `":`
	}
	for !t.place() {
		t.multiplier = t.multiplier*0xd1342543de82ef95 + 0x632be59bd9b4e019 | 1
	}
	return t
}

func (t *table) place() bool {
	t.slots = [tableSize]uint8{}
	for i, k := range t.keys {
		b := []byte(k.name)
		h := t.hash(b, 0, len(b))
		if t.slots[h] != 0 {
			return false
		}
		t.slots[h] = uint8(i + 1)
	}
	return true
}

// find is the key named b[from:to], or nil.
func (t *table) find(b []byte, from, to int) *key {
	if to-from > t.longest {
		return nil
	}
	i := t.slots[t.hash(b, from, to)]
	if i == 0 {
		return nil
	}
	k := &t.keys[i-1]
	if k.name != string(b[from:to]) {
		return nil
	}
	return k
}

// hash mixes the first and the last eight bytes of the name with its length. It may read, and
// masks off, bytes behind the name.
func (t *table) hash(b []byte, from, to int) uint64 {
	n := to - from
	var first, last uint64
	if n >= 8 {
		first = binary.LittleEndian.Uint64(b[from:])
		last = binary.LittleEndian.Uint64(b[to-8:])
	} else if from+8 <= len(b) {
		first = binary.LittleEndian.Uint64(b[from:]) & (1<<(8*n) - 1)
	} else {
		for i := range n {
			first |= uint64(b[from+i]) << (8 * i)
		}
	}
	x := (first ^ bits.RotateLeft64(last, 29) ^ uint64(n)) * t.multiplier
	x ^= x >> 29
	return x * t.multiplier >> (64 - tableBits)
}
