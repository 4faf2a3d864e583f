package bots_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Strangers are people and machines that were written down, from what is known of them in public,
// before any of them was measured; after that rules learnt from them, too. See doc.go for both.

// TestJudgementOfStrangers measures what TestJudgement does, with those.
//
//	go test ./rollup/bots -run TestJudgementOfStrangers -v
func TestJudgementOfStrangers(t *testing.T) {
	c := newCensus(t)
	c.people(strangePersonas(), 0.5, 2)
	c.machines(strangeFamilies(), map[group]float64{declared: 99, disguised: 96, stealth: 65})
}

func strangeFamilies() []family {
	return []family{
		{"agents that say so", declared, named(
			mozilla+"AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot",
			mozilla+"AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)",
			mozilla+"AppleWebKit/537.36 (KHTML, like Gecko; compatible; Perplexity-User/1.0; +https://perplexity.ai/perplexity-user)",
			mozilla+"(compatible; MistralAI-User/1.0; +https://docs.mistral.ai/robots)",
			mozilla+"AppleWebKit/537.36 (KHTML, like Gecko; compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot)")},
		{"libraries", declared, named("Scrapy/2.11.2 (+https://scrapy.org)", "colly - https://github.com/gocolly/colly",
			"aiohttp/3.10.5", "Java-http-client/17.0.9", "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)", "undici",
			"GuzzleHttp/7", "libwww-perl/6.77", "Apache-HttpClient/4.5.14 (Java/17.0.9)", "Deno/2.1.4", "Bun/1.1.38", "Ruby",
			"PostmanRuntime/7.43.0", "Faraday v2.9.0", "reqwest/0.12", "got (https://github.com/sindresorhus/got)")},
		{"monitors that say so", declared, named(
			"Better Stack Better Uptime Bot "+mozilla+"(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.0.0 Safari/537.36",
			mozilla+"(compatible; StatusCake)", "Site24x7", "Checkly/1.0 (https://www.checklyhq.com)", "Uptime-Kuma/1.23.16",
			mozilla+"(compatible; updown.io/2.0; +https://updown.io)", "Blackbox Exporter/0.25.0", "HetrixTools Uptime Monitoring Bot. https://hetrix.tools/uptime-monitoring-bot.html")},
		{"previews that say so", declared, named("Iframely/1.3.1 (+https://iframely.com/docs/about)",
			mozilla+"(compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)", "http.rb/5.1.1 (Mastodon/4.2.8; +https://mastodon.example/) Bot",
			"LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)", "Pinterest/0.2 (+https://www.pinterest.com/bot.html)",
			mozilla+"(compatible; redditbot/1.0; +http://www.reddit.com/feedback)")},
		{"monitor in disguise", disguised, monitor},
		{"audit in disguise", disguised, audit},
		{"feeds in disguise", disguised, feeds},
		{"price scraper", disguised, prices},
		{"scanner of many holes", disguised, holes},
		{"mail gateway", disguised, gateway},
		{"answers in disguise", disguised, answers},
		{"training crawler", disguised, training},
		{"agent in the cloud", stealth, cloudAgent},
		{"price watch", stealth, priceWatch},
		{"screenshots", stealth, screenshots},
		{"traffic exchange", stealth, exchange},
	}
}

// How much of a browser's request a program copies.

// plainly copies the user agent, and what the library sends besides.
func plainly(rng *rand.Rand, v *visit) {
	v.lacks = []string{"no_accept_language", "no_html", "no_upgrade", "no_sec_fetch", "no_client_hints"}
	v.lack(rng, "no_brotli", 0.8)
	v.lack(rng, "no_accept", 0.15)
	v.lack(rng, "no_encoding", 0.15)
}

// tutorially copies Accept and Accept-Language as well, as examples on the web and models write it.
func tutorially(rng *rand.Rand, v *visit) {
	v.lacks = []string{"no_sec_fetch", "no_client_hints"}
	v.lack(rng, "no_html", 0.1)
	v.lack(rng, "no_brotli", 0.5)
	v.lack(rng, "no_upgrade", 0.5)
	v.lack(rng, "no_accept_language", 0.1)
}

// wholly copies all headers as the developer tools copy them; user agents are then exchanged now and then.
func wholly(rng *rand.Rand, v *visit) {
	v.lacks = nil
	v.lack(rng, "ua_mismatch", 0.3)
	v.lack(rng, "no_brotli", 0.2) // since the library cannot unpack it
}

