package bots_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Guests are a third set of strangers, written down after rules learnt from newcomers and before any of
// them was measured; after that rules learnt from them, too. Most of the scripts come by rented
// addresses of homes, and most of the browsers hide that they are driven, as those sold for it do.

// TestJudgementOfGuests measures what TestJudgement does, with those.
func TestJudgementOfGuests(t *testing.T) {
	c := newCensus(t)
	c.people(guestPersonas(), 0.5, 2)
	c.machines(guestFamilies(), map[group]float64{disguised: 95, stealth: 60})
}

func guestFamilies() []family {
	return []family{
		{"rented homes", disguised, rentedHomes},
		{"surveyor", disguised, surveyor},
		{"copier of articles", disguised, copier},
		{"link checker", disguised, linkChecker},
		{"impersonated browser", disguised, impersonated},
		{"reader for a model", disguised, ingestion},
		{"comment spammer", disguised, spammer},
		{"browsers in rented homes", stealth, homeBrowser},
		{"patched browser", stealth, patched},
		{"hired agent", stealth, hiredAgent},
		{"bought clicks", stealth, boughtClicks},
		{"ad verifier", stealth, verifier},
		{"rendering crawler", stealth, rendering},
		{"hourly check", stealth, hourly},
	}
}

// rentedHomes gathers text for models with an address for each page and a user agent made up for it.
func rentedHomes(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: invented(rng)}).as(rng, 0.45, 0.45, 0.05)
	if chance(rng, 0.3) {
		v.ua = personAgent(rng)
	}
	pages := 1
	if chance(rng, 0.2) {
		pages++
	}
	crawl(rng, s, v, pages, func() float64 { return uniform(rng, 1, 60) })
	return v
}

// surveyor looks what runs at every address of the internet.
func surveyor(rng *rand.Rand, _ *site) *visit {
	v := (&visit{ua: pinned(rng, 60, 130)}).as(rng, 0.8, 0.2, 0)
	v.http10 = chance(rng, 0.05)
	v.views = []view{{path: "/", asked: true}}
	if chance(rng, 0.3) {
		v.views = append(v.views, view{at: uniform(rng, 0.2, 5), path: "/", asked: true})
	}
	return v
}

// copier takes over new articles, by a plug-in of another site.
func copier(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 90, 150)}).as(rng, 0.45, 0.5, 0.05)
	crawl(rng, s, v, 1+rng.IntN(5), func() float64 { return uniform(rng, 0.3, 3) })
	return v
}

// linkChecker looks whether what another site links to is still there.
func linkChecker(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 100, 154)}).as(rng, 0.4, 0.55, 0.05)
	crawl(rng, s, v, 1+rng.IntN(3), func() float64 { return uniform(rng, 0.05, 1) })
	for i := range v.views {
		v.views[i].missed = chance(rng, 0.15)
	}
	return v
}

// impersonated is a library that does as browsers do, by rented addresses.
func impersonated(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 120, 150)}).as(rng, 0, 0.2, 0.3)
	pages := 1
	if chance(rng, 0.5) {
		pages += 1 + rng.IntN(4)
	}
	crawl(rng, s, v, pages, func() float64 { return uniform(rng, 1, 10) })
	if chance(rng, 0.3) {
		v.link(rng, 1)
	}
	return v
}

// ingestion reads a whole section for somebody's search by meaning.
func ingestion(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 100, 145)}).as(rng, 0.3, 0.6, 0.1)
	crawl(rng, s, v, min(len(s.pages), 5+rng.IntN(100)), func() float64 { return uniform(rng, 0.2, 2) })
	if chance(rng, 0.2) {
		v.link(rng, 1)
	}
	return v
}

// spammer opens an article to write below it, and says that it came from there.
func spammer(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: invented(rng)}).as(rng, 0.3, 0.6, 0.1)
	v.http10 = chance(rng, 0.1)
	crawl(rng, s, v, 1+rng.IntN(4), func() float64 { return uniform(rng, 1, 8) })
	v.link(rng, 0.9)
	return v
}

