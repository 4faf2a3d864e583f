package answer

import (
	"bufio"
	"encoding/csv"
	"io"
	"strings"
	"time"

	"analytics/engine/event"
)

// WriteCSV writes the answer with a line of names, by RFC 4180. Text that a spreadsheet would take
// for a formula is made harmless; numbers are never touched.
func (a *Answer) WriteCSV(w io.Writer) error { return a.Write(w, "csv") }

// csvWriter writes the lines.
type csvWriter struct {
	out  *csv.Writer
	line []string
}

func newCSV(w io.Writer, columns []Column) (*csvWriter, error) {
	c := &csvWriter{out: csv.NewWriter(bufio.NewWriterSize(w, block)), line: make([]string, len(columns))}
	c.out.UseCRLF = true
	for i, column := range columns {
		c.line[i] = Safe(column.Name)
	}
	return c, c.out.Write(c.line)
}

// Row writes a row.
func (c *csvWriter) Row(row []any) error {
	for i, cell := range row {
		c.line[i] = Plain(cell)
	}
	return c.out.Write(c.line)
}

// Close writes what is left.
func (c *csvWriter) Close() error {
	c.out.Flush()
	return c.out.Error()
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
