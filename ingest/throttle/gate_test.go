package throttle

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
)

const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

var home = netip.MustParseAddr("203.0.113.7")

// open is a gate on the clock of a bubble.
func open(cfg Config) *Gate {
	return New(House{Now: time.Now,
		Record: func(context.Context, store.Tenant, []byte) error { return nil }}, cfg)
}

// small has numbers that can be counted by hand.
func small() Config {
	return Config{
		Enabled: true, Rate: 2, Burst: 4, Decay: 10 * time.Minute,
		RequestsPerMinute: Steps{100, 200, 300}, ScannerHits: Steps{1, 2, 3},
		BadClass: Steps{2, 4, 0}, Refusals: Steps{10, 20, 30},
	}
}

// ask sends n requests at once and says how many were let in.
func ask(g *Gate, ip netip.Addr, agent string, n int) (in int) {
	for range n {
		if ok, _ := g.Request(ip, agent); ok {
			in++
		}
	}
	return in
}

func (g *Gate) of(ip netip.Addr, agent string) Decision { return g.decide(g.hash(ip, agent)) }

func TestABurstGoesThroughAndThenTheRateCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(small())
		if in := ask(g, home, browser, 6); in != 4 {
			t.Errorf("of a burst of 4, %d were let in", in)
		}
		ok, wait := g.Request(home, browser)
		if ok || wait != 500*time.Millisecond {
			t.Errorf("the next: %t, wait %s, want 500ms", ok, wait)
		}
		time.Sleep(wait)
		if in := ask(g, home, browser, 2); in != 1 {
			t.Errorf("after waiting %d were let in, want 1", in)
		}
		time.Sleep(time.Minute)
		if in := ask(g, home, browser, 6); in != 4 {
			t.Errorf("after a pause %d were let in, want the burst of 4", in)
		}
	})
}

func TestAnAddressHasOneBucketWhateverAgentsItNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, in := open(small()), 0
		for i := range 20 {
			in += ask(g, home, fmt.Sprint("agent ", i), 1)
		}
		if in != 4 {
			t.Errorf("%d were let in under 20 names, want 4", in)
		}
		if in := ask(g, netip.MustParseAddr("203.0.113.8"), browser, 5); in != 4 {
			t.Errorf("a neighbour: %d, want 4", in)
		}
	})
}

func TestIPv6CustomersAreOneBy64(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, in := open(small()), 0
		for i := range 20 {
			in += ask(g, netip.MustParseAddr(fmt.Sprintf("2001:db8:1:2::%x", i+1)), browser, 1)
		}
		if in != 4 {
			t.Errorf("20 addresses of one /64: %d let in, want 4", in)
		}
		if in := ask(g, netip.MustParseAddr("2001:db8:1:3::1"), browser, 5); in != 4 {
			t.Errorf("the next /64: %d, want 4", in)
		}
		mapped := netip.MustParseAddr("::ffff:203.0.113.7")
		if a, b := ask(g, home, browser, 4), ask(g, mapped, browser, 4); a != 4 || b != 0 {
			t.Errorf("an address and the same one mapped into IPv6: %d and %d, want 4 and 0", a, b)
		}
	})
}

func TestLevelsLeaveTheirPartOfTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := small()
		cfg.Rate, cfg.Burst, cfg.RequestsPerMinute = 8, 8, Steps{}
		cfg.Refusals = Steps{}
		for level, want := range map[Level]int{Normal: 8 + 8*60, Warning: 4 + 4*60, Severe: 2 + 2*60, Blocked: 0} {
			g := open(cfg)
			g.note(g.hash(home, browser), ScannerHits, int(level))
			if got := g.of(home, browser); got.Level != level || got.Multiplier != multipliers[level] {
				t.Fatalf("%d hits: %+v", level, got)
			}
			in := 0
			for range 60 {
				in += ask(g, home, browser, 50)
				time.Sleep(time.Second)
			}
			in += ask(g, home, browser, 50)
			if in < want-1 || in > want+1 {
				t.Errorf("%s: %d requests of a minute let in, want %d", level, in, want)
			}
		}
	})
}

func TestALevelGoesDownByOneForEachDecay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(small())
		g.note(g.hash(home, browser), ScannerHits, 3)
		for i, want := range []Level{Blocked, Severe, Warning, Normal} {
			d := g.of(home, browser)
			if d.Level != want || d.Allowed != (want != Blocked) {
				t.Errorf("after %d spans: %+v, want %s", i, d, want)
			}
			if reasons := want != Normal; reasons != slices.Equal(d.Reasons, []string{"scanner_hits"}) {
				t.Errorf("after %d spans the reasons are %v", i, d.Reasons)
			}
			if want == Blocked && d.RetryAfter != 600 {
				t.Errorf("retry after %d s, want 600", d.RetryAfter)
			}
			time.Sleep(10 * time.Minute)
		}
		if all := g.List(); len(all) != 0 {
			t.Errorf("still listed: %+v", all)
		}
	})
}

func TestBeingBlockedIsNoReasonToStayBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(small())
		g.note(g.hash(home, browser), ScannerHits, 3)
		for range 11 * 60 { // a page that asks once a second, all the while
			ask(g, home, browser, 1)
			time.Sleep(time.Second)
		}
		if d := g.of(home, browser); d.Level != Severe {
			t.Errorf("after its time it is %s, want severe", d.Level)
		}
	})
}

func TestAFloodIsSlowedDownByDegrees(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(small())
		var seen []Level
		for range 60 {
			ask(g, home, browser, 6)
			time.Sleep(time.Second)
			if l := g.of(home, browser).Level; len(seen) == 0 || seen[len(seen)-1] != l {
				seen = append(seen, l)
			}
		}
		if !slices.Equal(seen, []Level{Normal, Warning, Severe, Blocked}) {
			t.Errorf("levels of a flood: %v", seen)
		}
		if d := g.of(home, browser); !slices.Equal(d.Reasons, []string{"requests_per_minute"}) {
			t.Errorf("%+v", d)
		}
		if d := g.of(home, "another browser"); d.Level != Normal {
			t.Errorf("who shares the address is %s", d.Level)
		}
	})
}

// TestACrowdBehindOneAddressIsLetIn is the default settings against an office: 100 people with the
// same browser who read a page each half minute, four requests a page.
func TestACrowdBehindOneAddressIsLetIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, refused := open(DefaultConfig()), 0
		for range 30 * 60 {
			for range 13 {
				if in := ask(g, home, browser, 1); in != 1 {
					refused++
				}
			}
			time.Sleep(time.Second)
		}
		d := g.of(home, browser)
		if d.Level != Normal || refused > 0 {
			t.Errorf("an office: %+v, %d of %d requests refused", d, refused, 13*30*60)
		}
	})
}

func TestEventsTellOfScannersAndOfPagesServedElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := open(small())
		seen := func(age time.Duration, via, class string) {
			var e event.Event
			e.Reset(event.PageView)
			e.SetInt(event.Timestamp, int64(event.MicrosOf(time.Now().Add(-age))))
			e.SetText(event.PageClientIP, []byte(home.String()))
			e.SetText(event.PageUserAgent, []byte(browser))
			e.SetText(event.PageVia, []byte(via))
			e.SetText(event.PageBotClass, []byte(class))
			g.Event(&e)
		}
		seen(0, "tracker", "human")
		seen(0, "tracker", "known_bot")
		seen(time.Hour, "log", scanner) // history
		if n := len(g.visitors.at); n != 0 {
			t.Errorf("%d visitors are kept for nothing", n)
		}
		seen(0, "tracker", scanner)
		if d := g.of(home, browser); d.Level != Warning {
			t.Errorf("a scanner hit: %+v", d)
		}
		for range 4 {
			seen(0, "server", behavioralBot)
		}
		if d := g.of(home, browser); d.Level != Severe ||
			!slices.Equal(d.Reasons, []string{"scanner_hits", "bad_class"}) {
			t.Errorf("and four views of a machine: %+v", d)
		}
		for range 300 {
			seen(0, "server", "human")
		}
		if d := g.of(home, browser); d.Level != Blocked {
			t.Errorf("and 300 pages in a minute: %+v", d)
		}
	})
}

func TestSwitchedOffNobodyIsRefused(t *testing.T) {
	g := open(Config{})
	if in := ask(g, home, browser, 1000); in != 1000 || len(g.visitors.at) != 0 {
		t.Errorf("%d of 1000 let in, %d kept", in, len(g.visitors.at))
	}
	if in := ask(open(small()), netip.Addr{}, browser, 1000); in != 1000 {
		t.Errorf("by the socket %d of 1000 let in", in)
	}
}

func TestAClockSetBackLocksNobodyOut(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	g := New(House{Now: func() time.Time { return at }}, small())
	ask(g, home, browser, 100)
	g.note(g.hash(home, browser), ScannerHits, 3)
	at = at.Add(-365 * 24 * time.Hour)
	if d := g.of(home, browser); d.RetryAfter != 600 {
		t.Errorf("blocked for %d s, want 600", d.RetryAfter)
	}
	at = at.Add(30 * time.Minute)
	if in := ask(g, home, browser, 1); in != 1 {
		t.Error("not let in after the levels' time")
	}
}
