package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"analytics/engine/fault"
)

// Formats are the forms in which a route can answer, by the names of format=, the default first.
type Formats []string

// contentTypes by format name.
var contentTypes = map[string]string{
	"json":     "application/json",
	"ndjson":   "application/x-ndjson",
	"csv":      "text/csv; charset=utf-8",
	"arrow":    "application/vnd.apache.arrow.stream",
	"parquet":  "application/vnd.apache.parquet",
	"markdown": "text/markdown; charset=utf-8",
	"html":     "text/html; charset=utf-8",
	"text":     "text/plain; charset=utf-8",
}

// ContentType is the media type of a format by its name, such as "csv".
func ContentType(format string) string { return contentTypes[format] }

// Of is the format the request asks for: by format=, else by Accept, else the default. A format=
// that is not offered is an error; an Accept that fits nothing gets the default, since most
// clients send one without meaning it.
func (f Formats) Of(r *http.Request) (string, error) {
	if name := strings.ToLower(r.URL.Query().Get("format")); name != "" {
		if slices.Contains(f, name) {
			return name, nil
		}
		return "", fault.At(fault.Invalid, "unknown_format", "format",
			"unknown format %q; this can be had as %s", Clean(name), strings.Join(f, ", "))
	}
	best, quality := f[0], 0.0
	for _, line := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(line, ",") {
			media, q := mediaRange(part)
			if q <= quality {
				continue
			}
			if name, ok := f.match(media); ok {
				best, quality = name, q
			}
		}
	}
	return best, nil
}

// WantsEvents reports whether the request asks for a stream of server-sent events, as browsers do for
// an EventSource.
func WantsEvents(r *http.Request) bool {
	for _, line := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(line, ",") {
			if media, q := mediaRange(part); media == "text/event-stream" && q > 0 {
				return true
			}
		}
	}
	return false
}

// match finds the first format of the media type. */* and application/* leave it at the default.
func (f Formats) match(media string) (string, bool) {
	if media == "*/*" {
		return f[0], true
	}
	for _, name := range f {
		if t, _, _ := strings.Cut(contentTypes[name], ";"); t == media {
			return name, true
		}
	}
	return "", false
}

func mediaRange(part string) (media string, q float64) {
	media, params, _ := strings.Cut(part, ";")
	q = 1
	for p := range strings.SplitSeq(params, ";") {
		if value, ok := strings.CutPrefix(strings.TrimSpace(p), "q="); ok {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil || n < 0 || n > 1 {
				n = 0
			}
			q = n
		}
	}
	return strings.ToLower(strings.TrimSpace(media)), q
}
