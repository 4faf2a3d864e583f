package bots_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"analytics/ingest/enrich"
)

// Browsers of people in November 2026, by what StatCounter has for desks and for phones, and the user
// agents that programs send in their place.

// weighted is an index, drawn by weights.
func weighted(rng *rand.Rand, weights ...float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	at := rng.Float64() * sum
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// chromeOf is a version of Chrome that somebody has. Four of five have one of the last months; 109 is the
// last for Windows 7 and 8; until 100 the user agent had the whole number, and since then zeros
// (chromium.org, User-Agent Reduction).
func chromeOf(rng *rand.Rand) string {
	version := 0
	switch weighted(rng, 62, 22, 11, 3, 1, 1) {
	case 0:
		version = 152 + rng.IntN(3)
	case 1:
		version = 148 + rng.IntN(4)
	case 2:
		version = 138 + rng.IntN(10)
	case 3:
		version = 110 + rng.IntN(28)
	case 4:
		version = 109
	default:
		return wholeVersion(rng, 79+rng.IntN(21))
	}
	return fmt.Sprint(version, ".0.0.0")
}

// wholeVersion is a version with its build, which grew by some 45 with each version of those years.
func wholeVersion(rng *rand.Rand, version int) string {
	return fmt.Sprintf("%d.0.%d.%d", version, 3945+(version-79)*45, 50+rng.IntN(150))
}

func firefoxOf(rng *rand.Rand) int {
	return []int{157, 156, 155, 140, 128, 115}[weighted(rng, 45, 20, 8, 20, 4, 3)] // the last three have long support
}

const blink = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/"

// deskAgent is of somebody at a desk: Chrome two thirds, Edge an eighth, then Safari, Firefox and Opera.
func deskAgent(rng *rand.Rand) string {
	system := []string{"Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64",
		"X11; CrOS x86_64 14541.0.0"}[weighted(rng, 75, 18, 4, 3)]
	switch weighted(rng, 67, 12, 9, 8, 4) {
	case 0:
		return mozilla + "(" + system + ") " + blink + chromeOf(rng) + " Safari/537.36"
	case 1:
		version := chromeOf(rng)
		return mozilla + "(Windows NT 10.0; Win64; x64) " + blink + version + " Safari/537.36 Edg/" + version
	case 2:
		return mozilla + "(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/" +
			pick(rng, "27.0", "26.6", "26.5", "26.2", "18.6", "17.6") + " Safari/605.1.15"
	case 3:
		if strings.Contains(system, "Mac") {
			system = "Macintosh; Intel Mac OS X 10.15"
		}
		n := firefoxOf(rng)
		return fmt.Sprintf(mozilla+"(%s; rv:%d.0) Gecko/20100101 Firefox/%d.0", system, n, n)
	}
	return mozilla + "(" + system + ") " + blink + chromeOf(rng) + " Safari/537.36 OPR/" +
		pick(rng, "124", "127", "131") + ".0.0.0"
}

// phoneAgent is of a phone: Chrome two thirds, Safari a quarter, Samsung's browser, Chrome on an iPhone.
func phoneAgent(rng *rand.Rand) string {
	switch weighted(rng, 64, 25, 4, 4, 3) {
	case 0:
		return mozilla + "(Linux; Android 10; K) " + blink + chromeOf(rng) + " Mobile Safari/537.36"
	case 1:
		system, version, _ := strings.Cut(pick(rng, "18_7 27.0", "18_7 26.6.1", "18_7 26.6", "18_6 26.0", "18_6 18.6",
			"17_6 17.6"), " ") // since 26 the system's version is frozen
		return mozilla + "(iPhone; CPU iPhone OS " + system + " like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
			"Version/" + version + " Mobile/15E148 Safari/604.1"
	case 2:
		return mozilla + "(Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/" +
			pick(rng, "29.0 Chrome/136", "30.0 Chrome/142", "28.0 Chrome/130") + ".0.0.0 Mobile Safari/537.36"
	case 3:
		return mozilla + "(iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/" +
			pick(rng, "153", "154", "150") + ".0.7444.46 Mobile/15E148 Safari/604.1"
	}
	n := firefoxOf(rng)
	return fmt.Sprintf(mozilla+"(Android 15; Mobile; rv:%d.0) Gecko/%d.0 Firefox/%d.0", n, n, n)
}

// wornAgent is a browser's user agent that somebody wrote into a program, where it gets old: out of a
// tutorial of years ago, out of the author's browser on the day of writing, out of a list that a library
// brings, or cut short.
func wornAgent(rng *rand.Rand) string {
	system := pick(rng, "Windows NT 10.0; Win64; x64", "Windows NT 10.0; Win64; x64",
		"Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64", "Windows NT 6.1; Win64; x64")
	switch weighted(rng, 32, 25, 25, 11, 4, 3) {
	case 0:
		version := []int{58, 74, 80, 83, 88, 90, 91, 92, 96, 97, 99}[rng.IntN(11)]
		return mozilla + "(" + system + ") " + blink + wholeVersion(rng, version) + " Safari/537.36"
	case 1:
		return mozilla + "(" + system + ") " + blink + fmt.Sprint(108+rng.IntN(34), ".0.0.0") + " Safari/537.36"
	case 2:
		return deskAgent(rng)
	case 3:
		return phoneAgent(rng)
	case 4:
		return "Mozilla/5.0"
	}
	return pick(rng, "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
		"Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)",
		"Mozilla/5.0 (Windows NT 5.1; rv:21.0) Gecko/20100101 Firefox/21.0")
}

// library is what fetches pages without a browser, and what it sends if its user sets nothing but the
// user agent, by its source.
type library struct {
	weight        float64
	none          []string // headers it does not send
	brotli        float64  // chance that it takes Brotli
	http1, http10 bool
	refers        bool // says which page it comes from
}

// All but browsers are without these.
var only = []string{enrich.NoSecFetch, enrich.NoClientHints, enrich.NoUpgrade}

var fetchers = []library{
	// requests and aiohttp: Accept */*, gzip and deflate; Brotli where that module is installed.
	{30, []string{enrich.NoAcceptLanguage, enrich.NoHTML}, 0.15, true, false, false},
	// httpx: the same; HTTP/2 must be asked for.
	{8, []string{enrich.NoAcceptLanguage, enrich.NoHTML}, 0.2, true, false, false},
	// urllib: Accept-Encoding identity, and no Accept.
	{6, []string{enrich.NoAcceptLanguage, enrich.NoAccept}, 0, true, false, false},
	// Scrapy: Accept as a browser, Accept-Language en, and the page it comes from.
	{12, nil, 0.5, true, false, true},
	// curl, and PHP by it: Accept */*, no Accept-Encoding; HTTP/2 where it can.
	{10, []string{enrich.NoAcceptLanguage, enrich.NoHTML, enrich.NoEncoding}, 0, false, false, false},
	// Guzzle: HTTP/1.1, none but Host and the user agent.
	{4, []string{enrich.NoAcceptLanguage, enrich.NoAccept, enrich.NoEncoding}, 0, true, false, false},
	// PHP's file_get_contents before version 8: HTTP/1.0.
	{2, []string{enrich.NoAcceptLanguage, enrich.NoAccept, enrich.NoEncoding}, 0, true, true, false},
	// Go: gzip alone; HTTP/2.
	{9, []string{enrich.NoAcceptLanguage, enrich.NoAccept}, 0, false, false, false},
	// fetch of Node: Accept-Language *, Brotli over https, sec-fetch-mode and no sec-fetch-site.
	{6, []string{enrich.NoHTML}, 1, true, false, false},
	// axios and got: Accept for data, Brotli.
	{7, []string{enrich.NoAcceptLanguage, enrich.NoHTML}, 1, true, false, false},
	// Java: Apache's client and OkHttp, gzip at most.
	{4, []string{enrich.NoAcceptLanguage, enrich.NoAccept}, 0, true, false, false},
	// Wget: Accept */*, identity, and the page it comes from.
	{2, []string{enrich.NoAcceptLanguage, enrich.NoHTML}, 0, true, false, true},
}

// care is how much of a browser's request an author copies, by weight: the user agent alone; Accept and
// Accept-Language too, as guides to scraping say; all that the browser's own tools offer to copy; or a
// library that imitates a browser down to its TLS, such as curl_cffi or tls-client.
type care [4]float64

// hasty writes what works at first; paying is who rents addresses and so reads a guide before.
var (
	hasty  = care{60, 24, 9, 7}
	paying = care{33, 32, 16, 19}
)

// scripted is a library under a browser's user agent.
func scripted(rng *rand.Rand, c care) (v *visit, refers bool) {
	weights := make([]float64, len(fetchers))
	for i, l := range fetchers {
		weights[i] = l.weight
	}
	l := fetchers[weighted(rng, weights...)]
	v = &visit{ua: wornAgent(rng), bare: true, http1: l.http1, http10: l.http10,
		lacks: append(slices.Clone(l.none), only...)}
	if !chance(rng, l.brotli) {
		v.lacks = append(v.lacks, enrich.NoBrotli)
	}
	without := func(words ...string) {
		v.lacks = slices.DeleteFunc(v.lacks, func(w string) bool { return slices.Contains(words, w) })
	}
	switch weighted(rng, c[:]...) {
	case 1:
		without(enrich.NoAccept, enrich.NoAcceptLanguage, enrich.NoHTML)
		if chance(rng, 0.5) {
			without(enrich.NoEncoding, enrich.NoBrotli)
		}
		if chance(rng, 0.5) {
			without(enrich.NoUpgrade)
		}
		if chance(rng, 0.15) {
			without(enrich.NoSecFetch)
		}
	case 2: // who can't unpack Brotli leaves that out; who rotates user agents forgets the hints
		v.lacks, v.http10 = nil, false
		if chance(rng, 0.3) {
			v.lacks = append(v.lacks, enrich.NoBrotli)
		}
		if chance(rng, 0.35) {
			v.lacks = append(v.lacks, enrich.AgentMismatch)
		}
	case 3: // its user agent is of the browser that it imitates, which is a recent one, unless it is set
		v.lacks, v.http10, v.http1 = nil, false, false
		if chance(rng, 0.15) {
			v.lacks = append(v.lacks, enrich.AgentMismatch)
		} else {
			v.ua = mozilla + "(" + pick(rng, "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7") + ") " +
				blink + pick(rng, "120", "124", "131", "136", "142", "146") + ".0.0.0 Safari/537.36"
		}
	}
	return v, l.refers || chance(rng, 0.1)
}
