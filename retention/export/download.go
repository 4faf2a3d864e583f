package export

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/engine/plural"
	"analytics/engine/web"
)

// download is one run of `analytics export`.
type download struct {
	kind, since, until string
	format             string // empty: by the name of the output, else NDJSON
	output             string // a path, or "-"
	out, notes         io.Writer
}

// run asks for the events and writes them. What it is stopped at leaves no file behind.
func (d *download) run(ctx context.Context, client *web.Client) error {
	if d.format == "" {
		d.format = formatOf(d.output)
	}
	if d.output == "-" && d.format == "parquet" && isTerminal(d.out) {
		return fault.At(fault.Invalid, "invalid_value", "output",
			"Parquet is not for a terminal; name a file with --output")
	}
	started := time.Now()
	query := url.Values{"type": {d.kind}, "format": {d.format}}
	if d.since != "" {
		query.Set("from", d.since)
	}
	if d.until != "" {
		query.Set("to", d.until)
	}
	resp, err := client.Do(ctx, http.MethodGet, "/v1/export", query, "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	rows, err := strconv.ParseInt(resp.Header.Get(RowsHeader), 10, 64)
	if err != nil {
		return fmt.Errorf("the server does not say how many events it sends: %w", err)
	}
	size, err := d.save(ctx, resp.Body, rows)
	if err != nil {
		return err
	}
	if d.output != "-" {
		_, err = fmt.Fprintf(d.notes, "%s, %s, in %s: %s\n", plural.Of(rows, "event"), plural.Of(size, "byte"),
			time.Since(started).Round(time.Millisecond), d.output)
	}
	return err
}

// save writes the body to its target and says how many bytes it had.
func (d *download) save(ctx context.Context, body io.Reader, rows int64) (int64, error) {
	to, err := newTarget(d.output, d.out)
	if err != nil {
		return 0, err
	}
	defer to.drop()
	lines := rows
	if d.format == "csv" {
		lines++ // the header
	}
	p := newProgress(d.notes, d.format, lines)
	defer p.end()
	if _, err := io.Copy(io.MultiWriter(to.out, p), body); err != nil {
		if ctx.Err() != nil {
			return 0, errStopped()
		}
		return 0, fmt.Errorf("the export broke off after %d bytes: %w", p.bytes, err)
	}
	if d.format == "ndjson" && p.lines != lines {
		return 0, fmt.Errorf("the export broke off: %d lines of %d came", p.lines, lines)
	}
	if ctx.Err() != nil {
		return 0, errStopped()
	}
	return p.bytes, to.commit()
}

func errStopped() error {
	return fault.New(fault.Internal, "stopped", "stopped; nothing was written")
}

// formatOf is the format that a file's name stands for.
func formatOf(path string) string {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".parquet", ".csv":
		return ext[1:]
	}
	return Formats()[0]
}
