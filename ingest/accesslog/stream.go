package accesslog

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"sync"

	"analytics/engine/fault"
)

const (
	// maxLine is the longest line that is read: servers take requests of 8 to 32 KiB.
	maxLine = 64 << 10
	// chunk is how much text of events is made at once.
	chunk = 256 << 10
)

// Stream reads files one after the other and is itself read as native events, a line for each.
type Stream struct {
	names  []string
	open   func(name string) (io.ReadCloser, error)
	reader *Reader
	file   io.ReadCloser
	in     *bufio.Reader
	offset int64
	rest   []byte // of the reader's events, not read yet
	broken error  // of the first file that could not be read to its end

	mu      sync.Mutex // guards summary: who stops early asks while a file is being read
	summary Summary
}

// CutFile is the code of the error behind the last event, if a file could not be read to its end.
const CutFile = "cut_file"

// NewStream makes a stream of files. open gives their text, unpacked.
func NewStream(names []string, open func(name string) (io.ReadCloser, error), o Options) *Stream {
	return &Stream{
		names: names, open: open, reader: NewReader(o), in: bufio.NewReaderSize(nil, maxLine),
		summary: newSummary(),
	}
}

// Summary is what was read so far.
func (s *Stream) Summary() Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.summary
}

// Close closes the file that is being read.
func (s *Stream) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// Read reads events.
func (s *Stream) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// fill makes a chunk of events, and publishes what was seen.
func (s *Stream) fill() error {
	s.reader.Forget()
	defer func() {
		sum := s.reader.Summary()
		s.mu.Lock()
		s.summary = sum
		s.mu.Unlock()
	}()
	for lines := 0; lines < chunk/64 && len(s.reader.Events().Bytes()) < chunk; lines++ {
		if s.file == nil {
			if err := s.begin(); err != nil {
				if s.reader.Events().Len() > 0 {
					break // first what the file before ended with
				}
				return err
			}
		}
		line, err := s.in.ReadSlice('\n')
		read := int64(len(line))
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			for errors.Is(err, bufio.ErrBufferFull) {
				line, err = s.in.ReadSlice('\n')
				read += int64(len(line))
			}
			s.reader.TooLong()
		case len(line) > 0 && (err == nil || errors.Is(err, io.EOF)):
			s.reader.Line(line, s.offset) // but not a part of one, which would be another event
		}
		s.offset += read
		if err != nil {
			s.finish(err)
		}
	}
	s.rest = s.reader.Events().Bytes()
	return nil
}

// begin opens the next file; it is io.EOF behind the last. A file that cannot be read stops the run:
// views that are missing show nowhere.
func (s *Stream) begin() error {
	if len(s.names) == 0 {
		return cmp.Or(s.broken, io.EOF)
	}
	name := s.names[0]
	file, err := s.open(name)
	if err != nil {
		return err
	}
	s.names, s.file, s.offset = s.names[1:], file, 0
	s.in.Reset(file)
	s.reader.Begin(name)
	return nil
}

// finish ends a file, whole or not.
func (s *Stream) finish(err error) {
	if !errors.Is(err, io.EOF) {
		s.reader.line++
		s.reader.bad("and what follows cannot be read: " + err.Error())
		if s.broken == nil {
			s.broken = fault.New(fault.Conflict, CutFile, "%s cannot be read from line %d on: %v; all else was",
				s.reader.file, s.reader.line, err)
		}
	}
	s.reader.End()
	_ = s.file.Close()
	s.file = nil
}
