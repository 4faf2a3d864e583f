package middleware

import (
	"io"
	"net/http"
	"strings"
)

// recorder remembers the status and the type of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	kind   string // the content type, as far as it is known
	wanted bool   // the client asked for HTML
}

// WriteHeader notes the status; 1xx come before the answer.
func (c *recorder) WriteHeader(status int) {
	if c.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		c.status, c.kind = status, c.Header().Get("Content-Type")
	}
	c.ResponseWriter.WriteHeader(status)
}

// Write notes what the server will say of the first piece.
func (c *recorder) Write(b []byte) (int, error) {
	c.begin(b)
	return c.ResponseWriter.Write(b)
}

func (c *recorder) begin(b []byte) {
	if c.status == 0 {
		c.status, c.kind = http.StatusOK, c.Header().Get("Content-Type")
	}
	if c.kind == "" && len(b) > 0 {
		if c.kind = c.Header().Get("Content-Type"); c.kind == "" {
			c.kind = http.DetectContentType(b)
		}
	}
}

// Unwrap is for http.ResponseController.
func (c *recorder) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// isPage reports an answer that somebody reads: HTML, or the empty answer that says that what they
// have is still good. Redirects lead to one, and are none.
func (c *recorder) isPage() bool {
	switch {
	case c.status == http.StatusNotModified:
		return c.wanted
	case c.status >= 300 && c.status < 400, c.status >= 500:
		return false
	}
	return strings.Contains(c.kind, "html")
}

// dressed is the recorder with the other abilities of what it wraps, since handlers look for them by
// their types: the three sets that the standard library's servers have.
func (c *recorder) dressed() http.ResponseWriter {
	f, flushes := c.ResponseWriter.(http.Flusher)
	h, hijacks := c.ResponseWriter.(http.Hijacker)
	p, pushes := c.ResponseWriter.(http.Pusher)
	flush := flusher{c, f}
	switch {
	case flushes && hijacks:
		return struct {
			*recorder
			flusher
			http.Hijacker
			reader
		}{c, flush, h, reader{c}}
	case flushes && pushes:
		return struct {
			*recorder
			flusher
			http.Pusher
		}{c, flush, p}
	case flushes:
		return struct {
			*recorder
			flusher
		}{c, flush}
	}
	return c
}

// flusher begins the answer if nothing has.
type flusher struct {
	c *recorder
	f http.Flusher
}

func (f flusher) Flush() {
	f.c.begin(nil)
	f.f.Flush()
}

// reader lets the server copy a file without the process's memory.
type reader struct{ c *recorder }

func (r reader) ReadFrom(from io.Reader) (int64, error) {
	if to, ok := r.c.ResponseWriter.(io.ReaderFrom); ok && r.c.kind != "" {
		return to.ReadFrom(from)
	}
	return io.Copy(plain{r.c}, from) // the first piece says what it is
}

// plain hides ReadFrom, which would be called again.
type plain struct{ io.Writer }
