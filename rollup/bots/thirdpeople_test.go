package bots_test

import (
	"math/rand/v2"
	"strings"

	"analytics/ingest/enrich"
)

// habit is how somebody goes through a site.
//
// Half of the visits to a site are one page, as most published benchmarks of bounce rates have it, and
// the others are few pages with a long tail. The time on a page is Weibull with k below 1 (Liu, White,
// Dumais 2010); the scale gives a median of half a minute, near Contentsquare's mean of 54 seconds. One
// navigation in ten on desks and one in five on phones is back or forward (Chromium, on the back-forward
// cache), and a fifth to a half of all page views are of pages that were seen before (Tauscher, Greenberg
// 1997; Obendorf 2007).
type habit struct {
	desk     float64 // chance of a desk and not a phone
	bounce   float64 // chance that one page is all
	more     float64 // pages after the second, the mean
	k, scale float64 // of the seconds on a page
	back     float64 // chance that the next page is the one before
	restored float64 // chance that the browser then has the page as it was
	script   float64 // chance that the tracker's script runs
	tells    float64 // chance that leaving a page is told
	direct   float64 // chance that no page led to the visit
	glance   float64 // chance that the last page was left without a touch
	lost     float64 // chance that a page does not exist
}

// ordinary is a person on any site. Half are on phones (StatCounter). A script under a name of its own
// runs for nine of ten. A fifth to a third of visits come from nowhere: SparkToro found in 2023 that
// messengers and many apps say nothing, and four of ten of those to deep pages have a campaign's name.
// Phones end pages without a word more often than desks. Of pages that are not scrolled, a fourth by
// Chartbeat, some are never touched: a phone is put away, or the browser's own gesture leads back.
func ordinary() habit {
	return habit{desk: 0.5, bounce: 0.5, more: 2.4, k: 0.75, scale: 48, back: 0.14, restored: 0.6, script: 0.9,
		tells: 0.94, direct: 0.2, glance: 0.06, lost: 0.008}
}

func habitual(change func(*habit)) func(*rand.Rand, *site) *visit {
	h := ordinary()
	change(&h)
	return h.draw
}

func (h habit) draw(rng *rand.Rand, s *site) *visit {
	v, desk := h.somebody(rng)
	h.wander(rng, s, v, desk)
	return v
}

// somebody is a person before the first page.
func (h habit) somebody(rng *rand.Rand) (*visit, bool) {
	desk := chance(rng, h.desk)
	v := &visit{ua: phoneAgent(rng), direct: chance(rng, h.direct)}
	if desk {
		v.ua = deskAgent(rng)
	}
	blemishes(rng, v, desk)
	// Who comes back the same day mostly comes once more; some come all day.
	v.sessions = 1 + []int{0, 1, 2, 3 + rng.IntN(8)}[weighted(rng, 82, 11, 4, 3)]
	if v.sessions > 4 {
		v.apart = uniform(rng, 0.45, 1.6)
	}
	return v, desk
}

// wander fills in pages.
func (h habit) wander(rng *rand.Rand, s *site, v *visit, desk bool) {
	runs := chance(rng, h.script)
	pages := 1
	if !chance(rng, h.bounce) {
		pages = 2 + int(rng.ExpFloat64()*h.more)
	}
	// Three of ten visits are by who was there before (benchmarks of returning visitors), and of theirs
	// the parts of pages are at hand half the time. New pages have pictures of their own.
	v.stored = chance(rng, map[bool]float64{true: 0.15, false: 0.04}[pages == 1])
	path, trail := s.popular(rng), []string{}
	if chance(rng, 0.3) {
		path = "/"
	}
	w := view{path: path, asked: true}
	for i := range min(pages, 120) {
		w.beacon = runs && chance(rng, 0.97)
		w.engaged = w.beacon && chance(rng, h.tells)
		w.missed = w.asked && chance(rng, h.lost)
		seconds := 0.5 + min(weibull(rng, h.k, h.scale), 1700)
		if desk && i+1 < pages && chance(rng, 0.06) { // a link is opened in another tab, and read later
			seconds = uniform(rng, 0.6, 3)
		}
		v.views = append(v.views, w)
		h.read(rng, v, w, seconds)
		trail = append(trail, w.path)
		next := view{at: w.at + seconds, asked: true, linked: chance(rng, 0.97)}
		switch p := rng.Float64(); {
		case len(trail) > 1 && p < h.back:
			next.path = trail[len(trail)-2]
			trail = trail[:len(trail)-2]
			// What is not kept whole is taken from the cache, however old, unless that is forbidden.
			next.asked = !chance(rng, h.restored) && chance(rng, 0.45)
		case chance(rng, 0.07): // an address is typed, or found by a search engine
			next.path, next.linked = s.popular(rng), false
		default:
			next.path = s.onward(rng, w.path)
			v.clicks++
		}
		w = next
	}
	h.leave(rng, v, desk)
	coincide(rng, v)
}