// homeBrowser is a browser with a plug-in that hides what drives it, behind rented addresses; it goes to
// addresses it has, and leaving for the next tells how long the last was read.
func homeBrowser(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pinned(rng, 148, 156)}
	v.odd(rng, "webdriver", 0.05)
	v.odd(rng, "odd_screen", 0.1)
	v.odd(rng, "no_plugins", 0.05)
	v.shows(rng, 0.2, 0.03, 0.15)
	v.lack(rng, "ua_mismatch", 0.1)
	v.lack(rng, "no_accept_language", 0.05)
	crawl(rng, s, v, 1+rng.IntN(5), func() float64 { return uniform(rng, 2, 10) })
	ran(rng, v, 0.6, 0.05)
	v.views[len(v.views)-1].engaged = false // and then it is killed
	v.link(rng, 0.15)
	return v
}

// patched is a browser built to be found by nobody, for one page.
func patched(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: personAgent(rng)}
	v.odd(rng, "odd_screen", 0.1)
	v.shows(rng, 0.05, 0, 0.05)
	v.lack(rng, "ua_mismatch", 0.05)
	crawl(rng, s, v, 1, func() float64 { return 0 })
	ran(rng, v, 0.15, 0.05)
	return v
}

// hiredAgent is a model with a browser in a data centre: small screen, links clicked, even thinking.
func hiredAgent(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pinned(rng, 140, 156)}
	v.odd(rng, "webdriver", 0.3)
	v.odd(rng, "odd_screen", 0.3)
	v.shows(rng, 0.5, 0.03, 0.35)
	v.lack(rng, "ua_mismatch", 0.1)
	crawl(rng, s, v, length(rng, 5, 4), func() float64 { return lognormal(rng, 10, 0.5) })
	ran(rng, v, 0.85, 0.6)
	v.link(rng, 0.7)
	v.direct = chance(rng, 0.65)
	return v
}

// boughtClicks makes a site look read, with a mouse that is moved.
func boughtClicks(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: personAgent(rng)}
	v.odd(rng, "webdriver", 0.05)
	v.odd(rng, "odd_screen", 0.1)
	v.shows(rng, 0.1, 0, 0.05)
	v.lack(rng, "ua_mismatch", 0.15)
	crawl(rng, s, v, 2+rng.IntN(4), func() float64 { return uniform(rng, 15, 60) })
	ran(rng, v, 0.8, 0.8)
	v.handless, v.jumps = false, chance(rng, 0.1)
	v.link(rng, 0.9)
	v.direct = chance(rng, 0.3) // most are to look as if a search led them there
	return v
}

// verifier looks where an advertisement stands.
func verifier(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pinned(rng, 125, 154)}
	v.odd(rng, "webdriver", 0.2)
	v.odd(rng, "odd_screen", 0.4)
	v.odd(rng, "zero_window", 0.05)
	v.odd(rng, "no_plugins", 0.1)
	v.shows(rng, 0.45, 0.05, 0.3)
	v.lack(rng, "ua_mismatch", 0.15)
	v.lack(rng, "no_accept_language", 0.1)
	crawl(rng, s, v, 1, func() float64 { return 0 })
	ran(rng, v, 0.05, 0)
	return v
}

// rendering is somebody's own crawler that shows each page in a browser.
func rendering(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pinned(rng, 120, 154)}
	v.odd(rng, "webdriver", 0.5)
	v.odd(rng, "odd_screen", 0.4)
	v.odd(rng, "no_plugins", 0.1)
	v.shows(rng, 0.6, 0.1, 0.45)
	v.lack(rng, "ua_mismatch", 0.2)
	crawl(rng, s, v, min(len(s.pages), 10+rng.IntN(190)), func() float64 { return uniform(rng, 1, 4) })
	ran(rng, v, 0.6, 0)
	return v
}

// hourly looks whether a page can still be used, by the clock.
func hourly(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pinned(rng, 125, 154), sessions: 1 + rng.IntN(24)}
	if v.sessions >= 5 {
		v.apart = uniform(rng, 0.001, 0.02)
	}
	v.odd(rng, "webdriver", 0.5)
	v.odd(rng, "odd_screen", 0.3)
	v.shows(rng, 0.6, 0.1, 0.45)
	crawl(rng, s, v, 1+rng.IntN(3), func() float64 { return uniform(rng, 1, 4) })
	ran(rng, v, 0.4, 0.3)
	v.link(rng, 0.5)
	return v
}

