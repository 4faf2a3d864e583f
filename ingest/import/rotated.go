package importer

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// piece is a file that is over, and where reading it begins. It is open, as its name may be another
// file's before it is its turn.
type piece struct {
	file *os.File
	from int64
}

// What logrotate and its kin put behind a log's name, or before its ending: access.log.1,
// access.log-20261121.gz, access.log.2026-11-21_10-00; access.1.log, and access-2026-11-21T10-00-00.123.log.gz
// as Caddy does. Before the ending a number is a date or stands behind a dot: access-2.log is another log.
var (
	behind = regexp.MustCompile(`^[.-][0-9][0-9T._:-]{0,31}$`)
	within = regexp.MustCompile(`^(\.[0-9]{1,4}|[.-][0-9]{4}-?[0-9]{2}-?[0-9]{2}[0-9T._:-]{0,23})$`)
)

// was reports whether a file of that name is what a log was before.
func was(log, name string) bool {
	for _, packed := range []string{".gz", ".zst"} {
		name = strings.TrimSuffix(name, packed)
	}
	if rest, ok := strings.CutPrefix(name, log); ok {
		return behind.MatchString(rest)
	}
	ending := filepath.Ext(log)
	rest, ok := strings.CutPrefix(name, strings.TrimSuffix(log, ending))
	rest, ends := strings.CutSuffix(rest, ending)
	return ok && ends && ending != "" && within.MatchString(rest)
}

// before is a file that a log was before.
type before struct {
	path string
	info os.FileInfo
}

// rotated lists what a log was before, the oldest first, without the given files.
func rotated(log string, without ...os.FileInfo) []before {
	folder, base := filepath.Split(log)
	entries, _ := os.ReadDir(filepath.Clean(folder + ".")) // what cannot be listed is not there
	var all []before
	for _, e := range entries {
		if !was(base, e.Name()) {
			continue
		}
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() &&
			!slices.ContainsFunc(without, func(f os.FileInfo) bool { return os.SameFile(f, info) }) {
			all = append(all, before{filepath.Join(folder, e.Name()), info})
		}
	}
	slices.SortFunc(all, func(a, b before) int { return a.info.ModTime().Compare(b.info.ModTime()) })
	return all
}

// missed opens what is to be read of a log's former files: from a position on, and all that is newer
// but the live one, which may be renamed right now.
// It is not found if none of them is the one the position is in.
func missed(log string, p *position, live ...os.FileInfo) (pieces []piece, found bool) {
	for _, b := range rotated(log, live...) {
		f, err := os.Open(b.path)
		if err != nil {
			continue
		}
		first, size := beginning(f)
		switch same := p.of(first); {
		case same && !found && (size < 0 || size >= p.Offset):
			pieces, found = append(pieces, piece{f, p.Offset}), true
		case found && !same: // a copy of the same says nothing new
			pieces = append(pieces, piece{f, 0})
		default:
			_ = f.Close()
		}
	}
	return pieces, found
}

// newerThan opens the former files of a log that were written after one of them: it was rotated more
// than once before anybody looked. A copy of that one is none.
func newerThan(log string, p *position, old os.FileInfo, live ...os.FileInfo) (pieces []piece) {
	for _, b := range rotated(log, append(live, old)...) {
		if !b.info.ModTime().After(old.ModTime()) {
			continue
		}
		f, err := os.Open(b.path)
		if err != nil {
			continue
		}
		if first, _ := beginning(f); p.of(first) {
			_ = f.Close()
			continue
		}
		pieces = append(pieces, piece{f, 0})
	}
	return pieces
}

// beginning is the first bytes of a file, unpacked, and its size, -1 if it is packed. The file is then
// at its beginning again.
func beginning(f *os.File) (first []byte, size int64) {
	defer func() { _, _ = f.Seek(0, io.SeekStart) }()
	text, err := unpacked(f)
	if err != nil {
		return nil, 0
	}
	defer text.Close()
	first = make([]byte, headBytes)
	n, _ := io.ReadFull(text, first)
	size = -1
	if ext := filepath.Ext(f.Name()); ext != ".gz" && ext != ".zst" {
		if info, err := f.Stat(); err == nil {
			size = info.Size()
		}
	}
	return first[:n], size
}

// skip reads over the beginning of a file, and lets the headers in it be seen.
func skip(in *bufio.Reader, to int64, header func(line []byte)) (first []byte, err error) {
	for at := int64(0); at < to; {
		line, err := in.ReadSlice('\n')
		if room := headBytes - len(first); room > 0 {
			first = append(first, line[:min(room, len(line))]...)
		}
		at += int64(len(line))
		if err == nil {
			header(line)
		} else if err != bufio.ErrBufferFull {
			return first, err
		}
	}
	return first, nil
}
