package web

import (
	"encoding/json"
	"io"
)

// PrintJSON writes an answer the way the command line prints it for --json: indented, and with < > &
// as they are, since it is no page that reads it.
func PrintJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
