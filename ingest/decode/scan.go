package decode

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// scanner walks JSON text by the grammar of RFC 8259. Its verbs return false when the text breaks
// the grammar; wrong says how, and p is where.
type scanner struct {
	b     []byte
	p     int
	clean bool // all of b is known to be valid UTF-8, so strings need not be checked again
	wrong string
}

func (s *scanner) fail(why string) bool {
	s.wrong = why
	return false
}

// at is the byte at p, 0 at the end: no JSON text holds a raw 0.
func (s *scanner) at() byte {
	if s.p < len(s.b) {
		return s.b[s.p]
	}
	return 0
}

// space skips white space and returns the byte behind it. Compact JSON has none, so the first look
// decides.
func (s *scanner) space() byte {
	if s.p < len(s.b) && s.b[s.p] > ' ' {
		return s.b[s.p]
	}
	for s.p < len(s.b) {
		switch c := s.b[s.p]; c {
		case ' ', '\t', '\n', '\r':
			s.p++
		default:
			return c
		}
	}
	return 0
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// stops marks the bytes of w that end a run of plain text: quote, backslash, control character.
// Only the lowest mark is exact, which is the one that counts.
func stops(w uint64) uint64 {
	quote := w ^ '"'*ones
	slash := w ^ '\\'*ones
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-0x20*ones)&^w) & highs
}

// text scans a string whose opening quote is at p. The text is b[from:to], still escaped if
// escaped is set.
func (s *scanner) text() (from, to int, escaped, ok bool) {
	b, i := s.b, s.p+1
	from = i
	for {
		for i+8 <= len(b) {
			m := stops(binary.LittleEndian.Uint64(b[i:]))
			if m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' {
			i++
		}
		s.p = i
		if i == len(b) {
			return 0, 0, false, s.fail("the string has no end")
		}
		switch b[i] {
		case '"':
			s.p++
			if !s.clean && !utf8.Valid(b[from:i]) {
				s.p = from
				return 0, 0, false, s.fail("the string is not valid UTF-8")
			}
			return from, i, escaped, true
		case '\\':
			n := escapeLength(b[i:])
			if n == 0 {
				return 0, 0, false, s.fail("invalid escape in a string")
			}
			escaped = true
			i += n
		default:
			return 0, 0, false, s.fail("raw control character in a string")
		}
	}
}

// literal expects the rest of true, false or null at p.
func (s *scanner) literal(word string) bool {
	if len(s.b)-s.p < len(word) || string(s.b[s.p:s.p+len(word)]) != word {
		return s.fail("unknown word; strings need quotes")
	}
	s.p += len(word)
	return true
}

// skip walks over one value that is on the given level of nesting; p is at its first byte.
func (s *scanner) skip(level int) bool {
	var objects uint64 // one bit a level: 1 is an object, 0 an array
	base := level
	for {
		opened, ok := s.skipToken()
		if !ok {
			return false
		}
		if opened != 0 {
			if level++; level > MaxDepth {
				return s.fail("values are nested too deep")
			}
			objects <<= 1
			if opened == '{' {
				objects |= 1
			}
			switch s.space() {
			case opened + 2: // } is { plus 2, ] is [ plus 2
				s.p++
				level, objects = level-1, objects>>1
			default:
				if opened == '{' && !s.key() {
					return false
				}
				continue
			}
		}
		for more := false; !more; {
			if level == base {
				return true
			}
			if more, ok = s.next(objects&1 == 1); !ok {
				return false
			}
			if !more {
				level, objects = level-1, objects>>1
			}
		}
	}
}

// skipToken skips a scalar, or the opening bracket that it returns.
func (s *scanner) skipToken() (opened byte, ok bool) {
	switch c := s.at(); c {
	case '"':
		_, _, _, ok = s.text()
		return 0, ok
	case '{', '[':
		s.p++
		return c, true
	case 't':
		return 0, s.literal("true")
	case 'f':
		return 0, s.literal("false")
	case 'n':
		return 0, s.literal("null")
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		_, ok = s.numberEnd()
		return 0, ok
	}
	if s.p >= len(s.b) {
		return 0, s.fail("the text ends in the middle")
	}
	return 0, s.fail("a value was expected")
}

// next goes from the end of a value to the start of the next one of the same object or array, or
// over the closing bracket.
func (s *scanner) next(object bool) (more, ok bool) {
	switch c := s.space(); {
	case c == ',':
		s.p++
		s.space()
		if object {
			return true, s.key()
		}
		return true, true
	case c == '}' && object, c == ']' && !object:
		s.p++
		return false, true
	case s.p >= len(s.b):
		return false, s.fail("the text ends in the middle")
	}
	return false, s.fail("a comma or a closing bracket was expected")
}

// key skips a key and its colon.
func (s *scanner) key() bool {
	if s.at() != '"' {
		return s.fail("a key in quotes was expected")
	}
	if _, _, _, ok := s.text(); !ok {
		return false
	}
	return s.colon()
}

// colon expects a colon and stops at the value behind it.
func (s *scanner) colon() bool {
	if s.space() != ':' {
		return s.fail("a colon was expected")
	}
	s.p++
	s.space()
	return true
}
