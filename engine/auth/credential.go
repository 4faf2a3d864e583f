package auth

import (
	"net/http"
	"strings"
)

// Token is the API key a request carries, or "". Clients of AI providers send the provider's key in
// Authorization or X-Api-Key, and ours beside it, so a value that looks like ours goes first, and
// X-Analytics-Key before the others. A key in the URL is never read: URLs end up in logs.
func Token(h http.Header) string {
	bearer := ""
	scheme, rest, ok := strings.Cut(h.Get("Authorization"), " ")
	if ok && strings.EqualFold(scheme, "Bearer") {
		bearer = strings.TrimSpace(rest)
	}
	given := [...]string{h.Get("X-Analytics-Key"), bearer, h.Get("X-Api-Key")}
	for _, token := range given {
		if strings.HasPrefix(token, tokenPrefix) {
			return token
		}
	}
	for _, token := range given {
		if token != "" {
			return token
		}
	}
	return ""
}
