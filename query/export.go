package query

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"analytics/engine/fault"
)

// exportTo writes an answer into a file: under another name first, so that a file of that name is
// whole or is what it was.
func exportTo(
	path string, say io.Writer, get func(format string) (*http.Response, error),
) (err error) {
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")
	switch format {
	case "csv", "json", "ndjson", "arrow", "parquet":
	default:
		return fault.At(fault.Invalid, "unknown_format", "export",
			"the name of the file must end in .csv, .json, .ndjson, .arrow or .parquet, unlike %q", path)
	}
	resp, err := get(format)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	f, err := os.CreateTemp(filepath.Dir(path), ".analytics-*")
	if err != nil {
		return fault.At(fault.Invalid, "cannot_write", "export", "%v", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	n, err := io.Copy(f, resp.Body)
	if err != nil {
		return fmt.Errorf("export to %s: %w", path, err)
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(say, "wrote %s (%d bytes)\n", path, n)
	return nil
}

// stray refuses an argument that no verb takes.
func stray(arg string) error {
	return fault.New(fault.Invalid, "unknown_argument",
		"%q is one argument too many; conditions are given with --filter", clip(arg))
}
