package door

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"analytics/engine/auth"
	"analytics/engine/store"
	"analytics/engine/web"
)

// What happens at the doors is in the audit trail: who got a key, a password or a share, and who came in.
// No secret is, and no name that was typed and is nobody's: people type passwords there.

// tell writes down what who asks did.
func (d *Door) tell(r *http.Request, deed web.Deed) {
	d.mux.Tell(r.Context(), web.Identity(r.Context()).Tenant, deed)
}

// ofKey writes down what was done with a key.
func (d *Door) ofKey(r *http.Request, action string, k auth.Key) {
	more := map[string]any{"name": k.Name, "scopes": join(k.Scopes)}
	for field, name := range k.Bound.Fields {
		more["bound_"+field] = name
	}
	if !k.Expires.IsZero() {
		more["expires"] = k.Expires.Format(time.RFC3339)
	}
	d.tell(r, web.Deed{Action: action, Target: k.ID, Properties: more})
}

// entered writes down who has logged in. Who looks at a share is not: anybody may, as often as he likes.
func (d *Door) entered(r *http.Request, token string, form url.Values) {
	who, err := d.sessions.Check(token)
	if form.Has("share") || err != nil {
		return
	}
	by := "password"
	if form.Has("token") {
		by = "link"
	}
	d.mux.Tell(r.Context(), who.Tenant, web.Deed{Category: "authentication", Action: "login", Actor: who.Label,
		Severity: "low", Properties: map[string]any{"by": by}})
}

// failureEach is how often failed logins are written down: whoever fails on purpose must not fill the
// trail.
const failureEach = time.Minute

// failures are the logins that failed since they were last written down.
type failures struct {
	mu    sync.Mutex
	count int       // guarded by mu
	told  time.Time // guarded by mu
}

// add counts one more, and gives how many there were if it is time to say so.
func (f *failures) add(now time.Time) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	if now.Sub(f.told) < failureEach {
		return 0
	}
	n := f.count
	f.count, f.told = 0, now
	return n
}

// refused writes down that somebody could not log in, with how many could not since the last time.
func (d *Door) refused(r *http.Request, form url.Values) {
	n := d.failed.add(d.sessions.Now())
	if n == 0 {
		return
	}
	deed := web.Deed{Category: "authentication", Action: "login_failed", Outcome: "failure",
		Properties: map[string]any{"attempts": n}}
	name := strings.ToLower(form.Get("name"))
	if slices.ContainsFunc(d.sessions.Users.List(store.Default), func(u auth.User) bool { return u.Name == name }) {
		deed.Actor = name
	}
	d.mux.Tell(r.Context(), store.Default, deed)
}
