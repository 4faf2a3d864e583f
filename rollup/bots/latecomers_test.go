package bots_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Latecomers are the last set of strangers, written down after rules learnt from guests, and measured
// once. Until points were weighed on all sets, the only thing learnt from them was that a page left open
// reloads by the clock; see doc.go.

// TestJudgementOfLatecomers measures what TestJudgement does, with those.
func TestJudgementOfLatecomers(t *testing.T) {
	c := newCensus(t)
	c.people(latePersonas(), 0.5, 2)
	c.machines(lateFamilies(), map[group]float64{disguised: 95, stealth: 66})
}

func lateFamilies() []family {
	return []family{
		{"deep links", disguised, deepLinks},
		{"search by meaning", disguised, deepResearch},
		{"stock watcher", disguised, stock},
		{"lead finder", disguised, leads},
		{"archive of a reader", disguised, archive},
		{"tester of passwords", disguised, stuffing},
		{"scraping browser", stealth, scrapingBrowser},
		{"ticket buyer", stealth, tickets},
		{"lists by a browser", stealth, lists},
		{"answering browser", stealth, answering},
		{"phones in a rack", stealth, phones},
		{"page archiver", stealth, archiver},
		{"consent checker", stealth, consent},
	}
}

// deepLinks takes what no person looks at, such as each version of each page, with another address and
// another made-up browser each time.
func deepLinks(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: invented(rng)}).as(rng, 0.5, 0.35, 0.1)
	if chance(rng, 0.4) {
		v.ua = pinned(rng, 95, 140)
	}
	pages := 1
	if chance(rng, 0.1) {
		pages += 1 + rng.IntN(3)
	}
	crawl(rng, s, v, pages, func() float64 { return uniform(rng, 5, 90) })
	return v
}

// deepResearch fetches what a search found for a model's report, some pages of it from one site.
func deepResearch(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 119, 154)}).as(rng, 0.3, 0.5, 0.1)
	crawl(rng, s, v, 1+rng.IntN(4), func() float64 { return uniform(rng, 0.2, 15) })
	return v
}

// stock looks every few minutes whether a thing can be bought again.
func stock(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 105, 150)}).as(rng, 0.45, 0.4, 0.1)
	pause := []float64{20, 60, 300, 900}[rng.IntN(4)]
	crawl(rng, s, v, 3+rng.IntN(100), func() float64 { return pause * uniform(rng, 0.8, 1.2) })
	for i := range v.views {
		v.views[i].path = v.views[0].path
	}
	return v
}

// leads looks for addresses on the first page, and on those that say contact and about.
func leads(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 90, 145)}).as(rng, 0.4, 0.5, 0.08)
	crawl(rng, s, v, 1+rng.IntN(4), func() float64 { return uniform(rng, 0.1, 2) })
	v.views[0].path = "/"
	for i := range v.views {
		v.views[i].missed = i > 0 && chance(rng, 0.4)
	}
	if chance(rng, 0.3) {
		v.link(rng, 1)
	}
	return v
}

// archive keeps pages that somebody wants to read later, with the server of that service.
func archive(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: personAgent(rng)}).as(rng, 0.35, 0.45, 0.15)
	crawl(rng, s, v, 1, func() float64 { return 0 })
	return v
}

// stuffing opens the page to log in, each time from another address; data are posted after that.
func stuffing(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 110, 152)}).as(rng, 0.15, 0.35, 0.3)
	path := s.pages[rng.IntN(len(s.pages))]
	at := 0.0
	for range 1 + rng.IntN(6) {
		v.views = append(v.views, view{at: at, path: path, asked: true, missed: chance(rng, 0.3)})
		at += uniform(rng, 1, 8)
	}
	v.link(rng, 0.5)
	v.direct = chance(rng, told)
	return v
}

// scrapingBrowser is rented with its address of a home: it solves what asks whether somebody is a
// person, goes to addresses that it is given, and is closed.
func scrapingBrowser(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: personAgent(rng)}
	v.odd(rng, "webdriver", 0.03)
	v.odd(rng, "odd_screen", 0.15)
	v.shows(rng, 0.1, 0.02, 0.1)
	v.lack(rng, "ua_mismatch", 0.1)
	v.lack(rng, "no_accept_language", 0.03)
	crawl(rng, s, v, 1+rng.IntN(8), func() float64 { return uniform(rng, 1.5, 12) })
	ran(rng, v, 0.7, 0.03)
	v.views[len(v.views)-1].engaged = chance(rng, 0.3)
	v.link(rng, 0.1)
	return v
}

// tickets loads a page until something is sold, and then is quicker than anybody.
func tickets(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pinned(rng, 145, 156)}
	v.odd(rng, "webdriver", 0.15)
	v.odd(rng, "odd_screen", 0.15)
	v.shows(rng, 0.2, 0.03, 0.15)
	v.lack(rng, "ua_mismatch", 0.1)
	crawl(rng, s, v, 10+rng.IntN(120), func() float64 { return uniform(rng, 2, 6) })
	for i := range v.views {
		if chance(rng, 0.9) {
			v.views[i].path = v.views[0].path
		}
	}
	ran(rng, v, 0.8, 0.03)
	v.link(rng, 0.1)
	return v
}