// perfectly is a library that is a browser down to TLS (curl-impersonate and those made of it).
func perfectly(_ *rand.Rand, v *visit) { v.lacks = nil }

// as copies headers with one of the ways, by chances that add up to 1.
func (v *visit) as(rng *rand.Rand, plain, tutorial, whole float64) *visit {
	v.bare = true
	switch p := rng.Float64(); {
	case p < plain:
		v.http1 = chance(rng, 0.55) // Python; Go and curl know HTTP/2
		plainly(rng, v)
	case p < plain+tutorial:
		v.http1 = chance(rng, 0.7)
		tutorially(rng, v)
	case p < plain+tutorial+whole:
		v.http1 = chance(rng, 0.5)
		wholly(rng, v)
	default:
		perfectly(rng, v)
	}
	return v
}

// pinned is a desktop Chrome that was current when a program was written and stays that.
func pinned(rng *rand.Rand, oldest, newest int) string {
	return fmt.Sprintf(mozilla+"(%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36",
		pick(rng, "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64"),
		oldest+rng.IntN(newest-oldest+1))
}

// invented is what lists and generators of user agents give.
func invented(rng *rand.Rand) string {
	switch rng.IntN(10) {
	case 0:
		return fmt.Sprintf("Mozilla/4.0 (compatible; MSIE %d.0; Windows NT %d.%d; Trident/4.0)", 6+rng.IntN(3), 5+rng.IntN(2), rng.IntN(3))
	case 1:
		return fmt.Sprintf("Opera/9.%d (Windows NT 6.1) Presto/2.9.%d Version/11.00", 10+rng.IntN(80), 160+rng.IntN(30))
	case 2:
		return fmt.Sprintf(mozilla+"(Windows NT 6.1; rv:%d.0) Gecko/20100101 Firefox/%d.0", 20+rng.IntN(60), 20+rng.IntN(60))
	}
	version := built(rng, 45+rng.IntN(75))
	if chance(rng, 0.2) {
		version = fmt.Sprintf("%d.0.0.0", 60+rng.IntN(80))
	}
	return fmt.Sprintf(mozilla+"(Windows NT %s; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%s Safari/537.36",
		pick(rng, "6.1", "6.3", "10.0", "10.0", "10.0"), version)
}

// monitor asks for one or two pages by the minute, as a browser so that no firewall minds.
func monitor(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 90, 140)}).as(rng, 0.4, 0.5, 0.1)
	every := []float64{30, 60, 60, 300}[rng.IntN(4)]
	crawl(rng, s, v, 5+rng.IntN(200), func() float64 { return every + uniform(rng, -0.5, 0.5) })
	pages := 1 + rng.IntN(2)
	for i := range v.views {
		v.views[i].path = s.pages[(i%pages*5)%len(s.pages)]
	}
	return v
}

// audit takes a whole site with five requests at once, as the auditor's own browser.
func audit(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 115, 154)}).as(rng, 0.3, 0.65, 0.05)
	crawl(rng, s, v, min(len(s.pages), 20+rng.IntN(400)), func() float64 { return 0.4 * rng.ExpFloat64() })
	if chance(rng, 0.3) {
		v.link(rng, 1)
	}
	return v
}

// feeds fetches the full text of new articles, once each.
func feeds(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: personAgent(rng)}).as(rng, 0.35, 0.5, 0.1)
	crawl(rng, s, v, 1+rng.IntN(3), func() float64 { return uniform(rng, 0.5, 4) })
	return v
}

// prices comes by addresses of people's homes, for a page or two with each.
func prices(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 110, 142)}).as(rng, 0.1, 0.25, 0.25)
	pages := 1
	if chance(rng, 0.35) {
		pages += 1 + rng.IntN(3)
	}
	crawl(rng, s, v, pages, func() float64 { return uniform(rng, 2, 8) })
	return v
}

