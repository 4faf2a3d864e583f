package web

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"

	"analytics/engine/auth"
)

// call is what is known of one request. It is the only value this package keeps in a context.
type call struct {
	id    string
	route *route
	who   auth.Identity
	peer  netip.Addr // the client, seen through trusted proxies; zero for the local user
	local bool

	err    error
	status int         // in place of the one of err, if not 0
	told   atomic.Bool // the audit trail has it

	mu     sync.Mutex
	bodies []io.Closer // opened by Body, closed when the handler has returned
}

type callKey struct{}

// localKey marks a context whose requests come from the unix socket or from this process.
type localKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// Identity is who is asking; for an open route that was asked without a key, nobody.
func Identity(ctx context.Context) auth.Identity {
	if c := callOf(ctx); c != nil {
		return c.who
	}
	return auth.Identity{}
}

// RequestID is the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	if c := callOf(ctx); c != nil {
		return c.id
	}
	return ""
}

// ClientIP is the address of the client, seen through the trusted proxies and without a zone. It is
// not valid for who comes through the unix socket. It must not be stored.
func ClientIP(ctx context.Context) netip.Addr {
	if c := callOf(ctx); c != nil {
		return c.peer
	}
	return netip.Addr{}
}

// AsLocal marks requests as coming from this process: they need no key.
func AsLocal(ctx context.Context) context.Context {
	return context.WithValue(ctx, localKey{}, true)
}

func isLocal(ctx context.Context) bool {
	local, _ := ctx.Value(localKey{}).(bool)
	return local
}

// WithIdentity is r as if who had sent it. For tests of handlers, which run without a Mux.
func WithIdentity(r *http.Request, who auth.Identity) *http.Request {
	c := &call{who: who, local: who.Local}
	return r.WithContext(context.WithValue(r.Context(), callKey{}, c))
}

func (c *call) keep(b io.Closer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodies = append(c.bodies, b)
}

func (c *call) closeBodies() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.bodies {
		_ = b.Close()
	}
	c.bodies = nil
}
