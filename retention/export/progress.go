package export

import (
	"bytes"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows on a terminal how far an export is: in events where lines can be counted, else in
// bytes. Anywhere else it shows nothing.
type progress struct {
	bar   *progressbar.ProgressBar
	text  bool
	lines int64
	bytes int64
}

// newProgress begins. total is how many lines come, -1 if that is not known.
func newProgress(w io.Writer, format string, total int64) *progress {
	p := &progress{text: format != "parquet"}
	if !isTerminal(w) {
		return p
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("exporting"),
		progressbar.OptionThrottle(100 * time.Millisecond), progressbar.OptionClearOnFinish(),
		progressbar.OptionShowCount(),
	}
	if p.text {
		p.bar = progressbar.NewOptions64(max(total, -1),
			append(options, progressbar.OptionShowIts(),
				progressbar.OptionSetItsString("events"))...)
	} else {
		p.bar = progressbar.NewOptions64(-1, append(options, progressbar.OptionShowBytes(true))...)
	}
	return p
}

// Write counts what passes.
func (p *progress) Write(b []byte) (int, error) {
	step := len(b)
	p.bytes += int64(step)
	if p.text {
		step = bytes.Count(b, []byte{'\n'})
		p.lines += int64(step)
	}
	if p.bar != nil {
		_ = p.bar.Add(step) // past its end when the estimate was low: no reason to stop
	}
	return len(b), nil
}

// end clears the bar.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
