package dialect

import "bytes"

// kind is what a value is.
type kind uint8

const (
	begin   kind = iota // of an object or array
	end                 // of an object or array
	text                // a string, unescaped, cut to maxCapture
	literal             // a number, true, false or null, as written
)

const (
	// maxNest is how deep wanted places are; the deepest path of the trees has nine steps.
	maxNest = 16
	// maxCapture is the longest text that is handed on; models, ids and messages are shorter or cut.
	maxCapture = 512
)

// scanner finds wanted values in JSON that comes in pieces. It checks no grammar: what is broken
// gives no values, or wrong ones, but never takes more memory or time than its bytes. Of two equal
// keys both are handed on, so that the last counts, as it does for servers.
type scanner struct {
	root *node
	take func(s slot, k kind, v []byte)

	state  state
	frames [maxNest]frame
	depth  int   // of frames
	skip   int   // containers open in a value that nobody wants
	wants  *node // of the value that comes next
	atKey  bool  // a string now is a key
	keep   bool  // the string or literal now is captured
	escape bool  // the byte before was a backslash
	folded bool  // the string has escapes
	n      int   // bytes captured
	buf    [maxCapture]byte

	closed bool  // a whole value has been seen at the root, and none is open
	at     int64 // offset of the piece's first byte
	pos    int64 // offset of the value's first byte, or behind its last one for end, text, literal
}

type state uint8

const (
	between state = iota
	inText
	inLiteral
)

type frame struct {
	node  *node
	array bool
}

// reset makes the scanner ready for the next text.
func (s *scanner) reset() {
	s.state, s.depth, s.skip, s.wants = between, 0, 0, s.root
	s.atKey, s.keep, s.escape, s.closed = false, false, false, false
	s.at = 0
}

// write reads a piece.
func (s *scanner) write(p []byte) {
	for i := 0; i < len(p); {
		switch s.state {
		case inText:
			i = s.text(p, i)
		case inLiteral:
			i = s.literal(p, i)
		default:
			i = s.between(p, i)
		}
	}
	s.at += int64(len(p))
}

// finish ends a text that may end in a literal.
func (s *scanner) finish() {
	if s.state == inLiteral {
		s.endLiteral(s.at)
	}
}

// between reads what is around values and keys.
func (s *scanner) between(p []byte, i int) int {
	for ; i < len(p); i++ {
		switch c := p[i]; c {
		case '"':
			s.closed = false
			s.state, s.folded, s.n = inText, false, 0
			s.keep = s.skip == 0 && (s.atKey || s.wants != nil && s.wants.slot != 0)
			s.pos = s.at + int64(i)
			return i + 1
		case '{', '[':
			s.pos = s.at + int64(i)
			s.open(c == '[')
		case '}', ']':
			s.pos = s.at + int64(i) + 1
			s.close()
		case ',':
			s.comma()
		case ' ', '\t', '\r', '\n', ':':
		default:
			if s.skip > 0 {
				continue
			}
			s.closed = false
			s.state, s.n = inLiteral, 0
			s.keep = s.wants != nil && s.wants.slot != 0
			return i
		}
	}
	return i
}

// open enters an object or array.
func (s *scanner) open(array bool) {
	s.closed = false
	if s.skip > 0 || s.wants == nil || s.depth == maxNest {
		s.skip++
		return
	}
	n := s.wants
	s.frames[s.depth] = frame{n, array}
	s.depth++
	if n.slot != 0 {
		s.take(n.slot, begin, nil)
	}
	s.atKey, s.wants = !array, nil
	if array {
		s.wants = n.elem
		if s.depth == 1 && n.elem == nil {
			s.wants = s.root // Gemini streams an array of what would be events
		}
	}
}

// close leaves an object or array.
func (s *scanner) close() {
	switch {
	case s.skip > 0:
		s.skip--
	case s.depth > 0:
		s.depth--
		if n := s.frames[s.depth].node; n.slot != 0 {
			s.take(n.slot, end, nil)
		}
	}
	s.after()
}

// after is what follows a value: at the root the text is whole, and another may come.
func (s *scanner) after() {
	if s.skip > 0 {
		return
	}
	s.atKey, s.wants = false, nil
	if s.depth == 0 {
		s.closed, s.wants = true, s.root
	}
}

func (s *scanner) comma() {
	if s.skip > 0 || s.depth == 0 {
		return
	}
	f := &s.frames[s.depth-1]
	s.atKey, s.wants = !f.array, nil
	if f.array {
		s.wants = f.node.elem
		if s.depth == 1 && f.node.elem == nil {
			s.wants = s.root
		}
	}
}

// text reads on in a string. The closing quote is looked for once, not again after each escape.
func (s *scanner) text(p []byte, i int) int {
	if s.escape {
		s.escape = false
		s.capture(p[i : i+1])
		i++
	}
	for i < len(p) {
		quote := bytes.IndexByte(p[i:], '"')
		if quote < 0 {
			quote = len(p)
		} else {
			quote += i
		}
		for i < quote {
			slash := bytes.IndexByte(p[i:quote], '\\')
			if slash < 0 {
				break
			}
			s.folded = true
			s.capture(p[i : i+slash+1])
			i += slash + 1
			if i == len(p) {
				s.escape = true
				return i
			}
			s.capture(p[i : i+1])
			i++
		}
		if i > quote { // the quote was escaped
			continue
		}
		s.capture(p[i:quote])
		if quote == len(p) {
			return quote
		}
		s.endText(s.at + int64(quote) + 1)
		return quote + 1
	}
	return i
}

func (s *scanner) endText(pos int64) {
	s.state = between
	if s.skip > 0 {
		return
	}
	v := s.buf[:s.n]
	if s.keep && s.folded {
		v = unescape(v)
	}
	if s.atKey {
		s.atKey = false
		s.wants = s.frames[s.depth-1].node.child(v)
		return
	}
	s.pos = pos
	if s.keep {
		s.take(s.wants.slot, text, v)
	}
	s.after()
}

// literal reads on in a number, true, false or null.
func (s *scanner) literal(p []byte, i int) int {
	from := i
	for ; i < len(p); i++ {
		switch p[i] {
		case ',', '}', ']', ' ', '\t', '\r', '\n', ':', '"', '{', '[':
			s.capture(p[from:i])
			s.endLiteral(s.at + int64(i))
			return i
		}
	}
	s.capture(p[from:])
	return i
}

func (s *scanner) endLiteral(pos int64) {
	s.state, s.pos = between, pos
	if s.keep && !s.atKey {
		s.take(s.wants.slot, literal, s.buf[:s.n])
	}
	s.after()
}

func (s *scanner) capture(p []byte) {
	if s.keep {
		s.n += copy(s.buf[s.n:], p)
	}
}
