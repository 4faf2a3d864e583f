package bots

import "bytes"

// Sequence looks whether pages are visited in their order: by the alphabet, as in a site map, or by
// their numbers. Give it the path of each page view of a session.
type Sequence struct {
	last []byte
	// Steps are changes from a page to another one, Ordered those of them that went forward.
	Steps, Ordered int
}

// maxPath is how much of a path is compared.
const maxPath = 256

// Add takes the next page view.
func (s *Sequence) Add(path []byte) {
	path = path[:min(len(path), maxPath)]
	if s.last == nil {
		s.last = append(make([]byte, 0, 64), path...)
		return
	}
	if bytes.Equal(s.last, path) {
		return
	}
	s.Steps++
	if before(s.last, path) {
		s.Ordered++
	}
	s.last = append(s.last[:0], path...)
}

// before compares like the alphabet, but runs of digits by the number they are.
func before(a, b []byte) bool {
	for len(a) > 0 && len(b) > 0 {
		x, y := digits(a), digits(b)
		if x > 0 && y > 0 {
			p, q := bytes.TrimLeft(a[:x], "0"), bytes.TrimLeft(b[:y], "0")
			if len(p) != len(q) {
				return len(p) < len(q)
			}
			if c := bytes.Compare(p, q); c != 0 {
				return c < 0
			}
			a, b = a[x:], b[y:]
			continue
		}
		if a[0] != b[0] {
			return a[0] < b[0]
		}
		a, b = a[1:], b[1:]
	}
	return len(a) < len(b)
}

// digits is the length of the number that text begins with.
func digits(text []byte) (n int) {
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}
