package bots_test

import (
	"math/rand/v2"

	"analytics/ingest/enrich"
)

// Machines that drive a browser, or tell of visits that nobody made.

// drive is how a program goes through a site with a browser.
type drive struct {
	runs  float64 // chance that the tracker's script runs: some block what is known to track, to save
	tells float64 // chance that leaving a page is told: pages that are closed by force say nothing
	// none, jump: chances that no input is made at all, and that a mouse is pressed without going there.
	// What remains moves a mouse as people do, or turns its wheel.
	none, jump float64
	linked     float64 // chance that a page was come to by a link and not by its address
}

// through fills in pages.
func (d drive) through(rng *rand.Rand, v *visit, paths []string, gap func() float64) *visit {
	runs, at := chance(rng, d.runs), 0.0
	byHand := weighted(rng, d.none, d.jump, max(0, 1-d.none-d.jump))
	v.handless, v.jumps = byHand == 0, byHand == 1
	linked := d.linked
	if byHand > 0 {
		linked = max(linked, 0.8) // what is clicked are links
	}
	v.scroll = 15 + rng.IntN(40)
	if chance(rng, 0.45) { // to the end, for what is loaded only there
		v.scroll = 100
	}
	for i, path := range paths {
		pause := min(gap(), 1700)
		w := view{at: at, path: path, asked: true, linked: i > 0 && chance(rng, linked)}
		w.beacon = runs && chance(rng, 0.97)
		w.engaged = w.beacon && (i+1 < len(paths) && chance(rng, 0.93) || chance(rng, d.tells))
		if w.engaged {
			v.millis += int64(pause * 900)
			if byHand > 0 {
				v.clicks += rng.IntN(3)
			}
		}
		v.views = append(v.views, w)
		at += pause
	}
	return v
}

// linuxChrome is a browser on a rented server, under its own name or a more usual one.
func linuxChrome(rng *rand.Rand) string {
	system := pick(rng, "X11; Linux x86_64", "Windows NT 10.0; Win64; x64", "Windows NT 10.0; Win64; x64",
		"Macintosh; Intel Mac OS X 10_15_7")
	return mozilla + "(" + system + ") " + blink + chromeOf(rng) + " Safari/537.36"
}

// headlessByDefault is a browser without a window as Puppeteer, Playwright and Selenium start it: Chrome
// says so in its name. One in twenty-five is Firefox or WebKit, which say so to scripts alone, by what the
// standard has for it (WebDriver, section 4).
func headlessByDefault(rng *rand.Rand, s *site) *visit {
	v := &visit{direct: true, client: []string{enrich.Webdriver}}
	version := chromeOf(rng)
	v.ua = mozilla + "(" + pick(rng, "X11; Linux x86_64", "X11; Linux x86_64", "Windows NT 10.0; Win64; x64",
		"Macintosh; Intel Mac OS X 10_15_7") + ") AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/" +
		version + " Safari/537.36"
	if chance(rng, 0.04) {
		v.ua = pick(rng, mozilla+"(X11; Linux x86_64; rv:155.0) Gecko/20100101 Firefox/155.0",
			mozilla+"(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "+
				"Version/26.0 Safari/605.1.15")
	} else if chance(rng, 0.4) { // the old mode sends no language
		v.lacks = append(v.lacks, enrich.NoAcceptLanguage)
		v.client = append(v.client, enrich.NoPlugins)
	}
	if chance(rng, 0.3) {
		v.client = append(v.client, enrich.OddScreen) // 800x600, as long as nobody sets it
	}
	n := 1
	if chance(rng, 0.35) {
		n = 2 + int(rng.ExpFloat64()*8)
	}
	pause := lognormal(rng, 3, 0.8)
	gap := func() float64 { return pause * uniform(rng, 0.7, 1.5) }
	return drive{0.85, 0.35, 0.75, 0.2, 0.1}.through(rng, v, s.some(rng, n), gap)
}

// hiddenBrowser hides that a program drives it.
//
// Four of ten use the plugins named stealth: they rename the browser and make up a graphics card, and leave
// a window as high as its page where a size of the page is set. Three start the usual browser on a screen
// that is not there (undetected-chromedriver, nodriver, patchright): the processor draws. One is made of
// Firefox (Camoufox). Two rent browsers that are made up with more care. Most read the page without any
// input, or scroll by script; some click where something is, and a fifth move the mouse as people do
// (ghost-cursor).
func hiddenBrowser(rng *rand.Rand, s *site) *visit {
	v := hiding(rng)
	n := 1
	if chance(rng, 0.55) {
		n = 2 + int(rng.ExpFloat64()*5)
	}
	pause := lognormal(rng, 6, 0.8)
	gap := func() float64 { return pause * uniform(rng, 0.6, 1.6) }
	return drive{0.8, 0.55, 0.62, 0.2, 0.15}.through(rng, v, s.some(rng, n), gap)
}

