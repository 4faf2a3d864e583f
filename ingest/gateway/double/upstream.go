package double

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Key is the only key that is let in.
const Key = "provider-key-of-the-double"

// What a request may ask for, as in "double:tools".
const (
	Tools  = "tools"  // the answer asks for two tools
	Slow   = "slow"   // Pause before the answer, and between its pieces
	Cut    = "cut"    // the connection breaks in the middle of the answer
	Late   = "late"   // it breaks before the last two pieces: OpenAI's usage and its mark of the end
	Gzip   = "gzip"   // the answer is compressed, if the caller takes that
	Midway = "midway" // a stream ends in an error event
	Flaky  = "flaky"  // the first try of a body fails with 500
	Status = "status" // with a number behind it: the answer is that error, as in double:status429
)

// Pause is how slow Slow is.
const Pause = 80 * time.Millisecond

// Text is what all answers say.
const Text = "Hello from the double: \"quoted\", {braced} – and äöü 🙂.\n"

// Words are the pieces of Text, as streams send them.
var Words = []string{"Hello from", " the double: \"quo", "ted\", {braced}", " – and äöü", " 🙂.\n"}

// Call is a request that came.
type Call struct {
	Method, Path, Query string
	Header              http.Header
	Body                []byte
}

// Upstream is the double. It is an http.Handler and safe for concurrent use.
type Upstream struct {
	mu    sync.Mutex
	calls []Call
	tried map[string]bool // bodies that were flaky once
}

// New is a double that nobody has called.
func New() *Upstream { return &Upstream{tried: map[string]bool{}} }

// Calls are the requests that came so far.
func (u *Upstream) Calls() []Call {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.calls)
}

// reply is an answer before it is sent.
type reply struct {
	status int
	media  string
	header map[string]string
	pieces []string
}

func events(pieces ...string) reply {
	return reply{status: http.StatusOK, media: "text/event-stream; charset=utf-8", pieces: pieces}
}

func object(body string) reply {
	return reply{status: http.StatusOK, media: "application/json", pieces: []string{body}}
}

var wish = regexp.MustCompile(`double:([a-z]+)([0-9]*)`)

// ask is a request as the providers' files see it.
type ask struct {
	*http.Request
	body   string
	wish   string
	stream bool
	status string // that Status names
}

// ServeHTTP answers like the provider whose path it is.
func (u *Upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller broke off
	}
	q := &ask{Request: r, body: string(body), stream: strings.Contains(string(body), `"stream":true`)}
	if m := wish.FindStringSubmatch(q.body); m != nil {
		q.wish, q.status = m[1], m[2]
	}
	if u.note(q) {
		q.wish, q.status = Status, "500"
	}
	var a reply
	switch path := r.URL.Path; {
	case strings.Contains(path, "/models/") && strings.Contains(path, ":"):
		a = gemini(q)
	case strings.HasPrefix(path, "/v1/messages"):
		a = anthropic(q)
	default:
		a = openAI(q)
	}
	a.send(w, q)
}

// note keeps a call, and reports whether it is the first try of a flaky body.
func (u *Upstream) note(q *ask) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.calls = append(u.calls, Call{
		q.Method, q.URL.Path, q.URL.RawQuery, q.Header.Clone(), []byte(q.body)})
	first := q.wish == Flaky && !u.tried[q.body]
	u.tried[q.body] = true
	return first
}

// send sends the answer in its pieces.
func (a *reply) send(w http.ResponseWriter, q *ask) {
	w.Header().Set("Content-Type", a.media)
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	var out io.Writer = w
	if q.wish == Gzip && strings.Contains(q.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		out = z
	}
	pieces := a.pieces
	if q.wish == Cut {
		all := strings.Join(pieces, "")
		pieces = []string{all[:len(all)/3], all[len(all)/3 : len(all)/2]}
	}
	if q.wish == Late {
		pieces = pieces[:len(pieces)-2]
	}
	for i, piece := range pieces {
		if q.wish == Slow {
			select {
			case <-time.After(Pause):
			case <-q.Context().Done():
				return
			}
		}
		if i == 0 {
			w.WriteHeader(a.status)
		}
		if _, err := io.WriteString(out, piece); err != nil {
			return
		}
		if z, ok := out.(*gzip.Writer); ok {
			_ = z.Flush()
		}
		_ = http.NewResponseController(w).Flush()
	}
	if q.wish == Cut || q.wish == Late {
		panic(http.ErrAbortHandler)
	}
}

// text is a JSON string without its quotes.
func text(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s)
}
