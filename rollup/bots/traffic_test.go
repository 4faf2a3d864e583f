package bots_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/ingest/enrich"
	"analytics/rollup/bots"
)

// The labelled traffic: what people and machines do on a site, drawn from distributions that are
// written beside them, and what a server and a tracker see of it. It knows nothing of the rules.
//
// Sources: pages in a session fall off like an inverse Gaussian, half of the visits have one page
// (Huberman 1998); the time on a page is Weibull with k < 1 (Liu, White, Dumais 2010); pages are
// visited as by Zipf; of beacons some 3 % are lost; each oddity of headers occurs with 1 to 2 % of
// people; 67 % of disguised bots' sessions are one request (reference notes, from public logs). What
// scripts send when a browser's user agent is all that their authors copy is what the libraries do:
// requests and httpx no Accept-Language, Go's client no Accept either, curl no Accept-Encoding; all take
// */*, none Brotli unless asked to, and none says where it came from but Scrapy and recursive Wget.

// site is a site with its pages, in the order of its site map.
type site struct {
	pages []string
	// served and tracked: which sides tell of it. headers: the server's side has headers, a log has
	// only the protocol and the user agent.
	served, tracked, headers bool
	// refers: its pages let browsers say where they come from; few sites forbid that.
	refers bool
	// parts: the server's side is asked for images, styles and scripts as well, and tells of who never
	// asks for any. Of three in four applications; one in ten logs leaves those out. Others have them on
	// another host.
	parts bool
	// cookies: it gives each visitor one. Who brings it back was there before, and is not told of for
	// asking for no parts; a log has no cookies.
	cookies bool
	// http2: its log shows that browsers speak it. One in four is of a server behind a proxy.
	http2 bool
	// secure is https, without which browsers leave some headers out; proxied behind a proxy of its
	// own, which changes others.
	secure, proxied bool
}

func newSite(rng *rand.Rand, served, headers, tracked bool) *site {
	s := &site{served: served, headers: headers, tracked: tracked, pages: []string{"/"},
		secure: chance(rng, 0.95), proxied: chance(rng, 0.5), refers: chance(rng, 0.96),
		parts:   chance(rng, map[bool]float64{true: 0.75, false: 0.9}[headers]),
		cookies: chance(rng, 0.5), http2: chance(rng, 0.75)}
	switch n := []int{8, 25, 80, 400}[rng.IntN(4)]; rng.IntN(3) {
	case 0:
		for i := range n {
			s.pages = append(s.pages, fmt.Sprintf("/blog/2026/%02d/%c%c-post", 1+i%12, 'a'+rng.IntN(26), 'a'+rng.IntN(26)))
		}
	case 1:
		for i := range n {
			s.pages = append(s.pages, fmt.Sprintf("/products/%d", 100+i))
		}
	default:
		for i := range n {
			s.pages = append(s.pages, fmt.Sprintf("/docs/%c%c%c/%d", 'a'+rng.IntN(26), 'a'+rng.IntN(26), 'a'+rng.IntN(26), i%9))
		}
	}
	slices.Sort(s.pages)
	s.pages = slices.Compact(s.pages)
	return s
}

// popular draws a page as by Zipf with exponent 1.
func (s *site) popular(rng *rand.Rand) string {
	n := float64(len(s.pages))
	rank := int(math.Exp(rng.Float64()*math.Log(n+1))) - 1
	return s.pages[(rank*7)%len(s.pages)] // popular pages lie anywhere in the site map
}

// view is a page view and who could see it.
type view struct {
	at      float64 // seconds
	path    string
	missed  bool // answered with 404
	linked  bool // another page of the site led to it, and the request says so
	asked   bool // the server was asked: not from a cache
	beacon  bool // the script ran and its message arrived
	engaged bool // an engagement followed
	of      *visit
}

// visit is what one visitor did in a row.
type visit struct {
	ua       string
	lacks    []string // what its requests are without, as signals call it
	client   []string // signals that only a script sees, such as no_chrome and software_gl
	http10   bool
	http1    bool // speaks HTTP/1.1 to all: libraries that know no other, and what opens TLS between
	bare     bool // fetches no images, styles and scripts
	stored   bool // has all of them already, from days ago
	jumps    bool // a mouse was pressed, and never moved to there
	handless bool // pages were left, and the script saw no input that a program in the page cannot make
	views    []view
	clicks   int
	scroll   int
	millis   int64
	sessions int
	apart    float64 // spread of the times between those
	// direct: its first request says of no page that led to it, of this site or another: it was typed,
	// is a bookmark, a link in an app or a mail, or comes from a program that was told addresses.
	direct bool
	// copies is how many sessions of other visitors on that day, or the day before, had the same pages in
	// the same order with the same pauses before it: others that play the same recording, or the people
	// that were recorded on this site.
	copies int
}

