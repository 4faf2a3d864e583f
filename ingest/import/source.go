package importer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"analytics/engine/fault"
	"analytics/ingest/accesslog"
	"analytics/ingest/agentlogs"
)

// source is the events of a file as lines, whatever the file looks like.
type source struct {
	lines io.Reader
	size  int64             // of the file, -1 if it is not known
	read  atomic.Int64      // bytes of the file read so far
	array bool              // the lines were made of a JSON array
	logs  *agentlogs.Stream // the lines are made of a coding agent's logs
	// access makes the lines of a web server's logs.
	access *accesslog.Stream
	close  []func() error
}

// openSource opens a file, or standard input for "-".
func openSource(name string, stdin io.Reader) (*source, error) {
	s := &source{size: -1}
	var raw io.Reader = stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, notFound(name, err)
		}
		s.close = append(s.close, f.Close)
		raw = f
		info, err := f.Stat()
		if err == nil && info.IsDir() {
			err = fault.New(fault.Invalid, "is_a_folder", "%s is a folder; import takes one file", name)
		}
		if err != nil {
			s.Close()
			return nil, err
		}
		if info.Mode().IsRegular() {
			s.size = info.Size()
		}
	}
	if err := s.unpack(raw); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func notFound(name string, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return fault.New(fault.NotFound, "no_file", "there is no file %s", name)
	}
	return fault.New(fault.Invalid, "unreadable_file", "%v", err)
}

// Close closes what was opened.
func (s *source) Close() {
	for i := len(s.close) - 1; i >= 0; i-- {
		_ = s.close[i]()
	}
}

const (
	// readBuffer is how much of the file is read at once.
	readBuffer = 256 << 10
	// maxWindow is the largest window of a zstd file: what `zstd -19 --long` makes by default.
	maxWindow = 128 << 20
)

// unpack looks at the first bytes to see how the file is compressed and what is in it.
func (s *source) unpack(raw io.Reader) error {
	out, err := unpacked(&counter{raw, &s.read})
	if err != nil {
		return err
	}
	s.close = append(s.close, out.Close)
	text := bufio.NewReaderSize(out, readBuffer)
	s.lines = text
	first, err := firstByte(text)
	switch {
	case errors.Is(err, io.EOF), first == '{':
	case err != nil:
		return fault.New(fault.Invalid, "unreadable_file", "the file cannot be read: %v", err)
	case first == '[':
		s.array, s.lines = true, newElements(text)
	default:
		return fault.New(fault.Invalid, "unknown_format", "the file begins with %q; import takes one "+
			"JSON object a line, or a JSON array of objects, plain or packed with gzip or zstd", first)
	}
	return nil
}

// unpacked is what is in a file, gzip, zstd or plain. Closing it closes no file.
func unpacked(raw io.Reader) (io.ReadCloser, error) {
	in := bufio.NewReaderSize(raw, readBuffer)
	magic, _ := in.Peek(4)
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		r, err := gzip.NewReader(in)
		if err != nil {
			return nil, fault.New(fault.Invalid, "bad_encoding", "the gzip file cannot be unpacked: %v", err)
		}
		return r, nil
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		r, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, fault.New(fault.Invalid, "bad_encoding", "the zstd file cannot be unpacked: %v", err)
		}
		return r.IOReadCloser(), nil
	}
	return io.NopCloser(in), nil
}

// firstByte is the first byte that is not white space or a byte order mark. It takes nothing away.
func firstByte(r *bufio.Reader) (byte, error) {
	for n := 1; ; n++ {
		head, err := r.Peek(n)
		if len(head) < n {
			return 0, err
		}
		switch c := head[n-1]; c {
		case ' ', '\t', '\r', '\n', 0xef, 0xbb, 0xbf:
		default:
			return c, nil
		}
	}
}

// counter counts the bytes that pass.
type counter struct {
	io.Reader
	n *atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// elements reads a JSON array as lines, one for each element.
type elements struct {
	dec   *json.Decoder
	begun bool
	n     int
	line  bytes.Buffer
}

func newElements(r *bufio.Reader) *elements {
	if mark, _ := r.Peek(3); string(mark) == "\xef\xbb\xbf" {
		_, _ = r.Discard(3)
	}
	return &elements{dec: json.NewDecoder(r)}
}

func (a *elements) Read(p []byte) (int, error) {
	if a.line.Len() == 0 {
		if err := a.next(); err != nil {
			return 0, err
		}
	}
	return a.line.Read(p)
}

func (a *elements) next() error {
	if !a.begun {
		a.begun = true
		if _, err := a.dec.Token(); err != nil {
			return a.broken(err)
		}
	}
	if !a.dec.More() {
		if _, err := a.dec.Token(); err != nil {
			return a.broken(err)
		}
		return io.EOF
	}
	var element json.RawMessage
	a.n++
	if err := a.dec.Decode(&element); err != nil {
		return a.broken(err)
	}
	a.line.Reset()
	if err := json.Compact(&a.line, element); err != nil {
		return a.broken(err)
	}
	return a.line.WriteByte('\n')
}

func (a *elements) broken(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fault.New(fault.Invalid, "broken_json", "the array is broken near its event %d: %v", a.n, err).
		Wrap(fmt.Errorf("at byte %d: %w", a.dec.InputOffset(), err))
}
