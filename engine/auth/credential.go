package auth

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// Token is the API key a request carries, or "". Clients of AI providers send the provider's key in
// Authorization or X-Api-Key, and ours beside it, so a value that looks like ours goes first, and
// X-Analytics-Key before the others. A key in the URL is never read: URLs end up in logs.
//
// Clients that know only a public and a secret key send ours as either half of Basic. Basic without
// one is for somebody before us, such as a proxy, and says nothing.
func Token(h http.Header) string {
	bearer, basic := "", ""
	scheme, rest, ok := strings.Cut(h.Get("Authorization"), " ")
	switch {
	case ok && strings.EqualFold(scheme, "Bearer"):
		bearer = strings.TrimSpace(rest)
	case ok && strings.EqualFold(scheme, "Basic"):
		basic = basicToken(strings.TrimSpace(rest))
	}
	given := [...]string{h.Get("X-Analytics-Key"), bearer, basic, h.Get("X-Api-Key")}
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

// basicToken is the half of Basic credentials that looks like a key of ours, the password first.
func basicToken(encoded string) string {
	plain, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return ""
	}
	user, password, _ := strings.Cut(string(plain), ":")
	for _, half := range [...]string{password, user} {
		if strings.HasPrefix(half, tokenPrefix) {
			return half
		}
	}
	return ""
}
