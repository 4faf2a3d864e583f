package accesslog

import (
	"slices"
	"time"
)

// maxErrors is how many lines a summary lists; it counts the others.
const maxErrors = 10

// Summary is what was in the logs so far.
type Summary struct {
	Files     int         `json:"files"`
	Lines     int         `json:"lines"`
	Views     int         `json:"page_views"`
	Assets    int         `json:"subresources"`
	Redirects int         `json:"redirects"`
	Failed    int         `json:"failed"`    // answered with 5xx, or not at all
	Other     int         `json:"other"`     // data, files, forms
	Malformed int         `json:"malformed"` // not HTTP
	Notes     int         `json:"notes"`     // lines that are about no request
	Bad       int         `json:"bad"`       // lines that could not be read
	Errors    []LineError `json:"errors"`
	// First and Last are the times of the earliest and the latest request.
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
}

// LineError says what is wrong with one line.
type LineError struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

func newSummary() Summary { return Summary{Errors: []LineError{}} }

// Summary is what was read so far.
func (r *Reader) Summary() Summary {
	s := r.summary
	s.Errors = slices.Clone(s.Errors)
	return s
}

// Plus is what is in both.
func (s Summary) Plus(o Summary) Summary {
	s.Files, s.Lines, s.Views, s.Assets = s.Files+o.Files, s.Lines+o.Lines, s.Views+o.Views, s.Assets+o.Assets
	s.Redirects, s.Failed, s.Other = s.Redirects+o.Redirects, s.Failed+o.Failed, s.Other+o.Other
	s.Malformed, s.Notes, s.Bad = s.Malformed+o.Malformed, s.Notes+o.Notes, s.Bad+o.Bad
	s.Errors = slices.Concat([]LineError{}, s.Errors, o.Errors)
	s.Errors = s.Errors[:min(len(s.Errors), maxErrors)]
	if !o.First.IsZero() {
		s.span(o.First.UnixMicro())
		s.span(o.Last.UnixMicro())
	}
	return s
}

func (s *Summary) leave(k class) {
	switch k {
	case redirect:
		s.Redirects++
	case failed:
		s.Failed++
	default:
		s.Other++
	}
}

// span widens the time that the log is about.
func (s *Summary) span(at int64) {
	if s.First.IsZero() || at < s.First.UnixMicro() {
		s.First = time.UnixMicro(at).UTC()
	}
	if at > s.Last.UnixMicro() {
		s.Last = time.UnixMicro(at).UTC()
	}
}
