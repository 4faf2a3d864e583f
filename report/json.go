package report

import (
	"encoding/json"
	"time"

	"analytics/query/answer"
)

// MarshalJSON is the report for programs: the same tables, with numbers as numbers.
func (r *Report) MarshalJSON() ([]byte, error) {
	sections := make([]json.RawMessage, len(r.Sections))
	for i := range r.Sections {
		sections[i] = r.Sections[i].json()
	}
	return json.Marshal(struct {
		Report   string            `json:"report"`
		Title    string            `json:"title"`
		Date     string            `json:"date"`   // 2026-11-20, 2026-W47 or 2026-11
		Period   Unit              `json:"period"` // day, week or month
		TZ       string            `json:"tz"`
		From     time.Time         `json:"from"`
		To       time.Time         `json:"to"`
		Written  time.Time         `json:"written"`
		Partial  bool              `json:"partial"`
		Headline []string          `json:"headline"`
		Chart    *Picture          `json:"chart"` // null if there is nothing to see
		Sections []json.RawMessage `json:"sections"`
		Notes    []string          `json:"notes"`
	}{
		r.Name, r.Title, r.Span.Key, r.Span.Unit, r.Span.Zone.String(), r.Span.From, r.Span.To, r.Written.UTC(),
		r.Partial, notNil(r.Headline), r.shown(), sections, notNil(r.Notes),
	})
}

// json is {"title":…,"rows":[{"model":…,"cost":…}]}; money stays exact.
func (s *Section) json() json.RawMessage {
	b := answer.AppendString([]byte(`{"title":`), s.Title)
	if s.Note != "" {
		b = answer.AppendString(append(b, `,"note":`...), s.Note)
	}
	b = append(b, `,"rows":[`...)
	for i, row := range s.Rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		for j, c := range row {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(answer.AppendString(b, s.Columns[j].Key), ':')
			b = answer.AppendCell(b, plain(c))
		}
		b = append(b, '}')
	}
	return append(b, "]}"...)
}

func notNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