func guestPersonas() []persona {
	return []persona{
		{"virtual desktops", virtualDesktops},
		{"Chromium without Google", func(rng *rand.Rand, s *site) *visit {
			v := usual().browse(rng, s)
			v.ua = fmt.Sprintf(mozilla+"(X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 "+
				"Safari/537.36", 148+rng.IntN(9))
			v.lack(rng, "no_client_hints", 0.5)
			v.odd(rng, "no_plugins", 0.1)
			v.shows(rng, 0.05, 0.03, 0.02)
			return v
		}},
		{"blocks much", with(func(p *person) { p.script, p.loss = 0.5, 0.05 })},
		{"videos", with(func(p *person) { p.pages, p.dwell, p.still = 1.3, 600, 0.15 })},
		{"locked phone", lockedPhone},
		{"student", student},
		{"form", form},
		{"live ticker", ticker},
		{"old tablet", oldTablet},
	}
}

// virtualDesktops are an office whose desktops are pictures from a data centre, behind one gateway.
func virtualDesktops(rng *rand.Rand, s *site) *visit {
	v := crowd(10)(rng, s)
	brotli, screen, software, http1 := chance(rng, 0.3), chance(rng, 0.3), chance(rng, 0.6), chance(rng, 0.2)
	for i := range v.views {
		one := v.views[i].of
		one.ua = v.ua
		one.jumps, one.http1 = one.jumps || chance(rng, 0.01), one.http1 || http1
		if brotli && len(one.lacks) == 0 {
			one.lacks = []string{"no_brotli"}
		}
		if len(one.client) > 0 {
			continue
		}
		if screen {
			one.client = append(one.client, "odd_screen")
		}
		if software {
			one.client = append(one.client, "software_gl")
		}
	}
	return v
}

// lockedPhone reads one or two pages, and what is told at the end is often lost.
func lockedPhone(rng *rand.Rand, s *site) *visit {
	p := usual()
	p.pages, p.clicks, p.loss, p.still = 1.6, 0.4, 0.06, 0.08
	v := p.browse(rng, s)
	v.stored = v.stored || chance(rng, 0.03)
	v.ua = mozilla + "(iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"Version/26.1 Mobile/15E148 Safari/604.1"
	for i := range v.views {
		v.views[i].engaged = v.views[i].engaged && chance(rng, 0.75)
	}
	return v
}

// even has all pages looked at for about as long.
func (v *visit) even(rng *rand.Rand, median, sigma float64) *visit {
	at := v.views[0].at
	v.millis = 0
	for i := range v.views {
		v.views[i].at = at
		dwell := lognormal(rng, median, sigma)
		at += dwell
		v.millis += int64(900 * dwell)
	}
	return v
}

// student goes through what a search gave, each for long enough to see whether it is of use.
func student(rng *rand.Rand, s *site) *visit {
	p := usual()
	p.pages, p.shape, p.clicks = 9, 20, 0.9
	return p.browse(rng, s).even(rng, 20, 0.7)
}

// form is a thing of some steps, of as many fields each.
func form(rng *rand.Rand, s *site) *visit {
	p := usual()
	p.pages, p.shape, p.clicks, p.script = 7, 40, 1, 0.95
	return p.browse(rng, s).even(rng, 25, 0.5)
}

// ticker is a page that loads itself anew each minute while somebody looks now and then.
func ticker(rng *rand.Rand, s *site) *visit {
	v := usual().browse(rng, s)
	first, script, still := v.views[0], v.views[0].beacon, len(v.views) == 1
	at := first.at
	for range 5 + rng.IntN(60) {
		at += 60 + uniform(rng, 0, 1.5)
		w := view{at: at, path: first.path, asked: true, beacon: script && !chance(rng, 0.03)}
		w.engaged = w.beacon && chance(rng, 0.8)
		w.linked = chance(rng, 0.3)
		v.millis += int64(1000 * uniform(rng, 0, 60))
		v.views = append(v.views, w)
	}
	v.direct = v.direct || chance(rng, 0.3)
	v.handless = still && chance(rng, 0.3) // looked at on another screen
	return v
}

// oldTablet has the last browser that its system gets.
func oldTablet(rng *rand.Rand, s *site) *visit {
	p := usual()
	p.script = 0.85
	v := p.browse(rng, s)
	v.ua = fmt.Sprintf(mozilla+"(Linux; Android %s; SM-T580) AppleWebKit/537.36 (KHTML, like Gecko) "+
		"Chrome/%s.0.0.0 Safari/537.36", pick(rng, "7.0", "8.1.0"), pick(rng, "106", "119", "138"))
	return v
}
