package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"sync/atomic"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// Options is what a Mux is made of.
type Options struct {
	Keys     *auth.Keyring  // nil: only the local user gets in
	Sessions *auth.Sessions // nil: no login
	Limiter  *auth.Limiter  // of failed keys; nil: none
	Metrics  *Metrics       // nil: measured, but not shown
	Log      *slog.Logger
	Now      func() time.Time

	// TrustedProxies may say who the client is.
	TrustedProxies []netip.Prefix
	// Secure says that browsers reach us by https, directly or through a proxy.
	Secure bool
}

// Mux is all routes. They are added before it serves.
type Mux struct {
	opt      Options
	routes   *http.ServeMux
	cross    *http.CrossOriginProtection
	unknown  *route       // stands for all requests that no route takes
	inFlight atomic.Int64 // bytes of bodies being read
	decoders decoders
	list     []*route
	passages []*route // of Pass
	views    Views
	record   func(context.Context, store.Tenant, []byte) error
}

// route is one pattern and what is known of it.
type route struct {
	mux     *Mux
	pattern string
	scope   auth.Scope
	handler Handler
	meter   *meter
	quiet   bool
	bound   bool // its handler keeps to the binding of the caller's key, and to his pages if it is open
}

// NewMux makes a Mux without routes.
func NewMux(opt Options) *Mux {
	if opt.Metrics == nil {
		opt.Metrics = NewMetrics()
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	m := &Mux{opt: opt, routes: http.NewServeMux(), cross: http.NewCrossOriginProtection()}
	m.unknown = &route{mux: m, meter: opt.Metrics.route("none")}
	return m
}

// Handle adds a route, such as "GET /v1/query", for who has the scope; auth.None is for everybody.
func (m *Mux) Handle(pattern string, scope auth.Scope, h Handler) {
	m.add(&route{pattern: pattern, scope: scope, handler: h})
}

// HandleQuietly is Handle for a route that is asked all the time: its requests are in the access
// log at level debug unless they fail.
func (m *Mux) HandleQuietly(pattern string, scope auth.Scope, h Handler) {
	m.add(&route{pattern: pattern, scope: scope, handler: h, quiet: true})
}

// HandleBound is Handle for a route that is also for bound keys: its handler promises that what it
// answers is of Identity(ctx).Bound alone. Every other route refuses them, so that a new one shows
// nothing by being forgotten.
func (m *Mux) HandleBound(pattern string, scope auth.Scope, h Handler) {
	m.add(&route{pattern: pattern, scope: scope, handler: h, bound: true})
}

// Views is what shares may be limited to.
type Views struct {
	Pages []string // that there are
	// Admit is nil if one of the pages asks what r asks.
	Admit func(r *http.Request, pages []string) error
}

// Show says which pages there are. Before that, a share that is limited to pages sees nothing.
func (m *Mux) Show(v Views) { m.views = v }

// Pages are the pages that a share may be limited to.
func (m *Mux) Pages() []string { return m.views.Pages }

// HandleBoundQuietly is HandleBound with the log of HandleQuietly.
func (m *Mux) HandleBoundQuietly(pattern string, scope auth.Scope, h Handler) {
	m.add(&route{pattern: pattern, scope: scope, handler: h, bound: true, quiet: true})
}

func (m *Mux) add(rt *route) {
	rt.mux = m
	m.list = append(m.list, rt)
	rt.meter = m.opt.Metrics.route(rt.pattern)
	m.routes.HandleFunc(rt.pattern, func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r.Context())
		c.route = rt
		rw := w.(*response)
		rw.claimed = true
		c.err = rt.serve(rw, r, c)
	})
}

// Routes lists the patterns of all routes with their scopes, in no order.
func (m *Mux) Routes() map[string]auth.Scope {
	list := map[string]auth.Scope{}
	for _, rt := range m.list {
		list[rt.pattern] = rt.scope
	}
	return list
}

