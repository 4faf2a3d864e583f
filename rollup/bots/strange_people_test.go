package bots_test

import (
	"fmt"
	"math/rand/v2"
)

// strangePersonas are people who do as machines do in one thing or another.
func strangePersonas() []persona {
	return []persona{
		{"keyboard reader", with(func(p *person) { p.pages, p.dwell, p.clicks = 4, 60, 0.2 })},
		{"screen magnifier", magnifier},
		{"feed clicker", feedClicker},
		{"company proxy", company},
		{"VPN", func(rng *rand.Rand, s *site) *visit {
			v := crowd(20)(rng, s)
			v.sessions = 1 + rng.IntN(20)
			return v
		}},
		{"old browser", oldBrowser},
		{"text browser", textBrowser},
		{"twenty tabs", twentyTabs},
		{"privacy browser", privacy},
		{"Tor", tor},
		{"kiosk", kiosk},
		{"developer", developer},
		{"phone in a train", func(rng *rand.Rand, s *site) *visit {
			p := usual()
			p.pages, p.loss, p.dwell = 4, 0.4, 30
			v := p.browse(rng, s)
			v.stored = v.stored || chance(rng, 0.06) // with another address than before
			return v
		}},
	}
}

// magnifier has a small screen, and enlarges it.
func magnifier(rng *rand.Rand, s *site) *visit {
	p := usual()
	p.pages, p.dwell, p.clicks = 4, 100, 0.7
	v := p.browse(rng, s)
	v.odd(rng, "odd_screen", 0.4)
	v.jumps = v.jumps || chance(rng, 0.02)
	return v
}

// feedClicker opens articles out of a feed reader, one after the other, several times a day.
func feedClicker(rng *rand.Rand, s *site) *visit {
	p := usual()
	p.pages, p.shape, p.dwell, p.clicks, p.direct = 2.5, 4, 70, 0.4, 0.9
	v := p.browse(rng, s)
	v.sessions = 1 + rng.IntN(8)
	v.handless = v.handless || v.clicks == 0 && chance(rng, 0.06) // and closes them by their tabs
	for i := range v.views {
		v.views[i].linked = chance(rng, 0.2) && i > 0
	}
	return v
}

