package importer

import (
	"cmp"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/ingest/accesslog"
	"analytics/ingest/agentlogs"
)

// openLogs opens the logs of a coding agent: in the given files, folders and globs, or else where the
// agent keeps them.
func openLogs(agent string, given []string, now func() time.Time) (*source, error) {
	if !slices.Contains(agentlogs.Agents(), agent) {
		return nil, fault.At(fault.Invalid, "invalid_flag", "from", "--from is %s or %s, not %q",
			strings.Join(accesslog.Names(), ", "), strings.Join(agentlogs.Agents(), " or "), agent)
	}
	home, err := os.UserHomeDir()
	if err != nil && len(given) == 0 {
		return nil, fault.New(fault.Invalid, "no_home", "name the folder with the logs: there is no home folder")
	}
	files, err := agentlogs.Find(agent, given, agentlogs.Places(agent, home, os.Getenv))
	if err != nil {
		return nil, err
	}
	s := new(source)
	for _, f := range files {
		s.size += f.Size
	}
	s.logs = agentlogs.NewStream(agent, files, s.openLog, now)
	s.lines = s.logs
	return s, nil
}

// log is one file of logs, unpacked.
type log struct {
	io.ReadCloser
	file *os.File
}

func (l log) Close() error {
	_ = l.ReadCloser.Close()
	return l.file.Close()
}

func (s *source) openLog(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := unpacked(&counter{f, &s.read})
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return log{text, f}, nil
}

// look reads logs without sending anything.
func look(name string, src *source, now func() time.Time) (*Report, error) {
	begun := now()
	_, cut := io.Copy(io.Discard, src.lines)
	if cut != nil && fault.Of(cut).Code != accesslog.CutFile {
		return nil, cut
	}
	r := &Report{File: name, Errors: []LineError{}, DryRun: true}
	r.logged(src)
	r.finish(nil, now().Sub(begun))
	return r, cmp.Or(cut, nothingRead(r.Access))
}
