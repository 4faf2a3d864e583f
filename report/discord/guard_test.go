package discord

import (
	"net/netip"
	"testing"

	"analytics/engine/outbound"
)

func TestTargetsReachTheirOwnNetworkOnly(t *testing.T) {
	_, open, err := parseTarget("https://discord.com/api/webhooks/1/abc", nil)
	if err != nil {
		t.Fatal(err)
	}
	private := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	_, inside, err := parseTarget("http://hooks.internal/x", private)
	if err != nil {
		t.Fatal(err)
	}
	f := func(to outbound.Guard, address string, ok bool) {
		t.Helper()
		if err := to.Permit(address); (err == nil) != ok {
			t.Errorf("Permit(%s): %v", address, err)
		}
	}
	f(open, "162.159.135.232:443", true)
	f(open, "127.0.0.1:443", false)
	f(inside, "10.20.30.40:80", true)
	f(inside, "162.159.135.232:443", false)
}
