package importer

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"
)

// Limits of a batch. The door takes 10,000 events and 5 MiB in one body.
const (
	maxLines = 10_000
	maxBytes = 4 << 20
)

// batch is some whole lines of the file.
type batch struct {
	number int
	text   []byte
	offset int64 // of text in the unpacked file
	line   int   // the first line's number, from 1
	lines  int   // how many, blank ones included
	read   int64 // bytes of the packed file read when the batch was cut
}

// splitter cuts a stream into batches.
type splitter struct {
	in   io.Reader
	buf  []byte // of which buf[from:to] is not cut yet
	from int
	to   int
	err  error // of in
	next batch // what is known of the next one
	pool sync.Pool

	mu     sync.Mutex // guards tooBig: a run that is stopped does not wait for its reader
	tooBig []int      // lines over maxBytes, which were left out
}

// leftOut lists the lines that did not fit into a batch.
func (s *splitter) leftOut() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tooBig)
}

func newSplitter(in io.Reader) *splitter {
	s := &splitter{in: in, buf: make([]byte, 2*maxBytes), next: batch{line: 1}}
	s.pool.New = func() any { return new(batch) }
	return s
}

// cut returns the next batch, io.EOF behind the last one. A line that is longer than a batch is
// left out and noted.
func (s *splitter) cut() (*batch, error) {
	for {
		s.fill()
		rest := s.buf[s.from:s.to]
		if len(rest) == 0 {
			return nil, s.err
		}
		end, lines := measure(rest, errors.Is(s.err, io.EOF))
		if end > 0 {
			b := s.pool.Get().(*batch)
			text := append(b.text[:0], rest[:end]...)
			*b = s.next
			b.text, b.lines = text, lines
			s.advance(end, lines)
			s.next.number++
			return b, nil
		}
		if s.err != nil && !errors.Is(s.err, io.EOF) {
			return nil, s.err
		}
		if !s.skipLine() {
			return nil, s.err
		}
	}
}

func (s *splitter) advance(bytes, lines int) {
	s.from += bytes
	s.next.offset += int64(bytes)
	s.next.line += lines
}

// free gives a batch's memory back.
func (s *splitter) free(b *batch) { s.pool.Put(b) }

// fill reads until there is enough for a batch, or the end.
func (s *splitter) fill() {
	if s.to-s.from > maxBytes || s.err != nil {
		return
	}
	copy(s.buf, s.buf[s.from:s.to])
	s.from, s.to = 0, s.to-s.from
	for s.to < len(s.buf) && s.err == nil {
		var n int
		n, s.err = s.in.Read(s.buf[s.to:])
		s.to += n
	}
}

// measure finds where a batch of text ends: behind at most maxLines lines and maxBytes. It is 0
// when not even one line fits.
func measure(text []byte, last bool) (end, lines int) {
	for lines < maxLines {
		n := bytes.IndexByte(text[end:min(len(text), maxBytes)], '\n')
		if n < 0 {
			if last && len(text) <= maxBytes && end < len(text) {
				return len(text), lines + 1 // a last line without an end
			}
			return end, lines
		}
		end += n + 1
		lines++
		if end == len(text) || end == maxBytes {
			return end, lines
		}
	}
	return end, lines
}

// skipLine leaves out the line that does not fit; it is false when the file ends with it.
func (s *splitter) skipLine() bool {
	s.mu.Lock()
	s.tooBig = append(s.tooBig, s.next.line)
	s.mu.Unlock()
	for {
		if n := bytes.IndexByte(s.buf[s.from:s.to], '\n'); n >= 0 {
			s.advance(n+1, 1)
			return true
		}
		s.advance(s.to-s.from, 0)
		if s.err != nil {
			s.next.line++
			return false
		}
		s.fill()
	}
}

// lineOf is the number in the file of the event that has the given index in the batch: blank lines
// have none.
func (b *batch) lineOf(index int) int {
	line := b.line
	for text := range bytes.Lines(b.text) {
		if !blank(text) {
			if index == 0 {
				return line
			}
			index--
		}
		line++
	}
	return line
}

// events is how many lines are not blank.
func (b *batch) events() (n int) {
	for text := range bytes.Lines(b.text) {
		if !blank(text) {
			n++
		}
	}
	return n
}

func blank(line []byte) bool { return len(bytes.TrimLeft(line, " \t\r\n")) == 0 }