// facts is what is known of the visit on a site.
func (v *visit) facts(s *site) (f bots.Facts, seen bool) {
	f = bots.Facts{UserAgent: v.ua, SitePages: len(s.pages), Sessions: max(1, v.sessions), Apart: v.apart,
		SiteTracked: s.tracked, SiteServed: s.served, SiteEngages: s.tracked, SiteRefers: s.refers}
	slices.SortFunc(v.views, func(a, b view) int { return int(math.Copysign(1, a.at-b.at)) })
	byScript := slices.ContainsFunc(v.views, func(w view) bool { return w.beacon }) && s.tracked
	f.Direct = v.entry().direct && s.refers && v.views[0].path != "/"
	var order bots.Sequence
	var odd bots.Tally
	paths := map[string]bool{}
	for _, w := range v.views {
		at := drawnAt + event.Micros(w.at*1e6)
		if !byScript && !s.headers {
			at -= at % 1e6 // as logs write it
		}
		f.Served = f.Served || s.served && w.asked
		who := w.of
		if who == nil {
			who = v
		}
		if s.served && w.asked {
			odd.Add("server", who.requested(s))
		}
		if s.tracked && w.beacon {
			odd.Add("tracker", append(who.request(s, false).Signals(), who.seen()...))
		}
		if byScript && w.beacon || !byScript && s.served && w.asked {
			f.Views++
			paths[w.path] = true
			order.Add([]byte(w.path))
			h := fnv.New64a()
			_, _ = h.Write([]byte(w.path))
			f.Walk.Add(h.Sum64(), at)
			if len(f.Times) < 256 {
				f.Times = append(f.Times, at)
				f.Pages = append(f.Pages, uint32(h.Sum64()))
			}
			if w.missed {
				f.Missed++
			}
			if w.linked && s.refers {
				f.Referred++
			}
			if f.Views == 1 {
				f.Start = at
			}
			f.End = at
		}
		if byScript && w.engaged {
			f.Engagements++
			words := who.seen()
			if who.handless {
				words = append(words, enrich.NoInput)
			} else if who.jumps {
				words = append(words, enrich.JumpingMouse)
			}
			odd.Left("tracker", 5000, words)
		}
	}
	f.Tracked, f.Paths, f.Steps, f.Ordered = byScript, len(paths), order.Steps, order.Ordered
	if f.Engagements > 0 {
		f.Clicks, f.Scroll, f.Milliseconds = v.clicks, v.scroll, v.millis
	}
	if f.Walk.Print != 0 {
		f.Copies, f.Walkers = v.copies, v.copies
	}
	f.Signals = odd.Words()
	return f, f.Views > 0
}

// entry is who had the first view.
func (v *visit) entry() *visit {
	if of := v.views[0].of; of != nil {
		return of
	}
	return v
}

// seen are the signals of the script, which looks on desks' Chrome alone for three of them.
func (v *visit) seen() []string {
	desk := strings.Contains(v.ua, " Chrome/") && !strings.Contains(v.ua, "Android") && !strings.Contains(v.ua, "Mobile")
	return slices.DeleteFunc(slices.Clone(v.client), func(word string) bool {
		return !desk && (word == enrich.NoChrome || word == enrich.SoftwareGL || word == enrich.NoFrame)
	})
}

// requested is what the server's side of a site sees of a request.
func (v *visit) requested(s *site) []string {
	var words []string
	if s.headers {
		words = v.request(s, true).Signals()
	}
	back := v.stored && !(s.headers && s.cookies)
	if s.parts && (v.bare || back) && (!s.headers || strings.HasPrefix(v.ua, mozilla)) {
		words = append(words, enrich.NoSubresources)
	}
	if !s.headers && v.http10 && !s.proxied {
		words = append(words, enrich.HTTP10)
	} else if !s.headers && v.http1 && s.http2 && strings.HasPrefix(v.ua, mozilla) {
		words = append(words, enrich.NoHTTP2)
	}
	return words
}

// drawnAt is when all of it happens.
var drawnAt = event.MicrosOf(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))

