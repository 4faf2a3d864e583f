package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"analytics/engine/fault"
	"analytics/ingest/dialect"
)

// call is one call on its way through.
type call struct {
	g     *Gateway
	state *state
	up    *upstream
	w     http.ResponseWriter
	r     *http.Request
	rest  string // of the path, for the upstream
	start time.Time

	caller caller
	body   *request
	asked  dialect.Request
	hide   bool    // usage was asked for by us, and is taken out of the answer
	rec    *record // apart from the call, which holds the whole request

	ctx    context.Context
	cancel context.CancelCauseFunc

	leave sync.Once // the decision about a caller who left
	spare bool      // it was to read on; a place of drains is taken
	clock *time.Timer

	reserved bool          // of budgets
	later    time.Duration // when a refused call may try again, 0 if nobody knows

	waited time.Duration // for the upstream
	wrote  time.Duration // until the caller had taken what was sent
}

// refusal is an answer of our own.
type refusal struct {
	status  int
	code    string
	message string
	final   bool // trying again changes nothing
}

// enter decides whether a call may go on, before anything of its body is read.
func (c *call) enter(name string) *refusal {
	var err error
	if c.caller, err = admit(c.r, c.state.cfg.AllowAnonymous); err != nil {
		f := fault.Of(err)
		return &refusal{fault.Status(err), f.Code, f.Message, true}
	}
	switch {
	case c.up == nil:
		return &refusal{http.StatusNotFound, "unknown_upstream", "there is no upstream of that name; add " +
			"it to gateway.upstreams, or use /gateway/openai/v1, /gateway/anthropic or /gateway/gemini", true}
	case c.r.Method == http.MethodConnect || c.r.Method == http.MethodTrace:
		return &refusal{http.StatusNotImplemented, "unsupported_method",
			"the gateway does not pass on " + c.r.Method, true}
	case c.r.Header.Get("Upgrade") != "":
		return &refusal{http.StatusNotImplemented, "unsupported_upgrade", "the gateway does not pass on " +
			"WebSockets or other upgrades; use the HTTP API", true}
	case tricky(c.rest) || c.caller.token != "" && strings.Contains(c.rest, c.caller.token):
		return &refusal{http.StatusBadRequest, "bad_path", "the path holds dots alone, backslashes, " +
			"empty parts or a key of this server, and is not passed on", true}
	case c.caller.posed && c.caller.swap && c.up.key == "":
		return &refusal{http.StatusUnauthorized, "missing_upstream_key", "the gateway has no key for the " +
			"upstream " + name + ": set gateway.upstreams." + name + ".api_key (any word if it needs none), " +
			"or send its own key and ours as " + ourHeader, true}
	}
	return nil
}

// serve passes the call on and its answer back.
func (c *call) serve() error {
	c.ctx, c.cancel = context.WithCancelCause(c.g.life)
	var err error
	c.body, err = c.g.receive(c.w, c.r)
	defer c.body.release()
	c.inspect()
	c.begin()
	if err != nil {
		return c.unread(err)
	}
	if no := c.reserve(); no != nil {
		return c.fail(no, no.status, no.code)
	}
	unwatch := context.AfterFunc(c.r.Context(), c.abandon)
	defer unwatch()
	out := c.outgoing()
	before, callers := c.g.now(), c.body.waited.Load()
	answer, err := c.up.transport.RoundTrip(out)
	// What is left of a long request comes meanwhile: that is the caller's time, not the upstream's.
	c.waited = max(0, c.g.now().Sub(before)-time.Duration(c.body.waited.Load()-callers))
	c.body.release()
	if err != nil {
		return c.unanswered(err)
	}
	return c.relay(answer)
}

// outgoing is the request to the upstream.
func (c *call) outgoing() *http.Request {
	query := cleanQuery(c.r.URL.RawQuery, c.caller.token)
	out := &http.Request{
		Method: c.r.Method, URL: join(c.up.base, c.rest, query), Host: c.up.base.Host,
		Header: outgoing(c.r.Header), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	c.caller.equip(out.Header, c.up, c.rest)
	if c.asked.CanIncludeUsage && c.body.rest == nil && c.up.takesUsage(query) &&
		out.Header.Get("Content-Encoding") == "" {
		if more, ok := dialect.IncludeUsage(c.body.head); ok {
			c.body.head, c.hide = more, true
			// What is taken out of the answer cannot be taken out of a compressed one.
			out.Header["Accept-Encoding"] = []string{"identity"}
		}
	}
	c.body.attach(out)
	return out.WithContext(c.ctx)
}

// inspect reads what the call asks for.
func (c *call) inspect() {
	path, err := url.PathUnescape(c.rest)
	if err != nil {
		path = c.rest
	}
	body := c.body.head
	if coding := c.r.Header.Get("Content-Encoding"); coding != "" {
		body = unpacked(coding, body)
	}
	c.asked = c.up.dialect.Request(c.r.Method, path, c.r.Header.Get("Content-Type"), body)
}

// abandon decides once what becomes of a call whose caller has left.
func (c *call) abandon() {
	c.leave.Do(func() {
		if c.state.cfg.OnClientAbort == drain {
			select {
			case c.g.drains <- struct{}{}:
				c.spare = true
				c.clock = time.AfterFunc(c.state.cfg.DrainTimeout, func() { c.cancel(errDrained) })
				return
			default:
			}
		}
		c.cancel(errGone)
	})
}

// left reports whether the caller has left, and that it is decided what follows.
func (c *call) left() bool {
	if c.r.Context().Err() == nil {
		return false
	}
	c.abandon()
	return true
}

// unread ends a call whose body could not be read.
func (c *call) unread(err error) error {
	no := &refusal{http.StatusBadRequest, "bad_body", "the request could not be read to its end", true}
	switch {
	case errors.Is(err, errTooLarge):
		no = &refusal{http.StatusRequestEntityTooLarge, requestTooLarge,
			"the request is over the gateway's limit of 512 MiB", true}
		return c.fail(no, no.status, no.code)
	case errors.Is(err, os.ErrDeadlineExceeded):
		no = &refusal{http.StatusRequestTimeout, "request_too_slow", "the request came too slowly", false}
	}
	return c.fail(no, statusGone, clientAbort)
}

// unanswered ends a call that got no answer.
func (c *call) unanswered(err error) error {
	if failure := c.body.failure(); failure != nil {
		return c.unread(failure)
	}
	no := &refusal{http.StatusBadGateway, upstreamFailed,
		"the upstream " + c.up.name + " cannot be reached: " + reason(err), false}
	t, ok := errors.AsType[net.Error](err)
	switch {
	case c.left():
		c.finish(statusGone, clientAbort, "the caller left before the answer began")
		return errGone // nobody reads what we would say
	case errors.Is(context.Cause(c.ctx), errEnding):
		no = &refusal{http.StatusServiceUnavailable, "ending", errEnding.Error(), false}
	case ok && t.Timeout():
		no = &refusal{http.StatusGatewayTimeout, upstreamTimeout,
			"the upstream " + c.up.name + " did not answer in time", false}
	}
	c.g.log.Warn("gateway: no answer", "upstream", c.up.name, "error", err)
	return c.fail(no, no.status, no.code)
}

// fail answers in the provider's words and records the call.
func (c *call) fail(no *refusal, status int, kind string) error {
	err := c.refuse(no)
	flush(c.w)
	c.finish(status, kind, no.message)
	return err
}

// flush sends what was written.
func flush(w http.ResponseWriter) {
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
}
