package trail

import (
	"cmp"
	"encoding/json"
	"strconv"
	"time"

	"analytics/engine/event"
	"analytics/query/answer"
	"analytics/query/catalog"
)

// reader reads one row of a list by the names of its columns.
type reader struct {
	row []any
	at  map[string]int
}

func (r reader) cell(name string) any {
	if i, ok := r.at[name]; ok {
		return r.row[i]
	}
	return nil
}

func (r reader) text(name string) string {
	s, _ := r.cell(name).(string)
	return s
}

// step makes a step of the row.
func (r reader) step() *Step {
	s := &Step{
		Type: r.text("type"), ID: r.text("id"), What: r.text("subject"), Agent: r.text("agent"),
		Who:      cmp.Or(r.text("actor"), r.text("user_id"), r.text("agent")),
		Severity: r.text("severity"), Error: r.text("error_type"),
		span: r.text("span_id"), parent: r.text("parent_span_id"),
	}
	s.Time, _ = r.cell("timestamp").(time.Time)
	if c := r.text("category"); c != "" {
		s.What = c + " " + s.What
	}
	if d, ok := r.cell("duration_ms").(float64); ok {
		s.DurationMS = &d
	}
	if c, ok := r.cell("cost").(event.NanoUSD); ok {
		n := json.Number(answer.AppendMoney(nil, c))
		s.Cost = &n
	}
	if n, ok := r.cell("total_tokens").(int64); ok {
		s.Tokens = &n
	}
	success, known := r.cell("success").(bool)
	s.failed = known && !success
	s.Outcome = cmp.Or(r.text("outcome"), r.text("status"))
	switch {
	case s.Outcome != "" || !known:
	case success:
		s.Outcome = "ok"
	default:
		s.Outcome = "failed"
	}
	if code, ok := r.cell("status_code").(int64); ok && s.failed && s.Error == "" {
		s.Error = strconv.FormatInt(code, 10)
	}
	return s
}

// fields is everything the row has, as an object of JSON in the order of the columns.
func (r reader) fields(cols []answer.Column) json.RawMessage {
	b := []byte{'{'}
	for i, c := range cols {
		if r.row[i] == nil || c.Name == "subject" {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(answer.AppendString(b, c.Name), ':')
		b = answer.AppendCell(b, r.row[i])
	}
	return append(b, '}')
}

// Flat is the trail as a table, callers before what they called.
func (t *Trail) Flat() *answer.Answer {
	field := func(name string, typ catalog.Type, unit string) answer.Column {
		return answer.Column{Name: name, Kind: answer.KindField, Type: typ, Unit: unit}
	}
	a := &answer.Answer{Columns: []answer.Column{
		field("timestamp", catalog.Time, ""), field("offset_ms", catalog.Number, "ms"),
		field("depth", catalog.Integer, ""), field("type", catalog.String, ""),
		field("id", catalog.String, ""), field("who", catalog.String, ""),
		field("what", catalog.String, ""), field("outcome", catalog.String, ""),
		field("severity", catalog.String, ""), field("error", catalog.String, ""),
		field("duration_ms", catalog.Number, "ms"), field("cost", catalog.Decimal, "USD"),
		field("total_tokens", catalog.Integer, "tokens"),
	}}
	t.Walk(func(s *Step, depth int) {
		row := []any{
			s.Time, s.OffsetMS, int64(depth), s.Type, s.ID, orNil(s.Who), orNil(s.What),
			orNil(s.Outcome), orNil(s.Severity), orNil(s.Error), nil, nil, nil,
		}
		if s.DurationMS != nil {
			row[10] = *s.DurationMS
		}
		if s.Cost != nil {
			if v, err := answer.ParseMoney(string(*s.Cost)); err == nil {
				row[11] = v
			}
		}
		if s.Tokens != nil {
			row[12] = *s.Tokens
		}
		a.Rows = append(a.Rows, row)
	})
	return a
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}
