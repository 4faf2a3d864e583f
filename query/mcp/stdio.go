package mcp

import (
	"bytes"
	"encoding/json"
	"io"
	"sync"
)

// stdio is input and output between which no answer is lost. Once its input has ended, the SDK cancels
// what is not answered yet: a script that writes its questions and closes the pipe would miss the last
// ones. So the end of the input is told when everything that was read is answered.
type stdio struct {
	in  io.Reader
	out io.Writer

	asked, said lines // pieces of messages that are not whole yet

	mu     sync.Mutex
	open   map[string]bool // requests that are not answered, by id; guarded by mu
	closed bool            // guarded by mu
	moved  *sync.Cond      // open or closed changed
}

func newStdio(in io.Reader, out io.Writer) *stdio {
	s := &stdio{in: in, out: out, open: map[string]bool{}}
	s.moved = sync.NewCond(&s.mu)
	return s
}

// Read reads requests; at the end of the input it waits until they are answered.
func (s *stdio) Read(p []byte) (int, error) {
	n, err := s.in.Read(p)
	s.asked.each(p[:n], s.see)
	if n > 0 || err == nil {
		return n, nil // the end is met again, and then there is nothing to read before it
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.open) > 0 && !s.closed {
		s.moved.Wait()
	}
	return 0, err
}

// Write writes answers.
func (s *stdio) Write(p []byte) (int, error) {
	n, err := s.out.Write(p)
	s.said.each(p[:n], s.see)
	return n, err
}

// Close ends waiting. The input and output themselves are closed by who opened them.
func (s *stdio) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.moved.Broadcast()
	return nil
}

// message is as much of one as says whether it asks, answers or takes a question back.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		Cancelled json.RawMessage `json:"requestId"`
	} `json:"params"`
}

// see takes note of a line: one message, or in older versions of the protocol several.
func (s *stdio) see(line []byte) {
	var all []message
	if json.Unmarshal(line, &all) != nil {
		var one message
		if json.Unmarshal(line, &one) != nil {
			return
		}
		all = []message{one}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range all {
		id := string(m.ID)
		switch {
		case m.Method == "notifications/cancelled": // whether that is answered is up to the other side
			delete(s.open, string(m.Params.Cancelled))
		case id == "" || id == "null":
		case m.Method != "":
			s.open[id] = true
		default:
			delete(s.open, id)
		}
	}
	s.moved.Broadcast()
}

// lines cuts what comes in pieces into lines. The last line of an input may have no end.
type lines struct{ rest []byte }

func (l *lines) each(piece []byte, f func(line []byte)) {
	l.rest = append(l.rest, piece...)
	for {
		line, rest, found := bytes.Cut(l.rest, []byte("\n"))
		if !found {
			break
		}
		f(line)
		l.rest = rest
	}
	if last := len(l.rest) - 1; last >= 0 && (l.rest[last] == '}' || l.rest[last] == ']') && json.Valid(l.rest) {
		f(l.rest)
		l.rest = nil
	}
}
