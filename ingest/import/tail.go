package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"analytics/ingest/accesslog"
)

const (
	// stepLines is how many lines are read at once, before what they are is sent.
	stepLines = 5_000
	// farewell is how long a log that was renamed is still looked at: its writer opens the new one when
	// it is told to, or at its next request.
	farewell = 3 * time.Second
	// longest is the longest line that is read.
	longest = 64 << 10
)

// tail reads one log as it grows.
type tail struct {
	path   string
	reader *accesslog.Reader
	note   func(format string, args ...any) // what people should know

	queue   []piece  // files that are over and come before the log
	after   *os.File // the log behind them, opened when they were: it may be renamed meanwhile
	file    io.ReadCloser
	live    *os.File // the file that is being read, if it is the one that grows
	in      *bufio.Reader
	first   []byte    // of the file, up to headBytes
	offset  int64     // where the next line begins
	partial []byte    // of a line that is not written to its end
	cut     int64     // bytes of a line too long to be kept
	gone    time.Time // since when the path has been another file
}

func newTail(path string, r *accesslog.Reader, note func(string, ...any)) *tail {
	return &tail{path: path, reader: r, note: note, in: bufio.NewReaderSize(nil, longest)}
}

// resume goes on at a position: in the log, or in what it was before.
func (t *tail) resume(p *position) {
	live := t.look()
	if t.after != nil {
		if first, size := beginning(t.after); p.of(first) && size >= p.Offset {
			t.open(p.Offset)
			return
		}
	}
	pieces, found := missed(t.path, p, live...)
	if !found {
		t.note("%s: the file it was before is nowhere; what was written there after byte %d is not read", t.path,
			p.Offset)
	}
	t.queue = pieces
}

// look opens the log as it is now.
func (t *tail) look() (live []os.FileInfo) {
	f, err := os.Open(t.path)
	if err != nil {
		return nil // it is being rotated, or its server never started
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil
	}
	t.after = f
	return []os.FileInfo{info}
}

// position is where reading must go on so that nothing is missed.
func (t *tail) position() (position, bool) {
	at := t.offset
	if oldest, held := t.reader.Oldest(); held {
		at = oldest
	}
	if t.file == nil || t.offset == 0 {
		return position{}, false
	}
	return positionOf(t.path, t.first, at), true
}

// step reads some lines. It is busy if there may be more at once.
func (t *tail) step(now time.Time) (busy bool, err error) {
	if t.file == nil {
		if err := t.next(); err != nil || t.file == nil {
			return false, err
		}
	}
	if t.live != nil && len(t.first) > 0 && !t.same() {
		t.truncated()
		return true, nil
	}
	for range stepLines {
		line, err := t.in.ReadSlice('\n')
		t.remember(line)
		if err == nil {
			t.line(line)
			continue
		}
		t.keep(line)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case !errors.Is(err, io.EOF):
			t.note("%s cannot be read any further: %v", t.path, err)
			t.end()
			return true, nil
		case t.live == nil:
			t.end()
			return true, nil
		}
		return false, t.left(now)
	}
	return true, nil
}

// next opens the next file that is over, or the log if it is there.
func (t *tail) next() error {
	if len(t.queue) == 0 {
		if t.after == nil {
			t.look()
		}
		if t.after != nil {
			t.open(0)
		}
		return nil
	}
	p := t.queue[0]
	t.queue = t.queue[1:]
	text, err := unpacked(p.file)
	if err != nil {
		t.note("%s cannot be read: %v", p.file.Name(), err)
		return p.file.Close()
	}
	t.begin(log{text, p.file}, p.file.Name(), p.from)
	return nil
}

// open begins to read the log itself.
func (t *tail) open(from int64) {
	t.live, t.after = t.after, nil
	t.begin(t.live, t.path, from)
}

func (t *tail) begin(file io.ReadCloser, name string, from int64) {
	t.file, t.gone = file, time.Time{}
	t.first, t.partial, t.offset = nil, t.partial[:0], from
	t.in.Reset(file)
	t.reader.Begin(name)
	if from == 0 {
		return
	}
	to := from
	quick := t.live != nil && !t.reader.Headed()
	if quick {
		to = min(from, headBytes)
	}
	first, err := skip(t.in, to, t.reader.Header)
	if err == nil && quick {
		if _, err = t.live.Seek(from, io.SeekStart); err == nil {
			t.in.Reset(t.live)
		}
	}
	if err != nil {
		t.note("%s cannot be read: %v", name, err)
		t.end()
	}
	t.first = first
}

// remember keeps the first bytes of the file.
func (t *tail) remember(text []byte) {
	if room := headBytes - len(t.first); room > 0 && t.offset+t.cut+int64(len(t.partial)) == int64(len(t.first)) {
		t.first = append(t.first, text[:min(room, len(text))]...)
	}
}

// line takes in the end of a line, and so a whole one.
func (t *tail) line(end []byte) {
	size := t.cut + int64(len(t.partial)+len(end))
	switch {
	case t.cut > 0 || size > longest:
		t.reader.TooLong()
	case len(t.partial) > 0:
		t.partial = append(t.partial, end...)
		t.reader.Line(t.partial, t.offset)
	default:
		t.reader.Line(end, t.offset)
	}
	t.offset += size
	t.partial, t.cut = t.partial[:0], 0
}

// keep keeps a line that has no end yet.
func (t *tail) keep(part []byte) {
	if t.cut > 0 || len(t.partial)+len(part) > longest {
		t.cut += int64(len(t.partial) + len(part))
		t.partial = t.partial[:0]
		return
	}
	t.partial = append(t.partial, part...)
}

// same reports whether the log still begins as it did, and has not become shorter.
func (t *tail) same() bool {
	info, err := t.live.Stat()
	if err != nil || info.Size() < t.offset+t.cut+int64(len(t.partial)) {
		return false
	}
	var head [headBytes]byte
	n, err := t.live.ReadAt(head[:len(t.first)], 0)
	return n == len(t.first) && bytes.Equal(head[:n], t.first) || err != nil && !errors.Is(err, io.EOF)
}

// truncated goes on after the log was copied and emptied: what was not read yet is in the copy.
func (t *tail) truncated() {
	p := positionOf(t.path, t.first, t.offset)
	t.partial, t.cut = t.partial[:0], 0
	t.end()
	if p.Bytes > 0 {
		t.resume(&p)
	}
}

// left looks, at the end of the log, whether it was renamed and another is in its place.
func (t *tail) left(now time.Time) error {
	mine, err := t.live.Stat()
	if err != nil {
		return fmt.Errorf("follow %s: %w", t.path, err)
	}
	there, err := os.Stat(t.path)
	switch {
	case err != nil || os.SameFile(mine, there):
		t.gone = time.Time{}
	case t.gone.IsZero():
		t.gone = now
	case now.Sub(t.gone) >= farewell:
		p := positionOf(t.path, t.first, t.offset)
		t.end()
		t.queue = append(t.queue, newerThan(t.path, &p, mine, t.look()...)...)
	}
	return nil
}

// close closes all files.
func (t *tail) close() {
	if t.file != nil {
		_ = t.file.Close()
	}
	for _, p := range t.queue {
		_ = p.file.Close()
	}
	if t.after != nil {
		_ = t.after.Close()
	}
}

// end ends the file. A last line without an end is one all the same.
func (t *tail) end() {
	if len(t.partial) > 0 {
		t.line(nil)
	}
	t.reader.End()
	_ = t.file.Close()
	t.file, t.live, t.cut = nil, nil, 0
}
