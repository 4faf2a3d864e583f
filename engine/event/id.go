package event

import (
	"crypto/sha256"
	"encoding/hex"
)

// Forms of an identifier. Identifiers are mostly random UUIDs or W3C trace ids; kept as text they
// would be more than half of an event on disk, so the usual forms are kept as raw bytes. The form
// byte comes first, then the raw bytes.
const (
	formText  = 0 // the text itself
	formUUID  = 1 // 16 bytes: a lower-case UUID with hyphens
	formHex32 = 2 // 16 bytes: 32 lower-case hexadecimal digits (a W3C trace id)
	formHex16 = 3 // 8 bytes: 16 lower-case hexadecimal digits (a W3C span id)
)

// AppendID appends the compact form of an identifier's text. IDText gives the same text back,
// byte for byte.
func AppendID(dst, text []byte) []byte {
	switch len(text) {
	case 36:
		if text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' {
			var raw [16]byte
			if lowerHex(raw[0:4], text[0:8]) && lowerHex(raw[4:6], text[9:13]) &&
				lowerHex(raw[6:8], text[14:18]) && lowerHex(raw[8:10], text[19:23]) &&
				lowerHex(raw[10:16], text[24:36]) {
				return append(append(dst, formUUID), raw[:]...)
			}
		}
	case 32:
		var raw [16]byte
		if lowerHex(raw[:], text) {
			return append(append(dst, formHex32), raw[:]...)
		}
	case 16:
		var raw [8]byte
		if lowerHex(raw[:], text) {
			return append(append(dst, formHex16), raw[:]...)
		}
	}
	return append(append(dst, formText), text...)
}

// AppendUUID appends the compact form of a UUID given as its 16 bytes.
func AppendUUID(dst []byte, id [16]byte) []byte {
	return append(append(dst, formUUID), id[:]...)
}

// AppendIDText appends the text of an identifier in compact form; an empty or broken form gives
// no text.
func AppendIDText(dst, compact []byte) []byte {
	if len(compact) == 0 {
		return dst
	}
	raw := compact[1:]
	switch compact[0] {
	case formUUID:
		if len(raw) != 16 {
			return dst
		}
		dst = hex.AppendEncode(dst, raw[0:4])
		dst = hex.AppendEncode(append(dst, '-'), raw[4:6])
		dst = hex.AppendEncode(append(dst, '-'), raw[6:8])
		dst = hex.AppendEncode(append(dst, '-'), raw[8:10])
		return hex.AppendEncode(append(dst, '-'), raw[10:16])
	case formHex32, formHex16:
		return hex.AppendEncode(dst, raw)
	}
	return append(dst, raw...)
}

// IDText is the text of an identifier in compact form.
func IDText(compact []byte) string { return string(AppendIDText(nil, compact)) }

// IDKey identifies an event for finding duplicates: the raw bytes of a UUID, or a hash of any
// other identifier.
type IDKey [16]byte

// KeyOf is the key of an identifier in compact form. Identifiers that are not UUIDs are hashed with
// SHA-256 cut to 128 bits: a client cannot make two that collide and so get an event refused.
func KeyOf(compact []byte) IDKey {
	if len(compact) == 17 && compact[0] == formUUID {
		return IDKey(compact[1:])
	}
	sum := sha256.Sum256(compact)
	return IDKey(sum[:16])
}

// lowerHex decodes lower-case hexadecimal only: other digits could not be given back as written.
func lowerHex(dst, src []byte) bool {
	for i := range dst {
		hi, lo := hexValue[src[2*i]], hexValue[src[2*i+1]]
		if hi|lo > 15 {
			return false
		}
		dst[i] = hi<<4 | lo
	}
	return true
}

// hexValue is the value of each lower-case hexadecimal digit, 0xff for all other bytes.
var hexValue = func() (table [256]byte) {
	for i := range table {
		table[i] = 0xff
	}
	for i, c := range []byte("0123456789abcdef") {
		table[c] = byte(i)
	}
	return table
}()
