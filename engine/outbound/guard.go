package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// dialTimeout is for one connection, all addresses of a name included.
const dialTimeout = 5 * time.Second

// inner are the address ranges that are nobody's public service: a connection that leads there would
// make this server a probe of the network it stands in.
var inner = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
	"fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

// ErrRefused is in the chain of every error of an address that may not be reached.
var ErrRefused = errors.New("refused to connect")

// Guard says where connections may lead. The zero value lets nothing through.
type Guard struct {
	// Allow is network.allow: the private ranges that may be reached.
	Allow []netip.Prefix
	// Public lets every address through that is in no private range. Otherwise only Allow counts.
	Public bool
}

// Dial connects to an address that may be reached. It is the DialContext of a transport.
func (g Guard) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{
		Timeout: dialTimeout,
		Control: func(_, address string, _ syscall.RawConn) error { return g.Permit(address) },
	}
	return d.DialContext(ctx, network, address)
}

// Permit says whether a connection to the resolved address, such as 10.0.0.1:443, may be made.
func (g Guard) Permit(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: the resolved address cannot be read", ErrRefused)
	}
	ip := at.Addr().WithZone("").Unmap()
	within := func(p netip.Prefix) bool { return p.Contains(ip) }
	if slices.ContainsFunc(g.Allow, within) {
		return nil
	}
	if slices.ContainsFunc(inner, within) {
		return fmt.Errorf("%w to the private address %s; add its range to network.allow if that is meant",
			ErrRefused, ip)
	}
	if !g.Public {
		return fmt.Errorf("%w to %s: it is not in network.allow", ErrRefused, ip)
	}
	return nil
}

func prefixes(text ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(text))
	for i, s := range text {
		all[i] = netip.MustParsePrefix(s)
	}
	return all
}
