package bots_test

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// person is who browses: what differs between the personas is a change of these.
type person struct {
	pages, shape float64 // of a session
	dwell        float64 // seconds, scale of the Weibull
	k            float64
	clicks       float64 // chance that a page was left by a click that counts
	script       float64 // chance that the tracker runs
	cached       float64 // chance that a page comes from a cache, with no request
	loss         float64 // of beacons
	direct       float64 // chance that nothing says what led to the first page
	still        float64 // chance that who saw one page at a desk only looked at it; twice that with a phone
}

// usual is somebody with a browser. One in ten blocks the script. A fifth to a quarter of visits come out
// of nowhere, most of them to first pages, and the others out of apps, mails and bookmarks.
func usual() person {
	return person{direct: 0.2, pages: 3.5, shape: 2.5, dwell: 40, k: 0.75, clicks: 0.85, script: 0.9, cached: 0.05,
		loss: 0.03, still: 0.04}
}

// browse draws a visit. Oddities of headers come with 1 to 2 % of people each, more often together
// where something between the browser and us changes requests.
func (p person) browse(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: personAgent(rng), sessions: 1 + rng.IntN(2)}
	p.walk(rng, s, v, length(rng, p.pages, p.shape))
	oddities(rng, v)
	return v
}

// walk views pages. Who went on to another page had to touch the first, but for tabs that were opened
// elsewhere and closed again.
func (p person) walk(rng *rand.Rand, s *site, v *visit, pages int) {
	script, tells := chance(rng, p.script), !chance(rng, 0.012)
	v.direct = !tells || chance(rng, p.direct)
	at := rng.Float64() * 1000
	path := s.popular(rng)
	for range pages {
		dwell := max(0.7, weibull(rng, p.k, p.dwell))
		if dwell > 1500 {
			dwell = 1500 // later it is another session
		}
		w := view{at: at, path: path, asked: !chance(rng, p.cached)}
		w.linked = tells && len(v.views) > 0 && !chance(rng, 0.06) // or typed, or found elsewhere
		w.beacon = script && !chance(rng, p.loss)
		w.engaged = w.beacon && !chance(rng, 0.08) // the page is closed before, or the phone locked
		v.views = append(v.views, w)
		v.millis += int64(dwell * 600)
		v.scroll = max(v.scroll, min(100, int(weibull(rng, 1, 45))))
		if chance(rng, p.clicks) {
			v.clicks++
		}
		at += dwell
		switch {
		case chance(rng, 0.25):
			path = v.views[rng.IntN(len(v.views))].path // where one was already
		case chance(rng, 0.35): // the next one, as links below articles say
			i, _ := slices.BinarySearch(s.pages, path)
			path = s.pages[(i+1)%len(s.pages)]
		default:
			path = s.popular(rng)
		}
	}
	still := p.still
	if strings.Contains(v.ua, "Mobile") {
		still *= 2
	}
	if pages > 1 {
		still = p.still / 8
	}
	if chance(rng, still) {
		v.handless, v.clicks = true, 0
	}
}

func oddities(rng *rand.Rand, v *visit) {
	between := chance(rng, 0.01) // a proxy that opens TLS and tidies up
	odd := func(word string, p float64) {
		if between {
			p = 0.3
		}
		if chance(rng, p) {
			v.lacks = append(v.lacks, word)
		}
	}
	odd("no_accept_language", 0.012)
	odd("no_accept", 0.003)
	odd("no_encoding", 0.01)
	odd("no_sec_fetch", 0.012)
	odd("no_client_hints", 0.02)
	odd("no_brotli", 0.012)
	odd("no_upgrade", 0.004)
	if chance(rng, 0.001) { // no proxy asks for something else than its browser did
		v.lacks = append(v.lacks, "no_html")
	}
	if chance(rng, 0.003) { // somebody asked for the desktop's page
		v.lacks = append(v.lacks, "ua_mismatch")
	}
	v.http10 = chance(rng, 0.004) || between && chance(rng, 0.3)
	v.http1 = v.http1 || chance(rng, 0.025) || between && chance(rng, 0.5)
	if chance(rng, 0.012) {
		v.client = append(v.client, "odd_screen")
	}
	if chance(rng, 0.01) {
		v.client = append(v.client, "no_plugins")
	}
	if chance(rng, 0.004) {
		v.client = append(v.client, "zero_window") // opened in the background
	}
	if chance(rng, 0.015) { // an old driver, or a desktop that is a picture from elsewhere
		v.client = append(v.client, "software_gl")
	}
	if chance(rng, 0.002) { // a browser made of Chromium's engine
		v.client = append(v.client, "no_chrome")
	}
	if chance(rng, 0.015) { // bars are hidden, or how large they are
		v.client = append(v.client, "no_frame")
	}
	if v.stored = v.stored || chance(rng, 0.06); v.stored && chance(rng, 0.3) {
		v.direct = true // by a bookmark
	}
	// A mouse that is a finger on an old panel, or that a program moves for somebody who cannot.
	v.jumps = v.jumps || v.clicks > 0 && chance(rng, 0.006)
}

// persona is a kind of people.
type persona struct {
	name string
	draw func(*rand.Rand, *site) *visit
}

// with changes the usual person.
func with(change func(*person)) func(*rand.Rand, *site) *visit {
	return func(rng *rand.Rand, s *site) *visit {
		p := usual()
		change(&p)
		return p.browse(rng, s)
	}
}

