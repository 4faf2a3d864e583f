package web

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// identify finds out who is asking: by a key, else by the unix socket, else by a login cookie. A
// key goes first, so that the local user can act as any key, and a request with a key ignores
// cookies.
func (m *Mux) identify(r *http.Request, c *call) (auth.Identity, error) {
	if token := auth.Token(r.Header); token != "" {
		if m.opt.Keys == nil {
			return auth.Identity{}, fault.New(fault.Unauthorized, "unknown_key", "no keys are in use here")
		}
		return m.opt.Keys.Check(token)
	}
	if c.local {
		return auth.Local(store.Default), nil
	}
	if m.opt.Sessions != nil {
		if cookie, err := r.Cookie(auth.CookieName(m.opt.Secure)); err == nil {
			if err := m.SameOrigin(r); err != nil {
				return auth.Identity{}, err
			}
			return m.opt.Sessions.Check(cookie.Value)
		}
	}
	return auth.Identity{}, fault.New(fault.Unauthorized, "missing_key",
		"an API key is needed: send it as `Authorization: Bearer ak_…` or as `X-Analytics-Key`")
}

// Ended reports whether who sent the request could not send it any more: the key was revoked, the login
// or share is over. For answers that go on.
func Ended(r *http.Request) bool {
	c := callOf(r.Context())
	if c == nil || c.route == nil || c.route.mux == nil {
		return false
	}
	_, err := c.route.mux.identify(r, c)
	return err != nil && c.route.scope != auth.None
}

// SameOrigin refuses what another site makes a browser send, for requests that change something.
func (m *Mux) SameOrigin(r *http.Request) error {
	if err := m.cross.Check(r); err != nil {
		return fault.New(fault.Forbidden, "cross_origin", "another site may not do this").Wrap(err)
	}
	return nil
}

// refuse counts a failed key against the client's address. Only who fails is slowed down: a good
// key from the same address works on, since nobody can guess one anyway.
func (m *Mux) refuse(w http.ResponseWriter, c *call, err error) error {
	if m.opt.Limiter == nil || fault.Status(err) != http.StatusUnauthorized {
		return err
	}
	wait := m.opt.Limiter.Failed(c.peer, m.opt.Now())
	if wait <= 0 {
		return err
	}
	w.Header().Set("Retry-After", retryAfter(wait))
	return fault.New(fault.Limited, "too_many_failures",
		"too many requests with a missing or wrong key; wait %s", wait.Round(time.Second))
}

// retryAfter is d in whole seconds, at least one.
func retryAfter(d time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(d.Seconds()))))
}
