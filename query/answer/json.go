package answer

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"analytics/engine/event"
)

// WriteJSON writes the answer as one JSON object. Rows leave in blocks, so that a long answer costs
// no second copy of itself.
func (a *Answer) WriteJSON(w io.Writer) error {
	b := append(make([]byte, 0, block+4<<10), `{"columns":[`...)
	for i, c := range a.Columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = c.appendJSON(b)
	}
	b = append(b, `],"rows":[`...)
	for i, row := range a.Rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = a.appendRow(b, row)
		if len(b) > block {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	b = append(b, `],"totals":`...)
	b = a.appendTotals(b)
	b = append(b, `,"meta":`...)
	b = a.Meta.appendJSON(b)
	_, err := w.Write(append(b, '}'))
	return err
}

// MarshalJSON is the answer as WriteJSON writes it.
func (a *Answer) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	err := a.WriteJSON(&b)
	return b.Bytes(), err
}

// WriteNDJSON writes each row as a JSON object on a line of its own.
func (a *Answer) WriteNDJSON(w io.Writer) error { return a.Write(w, "ndjson") }

// lineWriter writes the lines.
type lineWriter struct {
	out  io.Writer
	of   *Answer // whose columns the rows have
	text []byte
}

// Row writes a row.
func (l *lineWriter) Row(row []any) error {
	l.text = append(l.of.appendRow(l.text, row), '\n')
	if len(l.text) < block {
		return nil
	}
	return l.Close()
}

// Close writes what is left.
func (l *lineWriter) Close() error {
	_, err := l.out.Write(l.text)
	l.text = l.text[:0]
	return err
}

func (c *Column) appendJSON(b []byte) []byte {
	b = append(append(b, `{"name":`...), quoted(c.Name)...)
	b = append(append(b, `,"kind":`...), quoted(c.Kind)...)
	b = append(append(b, `,"type":`...), quoted(string(c.Type))...)
	if c.Unit != "" {
		b = append(append(b, `,"unit":`...), quoted(c.Unit)...)
	}
	return append(b, '}')
}

func (a *Answer) appendRow(b []byte, row []any) []byte {
	b = append(b, '{')
	for i, cell := range row {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(AppendString(b, a.Columns[i].Name), ':')
		b = AppendCell(b, cell)
	}
	return append(b, '}')
}

// appendTotals writes the totals in the order of the columns and behind them those that are no column, null
// where the answer is a list.
func (a *Answer) appendTotals(b []byte) []byte {
	if a.Totals == nil {
		return append(b, "null"...)
	}
	names := make([]string, 0, len(a.Totals))
	for _, c := range a.Columns {
		if _, ok := a.Totals[c.Name]; ok {
			names = append(names, c.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Totals)) {
		if a.Column(name) < 0 {
			names = append(names, name)
		}
	}
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(AppendString(b, name), ':')
		b = AppendCell(b, a.Totals[name])
	}
	return append(b, '}')
}

func (m *Meta) appendJSON(b []byte) []byte {
	b = append(append(b, `{"from":`...), stamp(m.From)...)
	b = append(append(b, `,"to":`...), stamp(m.To)...)
	b = append(append(b, `,"tz":`...), quoted(m.TZ)...)
	b = append(append(b, `,"interval":`...), orNull(m.Interval)...)
	if !m.ComparedFrom.IsZero() {
		b = append(append(b, `,"compared":{"from":`...), stamp(m.ComparedFrom)...)
		b = append(append(append(b, `,"to":`...), stamp(m.ComparedTo)...), '}')
	}
	b = strconv.AppendBool(append(b, `,"exact":`...), m.Exact)
	if len(m.Errors) > 0 {
		names := make([]string, 0, len(m.Errors))
		for name := range m.Errors {
			names = append(names, name)
		}
		slices.Sort(names)
		b = append(b, `,"relative_error":{`...)
		for i, name := range names {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(AppendString(b, name), ':')
			b = appendFloat(b, m.Errors[name])
		}
		b = append(b, '}')
	}
	if m.Resolution != "" {
		b = append(append(b, `,"resolution":`...), quoted(m.Resolution)...)
	}
	if m.Sampled.Kept > 0 {
		b = append(append(b, `,"sampled":`...), m.Sampled.appendJSON(nil)...)
	}
	if len(m.Notes) > 0 {
		notes, _ := json.Marshal(m.Notes)
		b = append(append(b, `,"notes":`...), notes...)
	}
	if m.Groups > 0 {
		b = strconv.AppendInt(append(b, `,"groups":`...), int64(m.Groups), 10)
	}
	if m.Next != "" {
		b = append(append(b, `,"next":`...), quoted(m.Next)...)
	}
	if m.Funnel != "" {
		b = append(append(b, `,"funnel":`...), m.Funnel...)
	}
	b = append(append(b, `,"sources":`...), m.Sources.appendJSON(nil)...)
	b = append(append(b, `,"watermark":`...), stamp(m.Watermark)...)
	b = append(b, `,"elapsed_ms":`...)
	return append(appendFloat(b, float64(m.Elapsed.Microseconds()/10)/100), '}')
}

