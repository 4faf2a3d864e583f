package sites

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"analytics/engine/fault"
)

// The limits of the registry. It is in memory, a few hundred bytes a site.
const (
	maxSites   = 10_000
	maxOrigins = 32
	maxDomain  = 253 // of DNS
	maxOrigin  = 300
)

// Mode says who counts the views of a site.
type Mode string

// The modes. Where the server counts, the tracker's view of a loaded page is evidence that a browser
// ran it, and no view; pages that a script shows without loading are still views.
const (
	Tracker Mode = "tracker"
	Server  Mode = "server"
)

// Site is one registered site.
type Site struct {
	Domain    string    `json:"domain"`
	Origins   []string  `json:"origins"`
	KeyID     string    `json:"key_id"`
	WebsiteID string    `json:"website_id"` // for Umami's script
	Mode      Mode      `json:"mode"`
	Created   time.Time `json:"created"`
}

// Allows reports whether a page of the origin may send for the site.
func (s *Site) Allows(origin string) bool { return slices.Contains(s.Origins, origin) }

// Owns reports whether a host, in lower case and without a port, is the site's: its domain, one
// below it, or the host of an origin.
func (s *Site) Owns(host string) bool {
	if host == s.Domain || strings.HasSuffix(host, "."+s.Domain) {
		return true
	}
	return slices.ContainsFunc(s.Origins, func(o string) bool { return hostOf(o) == host })
}

// hostOf is the host of an origin, without its port.
func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// Domain makes a registered name of what people and scripts call a site: small letters, without
// "www." and the last dot.
func Domain(name string) string {
	name = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(name)), ".")
	return strings.TrimPrefix(name, "www.")
}

// check says what is wrong with a site that is to be registered.
func (s *Site) check() error {
	if !isHost(s.Domain) {
		how := "give a name such as example.com, without https://, port and path"
		if strings.ContainsFunc(s.Domain, func(r rune) bool { return r > unicode.MaxASCII }) {
			how = "write letters beyond ASCII as a browser sends them, such as xn--mnchen-3ya.example"
		}
		return fault.At(fault.Invalid, "invalid_domain", "domain", "%q is no domain; %s", s.Domain, how)
	}
	if len(s.Origins) > maxOrigins {
		return fault.At(fault.Invalid, "too_many_origins", "origins",
			"a site has at most %d origins", maxOrigins)
	}
	for _, o := range s.Origins {
		if !isOrigin(o) {
			return fault.At(fault.Invalid, "invalid_origin", "origins",
				"%q is no origin; give it as a browser sends it, such as https://example.com or "+
					"http://localhost:3000, in small letters and without a path", o)
		}
	}
	if s.Mode != Tracker && s.Mode != Server {
		return fault.At(fault.Invalid, "invalid_mode", "mode", "mode is tracker or server, not %q", s.Mode)
	}
	if !isUUID(s.WebsiteID) {
		return fault.At(fault.Invalid, "invalid_website_id", "website_id",
			"a website id is a UUID, such as the one in data-website-id")
	}
	return nil
}

// isHost reports a name that DNS could have, in small letters. Names beyond ASCII come as xn--.
func isHost(name string) bool {
	if name == "" || len(name) > maxDomain {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
		}) {
			return false
		}
	}
	return true
}

// isOrigin reports an origin as a browser writes it; the opaque origin "null" is none.
func isOrigin(o string) bool {
	if len(o) > maxOrigin {
		return false
	}
	u, err := url.Parse(o)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return false
	}
	host := strings.Trim(u.Hostname(), "[]")
	if host == "" || u.Scheme+"://"+u.Host != o || strings.ToLower(o) != o {
		return false
	}
	return strings.Contains(host, ":") || isHost(host)
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}

// origins are those of a site for which none were named.
func origins(domain string) []string {
	if domain == "localhost" {
		return []string{"http://localhost"}
	}
	return []string{"https://" + domain, "https://www." + domain}
}
