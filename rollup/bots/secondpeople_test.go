package bots_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// People, written a second time; see secondwriting_test.go. What is told by whom:
//
// Browsers and screens are about as StatCounter counts them. 48 % of visits have one page (Contentsquare:
// 43 % on desks, 51 % on phones). 55 % of views are looked at for less than 15 seconds (Chartbeat, two
// billion of them). 28 % of steps lead back to a page of the visit, between the 14 % of the back button and
// the 44 % of views that were not the first of their page ever (Obendorf 2007). Half to two thirds of those
// come out of the back-forward cache. 1.1 % of people get no script to run, and 0.2 % because they want
// none (GDS 2013). Where nothing is measured, the reasoning stands beside the number.

// surfer is who looks at pages.
type surfer struct {
	ua      string  // drawn, if empty
	desk    float64 // chance of a desk, with a mouse and a keyboard
	bounce  float64 // chance that one page is all
	more    float64 // pages after the second, the mean
	seconds float64 // on a page, the median
	script  float64 // chance that the tracker's script runs
	cached  float64 // chance to have been here before and have all parts of the page, of which most are on others
	history float64 // chance that a page one was on is shown again without asking for it
	unseen  float64 // chance that a page is opened in the background and closed there
	direct  float64 // chance that nothing says what led to the first page
	quiet   float64 // how much likelier than with most people it is that a page sees no hand
}

// someone has a script of the site's own host run, which lists of trackers mostly don't name: 7 % don't.
// Of three visits one is another one of the same person; a fifth of these has pages with long lives in
// caches and nothing new on the page.
func someone() surfer {
	return surfer{desk: 0.45, bounce: 0.48, more: 2.2, seconds: 14, script: 0.93, cached: 0.06,
		history: 0.55, unseen: 0.03, quiet: 1, direct: 0.22}
}

func (p surfer) draw(rng *rand.Rand, s *site) *visit {
	desk := chance(rng, p.desk)
	v := &visit{ua: p.ua, sessions: 1}
	if v.ua == "" {
		v.ua = surferAgent(rng, desk)
	}
	if chance(rng, 0.2) { // comes again that day; the same address of a home counts everybody in it
		v.sessions = 2 + int(rng.ExpFloat64())
		v.apart = uniform(rng, 0.4, 1.5)
	}
	quirks(rng, v, desk)
	n := 1
	if !chance(rng, p.bounce) {
		n = 2 + int(rng.ExpFloat64()*p.more)
		if chance(rng, 0.03) { // looks for something, or likes all of it
			n *= 5
		}
	}
	p.wander(rng, s, v, min(n, 150), desk)
	// A hand that pages on presses in the same place on the next page, and moves no more than it must; from
	// afar a mouse arrives in jumps. Where somebody stays, it goes somewhere at some time.
	jumps := 0.012
	if slices.Contains(v.client, "software_gl") {
		jumps = 0.12
	}
	if n > 3 {
		jumps /= 5
	}
	v.jumps = desk && v.clicks > 0 && chance(rng, jumps)
	return v
}

// wander has somebody look at n pages.
func (p surfer) wander(rng *rand.Rand, s *site, v *visit, n int, desk bool) {
	runs, tells := chance(rng, p.script), !chance(rng, 0.015) // an extension or a proxy takes the referrer out
	v.stored = chance(rng, p.cached*math.Pow(0.6, float64(n-1)))
	// Who has the parts was here before, and comes by a bookmark more often.
	v.direct = !tells || chance(rng, p.direct) || v.stored && chance(rng, 0.3)
	at, path := 900*rng.Float64(), s.popular(rng)
	if chance(rng, 0.25) {
		path = "/"
	}
	v.handless = true
	again, typed, looked := false, true, false
	for i := range n {
		seconds := min(1700, max(0.4, lognormal(rng, p.seconds, 1.2)))
		shown := seconds * uniform(rng, 0.4, 1) // or in the background, the phone put away
		if chance(rng, p.unseen) {
			shown = 0
		}
		w := view{at: at, path: path, asked: !again || !chance(rng, p.history), linked: tells && !typed}
		w.beacon = runs && !chance(rng, 0.03)
		w.engaged = w.beacon && !chance(rng, 0.09) // phones end what is in the background without a word
		v.views = append(v.views, w)
		if w.engaged {
			v.millis += int64(1000 * shown)
		}
		p.touch(rng, v, shown, desk)
		looked = looked || shown > 0 && seconds >= 1 // of less the script says nothing
		at += seconds
		if i == n-1 {
			v.handless = v.handless && looked
			break
		}
		again, typed = false, chance(rng, 0.07)
		switch p := rng.Float64(); {
		case p < 0.28:
			path, again = v.views[rng.IntN(len(v.views))].path, true // by a key, a button, an edge of the phone
		case p < 0.42: // the next one, as they lead to it below
			at, _ := slices.BinarySearch(s.pages, path)
			path = s.pages[(at+1)%len(s.pages)]
		default:
			path = s.popular(rng)
		}
		if !again && !typed {
			v.handless = false // a link was followed
			if chance(rng, 0.93) {
				v.clicks++ // or the key Enter, which is none on some
			}
		}
	}
}