func (s *Sampled) appendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"kept":`...), s.Kept, 10)
	b = strconv.AppendInt(append(b, `,"stand_for":`...), s.StandFor, 10)
	b = appendFloat(append(b, `,"rate":`...), s.Rate())
	b = appendNames(append(b, `,"scaled":`...), s.Scaled)
	b = appendNames(append(b, `,"unscaled":`...), s.Unscaled)
	return append(b, '}')
}

func appendNames(b []byte, names []string) []byte {
	b = append(b, '[')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, name)
	}
	return append(b, ']')
}

func (s *Sources) appendJSON(b []byte) []byte {
	name := ""
	for i, c := range s.Cubes {
		if i > 0 {
			name += ","
		}
		name += c
	}
	b = append(append(b, `{"cube":`...), orNull(name)...)
	b = strconv.AppendInt(append(b, `,"cells":`...), s.Cells, 10)
	b = strconv.AppendInt(append(b, `,"raw_rows":`...), s.RawRows, 10)
	b = strconv.AppendInt(append(b, `,"head_rows":`...), s.HeadRows, 10)
	return append(b, '}')
}

func stamp(t time.Time) []byte {
	if t.IsZero() {
		return []byte("null")
	}
	return appendTime(nil, t)
}

func appendTime(b []byte, t time.Time) []byte {
	b = t.AppendFormat(append(b, '"'), time.RFC3339Nano)
	return append(b, '"')
}

func quoted(s string) []byte { return AppendString(nil, s) }

func orNull(s string) []byte {
	if s == "" {
		return []byte("null")
	}
	return quoted(s)
}

// AppendCell appends a cell as JSON.
func AppendCell(b []byte, cell any) []byte {
	switch v := cell.(type) {
	case string:
		return AppendString(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return appendFloat(b, v)
	case event.NanoUSD:
		return AppendMoney(b, v)
	case time.Time:
		return appendTime(b, v)
	case Raw:
		return append(b, v...)
	}
	return append(b, "null"...)
}

// AppendMoney appends nano-USD as an exact decimal number of USD.
func AppendMoney(b []byte, v event.NanoUSD) []byte {
	u := uint64(v)
	if v < 0 {
		b, u = append(b, '-'), -u
	}
	b = strconv.AppendUint(b, u/1e9, 10)
	part := u % 1e9
	if part == 0 {
		return b
	}
	digits := strconv.AppendUint(nil, 1e9+part, 10)
	digits[0] = '.'
	for digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return append(b, digits...)
}

// appendFloat writes the shortest number that reads back the same; what is no number is null.
func appendFloat(b []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(b, "null"...)
	}
	format := byte('f')
	if size := math.Abs(v); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, v, format, -1, 64)
}

// AppendString appends a JSON string. Text that is not UTF-8 is repaired; <, > and & are escaped so
// that the answer is harmless inside a page.
func AppendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' ||
			c >= utf8.RuneSelf {
			quoted, _ := json.Marshal(s)
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	return append(append(b, s...), '"')
}
