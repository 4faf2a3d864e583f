package gateway

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

var errTooLarge = errors.New("the request is over the limit")

// request is the body of a call: the part that is kept, and what follows it.
type request struct {
	head   []byte
	rest   io.Reader // nil when head is all
	length int64     // as announced, -1 if not
	held   *atomic.Int64
	kept   int64 // of held

	// What follows the head is read by the transport, in its own time.
	sent   atomic.Int64 // bytes that came from the caller so far
	waited atomic.Int64 // nanoseconds until they came
	broken atomic.Pointer[error]
}

// receive reads the body as far as it is inspected.
func (g *Gateway) receive(w http.ResponseWriter, r *http.Request) (*request, error) {
	b := &request{length: r.ContentLength, held: &g.held}
	if r.Body == nil || r.Body == http.NoBody {
		return b, nil
	}
	if b.length > maxBody {
		return b, errTooLarge
	}
	limit := int64(maxInspected)
	if g.held.Load() > maxHeld {
		limit = minInspected
	}
	src := &patient{body: r.Body, control: http.NewResponseController(w), of: b, now: g.now}
	size := min(limit, max(b.length, 0)) + 1 // one more, to see the end without growing
	if b.length < 0 {
		size = 8 << 10
	}
	b.kept = size
	g.held.Add(b.kept)
	b.head = make([]byte, 0, size)
	for int64(len(b.head)) < limit {
		if len(b.head) == cap(b.head) {
			b.grow(limit)
		}
		n, err := src.Read(b.head[len(b.head):min(int64(cap(b.head)), limit)])
		b.head = b.head[:len(b.head)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
	b.rest = src
	return b, nil
}

func (b *request) grow(limit int64) {
	size := min(int64(cap(b.head))*4, limit)
	b.held.Add(size - b.kept)
	b.kept = size
	b.head = append(make([]byte, 0, size), b.head...)
}

// release lets go of what is kept, once nobody sends it again.
func (b *request) release() {
	b.held.Add(-b.kept)
	b.kept, b.head = 0, nil
}

// failure is why the caller's body could not be read to its end, or nil.
func (b *request) failure() error {
	if err := b.broken.Load(); err != nil {
		return *err
	}
	return nil
}

// attach makes the body that of an outgoing request. One that is kept whole can be sent again.
func (b *request) attach(out *http.Request) {
	switch {
	case b.rest != nil:
		out.Body = io.NopCloser(io.MultiReader(bytes.NewReader(b.head), b.rest))
		out.ContentLength = b.length
	case len(b.head) == 0:
		out.Body, out.ContentLength = http.NoBody, 0
	default:
		out.Body, out.ContentLength = &kept{text: b.head}, int64(len(b.head))
		out.GetBody = func() (io.ReadCloser, error) { return &kept{text: b.head}, nil }
	}
}

// kept is a body in memory that lets go of it when it was read. The transport holds on to a request
// until its answer has ended, which for a long stream is minutes, and requests of agents are large.
type kept struct {
	mu   sync.Mutex
	text []byte
}

func (k *kept) Read(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.text) == 0 {
		k.text = nil
		return 0, io.EOF
	}
	n := copy(p, k.text)
	k.text = k.text[n:]
	return n, nil
}

// Close lets go of what was not read.
func (k *kept) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.text = nil
	return nil
}

// patient reads a body for as long as something comes. The server's own limit is for the whole of a
// request, which is too short for a long recording on a slow line.
type patient struct {
	body    io.Reader
	control *http.ResponseController
	of      *request
	now     func() time.Time
	until   time.Time
}

func (p *patient) Read(b []byte) (int, error) {
	before := p.now()
	if before.Add(bodyPatience / 2).After(p.until) {
		p.until = before.Add(bodyPatience)
		_ = p.control.SetReadDeadline(p.until) // in-process there is no connection
	}
	n, err := p.body.Read(b)
	p.of.waited.Add(int64(p.now().Sub(before)))
	if p.of.sent.Add(int64(n)) > maxBody {
		n, err = 0, errTooLarge
	}
	if err != nil && err != io.EOF {
		p.of.broken.Store(&err)
	}
	return n, err
}
