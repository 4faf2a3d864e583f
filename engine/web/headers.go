package web

import (
	"crypto/rand"
	"net/http"
	"strings"
)

// harden sets the headers of every answer. A handler that serves a page or a script sets its own
// Content-Security-Policy, Cache-Control and Cross-Origin-Resource-Policy.
func harden(h http.Header, id string) {
	h.Set("X-Request-Id", id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// requestID is the client's own id if it is one that a log can hold, or else a new one.
func requestID(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); id != "" && len(id) <= 64 && plain(id) {
		return id
	}
	return strings.ToLower(rand.Text()) // 26 letters and digits
}

func plain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') &&
			!strings.ContainsRune("-_.:", r)
	})
}
