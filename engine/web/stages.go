package web

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"analytics/engine/fault"
)

// stage is a line of the progress of work that goes in stages, each with its own count. The last line
// has the report, or the fault as an error answer has it.
type stage[R any] struct {
	Stage  string     `json:"stage,omitempty"`
	Done   int64      `json:"done,omitempty"`
	Total  int64      `json:"total,omitempty"`
	Report *R         `json:"report,omitempty"`
	Error  *errorLine `json:"error,omitempty"`
}

type errorLine struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
	Status  int    `json:"status"`
}

// Tell is told how far a stage of long work is.
type Tell = func(stage string, done, total int64)

// Stages does long work and answers with lines of NDJSON: how far it is, and last its report or what
// went wrong. What goes wrong before the first line is an error as ever. Who leaves ends the work,
// whose context is the request's.
func Stages[R any](w http.ResponseWriter, work func(tell Tell) (*R, error)) error {
	lines, control := json.NewEncoder(w), http.NewResponseController(w)
	began := false
	report, err := work(func(name string, done, total int64) {
		if !began {
			w.Header().Set("Content-Type", ContentType("ndjson"))
			began = true
		}
		_ = lines.Encode(stage[R]{Stage: name, Done: done, Total: total})
		_ = control.Flush()
	})
	switch {
	case err != nil && !began:
		return err
	case err != nil:
		f := fault.Of(err)
		return lines.Encode(stage[R]{Error: &errorLine{f.Code, f.Message, f.Field, fault.Status(err)}})
	}
	w.Header().Set("Content-Type", ContentType("ndjson"))
	return lines.Encode(stage[R]{Report: report})
}

// FollowStages reads what Stages tells, with a bar on the terminal that out may be, until the report
// comes.
func FollowStages[R any](out io.Writer, answer io.Reader) (*R, error) {
	bar := StageBar(out)
	defer bar("", 0, 0)
	lines := bufio.NewScanner(answer)
	lines.Buffer(nil, maxReport)
	for lines.Scan() {
		var s stage[R]
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return nil, err
		}
		switch e := s.Error; {
		case e != nil:
			return nil, fault.At(fault.FromStatus(e.Status, e.Code), e.Code, e.Field, "%s", e.Message)
		case s.Report != nil:
			return s.Report, nil
		}
		bar(s.Stage, s.Done, s.Total)
	}
	return nil, fault.New(fault.Unavailable, "cut_short", "it broke off; run it again").Wrap(lines.Err())
}

// StageBar shows how far each stage is in bytes, if out is a terminal; an empty stage clears it.
func StageBar(out io.Writer) Tell {
	f, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(string, int64, int64) {}
	}
	var bar *progressbar.ProgressBar
	last := ""
	return func(name string, done, total int64) {
		if name != last {
			if bar != nil {
				_ = bar.Clear()
			}
			bar, last = nil, name
		}
		if name == "" {
			return
		}
		if bar == nil {
			bar = progressbar.NewOptions64(max(total, 1), progressbar.OptionSetWriter(out),
				progressbar.OptionSetDescription(name), progressbar.OptionClearOnFinish())
		}
		bar.ChangeMax64(max(total, done, 1))
		_ = bar.Set64(done)
	}
}
