package hook

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"analytics/engine/outbound"
)

// Address checks the address of a webhook on any host: https, or http where network.allow names the
// private range it is in, which is then the only one that is reached. Errors do not repeat it, since
// it is a secret as a whole.
func Address(raw string, allow []netip.Prefix) (*url.URL, outbound.Guard, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	switch {
	case strings.TrimSpace(raw) == "":
		return nil, outbound.Guard{}, errors.New("it is missing")
	case err != nil || u.Hostname() == "":
		return nil, outbound.Guard{}, errors.New("it cannot be read as an address such as https://hooks.example.com/…")
	case u.User != nil || u.Fragment != "":
		return nil, outbound.Guard{}, errors.New("it may hold neither user:password@ nor a #fragment")
	case u.Scheme == "https":
		return u, outbound.Guard{Allow: allow, Public: true}, nil
	case u.Scheme != "http":
		return nil, outbound.Guard{}, errors.New("it must begin with https://")
	case len(allow) == 0:
		return nil, outbound.Guard{}, errors.New("it must begin with https://; http:// is only for the private " +
			"ranges that network.allow names")
	}
	return u, outbound.Guard{Allow: allow}, nil
}
