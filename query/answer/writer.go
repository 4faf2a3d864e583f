package answer

import (
	"fmt"
	"io"
)

// Writer writes a table row by row, so that a long one is never in memory. It does not keep a row
// once Row has returned. Until Close it may hold back what it was given.
type Writer interface {
	Row(row []any) error
	Close() error
}

// block is how much text is gathered before it is handed on.
const block = 60 << 10

// NewWriter makes a writer of rows with the columns of an answer, in the zone of its meta. All
// formats but json are made row by row: json has totals and meta around them.
func (a *Answer) NewWriter(w io.Writer, format string) (Writer, error) {
	switch format {
	case "csv":
		return newCSV(w, a.Columns)
	case "ndjson":
		return &lineWriter{out: w, of: a}, nil
	case "arrow":
		return newArrow(w, a), nil
	case "parquet":
		return newParquet(w, a)
	}
	return nil, fmt.Errorf("%q is no format that is written row by row", format)
}

// Write writes the answer in a format, by its name.
func (a *Answer) Write(w io.Writer, format string) error {
	if format == "json" {
		return a.WriteJSON(w)
	}
	out, err := a.NewWriter(w, format)
	if err != nil {
		return err
	}
	for _, row := range a.Rows {
		if err := out.Row(row); err != nil {
			return err
		}
	}
	if a.More != nil {
		if err := a.More(out.Row); err != nil {
			return err
		}
	}
	return out.Close()
}
