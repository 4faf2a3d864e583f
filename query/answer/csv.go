package answer

import (
	"encoding/csv"
	"io"
	"strings"
	"time"

	"analytics/engine/event"
)

// WriteCSV writes the answer with a line of names, by RFC 4180. Text that a spreadsheet would take
// for a formula is made harmless; numbers are never touched.
func (a *Answer) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	line := make([]string, len(a.Columns))
	for i, c := range a.Columns {
		line[i] = Safe(c.Name)
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for _, row := range a.Rows {
		for i, cell := range row {
			line[i] = Plain(cell)
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// Plain is a cell as text without quotes; null is empty.
func Plain(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return Safe(v)
	case Raw:
		return Safe(string(v))
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case event.NanoUSD, int64, float64, bool:
		return string(AppendCell(nil, v))
	}
	return ""
}

// Safe makes text harmless in a spreadsheet: if it begins, after spaces and a byte order mark, with
// what starts a formula, an apostrophe is put before it.
func Safe(s string) string {
	bare := strings.TrimLeft(s, " \ufeff\u00a0\u3000")
	for _, start := range []string{
		"=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠",
	} {
		if strings.HasPrefix(bare, start) {
			return "'" + s
		}
	}
	return s
}
