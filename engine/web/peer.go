package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// peerOf is the address of who sent the request. Without trusted proxies that is the other end of
// the connection, whatever headers say. Otherwise it is the rightmost address of X-Forwarded-For,
// over all its lines, that is not a trusted proxy: what stands further left was written by that
// client, so it proves nothing.
func peerOf(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer := address(r.RemoteAddr)
	if !peer.IsValid() || !isTrusted(peer, trusted) {
		return peer
	}
	var hops []string
	for _, line := range r.Header.Values("X-Forwarded-For") {
		hops = append(hops, strings.Split(line, ",")...)
	}
	if len(hops) > maxHops {
		hops = hops[len(hops)-maxHops:]
	}
	for _, hop := range slices.Backward(hops) {
		next := address(strings.TrimSpace(hop))
		if !next.IsValid() {
			return peer // a proxy we trust does not write such a thing; the last good hop stands
		}
		peer = next
		if !isTrusted(peer, trusted) {
			return peer
		}
	}
	return peer
}

// address reads an IP address with or without brackets and port. IPv4 in IPv6 becomes IPv4, and a
// zone is dropped.
func address(s string) netip.Addr {
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		ap, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}
		}
		a = ap.Addr()
	}
	return a.Unmap().WithZone("")
}

func isTrusted(a netip.Addr, trusted []netip.Prefix) bool {
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
}
