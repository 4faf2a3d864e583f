package outbound_test

import (
	"errors"
	"net"
	"net/netip"
	"testing"

	"analytics/engine/outbound"
)

func TestPermitLooksAtTheResolvedAddress(t *testing.T) {
	open := outbound.Guard{Public: true}
	inside := outbound.Guard{Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	f := func(g outbound.Guard, address string, ok bool) {
		t.Helper()
		err := g.Permit(address)
		if (err == nil) != ok || err != nil && !errors.Is(err, outbound.ErrRefused) {
			t.Errorf("Permit(%s): %v", address, err)
		}
	}
	f(open, "162.159.135.232:443", true)
	f(open, "[2606:4700::6810:1]:443", true)
	for _, a := range []string{
		"127.0.0.1:443", "10.0.0.1:443", "172.31.255.255:443", "192.168.1.1:443", "169.254.169.254:80",
		"100.64.0.1:443", "0.0.0.0:443", "224.0.0.1:443", "255.255.255.255:443", "198.18.0.1:443",
		"[::1]:443", "[::]:443", "[::ffff:127.0.0.1]:443", "[::ffff:a9fe:a9fe]:80", "[fe80::1%eth0]:443",
		"[fc00::1]:443", "[fd12::1]:443", "[64:ff9b::a00:1]:443", "[2002:7f00:1::]:443", "[ff02::1]:443",
		"[2001:0:1::1]:443", "nonsense",
	} {
		f(open, a, false)
	}
	f(inside, "10.20.30.40:80", true)
	f(inside, "[::ffff:10.20.30.40]:80", true)
	f(inside, "162.159.135.232:443", false)
	f(inside, "127.0.0.1:80", false)
	f(outbound.Guard{}, "162.159.135.232:443", false)
}

func TestDialChecksAfterResolution(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	open := outbound.Guard{Public: true}
	// Names and the many ways to write an address end at the same place: the one connected to.
	for _, host := range []string{"127.0.0.1", "localhost", "0.0.0.0", "::ffff:127.0.0.1"} {
		c, err := open.Dial(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err == nil {
			c.Close()
			t.Errorf("%s was connected to", host)
		}
	}
	inside := outbound.Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	c, err := inside.Dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}