// lists goes from a list to each thing on it and back, with a browser, and clicks for that.
func lists(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pinned(rng, 130, 155)}
	v.odd(rng, "webdriver", 0.35)
	v.odd(rng, "odd_screen", 0.3)
	v.odd(rng, "no_plugins", 0.1)
	v.shows(rng, 0.4, 0.05, 0.3)
	v.lack(rng, "ua_mismatch", 0.1)
	crawl(rng, s, v, 10+rng.IntN(80), func() float64 { return uniform(rng, 2, 5) })
	clicks := 0.0
	if chance(rng, 0.5) {
		clicks = 0.5
	}
	ran(rng, v, 0.85, clicks)
	v.link(rng, 2*clicks*0.9)
	return v
}

// answering opens a page for a model that answers at once, without a window.
func answering(rng *rand.Rand, s *site) *visit {
	v := rented(rng)
	crawl(rng, s, v, max(1, rng.IntN(4)-1), func() float64 { return uniform(rng, 1, 5) })
	ran(rng, v, 0.3, 0)
	return v
}

// phones are real ones that a program taps on, so that something looks liked.
func phones(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: fmt.Sprintf(mozilla+"(Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "+
		"Chrome/%d.0.0.0 Mobile Safari/537.36", 140+rng.IntN(17)), sessions: 1 + rng.IntN(12)}
	crawl(rng, s, v, 1+rng.IntN(4), func() float64 { return uniform(rng, 10, 40) })
	ran(rng, v, 0.85, 0.5)
	v.handless, v.jumps = false, false // it taps as a finger does
	v.link(rng, 0.7)
	v.direct = chance(rng, 0.5)
	return v
}

// archiver scrolls through a page and keeps it as it looks.
func archiver(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pinned(rng, 115, 154)}
	v.odd(rng, "webdriver", 0.3)
	v.odd(rng, "odd_screen", 0.2)
	v.odd(rng, "no_plugins", 0.1)
	v.shows(rng, 0.5, 0.1, 0.45)
	v.lack(rng, "no_accept_language", 0.1)
	crawl(rng, s, v, 1+rng.IntN(20), func() float64 { return uniform(rng, 6, 20) })
	ran(rng, v, 0.5, 0)
	return v
}

// consent looks which strangers a page calls before and after somebody agrees.
func consent(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pinned(rng, 120, 154)}
	v.odd(rng, "webdriver", 0.4)
	v.odd(rng, "odd_screen", 0.3)
	v.odd(rng, "zero_window", 0.05)
	v.shows(rng, 0.45, 0.05, 0.35)
	v.lack(rng, "ua_mismatch", 0.1)
	crawl(rng, s, v, 2+rng.IntN(5), func() float64 { return uniform(rng, 5, 15) })
	ran(rng, v, 0.5, 0.2)
	return v
}

func latePersonas() []persona {
	return []persona{
		{"library", func(rng *rand.Rand, s *site) *visit {
			v := crowd(6)(rng, s) // one computer for whoever comes
			v.ua = pinned(rng, 118, 156)
			v.odd(rng, "software_gl", 0.05)
			return v
		}},
		{"carousel", with(func(p *person) { p.pages, p.shape, p.dwell, p.clicks = 12, 15, 6, 0.8 })},
		{"reads mail on the way", func(rng *rand.Rand, s *site) *visit {
			p := usual()
			p.pages, p.dwell, p.clicks, p.loss, p.still, p.direct = 1.4, 25, 0.3, 0.15, 0.08, 0.6
			v := p.browse(rng, s)
			v.stored = v.stored || chance(rng, 0.05) // with another address than before
			return v
		}},
		{"forgotten tab", forgotten},
		{"no referrers", func(rng *rand.Rand, s *site) *visit {
			v := usual().browse(rng, s)
			v.link(rng, 0)
			v.direct = true
			return v
		}},
		{"translates", translated},
		{"small window", func(rng *rand.Rand, s *site) *visit {
			v := usual().browse(rng, s)
			v.odd(rng, "odd_screen", 0.6)
			return v
		}},
		{"browser of last year", func(rng *rand.Rand, s *site) *visit {
			v := usual().browse(rng, s)
			v.ua = pinned(rng, 126, 142)
			return v
		}},
		{"sitemap reader", chaptersSlowly},
	}
}

// forgotten is a tab that loads itself anew each hour, and was looked at in the morning.
func forgotten(rng *rand.Rand, s *site) *visit {
	if chance(rng, 0.6) {
		return usual().browse(rng, s)
	}
	v := &visit{ua: personAgent(rng), sessions: 2 + rng.IntN(8)}
	if v.sessions >= 5 {
		v.apart = 0.001
		if chance(rng, 0.5) { // other visits lie between
			v.apart = 0.4
		}
	}
	v.direct = chance(rng, 0.5)
	oddities(rng, v)
	script := chance(rng, 0.9)
	v.views = []view{{path: s.popular(rng), asked: true, beacon: script, engaged: script && chance(rng, 0.2)}}
	v.millis, v.handless = 3000, true
	return v
}

// translated is a page that a service shows in another language: it fetches, and a browser runs the
// script.
func translated(rng *rand.Rand, s *site) *visit {
	p := usual()
	p.script, p.pages, p.direct = 0.7, 2, 0.4
	v := p.browse(rng, s)
	v.lack(rng, "no_sec_fetch", 0.3)
	v.http1 = v.http1 || chance(rng, 0.3)
	v.stored = v.stored || chance(rng, 0.2) // by the service, or fetched by another of its addresses
	return v
}

// chaptersSlowly looks at one page after the other of a manual, and knows their addresses.
func chaptersSlowly(rng *rand.Rand, s *site) *visit {
	v := chapters(rng, s)
	v.link(rng, 0.3)
	return v
}