// company is hundreds behind one address with the browser that all of them have. What stands between
// opens TLS: half of such products know no Brotli, few tidy up more than that.
func company(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: personAgent(rng), sessions: 1 + rng.IntN(40)}
	brotli, tidy, http1 := chance(rng, 0.5), chance(rng, 0.05), chance(rng, 0.6)
	for range 5 + rng.IntN(100) {
		one := usual().browse(rng, s)
		one.ua = v.ua
		one.lack(rng, "no_brotli", map[bool]float64{true: 1}[brotli])
		one.http1 = one.http1 || http1
		one.stored = one.stored || chance(rng, 0.1) // by that, which opens TLS
		one.odd(rng, "software_gl", 0.02)
		if tidy {
			one.lacks = append(one.lacks, "no_sec_fetch", "no_client_hints")
		}
		shift := rng.Float64() * 8 * 3600
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

// oldBrowser is one of a machine that gets no newer ones; the script does not run on the oldest.
func oldBrowser(rng *rand.Rand, s *site) *visit {
	p := usual()
	p.script = 0.65
	v := p.browse(rng, s)
	v.odd(rng, "software_gl", 0.08) // drivers that newer browsers refuse
	switch rng.IntN(4) {
	case 0:
		v.ua = fmt.Sprintf(mozilla+"(Windows NT 6.1; Win64; x64; rv:%d.0) Gecko/20100101 Firefox/%[1]d.0",
			[]int{52, 60, 78, 102, 115}[rng.IntN(5)])
	case 1:
		v.ua = mozilla + "(Macintosh; Intel Mac OS X 10_13_6) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
			pick(rng, "Version/11.1.2", "Version/13.1.2") + " Safari/605.1.15"
	default:
		v.ua = mozilla + "(Windows NT " + pick(rng, "6.1", "6.3", "5.1") + ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" +
			pick(rng, "49.0.2623.112", "109.0.5414.120", "109.0.0.0", "87.0.4280.141") + " Safari/537.36"
	}
	return v
}

// textBrowser shows no images and runs no script.
func textBrowser(rng *rand.Rand, s *site) *visit {
	p := usual()
	p.script = 0
	v := p.browse(rng, s)
	v.bare, v.lacks = true, nil
	v.ua = pick(rng, "Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.7.8", "w3m/0.5.3+git20230121",
		"ELinks/0.16.1.1 (textmode; Linux; 80x24-2)", "Links (2.28; Linux 6.1 x86_64; GNU C 12; text)")
	return v
}

// twentyTabs opens a page of results, then everything on it, and skims what came.
func twentyTabs(rng *rand.Rand, s *site) *visit {
	v := usual().browse(rng, s)
	v.views = v.views[:1]
	at, script := v.views[0].at+6, v.views[0].beacon
	for range 12 + rng.IntN(16) {
		at += uniform(rng, 0.2, 1)
		w := view{at: at, path: s.popular(rng), asked: true, linked: true, beacon: script && !chance(rng, 0.03)}
		if w.engaged = w.beacon && chance(rng, 0.75); w.engaged {
			v.millis += int64(1000 * lognormal(rng, 7, 0.8)) // skimmed
		}
		v.views = append(v.views, w)
	}
	v.handless = false // the page of results was clicked
	v.clicks = rng.IntN(3)
	return v
}

// privacy is a Chromium that tells less: no client hints, often no script of strangers, and some leave
// out where one comes from.
func privacy(rng *rand.Rand, s *site) *visit {
	p := usual()
	p.script = 0.4
	v := p.browse(rng, s)
	v.ua = pinned(rng, 140, 156)
	v.lacks = append(v.lacks, "no_client_hints")
	v.odd(rng, "no_plugins", 0.3)
	v.shows(rng, 0.03, 0.02, 0.12) // some say another size of the window
	if chance(rng, 0.1) {
		v.link(rng, 0)
		v.direct = true
	}
	return v
}

// tor is a Firefox that looks like all others of its kind.
func tor(rng *rand.Rand, s *site) *visit {
	p := usual()
	p.script, p.loss, p.direct = 0.35, 0.1, 0.4
	v := p.browse(rng, s)
	v.ua = mozilla + "(Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
	v.odd(rng, "odd_screen", 0.1)
	v.sessions = 1 + rng.IntN(6)
	return v
}

// kiosk is a screen in a shop: the same browser for everybody, all day, which goes home when nobody
// touched it for two minutes.
func kiosk(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pinned(rng, 120, 156), sessions: 1 + rng.IntN(10)}
	at := 0.0
	for range 3 + rng.IntN(12) {
		one := usual().browse(rng, s)
		for _, w := range one.views {
			w.at = at + w.at - one.views[0].at
			w.asked, w.beacon, w.engaged = true, true, chance(rng, 0.9)
			v.views = append(v.views, w)
		}
		v.clicks += one.clicks
		v.millis += one.millis
		at = v.views[len(v.views)-1].at + 120
		v.views = append(v.views, view{at: at, path: "/", asked: true, beacon: true, engaged: true})
		at += lognormal(rng, 300, 0.8)
	}
	v.direct = true
	v.odd(rng, "odd_screen", 0.1)
	v.shows(rng, 0.05, 0, 0.05) // a cheap computer behind the screen, and a program around the browser
	v.stored = chance(rng, 0.1)
	v.jumps = chance(rng, 0.3) // a panel that says that it is a mouse
	return v
}

// developer looks at an own page again and again, with the tools open beside it.
func developer(rng *rand.Rand, s *site) *visit {
	v := usual().browse(rng, s)
	v.views = v.views[:1]
	at, few := v.views[0].at, 1+rng.IntN(3)
	for range 5 + rng.IntN(50) {
		at += lognormal(rng, 15, 1.1)
		w := view{at: at, path: s.pages[rng.IntN(min(few, len(s.pages)))], asked: true, beacon: !chance(rng, 0.03)}
		w.engaged, w.linked = w.beacon && chance(rng, 0.8), chance(rng, 0.1)
		v.millis += int64(1000 * lognormal(rng, 9, 1))
		v.views = append(v.views, w)
	}
	v.clicks, v.direct = rng.IntN(20), chance(rng, 0.9)
	v.http1 = chance(rng, 0.1)                     // by a proxy that shows what is said
	v.handless = v.clicks == 0 && chance(rng, 0.5) // the page loads itself with each change
	v.odd(rng, "odd_screen", 0.3)
	return v
}
