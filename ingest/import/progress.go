package importer

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress draws a bar on a terminal, and nothing anywhere else. Its measure is bytes of the file,
// packed or not: how many lines are to come nobody knows.
type progress struct {
	bar   *progressbar.ProgressBar
	now   func() time.Time
	begun time.Time
}

func newProgress(w io.Writer, size int64, now func() time.Time) *progress {
	p := &progress{now: now, begun: now()}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions64(size, progressbar.OptionSetWriter(w),
			progressbar.OptionShowBytes(true), progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(20),
			progressbar.OptionSetDescription("importing"))
	}
	return p
}

// at says how far the file was read, and how many events are done.
func (p *progress) at(bytes int64, events int) {
	if p.bar == nil {
		return
	}
	rate := 0
	if took := p.now().Sub(p.begun).Seconds(); took > 0 {
		rate = int(float64(events) / took)
	}
	p.bar.Describe(fmt.Sprintf("%s events, %s/s", grouped(events), grouped(rate)))
	_ = p.bar.Set64(bytes) // beyond the end if the file grew meanwhile: no reason to stop
}

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
