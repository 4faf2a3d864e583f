package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
)

// ourPrefix begins every key of this server.
const ourPrefix = "ak_"

// ourHeader is where a caller shows our key beside its own of the provider.
const ourHeader = "X-Analytics-Key"

// keyHeaders are where clients of providers put their API key.
var keyHeaders = [...]string{"Authorization", "X-Api-Key", "X-Goog-Api-Key", "Api-Key"}

// keyParam is the query parameter in which Gemini takes a key.
const keyParam = "key"

// crossSite keeps the websites that a browser visits from using a gateway on the same machine.
var crossSite = http.NewCrossOriginProtection()

// caller is who makes a call, and whose key pays for it.
type caller struct {
	tenant store.Tenant
	label  string // name of our key
	keyID  string // id of our key, or a hash of the provider's
	method string // how the caller was known
	known  bool
	token  string // our key as it was shown: it must not travel
	posed  bool   // a key of ours stood where the provider's belongs
	swap   bool   // the configured key goes with the call, in place of none or of ours
}

// admit finds out who calls. A key of ours that does not work is an error, whatever else was sent.
func admit(r *http.Request, anonymous bool) (caller, error) {
	shown, theirs := keysOf(r)
	c := caller{token: shown, posed: shown != "", swap: theirs == ""}
	if given := r.Header.Values(ourHeader); len(given) > 0 {
		if len(given) > 1 {
			return c, fault.New(fault.Unauthorized, "unknown_key", "%s is there more than once", ourHeader)
		}
		c.token = strings.TrimSpace(given[0])
		if c.token == "" {
			return c, fault.New(fault.Unauthorized, "missing_key", "%s is empty", ourHeader)
		}
	}
	who, err := web.Admit(r.Context(), c.token, auth.Ingest)
	switch {
	case err == nil && who.Local:
		c.method = "local"
	case err == nil && c.swap:
		c.method = "gateway_key"
	case err == nil:
		c.method = "gateway_key_and_own"
	case c.token == "" && anonymous:
		if err := crossSite.Check(r); err != nil {
			return c, fault.New(fault.Forbidden, "cross_origin", "a website may not use the gateway "+
				"without a key").Wrap(err)
		}
		c.tenant, c.method, c.swap = store.Default, "anonymous", false
		c.keyID = hashed(theirs)
		return c, nil
	case c.token == "":
		return c, fault.New(fault.Unauthorized, "missing_key", "a key of this server is needed: send it as "+
			"%s beside the provider's key, or as the API key itself", ourHeader)
	default:
		return c, err
	}
	c.known, c.tenant, c.label, c.keyID = true, who.Tenant, who.Label, who.KeyID
	if theirs != "" {
		c.keyID = hashed(theirs)
	}
	return c, nil
}

// keysOf is the key of ours that stands where a provider's key belongs, and the provider's own key.
func keysOf(r *http.Request) (ours, theirs string) {
	note := func(key string) {
		switch {
		case key == "":
		case !strings.HasPrefix(key, ourPrefix):
			theirs = key
		case ours == "":
			ours = key
		}
	}
	for _, name := range keyHeaders {
		for _, value := range r.Header[name] {
			note(bare(value))
		}
	}
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if value, ok := keyIn(part); ok {
			note(value)
		}
	}
	return ours, theirs
}

// bare is the key in a header's value, which may name a scheme before it.
func bare(value string) string {
	if scheme, rest, ok := strings.Cut(value, " "); ok && strings.EqualFold(scheme, "Bearer") {
		value = rest
	}
	return strings.TrimSpace(value)
}

// keyIn is the value of the query parameter that holds a key.
func keyIn(part string) (value string, ok bool) {
	name, value, _ := strings.Cut(part, "=")
	if plain, err := url.QueryUnescape(name); err != nil || plain != keyParam {
		return "", false
	}
	plain, err := url.QueryUnescape(value)
	return plain, err == nil
}

// hashed stands for a provider's key: enough to tell keys apart, nothing to guess one from, since a
// provider's keys are random.
func hashed(key string) string {
	if key == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("analytics gateway: " + key))
	return "sha256:" + hex.EncodeToString(sum[:8])
}

// cleanQuery is the query without keys of ours. What is left stays as it was sent.
func cleanQuery(raw, token string) string {
	if raw == "" {
		return ""
	}
	kept := make([]string, 0, 8)
	for part := range strings.SplitSeq(raw, "&") {
		if value, ok := keyIn(part); ok && strings.HasPrefix(value, ourPrefix) {
			continue
		}
		if token != "" && (strings.Contains(part, token) || strings.Contains(unescaped(part), token)) {
			continue
		}
		kept = append(kept, part)
	}
	return strings.Join(kept, "&")
}

func unescaped(part string) string {
	plain, err := url.QueryUnescape(part)
	if err != nil {
		return part
	}
	return plain
}

// equip takes our keys out of the headers that go to the upstream, and puts its own in.
func (c *caller) equip(h http.Header, up *upstream, path string) {
	azure := bare(h.Get("Api-Key")) != ""
	for name, values := range h {
		for _, value := range values {
			if c.token != "" && strings.Contains(value, c.token) || strings.HasPrefix(bare(value), ourPrefix) {
				delete(h, name)
				break
			}
		}
	}
	if !c.swap || up.key == "" {
		return
	}
	for _, name := range keyHeaders {
		delete(h, name)
	}
	switch {
	case up.dialect.Name() == "anthropic":
		h.Set("X-Api-Key", up.key)
	case up.dialect.Name() == "gemini" && !strings.Contains(path, "/openai/"):
		h.Set("X-Goog-Api-Key", up.key)
	case azure:
		h.Set("Api-Key", up.key)
	default:
		h.Set("Authorization", "Bearer "+up.key)
	}
}
