package middleware

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// maxHops is how many addresses of X-Forwarded-For are looked at, from the right.
const maxHops = 32

// client is who asked, seen through the trusted proxies: the rightmost address of X-Forwarded-For
// that is not one of them. What stands further left was written by that client and proves nothing.
func client(r *http.Request, trusted []netip.Prefix) (ip netip.Addr, secure, proxied bool) {
	known := func(a netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	ip, secure = address(r.RemoteAddr), r.TLS != nil
	if len(trusted) == 0 || !ip.IsValid() || !known(ip) {
		return ip, secure, false
	}
	secure = secure || r.Header.Get("X-Forwarded-Proto") == "https"
	rest := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	for range maxHops {
		if rest == "" {
			break
		}
		n := strings.LastIndexByte(rest, ',')
		next := address(strings.TrimSpace(rest[n+1:]))
		if !next.IsValid() {
			break // a proxy we trust does not write such a thing
		}
		ip, rest = next, rest[:max(n, 0)]
		if !known(ip) {
			break
		}
	}
	return ip, secure, true
}

// address reads an address with or without brackets and port.
func address(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}
