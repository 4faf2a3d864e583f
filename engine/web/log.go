package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"analytics/engine/fault"
)

var errAborted = errors.New("the handler gave up the connection")

// statusGone is what the log says when the client left before its answer, after nginx.
const statusGone = 499

// plainParams are the query parameters whose values may be logged. Of all others only the name is:
// a list of what is secret would always be one parameter short.
var plainParams = []string{
	"metrics", "by", "from", "to", "since", "until", "days", "interval", "tz", "limit", "order",
	"format", "compare", "group-by", "include_bots", "strict", "type", "window", "wait",
}

// log writes the access log: one line a request.
func (m *Mux) log(r *http.Request, c *call, status int, bytes int64, took time.Duration, cut bool) {
	level := slog.LevelInfo
	gone := r.Context().Err() != nil && c.err != nil
	switch {
	case gone:
		status = statusGone
	case status >= 500 && status != http.StatusServiceUnavailable:
		level = slog.LevelError
	case status >= 500:
		level = slog.LevelWarn
	case status < 400 && c.route.quiet:
		level = slog.LevelDebug
	}
	if cut && !gone {
		level = slog.LevelError
	}
	if !m.opt.Log.Enabled(context.Background(), level) {
		return
	}
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs,
		slog.String("id", c.id), slog.String("method", Clean(r.Method)),
		slog.String("route", c.route.pattern), slog.Int("status", status),
		slog.Int64("bytes", bytes), slog.Float64("ms", float64(took.Microseconds())/1000))
	if c.route == m.unknown || strings.Contains(c.route.pattern, "{") || strings.HasSuffix(c.route.pattern, "/") {
		attrs = append(attrs, slog.String("path", Clean(r.URL.Path)))
	}
	if r.URL.RawQuery != "" {
		attrs = append(attrs, slog.String("query", plainQuery(r)))
	}
	switch {
	case c.who.KeyID != "":
		attrs = append(attrs, slog.String("key", c.who.KeyID))
	case c.who.Local:
		attrs = append(attrs, slog.String("key", "local"))
	case c.who.Session:
		attrs = append(attrs, slog.String("key", "session"))
	}
	if c.err != nil {
		f := fault.Of(c.err)
		attrs = append(attrs, slog.String("code", f.Code))
		if cut {
			attrs = append(attrs, slog.Bool("cut", true))
		}
		if level >= slog.LevelWarn {
			attrs = append(attrs, slog.String("error", Clean(Scrub(errorText(c.err)))))
		}
	}
	m.opt.Log.LogAttrs(context.Background(), level, "request", attrs...)
}

// plainQuery is the query with the values of parameters that are not known to be harmless left out.
func plainQuery(r *http.Request) string {
	q := r.URL.Query()
	names := make([]string, 0, len(q))
	for name := range q {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		if b.Len() > maxLogged {
			break
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name)
		b.WriteByte('=')
		if slices.Contains(plainParams, name) {
			b.WriteString(strings.Join(q[name], ","))
		} else {
			b.WriteString("…")
		}
	}
	return Clean(Scrub(b.String()))
}
