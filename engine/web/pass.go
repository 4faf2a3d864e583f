package web

import (
	"context"
	"net/http"
	"strings"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// Pass adds a door for every method and every path below prefix, such as "/gateway/". Its handler
// gets the path exactly as it was sent, where a route of Handle would have it cleaned by a redirect,
// which turns a POST into a GET. It answers everybody: who may do what, and in which shape an error
// is told, is the handler's own affair, with Admit. scope is what it promises to ask for.
func (m *Mux) Pass(prefix string, scope auth.Scope, h Handler) {
	rt := &route{mux: m, pattern: prefix, scope: scope, handler: h, quiet: true}
	rt.meter = m.opt.Metrics.route(prefix)
	m.list = append(m.list, rt)
	m.passages = append(m.passages, rt)
}

// passage is the door of Pass that a path belongs to, or nil.
func (m *Mux) passage(path string) *route {
	for _, rt := range m.passages {
		if strings.HasPrefix(path, rt.pattern) {
			return rt
		}
	}
	return nil
}

// pass lets the handler answer, without asking who is there.
func (rt *route) pass(w *response, r *http.Request, c *call) {
	c.route, w.claimed = rt, true
	c.err = rt.handler(w, r)
}

// Admit says whose the token is if it is a key with the scope. Without a token it admits the local
// user. Whoever was admitted is named in the access log.
func Admit(ctx context.Context, token string, scope auth.Scope) (auth.Identity, error) {
	c := callOf(ctx)
	if c == nil || c.route == nil || c.route.mux == nil {
		return auth.Identity{}, fault.New(fault.Internal, "internal", "the request came by no route")
	}
	if token == "" && c.local {
		c.who = auth.Local(store.Default)
		return c.who, nil
	}
	keys := c.route.mux.opt.Keys
	if keys == nil {
		return auth.Identity{}, fault.New(fault.Unauthorized, "unknown_key", "no keys are in use here")
	}
	who, err := keys.Check(token)
	if err != nil {
		return auth.Identity{}, err
	}
	c.who = who
	if !who.Bound.Free() {
		return auth.Identity{}, who.BoundKey("what is here cannot be kept to that")
	}
	return who, who.Need(scope)
}