// holes asks for the places of known weaknesses, by templates.
func holes(rng *rand.Rand, _ *site) *visit {
	v := (&visit{ua: invented(rng)}).as(rng, 0.7, 0.3, 0)
	v.direct = chance(rng, told)
	at := 0.0
	for range 1 + rng.IntN(80) {
		path := pick(rng, "/owa/auth/x.js", "/cgi-bin/luci", "/api/v1/pods", "/geoserver/web/", "/manager/html",
			"/console/", "/login.do", "/remote/fgt_lang", "/+CSCOE+/logon.html", "/dana-na/auth/url_default/welcome.cgi",
			"/boaform/admin/formLogin", "/solr/admin/info/system", "/.git/HEAD", "/.env.production",
			"/wp-json/wp/v2/users", "/v2/_catalog", "/druid/index.html", "/nacos/", "/hudson", "/SDK/webLanguage",
			"/evox/about", "/autodiscover/autodiscover.json", "/ecp/Current/exporttool", "/metrics", "/graphql",
			"/swagger-ui.html", "/api/swagger.json", "/debug/default/view", "/.DS_Store", "/.vscode/sftp.json")
		v.views = append(v.views, view{at: at, path: path, asked: true, missed: !chance(rng, 0.08)})
		at += uniform(rng, 0.02, 0.5)
	}
	return v
}

// gateway opens the links of a mail before its reader does.
func gateway(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: pinned(rng, 79, 140)}).as(rng, 0.4, 0.4, 0.1)
	if chance(rng, 0.3) {
		v.ua = invented(rng)
	}
	crawl(rng, s, v, max(1, rng.IntN(4)-1), func() float64 { return uniform(rng, 0.1, 2) })
	return v
}

// answers fetches for a model's answer with a common browser's name, where robots.txt forbids the own.
func answers(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: mozilla + "(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Chrome/124.0.0.0 Safari/537.36"}).as(rng, 0.25, 0.4, 0.2)
	crawl(rng, s, v, 1+rng.IntN(3), func() float64 { return uniform(rng, 0.2, 3) })
	return v
}

// training takes a page with each of thousands of addresses, each another invented browser.
func training(rng *rand.Rand, s *site) *visit {
	v := (&visit{ua: invented(rng)}).as(rng, 0.6, 0.4, 0)
	v.http10 = chance(rng, 0.05)
	pages := 1
	if chance(rng, 0.2) {
		pages = 2 + rng.IntN(3)
	}
	crawl(rng, s, v, pages, func() float64 { return uniform(rng, 1, 30) })
	return v
}

// Machines with a whole browser.

// rented is a browser in a data centre that hides what it is, as those services sell it.
func rented(rng *rand.Rand) *visit {
	v := &visit{ua: pinned(rng, 140, 155)}
	v.odd(rng, "webdriver", 0.15)
	v.odd(rng, "odd_screen", 0.3)
	v.odd(rng, "zero_window", 0.05)
	v.odd(rng, "no_plugins", 0.1)
	v.shows(rng, 0.35, 0.03, 0.25)
	v.lack(rng, "ua_mismatch", 0.2)
	v.lack(rng, "no_accept_language", 0.1)
	return v
}

// cloudAgent looks something up for somebody: follows links, reads by screenshots, thinks for seconds.
func cloudAgent(rng *rand.Rand, s *site) *visit {
	v := rented(rng)
	crawl(rng, s, v, length(rng, 4, 4), func() float64 { return lognormal(rng, 6, 0.5) })
	ran(rng, v, 0.9, 0.8)
	v.link(rng, 0.8)
	v.direct = chance(rng, 0.65)
	return v
}

// priceWatch goes to addresses it has, and half of its kind block what is not needed, the tracker too.
func priceWatch(rng *rand.Rand, s *site) *visit {
	v := rented(rng)
	crawl(rng, s, v, 1+rng.IntN(6), func() float64 { return uniform(rng, 3, 9) })
	if v.bare = chance(rng, 0.5); !v.bare {
		ran(rng, v, 0.2, 0)
	}
	return v
}

// screenshots shows a page and is gone.
func screenshots(rng *rand.Rand, s *site) *visit {
	v := rented(rng)
	crawl(rng, s, v, 1, func() float64 { return 0 })
	ran(rng, v, 0.1, 0)
	return v
}

// exchange is people's browsers that an extension drives, so that a site seems to be read.
func exchange(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: personAgent(rng)}
	crawl(rng, s, v, 1+rng.IntN(3), func() float64 { return uniform(rng, 20, 60) })
	ran(rng, v, 0.7, 0.2)
	v.direct = chance(rng, 0.5)                   // a search is made up for some
	v.jumps, v.handless = false, chance(rng, 0.9) // their owners do something else meanwhile
	return v
}
