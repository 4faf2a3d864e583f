package event

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// A row is one event as bytes, in the journal and in the head:
//
//	length   uvarint   bytes that follow
//	fields   in ascending order of their numbers, each once:
//	  number uvarint
//	  value  Time Int Money Millis Bool  zigzag varint
//	         Float                       8 bytes, IEEE 754, little-endian
//	         String Text Properties      uvarint length, then the bytes
//	         ID                          uvarint length, then the compact form (id.go)
//
// Rows carry neither kind nor tenant: the key of the batch they are in does. Transient fields never
// reach a row. The same event gives the same bytes, so a checksum of a row can be compared with one
// made from columns later.

// ErrRow says that bytes are not a row of the kind they were read as.
var ErrRow = errors.New("event: damaged row")

// AppendRow appends the event as a row.
func (e *Event) AppendRow(dst []byte) []byte {
	fields := e.Kind.Fields()
	start := len(dst)
	dst = append(dst, 0, 0) // room for the length; nearly all rows are shorter than 16 KiB
	for w, word := range e.set {
		for ; word != 0; word &= word - 1 {
			i := w<<6 + bits.TrailingZeros64(word)
			f := &fields[i]
			if f.Transient {
				continue
			}
			dst = append(dst, byte(i))
			switch {
			case f.Type == Float:
				dst = binary.LittleEndian.AppendUint64(dst, uint64(e.num[i]))
			case f.Type.Numeric():
				dst = binary.AppendVarint(dst, e.num[i])
			default:
				dst = binary.AppendUvarint(dst, uint64(len(e.str[i])))
				dst = append(dst, e.str[i]...)
			}
		}
	}
	return putLength(dst, start)
}

// putLength writes the length of the row that begins at start with two placeholder bytes, as a
// minimal uvarint so that rows are canonical.
func putLength(dst []byte, start int) []byte {
	n := len(dst) - start - 2
	var buf [binary.MaxVarintLen64]byte
	size := binary.PutUvarint(buf[:], uint64(n))
	if size != 2 {
		if size > 2 {
			dst = append(dst, buf[:size-2]...)
		}
		copy(dst[start+size:], dst[start+2:start+2+n])
		dst = dst[:start+size+n]
	}
	copy(dst[start:], buf[:size])
	return dst
}

// NextRow splits the first row, its length included, from rows.
func NextRow(rows []byte) (row, rest []byte, err error) {
	n, size := binary.Uvarint(rows)
	if size <= 0 || n > uint64(len(rows)-size) {
		return nil, nil, ErrRow
	}
	end := size + int(n)
	return rows[:end], rows[end:], nil
}

// DecodeRow reads one row of the event's kind, as NextRow gives it, into e, which it resets first.
// The event points into row.
func (e *Event) DecodeRow(kind Kind, row []byte) error {
	e.Reset(kind)
	fields := kind.Fields()
	n, size := binary.Uvarint(row)
	if size <= 0 || n != uint64(len(row)-size) {
		return ErrRow
	}
	b := row[size:]
	last := -1
	for len(b) > 0 {
		i := int(b[0])
		if i <= last || i >= len(fields) {
			return ErrRow
		}
		last, b = i, b[1:]
		f := &fields[i]
		switch {
		case f.Type == Float:
			if len(b) < 8 {
				return ErrRow
			}
			e.SetInt(i, int64(binary.LittleEndian.Uint64(b)))
			b = b[8:]
		case f.Type.Numeric():
			v, size := binary.Varint(b)
			if size <= 0 {
				return ErrRow
			}
			e.SetInt(i, v)
			b = b[size:]
		default:
			n, size := binary.Uvarint(b)
			if size <= 0 || n > uint64(len(b)-size) {
				return ErrRow
			}
			e.SetText(i, b[size:size+int(n):size+int(n)])
			b = b[size+int(n):]
		}
	}
	if !e.Has(Timestamp) || !e.Has(EventID) {
		return ErrRow
	}
	return nil
}
