package bots_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Machines that say what they are, and those that fetch pages without a browser and say that they are one.

// fetched adds pages that a program asks for, one after another.
func (v *visit) fetched(paths []string, refers bool, gap func() float64) *visit {
	at := 0.0
	for i, path := range paths {
		v.views = append(v.views, view{at: at, path: path, asked: true, linked: refers && i > 0})
		at += min(gap(), 1700)
	}
	return v
}

// some are pages of a site as a program that follows links or has a list comes by them: each once.
func (s *site) some(rng *rand.Rand, n int) []string {
	n = min(n, len(s.pages), 300)
	paths := make([]string, n)
	for i, at := range rng.Perm(len(s.pages))[:n] {
		paths[i] = s.pages[at]
	}
	return paths
}

// inARow are pages of a site in the order of its site map or of their numbers, from anywhere on.
func (s *site) inARow(rng *rand.Rand, n int) []string {
	n = min(n, len(s.pages), 300)
	from := rng.IntN(len(s.pages) - n + 1)
	return s.pages[from : from+n]
}

// bySelf is one of them: one page, with a chance, and else up to so many, mostly few.
func bySelf(names []string, one float64, most int) func(*rand.Rand, *site) *visit {
	return func(rng *rand.Rand, s *site) *visit {
		v := &visit{ua: pick(rng, names...), bare: true, http1: chance(rng, 0.6), direct: true}
		n := 1
		if !chance(rng, one) {
			n = 2 + int(weibull(rng, 0.6, float64(most)/4))
		}
		pause := lognormal(rng, 6, 1.3) // from a page a second to one in some minutes
		return v.fetched(s.some(rng, min(n, most)), false, func() float64 { return pause * uniform(rng, 0.5, 1.6) })
	}
}

// watchdog asks for the same page every one to five minutes, all day. Some have places it asks from, one
// of which comes round at longer times.
func watchdog(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pick(rng, watchers...), bare: true, http1: true, direct: true}
	page := pick(rng, "/", "/", "/", s.popular(rng), "/health")
	every := []float64{30, 60, 60, 180, 300, 900}[rng.IntN(6)]
	paths := make([]string, 1+rng.IntN(120))
	for i := range paths {
		paths[i] = page
	}
	return v.fetched(paths, false, func() float64 { return every + rng.NormFloat64() })
}

// feedByName fetches a feed every quarter of an hour to every few hours, and new pages at times.
func feedByName(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pick(rng, feedFetchers...), bare: true, http1: chance(rng, 0.7), direct: true}
	v.sessions = 1 + rng.IntN(20)
	paths := []string{pick(rng, "/feed.xml", "/rss.xml", "/index.xml", "/feed/", "/atom.xml")}
	if chance(rng, 0.2) {
		paths = append(paths, s.some(rng, 1+rng.IntN(2))...)
	}
	return v.fetched(paths, false, func() float64 { return uniform(rng, 0.2, 3) })
}

// underFalseName has the name of an AI's or a search engine's crawler and comes from anywhere: somebody
// hopes to be let in for it. The name is all that it copies.
func underFalseName(rng *rand.Rand, s *site) *visit {
	v, _ := scripted(rng, care{95, 5, 0, 0})
	v.ua, v.direct = pick(rng, append(modelCrawlers[:10:10], crawlersByName[:4]...)...), true
	n := 1
	if chance(rng, 0.5) {
		n = 2 + int(rng.ExpFloat64()*20)
	}
	pause := lognormal(rng, 1.2, 1)
	return v.fetched(s.some(rng, n), false, func() float64 { return pause * uniform(rng, 0.7, 1.5) })
}

// inOrder goes through a site page by page: a loop over numbers or the site map, with a sleep that is
// fixed for two in three and random for the others.
func inOrder(rng *rand.Rand, s *site) *visit {
	v, refers := scripted(rng, hasty)
	v.direct = !refers || chance(rng, 0.9)
	pause, spread := lognormal(rng, 1, 1.1), 0.0
	if chance(rng, 0.35) {
		spread = 0.6
	}
	v.sessions = 1 + []int{0, 1, 2 + rng.IntN(4)}[weighted(rng, 80, 12, 8)]
	if v.sessions > 4 {
		v.apart = uniform(rng, 0.01, 0.4) // started by a timetable
	}
	paths := s.inARow(rng, 8+int(rng.ExpFloat64()*70))
	v.fetched(paths, refers, func() float64 {
		return pause*uniform(rng, 1-spread, 1+spread) + lognormal(rng, 0.25, 0.5)
	})
	for i := range v.views { // numbers that are no more
		v.views[i].missed = strings.Contains(v.views[i].path, "products") && chance(rng, 0.06)
	}
	return v
}

// onePageEach rents addresses of homes, and takes another for each request unless a page fails: nine of
// ten sessions are one page. Those who pay by the gigabyte fetch nothing else.
func onePageEach(rng *rand.Rand, s *site) *visit {
	v, _ := scripted(rng, paying)
	v.direct = !chance(rng, 0.15) // guides say to name Google as where one comes from
	n := 1
	if chance(rng, 0.1) {
		n = 2 + rng.IntN(2)
	}
	return v.fetched(s.some(rng, n), false, func() float64 { return lognormal(rng, 3, 1) })
}

// probing looks for holes by a list. A third ask for one and come again from elsewhere; one in eight
// guesses folders. Half have a browser's name, some are tools that say their own, a few say nothing.
func probing(rng *rand.Rand, _ *site) *visit {
	v, _ := scripted(rng, care{85, 12, 2, 1})
	v.direct = true
	switch weighted(rng, 60, 22, 8, 10) {
	case 1:
		v.ua = pick(rng, toolsByName...)
	case 2:
		v.ua = ""
	case 3:
		v.ua = pick(rng, "Mozilla/5.0 zgrab/0.x", "Nuclei - Open-source project (github.com/projectdiscovery/nuclei)",
			"feroxbuster/2.11.0",
			"gobuster/3.6", "Fuzz Faster U Fool v2.1.0-dev",
			"Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)",
			"masscan/1.3", "Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:Port Check)",
			"WPScan v3.8.27 (https://wpscan.com/wordpress-security-scanner)", "xfa1", "Hello World")
	}
	var paths []string
	if chance(rng, 0.125) {
		for i := range 30 + rng.IntN(250) {
			path := guesses[i%len(guesses)]
			if i >= len(guesses) {
				path += pick(rng, "", ".php", ".bak", ".html", "s") + fmt.Sprint(i/len(guesses))
			}
			paths = append(paths, path)
		}
	} else {
		n := 1
		if !chance(rng, 0.33) {
			n = 2 + int(weibull(rng, 0.7, 14))
		}
		for _, at := range rng.Perm(len(weakSpots))[:min(n, len(weakSpots))] {
			paths = append(paths, weakSpots[at])
		}
		if chance(rng, 0.3) {
			paths = append([]string{"/"}, paths...)
		}
	}
	pause := lognormal(rng, 0.4, 1.2)
	v.fetched(paths, false, func() float64 { return pause * uniform(rng, 0.4, 2) })
	for i := range v.views { // some servers answer all of it with a page, or with a redirect
		v.views[i].missed = v.views[i].path != "/" && chance(rng, 0.94)
	}
	return v
}