// ServeHTTP answers one request.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := m.opt.Now()
	c := &call{
		id: requestID(r), route: m.unknown, local: isLocal(r.Context()),
		peer: peerOf(r, m.opt.TrustedProxies),
	}
	r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
	rw := &response{ResponseWriter: w}
	m.opt.Metrics.inFlight.Inc()
	m.run(rw, r, c)
	m.opt.Metrics.inFlight.Dec()
	c.closeBodies()
	if rw.status == 0 && c.err == nil && rw.claimed {
		rw.WriteHeader(http.StatusOK) // an answer without a body
	}
	status := rw.status
	cut := c.err != nil && rw.status != 0
	if c.err != nil && !cut {
		status = fault.Status(c.err)
		if c.status != 0 {
			status = c.status
		}
		rw.claimed = true // what follows is ours
		writeError(rw, status, c.err)
	}
	took := m.opt.Now().Sub(start)
	c.route.meter.note(status, took)
	m.log(r, c, status, rw.bytes, took, cut)
	if cut {
		// The header is out, so nothing can be said any more, but the client must not take what it
		// has for the whole answer: this closes the connection instead of ending the body well.
		panic(http.ErrAbortHandler)
	}
}

// run finds the route and calls it. What goes wrong is in c.err.
func (m *Mux) run(w *response, r *http.Request, c *call) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler { // a handler's own wish
			c.err = errAborted
			return
		}
		c.err = fault.New(fault.Internal, "internal", "internal error; the log has the details")
		m.opt.Log.LogAttrs(r.Context(), slog.LevelError, "panic in a handler",
			slog.String("id", c.id), slog.String("route", c.route.pattern),
			slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(debug.Stack())))
	}()
	harden(w.Header(), c.id)
	if len(r.RequestURI) > maxURL || len(r.URL.RawQuery)+len(r.URL.Path) > maxURL {
		c.err = fault.New(fault.TooLarge, "url_too_long", "the URL is over the limit of %d bytes", maxURL)
		return
	}
	if rt := m.passage(r.URL.Path); rt != nil {
		rt.pass(w, r, c)
		return
	}
	m.routes.ServeHTTP(w, r)
	switch {
	case w.claimed:
	case w.held == http.StatusNotFound:
		c.err = fault.New(fault.NotFound, "unknown_route",
			"there is nothing at %s %s%s", Clean(r.Method), Clean(r.URL.Path), m.astray(r.URL.Path))
	case w.held == http.StatusMethodNotAllowed:
		c.status = http.StatusMethodNotAllowed
		c.err = fault.New(fault.Invalid, "method_not_allowed",
			"%s is not for %s; it takes %s", Clean(r.URL.Path), Clean(r.Method), w.Header().Get("Allow"))
	}
}

// serve lets the handler run if the caller may.
func (rt *route) serve(w *response, r *http.Request, c *call) error {
	who, err := rt.mux.identify(r, c)
	if err != nil && rt.scope != auth.None {
		return rt.mux.refuse(w, c, err)
	}
	if who.Limited() && rt.scope == auth.None && !rt.bound {
		who = auth.Identity{} // what is open to everybody is not opened further
	}
	c.who = who
	if err := who.Need(rt.scope); err != nil {
		return err
	}
	if !who.Bound.Free() && !rt.bound {
		return who.BoundKey("what is here cannot be kept to that")
	}
	if len(who.Pages) > 0 && rt.scope != auth.None {
		if err := rt.mux.views.admit(r, who.Pages); err != nil {
			return err
		}
	}
	err = rt.handler(w, r)
	if err == nil {
		rt.trail(w, r, c)
	}
	return err
}

// admit is nil if one of the pages asks what r asks.
func (v Views) admit(r *http.Request, pages []string) error {
	if v.Admit == nil {
		return fault.New(fault.Forbidden, "not_shared", "this is not shared with you")
	}
	return v.Admit(r, pages)
}
