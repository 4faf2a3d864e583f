package importer

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"analytics/ingest/accesslog"
	"analytics/ingest/agentlogs"
)

// maxErrors is how many problems a report lists; it counts the others.
const maxErrors = 100

// shownErrors is how many of them people get to see.
const shownErrors = 10

// Report says what became of a file.
type Report struct {
	File       string      `json:"file"`
	Accepted   int         `json:"accepted"`
	Duplicates int         `json:"duplicates"`
	Rejected   int         `json:"rejected"`
	Dropped    int         `json:"dropped_fields"`
	Sampled    int         `json:"sampled"`
	Errors     []LineError `json:"errors"`
	// NextLine is the first line that may not have been sent, if the run was stopped.
	NextLine  int     `json:"next_line"`
	ElapsedMS int64   `json:"elapsed_ms"`
	Rate      float64 `json:"events_per_second"`
	// Logs is what was in the files of a coding agent.
	Logs *agentlogs.Summary `json:"logs,omitempty"`
	// Access is what was in the logs of a web server.
	Access *accesslog.Summary `json:"access_log,omitempty"`
	// DryRun says that nothing was sent.
	DryRun bool `json:"dry_run,omitempty"`

	unit    string // what Line counts: lines, or events of an array
	batches int    // done without a gap
}

// LineError says what is wrong with one line.
type LineError struct {
	Line    int    `json:"line"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// finish puts the report in order.
func (r *Report) finish(tooBig []int, took time.Duration) {
	for _, line := range tooBig {
		r.Rejected++
		r.Errors = append(r.Errors, LineError{line, "too_large", "the line is over 4 MiB"})
	}
	slices.SortStableFunc(r.Errors, func(a, b LineError) int { return a.Line - b.Line })
	r.Errors = r.Errors[:min(len(r.Errors), maxErrors)]
	r.ElapsedMS = took.Milliseconds()
	if took > 0 {
		r.Rate = float64(int(float64(r.events()) / took.Seconds()))
	}
}

// logged adds what was in the logs, if the events were made of some.
func (r *Report) logged(s *source) {
	if s.logs != nil {
		sum := s.logs.Summary()
		r.Logs = &sum
	}
	if s.access != nil {
		sum := s.access.Summary()
		r.Access = &sum
	}
}

func (r *Report) events() int { return r.Accepted + r.Duplicates + r.Rejected + r.Sampled }

// Text writes the report for people.
func (r *Report) Text(w io.Writer) error {
	var err error
	line := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(w, format+"\n", args...)
		}
	}
	took := time.Duration(r.ElapsedMS) * time.Millisecond
	if r.DryRun {
		line("%s: read in %s; nothing was sent", r.File, took)
	} else {
		line("%s: %s events in %s (%s a second)", r.File, grouped(r.events()), took, grouped(int(r.Rate)))
		line("  accepted    %12s", grouped(r.Accepted))
		line("  duplicates  %12s", grouped(r.Duplicates))
		line("  rejected    %12s", grouped(r.Rejected))
	}
	if r.Logs != nil {
		r.textOfLogs(line)
	}
	if r.Access != nil {
		r.textOfAccess(line)
	}
	if r.Sampled > 0 {
		line("  sampled     %12s  left out by analytics.sampling_rate", grouped(r.Sampled))
	}
	if r.Dropped > 0 {
		line("  %s unknown fields were dropped", grouped(r.Dropped))
	}
	for i, e := range r.Errors {
		if i == shownErrors {
			break
		}
		line("  %s %d: %s: %s", r.unit, e.Line, e.Code, e.Message)
	}
	if more := r.Rejected - shownErrors; more > 0 && len(r.Errors) > shownErrors {
		line("  … and %s more; --json lists the first %d", grouped(more), maxErrors)
	}
	return err
}

// textOfLogs says what was in the files.
func (r *Report) textOfLogs(line func(format string, args ...any)) {
	l := r.Logs
	line("  files       %12s", grouped(l.Files))
	line("  requests    %12s  and %s tool calls", grouped(l.Requests), grouped(l.ToolCalls))
	line("  tokens      %12s  in, of which %s were cached, and %s out",
		grouped(int(l.Input)), grouped(int(l.CacheRead)), grouped(int(l.Output)))
	if l.Repeated > 0 {
		line("  repeated    %12s  requests were in the files once more, and count once", grouped(l.Repeated))
	}
	for _, reason := range slices.Sorted(maps.Keys(l.Skipped)) {
		line("  skipped     %12s  %s", grouped(l.Skipped[reason]), reason)
	}
}

// textOfAccess says what the requests in the files were for.
func (r *Report) textOfAccess(line func(format string, args ...any)) {
	a := r.Access
	line("  files       %12s", grouped(a.Files))
	line("  lines       %12s", grouped(a.Lines))
	line("  page views  %12s", grouped(a.Views))
	for _, left := range [...]struct {
		n    int
		name string
		what string
	}{
		{a.Assets, "parts", "styles, scripts and pictures: evidence of a browser, not stored"},
		{a.Redirects, "redirects", "lead to a page and are none"},
		{a.Other, "other", "data, files and forms, which are no pages"},
		{a.Failed, "failed", "5xx, or no answer at all"},
		{a.Malformed, "malformed", "no HTTP"},
		{a.Notes, "notes", "lines that are about no request"},
		{a.Bad, "unreadable", "lines"},
	} {
		if left.n > 0 {
			line("  %-11s %12s  %s", left.name, grouped(left.n), left.what)
		}
	}
	if !a.First.IsZero() {
		line("  from %s to %s", a.First.Format(time.RFC3339), a.Last.Format(time.RFC3339))
	}
	for _, e := range a.Errors {
		line("  %s line %d %s", e.File, e.Line, e.Message)
	}
	if more := a.Bad - len(a.Errors); more > 0 {
		line("  … and %s more", grouped(more))
	}
}

// grouped is a number with commas, as in 1,234,567.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
