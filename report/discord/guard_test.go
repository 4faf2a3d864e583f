package discord

import (
	"net/netip"
	"testing"
)

func TestPermitLooksAtTheResolvedAddress(t *testing.T) {
	hook := "https://discord.com/api/webhooks/1/abc"
	open, err := parseTarget(hook, nil)
	if err != nil {
		t.Fatal(err)
	}
	private := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	inside, err := parseTarget("http://hooks.internal/x", private)
	if err != nil {
		t.Fatal(err)
	}
	f := func(to *target, address string, ok bool) {
		t.Helper()
		if err := to.permit(address); (err == nil) != ok {
			t.Errorf("permit(%s): %v", address, err)
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
}
