package agentlogs

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"analytics/ingest/wire"
)

// Agents are the names of the agents whose logs are known.
func Agents() []string { return []string{"claude-code", "codex"} }

// fresh is how long a file may go on growing after it was last written to: an answer of a model
// takes minutes at most.
const fresh = 10 * time.Minute

// maxLine is the longest line that is read: pictures are in the lines.
const maxLine = 64 << 20

// File is a file of logs to read.
type File struct {
	Path     string
	Size     int64
	Modified time.Time
}

// Summary is what a stream has seen so far.
type Summary struct {
	Files     int            `json:"files"`
	Requests  int            `json:"requests"`
	ToolCalls int            `json:"tool_calls"`
	Repeated  int            `json:"repeated"` // answers that were written more than once
	Input     int64          `json:"input_tokens"`
	CacheRead int64          `json:"cache_read_tokens"`
	Output    int64          `json:"output_tokens"`
	Skipped   map[string]int `json:"skipped"` // lines left out, by reason
}

// Stream reads files one after the other and is itself read as native events, a line for each.
type Stream struct {
	files []File
	open  func(path string) (io.ReadCloser, error)
	now   func() time.Time
	begin func() parser

	lines  wire.Lines
	rest   []byte // of lines, not read yet
	seen   map[[16]byte]bool
	buffer []byte
	// sessions are the counters that were seen in each of Codex' sessions.
	sessions map[string]map[[16]byte]bool

	mu      sync.Mutex // guards summary: who stops early asks while a file is being read
	summary Summary
}

// parser reads the lines of one file and writes events at its end.
type parser interface {
	line(v gjson.Result)
	end(growing bool)
}

// NewStream makes a stream of an agent's files. open gives their text, unpacked.
func NewStream(
	agent string, files []File, open func(path string) (io.ReadCloser, error), now func() time.Time,
) *Stream {
	s := &Stream{
		files: files, open: open, now: now, seen: map[[16]byte]bool{},
		sessions: map[string]map[[16]byte]bool{},
		summary:  Summary{Skipped: map[string]int{}},
	}
	s.begin = func() parser { return newClaude(s) }
	if agent == "codex" {
		s.begin = func() parser { return newCodex(s) }
	}
	return s
}

// Summary is what was read so far.
func (s *Stream) Summary() Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := s.summary
	sum.Skipped = maps.Clone(sum.Skipped)
	return sum
}

// Read reads events.
func (s *Stream) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		if len(s.files) == 0 {
			return 0, io.EOF
		}
		s.lines.Reset()
		s.file(s.files[0])
		s.files = s.files[1:]
		s.rest = s.lines.Bytes()
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// file reads one file. A file that cannot be read is counted and left out.
func (s *Stream) file(f File) {
	in, err := s.open(f.Path)
	if err != nil {
		s.skip("unreadable file")
		return
	}
	defer in.Close()
	p := s.begin()
	lines := bufio.NewReaderSize(in, 256<<10)
	for {
		line, long, err := s.readLine(lines)
		switch line = bytes.TrimSpace(line); {
		case long:
			s.skip("line over 64 MiB")
		case len(line) == 0:
		case !json.Valid(line):
			s.skip("not JSON")
		default:
			p.line(gjson.ParseBytes(line))
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				s.skip("unreadable rest of a file")
			}
			break
		}
	}
	p.end(s.now().Sub(f.Modified) < fresh)
	s.mu.Lock()
	s.summary.Files++
	s.mu.Unlock()
}

// readLine reads a line, which is valid until the next one is read. Of a line that is too long the
// rest is thrown away.
func (s *Stream) readLine(in *bufio.Reader) (line []byte, long bool, err error) {
	s.buffer = s.buffer[:0]
	for {
		part, err := in.ReadSlice('\n')
		if len(s.buffer)+len(part) > maxLine {
			long = true
		} else {
			s.buffer = append(s.buffer, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return s.buffer, long, err
		}
	}
}

func (s *Stream) skip(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.summary.Skipped[reason]++
}

// first reports whether an id comes up for the first time in this stream.
func (s *Stream) first(id [16]byte) bool {
	if s.seen[id] {
		return false
	}
	s.seen[id] = true
	return true
}

// count adds a request to the summary.
func (s *Stream) count(u wire.Usage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.summary.Requests++
	s.summary.Input += u.Input.N
	s.summary.CacheRead += u.CacheRead.N
	s.summary.Output += u.Output.N
}

func (s *Stream) countTool() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.summary.ToolCalls++
}

func (s *Stream) countRepeated() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.summary.Repeated++
}

// idOf is a UUIDv8 made of texts.
func idOf(texts ...string) (id [16]byte) {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	copy(id[:], sum[:])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

func idText(id [16]byte) string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// projectOf is the last name of a folder's path, of any system. The rest is nobody's business.
func projectOf(cwd string) string {
	cwd = strings.TrimRight(cwd, `/\`)
	return strings.Clone(cwd[strings.LastIndexAny(cwd, `/\`)+1:])
}

func timeOf(v gjson.Result) time.Time {
	at, err := time.Parse(time.RFC3339Nano, v.Str)
	if err != nil || at.Year() < 2000 || at.Year() > 9999 {
		return time.Time{}
	}
	return at
}

// text is a text of a line, copied: the line may be megabytes and goes.
func text(v gjson.Result, path string) string { return strings.Clone(v.Get(path).Str) }

// label is text that goes into a property, if it is short enough to be the name of something.
func label(v gjson.Result, path string) string {
	if s := text(v, path); len(s) <= 64 {
		return s
	}
	return ""
}