// read adds what of a page was seen: most, but somebody who is long away looks at another window. A fifth
// of pages fit into the window or are read to their end.
func (h habit) read(rng *rand.Rand, v *visit, w view, seconds float64) {
	if !w.engaged {
		return
	}
	seen := seconds * uniform(rng, 0.6, 1)
	if seconds > 300 {
		seen = min(seen, 60+240*rng.Float64())
	}
	v.millis += int64(seen * 1000)
	depth := 25 + rng.IntN(70)
	if chance(rng, 0.2) {
		depth = 100
	}
	v.scroll = max(v.scroll, depth)
	if chance(rng, 0.25) { // a menu, a picture, a field
		v.clicks += 1 + rng.IntN(3)
	}
}

// leave is how the last page ends.
func (h habit) leave(rng *rand.Rand, v *visit, desk bool) {
	last := len(v.views) - 1
	if !chance(rng, h.glance*map[bool]float64{true: 0.4, false: 1.6}[desk]) {
		return
	}
	if last == 0 {
		v.handless, v.clicks = true, 0
		return
	}
	still := *v
	still.handless, still.views = true, nil
	v.views[last].of = &still
}

// onward is a page that another leads to: a popular one, the next or the one before.
func (s *site) onward(rng *rand.Rand, from string) string {
	if chance(rng, 0.3) {
		for i, path := range s.pages {
			if path == from {
				return s.pages[(i+[]int{1, 1, 1, len(s.pages) - 1}[rng.IntN(4)])%len(s.pages)]
			}
		}
	}
	return s.popular(rng)
}

// coincide is a site, one in fifty, that sends everybody from its first page to the next by a script, at
// once: so all who then look no further went the same way in the same steps. Who did so by chance is not
// drawn here.
func coincide(rng *rand.Rand, v *visit) {
	if len(v.views) == 2 && chance(rng, 0.02) {
		v.views[1].at = v.views[0].at + uniform(rng, 0.2, 0.9)
		v.copies = 3 + rng.IntN(60)
	}
}

// blemishes are what is odd about people's browsers and what stands before them. Each is with one or two
// in a hundred, and some come together.
func blemishes(rng *rand.Rand, v *visit, desk bool) {
	lack := func(p float64, word string) {
		if chance(rng, p) {
			v.lacks = append(v.lacks, word)
		}
	}
	switch {
	case desk && chance(rng, 0.03): // a company opens TLS to look inside; its proxy speaks HTTP/1.1
		v.http1, v.http10 = true, chance(rng, 0.04)
		lack(0.5, enrich.NoBrotli)
		lack(0.1, enrich.NoEncoding)
		lack(0.12, enrich.NoSecFetch)
		lack(0.15, enrich.NoClientHints)
	case chance(rng, 0.012): // an extension for privacy, or a browser under another's name
		lack(0.6, enrich.AgentMismatch)
		lack(0.6, enrich.NoClientHints)
		lack(0.2, enrich.NoAcceptLanguage)
		v.direct = v.direct || chance(rng, 0.5)
	case chance(rng, 0.01): // a browser made of Chromium for televisions, children or one shop
		lack(0.6, enrich.NoClientHints)
		lack(0.3, enrich.NoUpgrade)
		lack(0.3, enrich.NoSecFetch)
	}
	lack(0.008, enrich.NoAcceptLanguage)
	lack(0.004, enrich.NoAccept)
	lack(0.006, enrich.NoEncoding)
	lack(0.006, enrich.NoBrotli)
	lack(0.007, enrich.NoSecFetch)
	lack(0.007, enrich.NoClientHints)
	lack(0.004, enrich.AgentMismatch)
	lack(0.008, enrich.NoUpgrade)
	lack(0.003, enrich.NoHTML)
	v.http1 = v.http1 || chance(rng, 0.012)
	v.bare = chance(rng, 0.002) // pictures are off, and styles of the site's own not needed
	if !desk {
		return
	}
	shows := func(p float64, word string) {
		if chance(rng, p) {
			v.client = append(v.client, word)
		}
	}
	if chance(rng, 0.02) { // a virtual desktop or a remote one
		shows(0.85, enrich.SoftwareGL)
		shows(0.1, enrich.OddScreen)
		shows(0.1, enrich.NoFrame)
		v.jumps = chance(rng, 0.1)
	}
	shows(0.008, enrich.SoftwareGL) // its driver is on the browser's list of bad ones
	shows(0.006, enrich.OddScreen)
	shows(0.01, enrich.NoPlugins) // PDF is read elsewhere, as set by a company
	shows(0.006, enrich.NoFrame)
	shows(0.003, enrich.NoChrome)
	shows(0.001, enrich.ZeroWindow)
	v.jumps = v.jumps || chance(rng, 0.008)
}

