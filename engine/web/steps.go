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

// step is a line of the progress of long work, which goes day by day. The last line has the report,
// or what went wrong.
type step[R any] struct {
	Done   int    `json:"done"`
	Days   int    `json:"days"`
	Report *R     `json:"report,omitempty"`
	Error  string `json:"error,omitempty"`
}

// Steps does long work and answers with its report, or if it shall tell, with a line of NDJSON for
// each day before it. What goes wrong before the first day is an error as ever; later the status is
// sent, and it is the last line.
func Steps[R any](w http.ResponseWriter, tell bool, work func(progress func(done, days int)) (*R, error)) error {
	if !tell {
		report, err := work(func(int, int) {})
		if err != nil {
			return err
		}
		return JSON(w, http.StatusOK, report)
	}
	w.Header().Set("Content-Type", ContentType("ndjson"))
	lines, control := json.NewEncoder(w), http.NewResponseController(w)
	began := false
	report, err := work(func(done, days int) {
		began = true
		_ = lines.Encode(step[R]{Done: done, Days: days}) // who left is noticed between two days
		_ = control.Flush()
	})
	switch {
	case err != nil && !began:
		return err
	case err != nil:
		return lines.Encode(step[R]{Error: fault.Of(err).Message})
	}
	return lines.Encode(step[R]{Report: report})
}

// Follow reads what Steps tells, with a bar on the terminal that out may be, until the report comes.
func Follow[R any](out io.Writer, answer io.Reader) (*R, error) {
	var bar *progressbar.ProgressBar
	lines := bufio.NewScanner(answer)
	lines.Buffer(nil, maxReport)
	for lines.Scan() {
		var s step[R]
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return nil, err
		}
		switch {
		case s.Error != "":
			return nil, fault.New(fault.Unavailable, "cut_short", "%s; the same command finishes the rest", s.Error)
		case s.Report != nil:
			if bar != nil {
				_ = bar.Finish()
			}
			return s.Report, nil
		case bar == nil:
			bar = Bar(out, s.Days, "days")
		}
		_ = bar.Set(s.Done)
	}
	return nil, fault.New(fault.Unavailable, "cut_short",
		"it broke off; the same command finishes the rest").Wrap(lines.Err())
}

// Bar shows the progress of n things, if out is a terminal and there are several.
func Bar(out io.Writer, n int, of string) *progressbar.ProgressBar {
	f, ok := out.(*os.File)
	return progressbar.NewOptions(n, progressbar.OptionSetWriter(out),
		progressbar.OptionSetVisibility(ok && term.IsTerminal(int(f.Fd())) && n > 1),
		progressbar.OptionSetDescription(of), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
}
