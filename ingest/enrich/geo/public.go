package geo

import "net/netip"

// nowhere are the addresses that nobody has in the open net: those that netip has no name for, of
// RFC 6890. Files of places have entries for some of them, as in tests.
var nowhere = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4", "100::/64", "2001:db8::/32", "3fff::/20",
)

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, t := range texts {
		all = append(all, netip.MustParsePrefix(t))
	}
	return all
}

// public reports whether an address can be somebody's in the open net.
func public(a netip.Addr) bool {
	if a = a.Unmap(); !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	a = a.WithZone("")
	for _, p := range nowhere {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