func personas() []persona {
	return []persona{
		{"reader", with(func(*person) {})},
		{"tab hoarder", tabs},
		{"back button", with(func(p *person) { p.pages, p.cached, p.dwell = 9, 0.45, 12 })},
		{"configurator", configurator},
		{"screen reader", func(rng *rand.Rand, s *site) *visit {
			p := usual()
			p.pages, p.dwell, p.clicks, p.still = 5, 90, 0.7, 0.2
			v := p.browse(rng, s)
			v.jumps = v.jumps || chance(rng, 0.15) // it can press the mouse where it reads
			return v
		}},
		{"office of 200", crowd(40)},
		{"carrier NAT", crowd(8)},
		{"ad blocker", with(func(p *person) { p.script = 0 })},
		{"no JavaScript", func(rng *rand.Rand, s *site) *visit {
			p := usual()
			p.script = 0
			v := p.browse(rng, s)
			// Images are off, too. Styles are fetched still, but of one site in six that has none.
			v.bare = chance(rng, 0.3) && chance(rng, 0.17)
			return v
		}},
		{"bfcache", with(func(p *person) { p.pages, p.cached, p.loss = 6, 0.6, 0.1 })},
		{"prerender", prerender},
		{"web view", webView},
		{"proxy", func(rng *rand.Rand, s *site) *visit {
			v := usual().browse(rng, s)
			v.lacks = append(v.lacks, "no_accept_language")
			v.http1 = v.http1 || chance(rng, 0.5)
			v.http10 = v.http10 || chance(rng, 0.05)
			return v
		}},
		{"busy app", busyApp},
		{"chapter by chapter", chapters},
	}
}

// tabs opens a dozen links at once with the middle button, which is no click, or has all tabs of
// yesterday restored.
func tabs(rng *rand.Rand, s *site) *visit {
	p := usual()
	p.clicks = 0.3
	v := &visit{ua: personAgent(rng)}
	p.walk(rng, s, v, length(rng, 2, 2))
	at := v.views[len(v.views)-1].at + 5
	script, restored := v.views[0].beacon, chance(rng, 0.3)
	for range 4 + rng.IntN(16) {
		at += uniform(rng, 0.05, 1.5)
		w := view{at: at, path: s.popular(rng), asked: true, linked: !restored,
			beacon: script && !chance(rng, 0.03)}
		if w.engaged = w.beacon && chance(rng, 0.6); w.engaged { // some are never looked at
			v.millis += int64(1000 * lognormal(rng, 12, 1))
		}
		v.views = append(v.views, w)
	}
	v.direct = v.direct || restored && chance(rng, 0.3)
	v.handless = v.handless && restored && chance(rng, 0.5) // looked at and closed; else links were clicked
	oddities(rng, v)
	return v
}

// configurator clicks through the options of one thing, a click each one to four seconds: many
// requests of few pages.
func configurator(rng *rand.Rand, s *site) *visit {
	p := usual()
	v := &visit{ua: personAgent(rng)}
	p.walk(rng, s, v, length(rng, 2, 2))
	at := v.views[len(v.views)-1].at + 5
	script, few := v.views[0].beacon, min(len(s.pages), 3+rng.IntN(8))
	for range 30 + rng.IntN(90) {
		at += lognormal(rng, 2.5, 0.6)
		w := view{at: at, path: s.pages[rng.IntN(few)], asked: true, linked: true,
			beacon: script && !chance(rng, 0.03)}
		if w.engaged = w.beacon && chance(rng, 0.8); w.engaged {
			v.millis += 2500
		}
		v.clicks++
		v.views = append(v.views, w)
	}
	v.handless = false
	oddities(rng, v)
	return v
}

// crowd is people with the same browser behind one address, who are one visitor to us.
func crowd(most int) func(*rand.Rand, *site) *visit {
	return func(rng *rand.Rand, s *site) *visit {
		v := &visit{ua: personAgent(rng), sessions: 1 + rng.IntN(14)}
		for range 2 + rng.IntN(most) {
			one := usual().browse(rng, s)
			shift := rng.Float64() * 4 * 3600
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
}

// prerender has pages fetched that are never looked at: asked for, and no script ran.
func prerender(rng *rand.Rand, s *site) *visit {
	v := usual().browse(rng, s)
	for range 1 + rng.IntN(6) {
		w := v.views[rng.IntN(len(v.views))]
		v.views = append(v.views, view{at: w.at + uniform(rng, 0.1, 3), path: s.popular(rng), asked: true,
			linked: true})
	}
	return v
}

// webView is an app that shows pages: other headers, no plugins, often no client hints.
func webView(rng *rand.Rand, s *site) *visit {
	v := usual().browse(rng, s)
	v.ua = mozilla + "(Linux; Android 14; SM-A546B Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Version/4.0 Chrome/141.0.0.0 Mobile Safari/537.36"
	v.client = append(v.client, "no_plugins")
	v.direct = v.direct || chance(rng, 0.5)  // apps do not say
	v.stored = v.stored || chance(rng, 0.04) // phones change their addresses
	if chance(rng, 0.3) {
		v.lacks = append(v.lacks, "no_client_hints")
	}
	if chance(rng, 0.02) {
		v.client = append(v.client, "zero_window")
	}
	return v
}

// busyApp is a page that changes its address with every step.
func busyApp(rng *rand.Rand, s *site) *visit {
	p := usual()
	p.pages, p.shape, p.dwell, p.cached, p.direct = 25, 25, 12, 0.8, 0.7
	return p.browse(rng, s)
}

// chapters reads a manual from front to back, by its links to the next page.
func chapters(rng *rand.Rand, s *site) *visit {
	p := usual()
	v := &visit{ua: personAgent(rng)}
	p.walk(rng, s, v, length(rng, 14, 20))
	at := rng.IntN(len(s.pages))
	for i := range v.views {
		if chance(rng, 0.06) {
			at -= 2
		}
		v.views[i].path = s.pages[(at+i+len(s.pages))%len(s.pages)]
	}
	oddities(rng, v)
	return v
}