// request is what a browser of that name sends, less what this one lacks, for a page or by its script.
func (v *visit) request(s *site, page bool) enrich.Headers {
	h := enrich.Headers{Agent: v.ua, Language: true, Accept: true, Encoding: true, SecFetch: s.secure,
		Secure: s.secure, Proxied: s.proxied, Old: v.http10, Page: page, HTML: page, Upgrade: page, Brotli: true}
	if _, rest, ok := strings.Cut(v.ua, "Chrome/"); ok && s.secure {
		version, _, _ := strings.Cut(rest, ".")
		h.Hints = `"Chromium";v="` + version + `"`
		h.Platform = "Windows"
		for word, platform := range map[string]string{"Macintosh": "macOS", "Android": "Android", "X11": "Linux"} {
			if strings.Contains(v.ua, word) {
				h.Platform = platform
			}
		}
	}
	for _, word := range v.lacks {
		switch word {
		case enrich.NoAcceptLanguage:
			h.Language = false
		case enrich.NoAccept:
			h.Accept = false
		case enrich.NoEncoding:
			h.Encoding, h.Brotli = false, false
		case enrich.NoBrotli:
			h.Brotli = false
		case enrich.NoHTML:
			h.HTML = false
		case enrich.NoUpgrade:
			h.Upgrade = false
		case enrich.NoSecFetch:
			h.SecFetch = false
		case enrich.NoClientHints:
			h.Hints, h.Platform = "", ""
		case enrich.AgentMismatch:
			h.Hints = `"Chromium";v="131"`
		}
	}
	return h
}

// Drawing.

func chance(rng *rand.Rand, p float64) bool { return rng.Float64() < p }

// weibull has k < 1 for reading: most leave at once, and who stays, stays long.
func weibull(rng *rand.Rand, k, scale float64) float64 {
	return scale * math.Pow(-math.Log(1-rng.Float64()), 1/k)
}

func lognormal(rng *rand.Rand, median, sigma float64) float64 {
	return median * math.Exp(sigma*rng.NormFloat64())
}

func uniform(rng *rand.Rand, low, high float64) float64 { return low + (high-low)*rng.Float64() }

// length is pages of a session: inverse Gaussian with mean m and shape l, at least one.
func length(rng *rand.Rand, m, l float64) int {
	y := rng.NormFloat64()
	y *= y
	x := m + m*m*y/(2*l) - m/(2*l)*math.Sqrt(4*m*l*y+m*m*y*y)
	if rng.Float64() > m/(m+x) {
		x = m * m / x
	}
	return max(1, min(int(x), 300))
}

func pick(rng *rand.Rand, from ...string) string { return from[rng.IntN(len(from))] }

const mozilla = "Mozilla/5.0 "

// browsers of people, some of them years old.
func personAgent(rng *rand.Rand) string {
	chrome := fmt.Sprint(142+rng.IntN(15), ".0.0.0")
	switch p := rng.Float64(); { // of 10,029 visits of November 2026, in ingest/enrich/testdata
	case p < 0.015:
		chrome = built(rng, 70+rng.IntN(30))
	case p < 0.03:
		chrome = fmt.Sprint(101+rng.IntN(35), ".0.0.0")
	case p < 0.032: // set so by a company's policy, or a browser made of Chromium
		chrome = built(rng, 110+rng.IntN(40))
	}
	firefox := 140 + rng.IntN(16)
	if chance(rng, 0.02) {
		firefox = 78
	}
	kit := "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%s Safari/537.36"
	switch rng.IntN(10) {
	case 0, 1, 2, 3:
		return fmt.Sprintf(mozilla+"(Windows NT 10.0; Win64; x64) "+kit, chrome)
	case 4:
		return fmt.Sprintf(mozilla+"(Macintosh; Intel Mac OS X 10_15_7) "+kit, chrome)
	case 5, 6:
		return fmt.Sprintf(mozilla+"(Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "+
			"Chrome/%s Mobile Safari/537.36", chrome)
	case 7:
		return fmt.Sprintf(mozilla+"(Windows NT 10.0; Win64; x64; rv:%d.0) Gecko/20100101 Firefox/%d.0", firefox, firefox)
	}
	return mozilla + "(iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"Version/18.6 Mobile/15E148 Safari/604.1"
}

// built is a version of Chrome as it was told in full until 2022.
func built(rng *rand.Rand, version int) string {
	return fmt.Sprintf("%d.0.%d.%d", version, 54*version-800+rng.IntN(9), 40+rng.IntN(160))
}
