package bots_test

import (
	"math/rand/v2"
	"testing"
)

// Newcomers are a second set of strangers, written down after the first was measured and before
// anything was learnt from it; rules learnt from them after they were measured.

// TestJudgementOfNewcomers measures what TestJudgement does, with those.
func TestJudgementOfNewcomers(t *testing.T) {
	c := newCensus(t)
	c.people(newPersonas(), 0.5, 2)
	c.machines(newFamilies(), map[group]float64{disguised: 97, stealth: 64})
}

func newFamilies() []family {
	return []family{
		{"site map reader", disguised, siteMap},
		{"job board", disguised, jobBoard},
		{"coding assistant", disguised, assistant},
		{"rank checker", disguised, rankChecker},
		{"login guesser", disguised, guesser},
		{"mirror", disguised, mirror},
		{"end-to-end test", stealth, endToEnd},
		{"scraping service", stealth, service},
		{"assistant in a browser", stealth, extension},
	}
}

// siteMap takes the pages that are new in the site map, by the order there.
func siteMap(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 100, 150)}).as(rng, 0.5, 0.4, 0.05)
	crawl(rng, s, v, 1+rng.IntN(25), func() float64 { return uniform(rng, 0.5, 3) })
	return v
}

// jobBoard is a spider with a framework that sends referrers and waits at random, from home addresses
// that are changed every few pages.
func jobBoard(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: personAgent(rng)}).as(rng, 0.1, 0.7, 0.15)
	crawl(rng, s, v, 1+rng.IntN(8), func() float64 { return uniform(rng, 2, 6) })
	v.link(rng, 1)
	return v
}

// assistant fetches a page that somebody's model wants to read, with the fetch of its runtime.
func assistant(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 118, 152)}).as(rng, 0.55, 0.35, 0.05)
	crawl(rng, s, v, max(1, rng.IntN(4)-1), func() float64 { return uniform(rng, 2, 30) })
	return v
}

// rankChecker looks at a page where a search said that it stands.
func rankChecker(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: invented(rng)}).as(rng, 0.3, 0.6, 0.1)
	if chance(rng, 0.5) {
		v.ua = pinned(rng, 95, 145)
	}
	crawl(rng, s, v, 1, func() float64 { return 0 })
	return v
}

// guesser tries passwords where a login would be, and finds none.
func guesser(rng *rand.Rand, _ *site) *visit {
	v := (&visit{ua: invented(rng)}).as(rng, 0.6, 0.4, 0)
	v.direct = chance(rng, told)
	at := 0.0
	for range 3 + rng.IntN(60) {
		v.views = append(v.views, view{at: at, path: pick(rng, "/wp-login.php", "/xmlrpc.php", "/administrator/", "/login"),
			asked: true, missed: !chance(rng, 0.1)})
		at += uniform(rng, 0.5, 4)
	}
	return v
}

// mirror saves a site with all its parts, as somebody's archive.
func mirror(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 80, 150)}).as(rng, 0.5, 0.5, 0)
	v.bare = false
	crawl(rng, s, v, min(len(s.pages), 10+rng.IntN(300)), func() float64 { return uniform(rng, 0.1, 1) })
	v.link(rng, 1)
	return v
}

// endToEnd is a test of somebody's own site that runs against the real one.
func endToEnd(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pinned(rng, 130, 156)}
	v.odd(rng, "webdriver", 0.95)
	v.odd(rng, "odd_screen", 0.2)
	v.shows(rng, 0.7, 0.1, 0.6)
	crawl(rng, s, v, 2+rng.IntN(12), func() float64 { return uniform(rng, 0.4, 2) })
	ran(rng, v, 0.8, 0.9)
	v.link(rng, 0.6)
	return v
}

// service is a whole browser behind an interface that gives back a page's text: one page, or some.
func service(rng *rand.Rand, s *site) *visit {
	v := rented(rng)
	v.odd(rng, "webdriver", 0.1)
	crawl(rng, s, v, 1+rng.IntN(4), func() float64 { return uniform(rng, 1, 6) })
	ran(rng, v, 0.1, 0)
	return v
}

// extension is somebody's own browser which a model uses for a while.
func extension(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: personAgent(rng)}
	crawl(rng, s, v, length(rng, 4, 4), func() float64 { return lognormal(rng, 9, 0.5) })
	ran(rng, v, 0.9, 0.8)
	v.handless = chance(rng, 0.35) // some click by a script in the page; its owner sits before it
	v.jumps = chance(rng, 0.5)
	v.link(rng, 0.85)
	v.direct = chance(rng, 0.5) // or by a search, as its owner would
	return v
}

func newPersonas() []persona {
	return []persona{
		{"television", func(rng *rand.Rand, s *site) *visit {
			v := usual().browse(rng, s)
			v.ua = mozilla + "(SMART-TV; LINUX; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) " +
				"94.0.4606.31/7.0 TV Safari/537.36"
			v.odd(rng, "no_plugins", 0.8)
			v.handless = v.handless || len(v.views) == 1 && chance(rng, 0.1) // the remote stays on the table
			v.jumps = v.jumps || chance(rng, 0.05)                           // an arrow that goes from link to link
			return v
		}},
		{"Opera Mini", operaMini},
		{"school computers", school},
		{"slow connection", with(func(p *person) { p.pages, p.script, p.loss, p.clicks = 3, 0.6, 0.3, 0.6 })},
		{"careful company", func(rng *rand.Rand, s *site) *visit {
			v := usual().browse(rng, s) // its gateway drops what it does not know, of a small office
			v.lacks = append(v.lacks, "no_client_hints")
			v.lack(rng, "no_brotli", 0.5)
			v.http1 = v.http1 || chance(rng, 0.5)
			v.sessions = 1 + rng.IntN(8)
			return v
		}},
		{"shopper", with(func(p *person) { p.pages, p.shape, p.dwell, p.clicks = 18, 12, 15, 0.9 })},
	}
}

// operaMini has pages made small by a server, which runs the script, if at all, for a moment.
func operaMini(rng *rand.Rand, s *site) *visit {
	p := usual()
	p.script, p.loss = 0.2, 0.3
	v := p.browse(rng, s)
	v.ua = "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80/191.308; U; en) Presto/2.12.423 Version/12.16"
	v.lacks, v.bare = nil, chance(rng, 0.5)
	return v
}

// school is a class of forty at the same page with the same computers of years ago.
func school(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pinned(rng, 109, 150), sessions: 1 + rng.IntN(10)}
	start, http1 := s.popular(rng), chance(rng, 0.2) // by what keeps pages from children
	for range 10 + rng.IntN(30) {
		one := usual().browse(rng, s)
		one.ua, one.views[0].path, one.direct = v.ua, start, chance(rng, 0.6) // an address on the wall
		one.odd(rng, "software_gl", 0.05)
		one.http1 = one.http1 || http1
		shift := rng.Float64() * 60
		for i := range one.views {
			one.views[i].at += shift
			one.views[i].of = one
		}
		v.views = append(v.views, one.views...)
		v.clicks += one.clicks
		v.millis += one.millis
		v.scroll = max(v.scroll, one.scroll)
	}
	return v
}
