package query

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"analytics/engine/fault"
	"analytics/engine/web"
)

// exportVerb writes the answer of a verb into a file. A list is whole in it; as json it has as many events
// as json can have.
func exportVerb(
	ctx context.Context, say io.Writer, client *web.Client, v *Verb, values url.Values, path string,
) error {
	whole, more := v.List && !values.Has("limit"), false
	err := exportTo(ctx, path, say, func(format string) (*http.Response, error) {
		if whole && format == "json" {
			values.Set("limit", strconv.Itoa(defaultLimits.Rows))
		}
		resp, err := get(ctx, client, v, values, format)
		more = whole && err == nil && resp.Header.Get(NextHeader) != ""
		return resp, err
	})
	if err == nil && more {
		_, _ = fmt.Fprintf(say, "note: json has the %d newest events; .csv, .ndjson, .arrow and .parquet have all\n",
			defaultLimits.Rows)
	}
	return err
}

// exportTo writes an answer into a file: under another name first, so that a file of that name is
// whole or is what it was.
func exportTo(
	ctx context.Context, path string, say io.Writer, get func(format string) (*http.Response, error),
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
	n, err := web.Save(ctx, "export", path, resp.Body)
	if err != nil {
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
