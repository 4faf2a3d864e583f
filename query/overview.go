package query

import (
	"bytes"
	"context"
	"io"
	"net/url"

	"analytics/engine/store"
	"analytics/query/answer"
	"analytics/query/catalog"
)

// Section is one answer of the overview.
type Section struct {
	Name   string
	Title  string
	Answer *Answer
}

// Overview is several answers under their names.
type Overview []Section

// sections are the questions of the overview.
var sections = []struct {
	name, title string
	question    Question
	trend       bool
}{
	{"requests", "AI requests", Question{Compare: "previous", Metrics: []string{
		"requests", "errors", "success_rate", "cost", "unpriced_requests", "total_tokens", "users",
		"avg_duration_ms", "p95_duration_ms",
	}}, false},
	{"trend", "Over time", Question{Metrics: []string{"requests", "errors", "cost"}}, true},
	{"models", "Models by cost", Question{
		Metrics: []string{"cost", "requests", "total_tokens"}, By: []string{"model"}, Order: "-cost",
		Limit: 5, Share: true,
	}, false},
	{"tools", "Tools", Question{
		Metrics: []string{"tool_calls", "errors", "avg_duration_ms"}, By: []string{"tool"},
		Order: "-tool_calls", Limit: 5,
	}, false},
	{"agents", "Agents", Question{
		Metrics: []string{"agent_tasks", "errors"}, By: []string{"agent"}, Order: "-agent_tasks",
		Limit: 5,
	}, false},
	{"traffic", "Web traffic", Question{Compare: "previous", Metrics: []string{
		"page_views", "visitors", "sessions", "avg_time_on_page_seconds", "avg_scroll_depth",
	}}, false},
	{"pages", "Pages", Question{
		Metrics: []string{"page_views", "visitors"}, By: []string{"path"}, Order: "-page_views",
		Limit: 5,
	}, false},
	{"activity", "Activity", Question{
		Metrics: []string{"activities"}, By: []string{"category"}, Order: "-activities", Limit: 5,
	}, false},
}

// Overview answers all sections for one range. A filter applies to the sections whose events have
// what it names; the others are left out.
func (d *Desk) Overview(
	ctx context.Context, tenant store.Tenant, values url.Values,
) (Overview, error) {
	known := append(common[:len(common):len(common)], hidden...)
	p, err := readParams(values, known, d.now(), d.zone)
	if err != nil {
		return nil, err
	}
	var all Overview
	var refused error
	for _, s := range sections {
		q, err := p.question(s.question, "24h")
		if err != nil {
			return nil, err
		}
		if s.trend {
			q.Interval = q.interval()
		}
		if _, err := d.plan(q); err != nil && q.Filter != "" {
			refused = err
			continue
		}
		a, err := d.Answer(ctx, tenant, q)
		if err != nil {
			return nil, err
		}
		all = append(all, Section{s.name, s.title, a})
	}
	if len(all) == 0 {
		return nil, refused
	}
	return all, nil
}

// MarshalJSON writes an object of answers in the order of the sections.
func (o Overview) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, s := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(append(answer.AppendString(nil, s.Name), ':'))
		if err := s.Answer.WriteJSON(&b); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// WriteJSON writes the overview as MarshalJSON does.
func (o Overview) WriteJSON(w io.Writer) error {
	b, err := o.MarshalJSON()
	if err == nil {
		_, err = w.Write(b)
	}
	return err
}

// Flat is the overview as one table, for formats that have no place for several: a line for each
// number.
func (o Overview) Flat() *Answer {
	flat := &Answer{Columns: []Column{
		{Name: "section", Kind: answer.KindDimension, Type: catalog.String},
		{Name: "item", Kind: answer.KindDimension, Type: catalog.String},
		{Name: "metric", Kind: answer.KindDimension, Type: catalog.String},
		{Name: "value", Kind: answer.KindMetric, Type: catalog.Number},
	}}
	for _, s := range o {
		if s.Answer.Meta.Interval != "" {
			continue // costs trends and requests trends have that as a table of its own
		}
		for _, row := range s.Answer.Rows {
			item := any(nil)
			for i, c := range s.Answer.Columns {
				if c.Kind != answer.KindMetric {
					item = row[i]
					continue
				}
				flat.Rows = append(flat.Rows, []any{s.Name, item, c.Name, row[i]})
			}
		}
		flat.Meta = s.Answer.Meta
	}
	return flat
}
