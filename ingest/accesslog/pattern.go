package accesslog

import "bytes"

// pattern is a format of fields in a fixed order with fixed text between them.
type pattern struct {
	head  []byte // before the first field
	steps []step
	// enough is the step from which on a line may end: a common line is a combined one without its
	// last two fields.
	enough int
}

// step is a field and the text behind it.
type step struct {
	field  field
	quoted bool
	until  []byte
}

// match cuts a line into fields. More behind the last one is nobody's business.
func (p *pattern) match(line []byte, h *hit) bool {
	rest, ok := bytes.CutPrefix(line, p.head)
	if !ok {
		return false
	}
	for i := range p.steps {
		s := &p.steps[i]
		value, end := s.cut(rest, i >= p.enough)
		if s.quoted {
			h.setEscaped(s.field, value)
		} else {
			h.set(s.field, value)
		}
		if end < 0 {
			return i >= p.enough
		}
		rest = rest[end:]
	}
	return true
}

// cut finds the value of a field and where the next begins. It is -1 if the text between does not
// come: then the value is the last one, where a line may end there.
func (s *step) cut(rest []byte, last bool) (value []byte, next int) {
	switch {
	case len(s.until) == 0 && s.field == agent:
		return rest, len(rest) // it has spaces, and nothing else is behind it
	case len(s.until) == 0:
		return firstWord(rest), len(rest)
	case s.quoted:
		return s.cutQuoted(rest, last)
	}
	if n := bytes.Index(rest, s.until); n >= 0 {
		return rest[:n], n + len(s.until)
	}
	return firstWord(rest), -1
}

// cutQuoted looks for the quote that ends a field. Some servers write quotes as they came: only one
// with the right text behind it is the end.
func (s *step) cutQuoted(rest []byte, last bool) (value []byte, next int) {
	for at := 0; ; at++ {
		n := bytes.IndexByte(rest[at:], '"')
		if n < 0 {
			return rest, -1
		}
		at += n
		switch {
		case escaped(rest[:at]):
		case bytes.HasPrefix(rest[at:], s.until):
			return rest[:at], at + len(s.until)
		case last && (at+1 == len(rest) || rest[at+1] == ' '):
			return rest[:at], -1
		}
	}
}

// escaped reports whether an odd number of backslashes stands at the end.
func escaped(v []byte) bool {
	n := 0
	for i := len(v) - 1; i >= 0 && v[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

func firstWord(v []byte) []byte {
	if n := bytes.IndexByte(v, ' '); n >= 0 {
		return v[:n]
	}
	return v
}

// builder collects a pattern.
type builder struct {
	p       pattern
	literal []byte
}

func (b *builder) text(v string) { b.literal = append(b.literal, v...) }

// field begins a field behind the text so far; it is false where no text is between two fields.
func (b *builder) field(f field) bool {
	if len(b.p.steps) == 0 {
		b.p.head = b.literal
	} else {
		if len(b.literal) == 0 {
			return false
		}
		b.close()
	}
	quoted := bytes.HasSuffix(b.literal, []byte{'"'})
	b.literal = nil
	b.p.steps = append(b.p.steps, step{field: f, quoted: quoted})
	return true
}

func (b *builder) close() {
	last := &b.p.steps[len(b.p.steps)-1]
	last.until = b.literal
	last.quoted = last.quoted && bytes.HasPrefix(b.literal, []byte{'"'})
}

func (b *builder) done() *pattern {
	if len(b.p.steps) > 0 {
		b.close()
		// What stands behind the last field may be cut off or differ, but for the quote that ends it.
		last := &b.p.steps[len(b.p.steps)-1]
		if last.quoted {
			last.until = []byte{'"'}
		}
		b.p.enough = len(b.p.steps) - 1
		if last.quoted {
			b.p.enough = len(b.p.steps)
		}
	}
	return &b.p
}
