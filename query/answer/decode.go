package answer

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/query/catalog"
)

// wire is an answer as JSON has it.
type wire struct {
	Columns []struct {
		Name string       `json:"name"`
		Kind string       `json:"kind"`
		Type catalog.Type `json:"type"`
		Unit string       `json:"unit"` // in the order of Column
	} `json:"columns"`
	Rows   []map[string]json.RawMessage `json:"rows"`
	Totals map[string]json.RawMessage   `json:"totals"`
	Meta   struct {
		From       time.Time          `json:"from"`
		To         time.Time          `json:"to"`
		TZ         string             `json:"tz"`
		Interval   string             `json:"interval"`
		Exact      bool               `json:"exact"`
		Errors     map[string]float64 `json:"relative_error"`
		Resolution string             `json:"resolution"`
		Sampled    struct {
			Kept     int64    `json:"kept"`
			StandFor int64    `json:"stand_for"`
			Scaled   []string `json:"scaled"`
			Unscaled []string `json:"unscaled"` // in the order of Sampled
		} `json:"sampled"`
		Notes    []string `json:"notes"`
		Groups   int      `json:"groups"`
		Next     string   `json:"next"`
		Compared struct {
			From time.Time `json:"from"`
			To   time.Time `json:"to"`
		} `json:"compared"`
	} `json:"meta"`
}

// Decode reads an answer as WriteJSON writes it. Sources, watermark and elapsed time are left out:
// they are for who reads the JSON itself.
func Decode(r io.Reader) (*Answer, error) {
	a := &Answer{}
	if err := json.NewDecoder(r).Decode(a); err != nil {
		return nil, fmt.Errorf("this is not an answer: %w", err)
	}
	return a, nil
}

// UnmarshalJSON reads an answer, see Decode.
func (a *Answer) UnmarshalJSON(b []byte) error {
	var w wire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	m := w.Meta
	*a = Answer{Meta: Meta{
		From: m.From, To: m.To, TZ: m.TZ, Interval: m.Interval, Exact: m.Exact, Errors: m.Errors,
		Resolution: m.Resolution, Sampled: Sampled(m.Sampled), Notes: m.Notes, Groups: m.Groups, Next: m.Next,
		ComparedFrom: m.Compared.From, ComparedTo: m.Compared.To,
	}}
	for _, c := range w.Columns {
		a.Columns = append(a.Columns, Column(c))
	}
	if w.Totals != nil {
		a.Totals = map[string]any{}
	}
	for _, c := range a.Columns {
		if raw, ok := w.Totals[c.Name]; ok {
			cell, err := c.decode(raw)
			if err != nil {
				return err
			}
			a.Totals[c.Name] = cell
		}
	}
	for _, from := range w.Rows {
		row := make([]any, len(a.Columns))
		for i, c := range a.Columns {
			var err error
			if row[i], err = c.decode(from[c.Name]); err != nil {
				return err
			}
		}
		a.Rows = append(a.Rows, row)
	}
	if zone, err := time.LoadLocation(m.TZ); err == nil {
		a.in(zone)
	}
	return nil
}

// in puts moments into the zone of the answer: as text they have its offset alone, which does not tell when
// summer time ends.
func (a *Answer) in(zone *time.Location) {
	for _, t := range []*time.Time{&a.Meta.From, &a.Meta.To, &a.Meta.ComparedFrom, &a.Meta.ComparedTo} {
		if !t.IsZero() {
			*t = t.In(zone)
		}
	}
	for i, c := range a.Columns {
		if c.Type != catalog.Time {
			continue
		}
		for _, row := range a.Rows {
			if t, ok := row[i].(time.Time); ok {
				row[i] = t.In(zone)
			}
		}
		if t, ok := a.Totals[c.Name].(time.Time); ok {
			a.Totals[c.Name] = t.In(zone)
		}
	}
}

// decode reads a cell in the type of its column. A text where a number should be stays text: it
// stands for all small groups.
func (c *Column) decode(raw json.RawMessage) (any, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	if raw[0] == '{' || raw[0] == '[' {
		return Raw(raw), nil
	}
	if raw[0] == '"' {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil || c.Type != catalog.Time {
			return s, err
		}
		t, err := time.Parse(time.RFC3339Nano, s)
		return t, err
	}
	switch c.Type {
	case catalog.Decimal:
		return ParseMoney(string(raw))
	case catalog.Number:
		var f float64
		err := json.Unmarshal(raw, &f)
		return f, err
	case catalog.Boolean:
		var b bool
		err := json.Unmarshal(raw, &b)
		return b, err
	}
	var n int64
	err := json.Unmarshal(raw, &n)
	return n, err
}

// ParseMoney reads a decimal as AppendMoney writes it.
func ParseMoney(text string) (event.NanoUSD, error) {
	whole, part, _ := strings.Cut(text, ".")
	if len(part) > 9 {
		return 0, fmt.Errorf("%q is finer than a nano-USD", text)
	}
	n, err := strconv.ParseInt(whole+part+"000000000"[len(part):], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not an amount of money", text)
	}
	return event.NanoUSD(n), nil
}