// hiding is such a browser before its first page.
func hiding(rng *rand.Rand) *visit {
	v := &visit{ua: linuxChrome(rng), direct: chance(rng, 0.85), bare: chance(rng, 0.05)}
	lack := func(p float64, word string) {
		if chance(rng, p) {
			v.lacks = append(v.lacks, word)
		}
	}
	shows := func(p float64, word string) {
		if chance(rng, p) {
			v.client = append(v.client, word)
		}
	}
	switch weighted(rng, 40, 30, 10, 20) {
	case 0:
		lack(0.08, enrich.NoClientHints)
		lack(0.08, enrich.AgentMismatch) // a user agent from a list, and hints of its own
		lack(0.03, enrich.NoAcceptLanguage)
		shows(0.12, enrich.SoftwareGL)
		shows(0.45, enrich.NoFrame)
		shows(0.15, enrich.OddScreen)
		shows(0.04, enrich.NoPlugins)
		shows(0.03, enrich.Webdriver) // a frame or a worker the plugin forgot
	case 1:
		lack(0.04, enrich.AgentMismatch)
		shows(0.8, enrich.SoftwareGL)
		shows(0.06, enrich.NoFrame)
		shows(0.12, enrich.OddScreen)
	case 2:
		v.ua = mozilla + "(" + pick(rng, "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10.15") +
			"; rv:135.0) Gecko/20100101 Firefox/135.0"
	default:
		lack(0.03, enrich.AgentMismatch)
		shows(0.12, enrich.SoftwareGL)
		shows(0.05, enrich.NoFrame)
	}
	return v
}

// assistantAtWork is an AI that uses a browser for somebody, step by step: it looks at the page, thinks for
// some seconds, and clicks where it should or opens an address. Half of them (Claude for Chrome, Comet,
// Atlas) are in the person's own browser, whose mouse the person may move meanwhile; half (ChatGPT's agent,
// Manus, browser-use and who rents browsers to such) are on a server, often with the small screen that
// models were made for, 1024x768. Clicks by the debugger's protocol go there at once; some click what is in
// the page by script, which no browser vouches for.
func assistantAtWork(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: linuxChrome(rng), direct: chance(rng, 0.6)}
	d := drive{0.9, 0.7, 0.3, 0.4, 0.45}
	if chance(rng, 0.5) {
		v.ua = mozilla + "(" + pick(rng, "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7") + ") " +
			blink + chromeOf(rng) + " Safari/537.36"
		blemishes(rng, v, true)
		d.none, d.jump = 0.25, 0.42
	} else {
		for i, word := range []string{enrich.SoftwareGL, enrich.NoFrame, enrich.OddScreen, enrich.Webdriver} {
			if chance(rng, []float64{0.6, 0.25, 0.3, 0.08}[i]) {
				v.client = append(v.client, word)
			}
		}
	}
	n := 1 + int(rng.ExpFloat64()*3.5)
	return d.through(rng, v, s.some(rng, min(n, 25)), func() float64 { return 2 + lognormal(rng, 7, 0.7) })
}

// pacing takes a few pages from each of many addresses, slowly and not in order of anything that could be
// seen. Half fetch pages by a library, for the most part one that imitates a browser well; half drive
// browsers. Pauses are random between two bounds, as everybody writes them, and one in six has a fixed one.
func pacing(rng *rand.Rand, s *site) *visit {
	low := uniform(rng, 2, 10)
	high := low * uniform(rng, 1.5, 5)
	gap := func() float64 { return uniform(rng, low, high) + lognormal(rng, 0.4, 0.5) }
	if chance(rng, 0.17) {
		gap = func() float64 { return high + lognormal(rng, 0.2, 0.4) }
	}
	paths := s.some(rng, 2+int(rng.ExpFloat64()*6))
	if chance(rng, 0.35) { // a slice of a list that is cut up
		paths = s.inARow(rng, len(paths))
	}
	if chance(rng, 0.5) {
		return drive{0.75, 0.6, 0.6, 0.15, 0.25}.through(rng, hiding(rng), paths, gap)
	}
	v, refers := scripted(rng, care{20, 33, 20, 27})
	v.direct = !chance(rng, 0.2)
	v.sessions = 1 + []int{0, 1, 2, 4 + rng.IntN(4)}[weighted(rng, 65, 18, 10, 7)]
	if v.sessions > 4 {
		v.apart = uniform(rng, 0.15, 1)
	}
	return v.fetched(paths, refers || chance(rng, 0.2), gap)
}

// inventing tells a tracker of visits that nobody made: with a script that posts what it saw a browser
// post. Most post one view of one page, to be seen among referrers or to try whether it works; some make
// a page popular, view by view, from few addresses; a fourth also tell how long it was read, in round
// numbers. One in seven posts from a browser, on a page of its own, and sends what browsers send.
func inventing(rng *rand.Rand, s *site) *visit {
	v, _ := scripted(rng, care{55, 28, 12, 5})
	v.direct = !chance(rng, 0.4) // a referrer is what some of it is for
	if chance(rng, 0.14) {
		v.ua, v.lacks, v.http1, v.http10 = deskAgent(rng), nil, false, false
	}
	n, one := 1, chance(rng, 0.5)
	if chance(rng, 0.35) {
		n = 2 + int(rng.ExpFloat64()*25)
	}
	page, engages := s.popular(rng), chance(rng, 0.25)
	pause, even := lognormal(rng, 2, 1.2), chance(rng, 0.67)
	at := 0.0
	for i := range min(n, 250) {
		w := view{at: at, path: page, beacon: true, engaged: engages, linked: i > 0 && chance(rng, 0.2)}
		if !one {
			w.path = s.popular(rng)
		}
		if w.engaged {
			v.millis += []int64{10000, 15000, 30000, 60000, 12345}[rng.IntN(5)]
			v.scroll = []int{100, 100, 75, 50, 90}[rng.IntN(5)]
			v.clicks += []int{0, 0, 1}[rng.IntN(3)]
		}
		v.views = append(v.views, w)
		step := pause + lognormal(rng, 0.1, 0.5)
		if !even {
			step = pause * uniform(rng, 0.3, 2)
		}
		at += min(step, 1700)
	}
	return v
}
