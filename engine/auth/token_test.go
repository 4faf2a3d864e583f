package auth

import (
	"encoding/base64"
	"net/http"
	"net/netip"
	"testing"
	"time"
)

func TestKeysAreUnique(t *testing.T) {
	seen := make(map[string]bool, 100_000)
	var counts [256]int
	for range 100_000 {
		token := mint("ing", random(idLength))
		if seen[token] {
			t.Fatalf("%s twice", token)
		}
		seen[token] = true
		if _, ok := parse(token); !ok {
			t.Fatalf("%s does not parse", token)
		}
		for _, c := range []byte(token[16 : 16+secretLength]) {
			counts[c]++
		}
	}
	for _, c := range []byte(base62) { // 51,613 expected; 2,000 is nine standard deviations
		if n := counts[c]; n < 49_600 || n > 53_600 {
			t.Errorf("the digit %c came %d times", c, n)
		}
	}
}

func TestTokenOfARequest(t *testing.T) {
	f := func(want string, headers ...string) {
		t.Helper()
		h := http.Header{}
		for i := 0; i < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		if got := Token(h); got != want {
			t.Errorf("%q: got %q, want %q", headers, got, want)
		}
	}
	f("")
	f("ak_1", "Authorization", "Bearer ak_1")
	f("ak_1", "Authorization", "bearer  ak_1 ")
	f("ak_1", "X-Analytics-Key", "ak_1")
	f("ak_1", "X-API-Key", "ak_1")
	f("", "Authorization", "Basic YTpi")
	f("", "Authorization", "Basic not base64")
	f("ak_2", "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("pk-1:ak_2")))
	f("ak_1", "Authorization", "basic "+base64.StdEncoding.EncodeToString([]byte("ak_1:sk-1")))
	f("ak_2", "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("ak_1:ak_2")))
	f("sk-1", "Authorization", "Bearer sk-1")
	f("ak_1", "Authorization", "Bearer sk-1", "X-Analytics-Key", "ak_1")
	f("ak_1", "X-Api-Key", "sk-1", "Authorization", "Bearer ak_1")
	f("ak_2", "Authorization", "Bearer ak_1", "X-Analytics-Key", "ak_2")
}

func TestLimiterStaysSmall(t *testing.T) {
	l, now := NewLimiter(), time.Now()
	one := netip.MustParseAddr("2001:db8::1")
	for range failBurst {
		if wait := l.Failed(one, now); wait != 0 {
			t.Fatalf("waits %s within the burst", wait)
		}
	}
	same := netip.MustParseAddr("2001:db8::ffff") // the same customer
	if wait := l.Failed(same, now); wait != failEvery {
		t.Errorf("waits %s, want %s", wait, failEvery)
	}
	if wait := l.Failed(one, now.Add(failEvery)); wait != 0 {
		t.Errorf("waits %s after having waited", wait)
	}
	for i := range 1_000_000 {
		l.Failed(netip.AddrFrom4([4]byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}), now)
	}
	if n := len(l.debts.young) + len(l.debts.old); n > 2*maxDebts {
		t.Errorf("%d addresses are remembered", n)
	}
}
