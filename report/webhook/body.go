package webhook

import (
	"cmp"
	"encoding/json"
	"time"

	"analytics/report/outbox"
)

// Body is what is sent.
type Body struct {
	Type      string    `json:"type"` // alert, report or test
	Timestamp time.Time `json:"timestamp"`
	Data      Data      `json:"data"`
}

// Data is the message.
type Data struct {
	Channel  string         `json:"channel"`
	Report   string         `json:"report"`
	Period   string         `json:"period"` // of a report; the id of an alert
	Severity string         `json:"severity,omitempty"`
	Title    string         `json:"title"`
	Mood     outbox.Mood    `json:"mood"`
	Lines    []string       `json:"lines"`
	Facts    []outbox.Fact  `json:"facts"`
	Tables   []outbox.Table `json:"tables"`
	Notes    []string       `json:"notes"`
	Place    string         `json:"place,omitempty"`
}

// maxRows is how many rows of a table are sent.
const maxRows = 200

// write is a letter as the body of a channel.
func write(channel string, l outbox.Letter) (json.RawMessage, error) {
	n := l.Note
	b := Body{Type: l.Type(), Timestamp: n.At.UTC(), Data: Data{
		Channel: channel, Report: l.Report, Period: l.Period, Severity: l.Severity, Title: n.Title,
		Mood: cmp.Or(n.Mood, outbox.Calm), Lines: some(n.Lines), Facts: some(n.Facts), Tables: []outbox.Table{},
		Notes: some(n.Small), Place: n.Place,
	}}
	for _, t := range n.Tables {
		t.Columns, t.Rows = some(t.Columns), some(t.Rows[:min(len(t.Rows), maxRows)])
		b.Data.Tables = append(b.Data.Tables, t)
	}
	return json.Marshal(b)
}

// some is a list that is never null.
func some[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
