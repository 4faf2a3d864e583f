package web

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"

	"analytics/engine/fault"
)

// Body is the request's body, inflated, within MaxWire and MaxInflated. What goes wrong while it is
// read is a fault. It need not be closed: the Mux does that when the handler has returned.
func Body(w http.ResponseWriter, r *http.Request) (io.ReadCloser, error) {
	return BodyUpTo(w, r, MaxWire, MaxInflated)
}

// BodyUpTo is Body with limits of its own.
func BodyUpTo(w http.ResponseWriter, r *http.Request, wire, inflated int64) (io.ReadCloser, error) {
	sent := &paced{
		ReadCloser: r.Body, control: http.NewResponseController(w), start: time.Now(),
		asks: r.Header.Get("Expect") != "", length: r.ContentLength,
	}
	if r.ContentLength > wire {
		sent.swallow()
		return nil, tooLarge(wire)
	}
	b := &body{sent: sent, left: inflated, limit: inflated}
	pool := new(decoders)
	if c := callOf(r.Context()); c != nil {
		if c.route != nil {
			b.budget, pool = &c.route.mux.inFlight, &c.route.mux.decoders
		}
		c.keep(b)
	}
	src := http.MaxBytesReader(w, sent, wire)
	switch encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
		b.src = src
	case "gzip", "x-gzip":
		b.src = &gunzip{src: src, pool: pool}
	case "zstd":
		b.src = &unzstd{src: src, pool: pool}
	default:
		_ = b.Close()
		return nil, fault.At(fault.Unsupported, "unsupported_encoding", "Content-Encoding",
			"the body's encoding %q is not supported; send it plain, or as gzip or zstd", Clean(encoding))
	}
	return b, nil
}

func tooLarge(limit int64) error {
	return fault.New(fault.TooLarge, "body_too_large",
		"the body is over the limit of %d bytes; send it in several requests", limit)
}

// body counts what was read and turns every error into a fault.
type body struct {
	sent   *paced
	src    io.Reader
	left   int64 // until the limit
	limit  int64
	budget *atomic.Int64 // bytes of all bodies; nil outside a Mux
	taken  int64         // of the budget

	once sync.Once
}

func (b *body) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one more than allowed, to see whether there is more
	}
	n, err := b.src.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, tooLarge(b.limit)
	}
	if b.budget != nil && n > 0 {
		b.taken += int64(n)
		if b.budget.Add(int64(n)) > maxInFlight {
			return 0, fault.New(fault.Unavailable, "too_busy",
				"too much is being received at once; try again in a moment")
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, readFault(err)
	}
	return n, err
}

func readFault(err error) error {
	if m, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge(m.Limit)
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fault.New(fault.Invalid, "body_too_slow", "the body came too slowly and was given up").Wrap(err)
	case errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return tooLarge(MaxInflated)
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return fault.New(fault.TooLarge, "window_too_large",
			"the zstd window is over %d bytes; compress with a smaller one", maxWindow).Wrap(err)
	case errors.Is(err, errDecode):
		return fault.New(fault.Invalid, "bad_encoding",
			"the body cannot be decompressed: it is cut short or damaged").Wrap(err)
	}
	return fault.New(fault.Invalid, "bad_body", "the body could not be read to its end").Wrap(err)
}

// Close gives back the budget, reads what is left of a body that was refused, and gives back the
// decoder.
func (b *body) Close() error {
	b.once.Do(func() {
		if b.budget != nil {
			b.budget.Add(-b.taken)
		}
		b.sent.swallow()
		if c, ok := b.src.(io.Closer); ok {
			_ = c.Close()
		}
	})
	return nil
}

// paced drops a client that sends less than minBodyRate after bodyGrace, whatever it sends.
type paced struct {
	io.ReadCloser
	control *http.ResponseController
	start   time.Time
	asks    bool  // the client waits to be told to send it (Expect: 100-continue)
	length  int64 // that was announced, -1 if none was
	read    int64
	over    bool // it ended, well or not
	granted time.Duration
}

func (p *paced) Read(b []byte) (int, error) {
	grant := bodyGrace + time.Duration(p.read/minBodyRate)*time.Second
	if grant = min(grant, readTimeout); grant > p.granted {
		p.granted = grant
		_ = p.control.SetReadDeadline(p.start.Add(grant)) // in-process there is no connection
	}
	n, err := p.ReadCloser.Read(b)
	p.read += int64(n)
	p.over = p.over || err != nil
	return n, err
}

// swallow reads the rest of a body that nobody wants, up to maxSwallowed. Most clients read no answer
// before they have sent everything: closing the connection under them is a reset to them, and they send
// the same again, where 413 would tell them to send less. Who asks first is told before he sends.
func (p *paced) swallow() {
	if p.over || p.asks && p.read == 0 || p.length-p.read > maxSwallowed {
		return
	}
	_, _ = io.CopyN(io.Discard, p, maxSwallowed)
}