// withoutScript has scripts off: about one visitor in five hundred (gov.uk, 2013, and later counts), many
// of them by NoScript or in Tor's browser, which is Firefox with long support and says no more than that.
func withoutScript(rng *rand.Rand, s *site) *visit {
	h := ordinary()
	h.script, h.desk, h.direct = 0, 0.75, 0.3
	v, desk := h.somebody(rng)
	if chance(rng, 0.35) {
		v.ua = mozilla + "(Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
	}
	h.wander(rng, s, v, desk)
	return v
}

// throughProxy is behind a filter of a school, a company or for privacy that takes the language away and
// mostly more: such filters (Squid, Privoxy) speak HTTP/1.1 or even 1.0 and leave out what they can't
// unpack and where somebody came from.
func throughProxy(rng *rand.Rand, s *site) *visit {
	h := ordinary()
	h.desk, h.script = 0.85, 0.85
	v, desk := h.somebody(rng)
	v.lacks = append(v.lacks, enrich.NoAcceptLanguage)
	v.http1 = v.http1 || chance(rng, 0.6)
	v.http10 = v.http10 || chance(rng, 0.03)
	if chance(rng, 0.4) {
		v.lacks = append(v.lacks, enrich.NoBrotli)
	}
	if chance(rng, 0.06) {
		v.lacks = append(v.lacks, enrich.NoEncoding)
	}
	h.wander(rng, s, v, desk)
	if chance(rng, 0.25) {
		v.direct = true
		for i := range v.views {
			v.views[i].linked = false
		}
	}
	return v
}

// insideApp is a page within another app: most look at one page and go back to where they were, which ends
// the page without a word one time in four. Facebook and Instagram say where they come from, TikTok and
// messengers do not. Android's view sends hints unless the app changed its name altogether.
func insideApp(rng *rand.Rand, s *site) *visit {
	h := ordinary()
	h.desk, h.bounce, h.script, h.tells, h.direct, h.glance, h.scale = 0, 0.72, 0.97, 0.75, 0.4, 0.09, 35
	v, desk := h.somebody(rng)
	chrome := pick(rng, "153", "154", "152", "149", "143", "131") + ".0." + pick(rng, "7444.102", "7390.97", "7204.63")
	phone := "(Linux; Android " + pick(rng, "16", "15", "14", "13", "10") + "; " + pick(rng,
		"SM-A546B Build/UP1A.231005.007", "Pixel 8 Build/AP2A.240805.005", "M2101K6G Build/TKQ1.221013.002") +
		"; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/" + chrome + " Mobile Safari/537.36"
	apple := "(iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
	if chance(rng, 0.4) {
		v.ua = mozilla + apple + pick(rng, " Instagram 402.0.0.31.84 (iPhone14,5; iOS 18_7; de_DE; de; scale=3.00)",
			" [FBAN/FBIOS;FBAV/535.0.0.42.70;FBDV/iPhone15,2]", " musical_ly_42.3.0 BytedanceWebview/d8a21c6",
			" LinkedInApp", " Safari Line/15.17.0", "", " GSA/390.0.1")
	} else {
		v.ua = mozilla + phone + pick(rng, " Instagram 402.0.0.49.72 Android", " [FB_IAB/FB4A;FBAV/536.0.0.46.77;]",
			" trill_420204 BytedanceWebview/d8a21c6", " [LinkedInApp]", " Line/15.17.1/IAB", "", " GSA/16.44.31")
	}
	if strings.Contains(v.ua, "wv)") && chance(rng, 0.02) { // WeChat brings a browser of its own, years old
		v.ua = mozilla + "(Linux; Android 13; M2101K6G) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 " +
			"Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240404 MicroMessenger/8.0.49.2600(0x28003133)"
		v.lacks = append(v.lacks, enrich.NoClientHints)
	}
	h.wander(rng, s, v, desk)
	return v
}