// touch has somebody do something on a page, or only look. On the way to the button that closes it a mouse
// crosses the page, and who came by a link has it above the page already: few desks see nothing, of those
// who stay a while one in forty. A phone's first screen may be all that is wanted, and to go back from it
// is nothing that a page is told of. The rest scrolls, three of four, and one in three clicks what is no
// link: a notice of consent, a menu, a picture.
func (p surfer) touch(rng *rand.Rand, v *visit, shown float64, desk bool) {
	screen, still := lognormal(rng, 18, 0.6), 0.5*math.Exp(-shown/9)+0.06
	if desk {
		screen, still = lognormal(rng, 28, 0.7), 0.4*math.Exp(-shown/4)+0.025
	}
	if shown > 0 && !chance(rng, p.quiet*still) {
		v.handless = false
		if chance(rng, 0.75) {
			screen += 100 * rng.Float64() * min(1, 0.3+shown/40)
		}
		for chance(rng, 0.3) {
			v.clicks++
		}
	}
	v.scroll = max(v.scroll, min(100, int(screen)))
}

// surferAgent is a browser of 2026. Three of four have the newest or the one before.
func surferAgent(rng *rand.Rand, desk bool) string {
	major := 156 - rng.IntN(2)
	switch p := rng.Float64(); {
	case p < 0.15:
		major = 150 + rng.IntN(5)
	case p < 0.22:
		major = 130 + rng.IntN(20)
	case p < 0.25:
		major = 109 // the last one for Windows 7 and 8
	}
	chrome := fmt.Sprintf("AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 ", major)
	fox := []int{157, 157, 156, 140, 115}[rng.IntN(5)]
	if !desk {
		switch p := rng.Float64(); {
		case p < 0.28:
			return mozilla + "(iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
				"Version/" + pick(rng, "26.2", "26.1", "26.4", "18.6", "16.6", "15.6") + " Mobile/15E148 Safari/604.1"
		case p < 0.32:
			return fmt.Sprintf(mozilla+"(iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 "+
				"(KHTML, like Gecko) CriOS/%d.0.7103.91 Mobile/15E148 Safari/604.1", major)
		case p < 0.36:
			return mozilla + "(Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) " +
				"SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36"
		case p < 0.37:
			return fmt.Sprintf(mozilla+"(Android 15; Mobile; rv:%d.0) Gecko/%d.0 Firefox/%d.0", fox, fox, fox)
		}
		return mozilla + "(Linux; Android 10; K) " + chrome + "Mobile Safari/537.36"
	}
	system := pick(rng, "Windows NT 10.0; Win64; x64", "Windows NT 10.0; Win64; x64", "Windows NT 10.0; Win64; x64",
		"Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7")
	if chance(rng, 0.04) {
		system = "X11; Linux x86_64"
	}
	switch p := rng.Float64(); {
	case p < 0.07:
		return mozilla + "(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/" +
			pick(rng, "26.2", "26.1", "18.6", "17.6") + " Safari/605.1.15"
	case p < 0.13:
		return fmt.Sprintf(mozilla+"(%s; rv:%d.0) Gecko/20100101 Firefox/%d.0", system, fox, fox)
	case p < 0.26:
		return fmt.Sprintf(mozilla+"(%s) %sSafari/537.36 Edg/%d.0.0.0", system, chrome, major)
	case p < 0.28:
		return fmt.Sprintf(mozilla+"(%s) %sSafari/537.36 OPR/%d.0.0.0", system, chrome, major-16)
	}
	return mozilla + "(" + system + ") " + chrome + "Safari/537.36"
}

// quirks are what is odd about people. Companies and virus scanners that look into https, 2.5 %, ask for
// no Brotli or change more, and speak HTTP/1.1 as often as not; extensions that change the user agent or
// hide what a browser tells, 1.5 %; browsers made of Chromium that leave hints out, 1 %. On desks 2.5 %
// have pictures drawn in software: virtual and remote desks, drivers on the list of bad ones; 1.5 % have
// PDFs downloaded, and no plugins then; 0.7 % have a screen of 1024x768; few see the page inside of a
// program, or in a window without bars.
func quirks(rng *rand.Rand, v *visit, desk bool) {
	if chance(rng, 0.025) {
		v.lack(rng, "no_brotli", 0.7)
		v.lack(rng, "no_encoding", 0.15)
		v.lack(rng, "no_accept_language", 0.06)
		v.lack(rng, "no_client_hints", 0.1)
		v.lack(rng, "no_upgrade", 0.06)
		v.http10, v.http1 = chance(rng, 0.05), chance(rng, 0.5)
	}
	if chance(rng, 0.015) {
		v.lack(rng, "ua_mismatch", 0.35)
		v.lack(rng, "no_client_hints", 0.4)
		v.lack(rng, "no_accept_language", 0.05)
	}
	v.lack(rng, "no_client_hints", 0.01)
	v.lack(rng, "no_sec_fetch", 0.003)
	v.http1 = v.http1 || chance(rng, 0.002)
	if desk {
		v.odd(rng, "software_gl", 0.025)
		v.odd(rng, "no_plugins", 0.015)
		v.odd(rng, "odd_screen", 0.008)
		v.odd(rng, "no_chrome", 0.003)
		v.odd(rng, "no_frame", 0.005)
		v.odd(rng, "zero_window", 0.001)
	}
}
