package enrich

import (
	"net/netip"

	"github.com/phuslu/iploc"
)

// Country is the ISO 3166 code of the country an address is in, empty when that is not known or the
// address is private.
func Country(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	code := iploc.IPCountry(a.Unmap().WithZone(""))
	if code == "ZZ" || len(code) != 2 || code[0] < 'A' || code[0] > 'Z' {
		return ""
	}
	return code
}
