package bots_test

import (
	"math"
	"math/rand/v2"
	"strings"

	"analytics/rollup/bots"
)

// fleet is how a family comes to one site on a day.
type fleet struct {
	visitors float64 // addresses, the median; it spreads by as much as sizes of sites do
	prints   float64 // browsers, languages and screens that they are spread over
	stays    float64 // chance that one of them has a script tell of ten seconds or a click
}

// fleets are the families that come by several addresses; the others come by one or two. Scrapers for
// which somebody rents addresses of homes have tens to hundreds of those a day for a site that interests
// them, and the few browsers that their authors wrote down; those that make the user agent up have
// another with each.
var fleets = map[string]fleet{
	"residential one-hit": {60, 30, 0}, "paced distributed": {40, 4, 0.3}, "stealth headless": {3, 1, 0.1},
	"ai agent in a browser": {3, 3, 0.5}, "price scraper": {40, 5, 0}, "answers in disguise": {30, 1, 0},
	"training crawler": {300, 200, 0}, "mail gateway": {5, 3, 0}, "agent in the cloud": {4, 2, 0.5},
	"price watch": {20, 3, 0.05}, "screenshots": {3, 1, 0}, "traffic exchange": {20, 20, 0.7},
	"job board": {30, 15, 0}, "coding assistant": {10, 2, 0}, "rank checker": {8, 4, 0},
	"scraping service": {15, 2, 0.02},
	"rented homes":     {150, 120, 0}, "surveyor": {3, 1, 0}, "impersonated browser": {40, 8, 0},
	"comment spammer": {6, 6, 0}, "browsers in rented homes": {40, 6, 0.1}, "patched browser": {30, 10, 0.1},
	"hired agent": {4, 2, 0.5}, "bought clicks": {25, 25, 0.8}, "ad verifier": {15, 2, 0},
	"hourly check": {3, 1, 0},
	"deep links":   {300, 250, 0}, "search by meaning": {10, 3, 0}, "stock watcher": {3, 2, 0},
	"archive of a reader": {2, 2, 0}, "tester of passwords": {100, 6, 0}, "scraping browser": {30, 15, 0.2},
	"ticket buyer": {30, 5, 0.1}, "answering browser": {8, 2, 0.02}, "phones in a rack": {20, 5, 0.8},
	"page archiver": {2, 1, 0.2}, "consent checker": {2, 1, 0.3},
}

// usualShare is how many of a site's visitors have a browser, in which language and with which screen
// ever; a script tells those apart by the screen, a server does not.
func usualShare(rng *rand.Rand, ua string, tracked bool) float64 {
	share := 0.0005 // one that few have
	switch {
	case strings.Contains(ua, "Linux; Android 10; K"), strings.Contains(ua, "iPhone"):
		share = 0.1
	case strings.Contains(ua, "Windows NT 10.0") && agentVersion(ua) >= 153:
		share = 0.12
	case strings.Contains(ua, "Macintosh") && agentVersion(ua) >= 153:
		share = 0.04
	case agentVersion(ua) >= 142:
		share = 0.003
	}
	if tracked {
		share *= uniform(rng, 0.02, 0.4)
	}
	return share * uniform(rng, 0.1, 0.8) // of their language
}

func agentVersion(ua string) (version int) {
	_, rest, _ := strings.Cut(ua, "Chrome/")
	for _, c := range rest {
		if c < '0' || c > '9' {
			break
		}
		version = 10*version + int(c-'0')
	}
	return version
}

// alike draws who came to the site the day before with the same browser: people, and the rest of a
// family's fleet, which had been there the day before in seven of ten cases. One person in fifty has
// the browser that a fleet brings.
func (c *census) alike(f *bots.Facts, s *site, of fleet) {
	if !s.tracked {
		return
	}
	some := func(n float64) int { return int(n + c.rng.Float64()) }
	stayed := func(n int, p float64) (k int) {
		for range n {
			if chance(c.rng, p) {
				k++
			}
		}
		return k
	}
	if of == (fleet{}) && chance(c.rng, 0.02) {
		of = fleet{30, 3, 0}
	}
	people := lognormal(c.rng, 150, 1.5)
	same := some(min(50, people*usualShare(c.rng, f.UserAgent, f.Tracked)))
	machines := 0
	if of.visitors > 0 && chance(c.rng, 0.7) {
		machines = some(lognormal(c.rng, of.visitors, 1) * uniform(c.rng, 0.4, 1) / math.Max(1, of.prints))
	}
	share := 50 / math.Max(50, float64(same+machines)) // no more are counted
	same, machines = int(float64(same)*share), int(float64(machines)*share)
	stay := uniform(c.rng, 0.3, 0.8) // of people on this site, most of whom have the script run
	f.Alike, f.AlikeStayed = same+machines, stayed(same, stay)+stayed(machines, of.stays)
	f.Others = some(people)
	f.OthersStayed = int(float64(f.Others) * stay)
	if f.Alike < 8 { // no more is remembered
		f.Alike, f.AlikeStayed, f.Others, f.OthersStayed = 0, 0, 0, 0
	}
}

// walkers draws who else took the same pages that day and the day before, and compares how long each of
// them stayed where.
func (c *census) walkers(f *bots.Facts, s *site) {
	n := int(f.Walk.Pauses.N)
	if f.Walk.Print == 0 {
		return
	}
	share := uniform(c.rng, 0, 0.6) / float64(len(s.pages)) * math.Pow(0.4, float64(n-2))
	for range min(200, int(0.7*lognormal(c.rng, 150, 1.5)*share+c.rng.Float64())) {
		other := f.Walk.Pauses
		for i := range other.Between[:n] {
			other.Between[i] = uint32(float64(other.Between[i]) * math.Exp(1.5*c.rng.NormFloat64()))
		}
		f.Walkers++
		if other.Alike(&f.Walk.Pauses) {
			f.Copies++
		}
	}
}
