package bots_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Machines that pass for somebody, written a second time: those that drive a browser, and those that play
// or make up what a browser would send. See secondmachines_test.go for who tells of them.

// played is what was recorded once: one request, copied from the tools of a browser into a loop, which
// leaves out the encodings unless told to; a walk through the site, recorded for a test of load, with the
// same pauses each time, of which half have the parts of pages too; a log, its names given to a program.
func played(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: surferAgent(rng, chance(rng, 0.85)), bare: true}
	switch p := rng.Float64(); {
	case p < 0.45:
		v.lack(rng, "no_encoding", 0.45)
		v.http1 = chance(rng, 0.2)
		every, n := []float64{0.2, 1, 5, 30, 60, 300}[rng.IntN(6)], 2+int(rng.ExpFloat64()*25)
		pages := some(rng, s, 1+rng.IntN(2), 0)
		v.asks(rng, repeat(pages, n), false, func() float64 { return every + lognormal(rng, 0.3, 0.5) })
		linked := chance(rng, 0.5)
		for i := range v.views {
			v.views[i].linked = linked
		}
		v.direct = v.direct && !linked
	case p < 0.75:
		v.bare, v.http1 = chance(rng, 0.5), chance(rng, 0.5)
		walk := some(rng, s, 3+rng.IntN(8), 0.1)
		pauses, step := make([]float64, len(walk)), 0
		for i := range pauses {
			pauses[i] = lognormal(rng, 4, 1)
		}
		v.asks(rng, repeat(walk, len(walk)*(1+int(rng.ExpFloat64()*4))), chance(rng, 0.9), func() float64 {
			step++
			return pauses[step%len(pauses)] + lognormal(rng, 0.2, 0.4)
		})
	default:
		v.lacks = []string{"no_accept_language", "no_upgrade", "no_sec_fetch", "no_client_hints", "no_brotli"}
		v.lack(rng, "no_accept", 0.6)
		v.http1 = chance(rng, 0.6)
		v.asks(rng, some(rng, s, 1+int(rng.ExpFloat64()*2), 0), chance(rng, 0.2),
			func() float64 { return lognormal(rng, 6, 1.3) })
	}
	return v
}

func repeat(pages []string, n int) (paths []string) {
	for i := range n {
		paths = append(paths, pages[i%len(pages)])
	}
	return paths
}

// mended is a driven browser that hides it: half with puppeteer-extra's plugin, which forgets the screen
// more often than the card; three of ten by options and a user agent set by hand, mostly with Playwright,
// which has a screen as large as the window; one of eight with a window on a display that isn't there, by
// undetected-chromedriver, nodriver or patchright; the rest have bought a browser that is made for it.
func mended(rng *rand.Rand) *visit {
	v := &visit{}
	system := pick(rng, "Windows NT 10.0; Win64; x64", "Windows NT 10.0; Win64; x64", "Windows NT 10.0; Win64; x64",
		"Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64")
	version := 156 - int(rng.ExpFloat64()*8) // comes with the driver, which nobody renews each month
	switch p := rng.Float64(); {
	case p < 0.5:
		v.odd(rng, "odd_screen", 0.4)
		v.odd(rng, "no_frame", 0.4) // it has a frame, unless a viewport is set as large as the window
		v.odd(rng, "software_gl", 0.08)
		v.odd(rng, "no_plugins", 0.02)
		v.odd(rng, "webdriver", 0.02)
		v.lack(rng, "no_accept_language", 0.03)
		v.lack(rng, "ua_mismatch", 0.06)
	case p < 0.8:
		if chance(rng, 0.35) { // the old headless one
			v.client = append(v.client, "no_plugins", "no_chrome")
			v.lack(rng, "no_accept_language", 0.4)
		}
		v.odd(rng, "no_frame", 0.75)
		v.odd(rng, "software_gl", 0.7)
		v.odd(rng, "webdriver", 0.06)
		v.odd(rng, "odd_screen", 0.05)
		v.lack(rng, "ua_mismatch", 0.1)
		v.lack(rng, "no_client_hints", 0.1)
	case p < 0.92:
		system = "X11; Linux x86_64"
		v.odd(rng, "software_gl", 0.6)
		v.odd(rng, "odd_screen", 0.15) // of 1024x768
		v.odd(rng, "no_frame", 0.1)
	default:
		v.odd(rng, "software_gl", 0.05)
	}
	v.ua = fmt.Sprintf(mozilla+"(%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36",
		system, max(110, version))
	return v
}

// acts has a driven browser do what its program says: mostly nothing but wait for the page; or scroll to
// its end from within, for what loads late; or click from within, which no browser vouches for; or move a
// mouse, turn its wheel and click by the debugger, as it does for a notice of consent. A plain click of
// Puppeteer or Playwright moves the mouse there in one step; ghost-cursor and its like take many.
func (v *visit) acts(rng *rand.Rand) {
	switch p := rng.Float64(); {
	case p < 0.55:
	case p < 0.75:
		v.scroll = 100
	case p < 0.82:
		v.clicks = 1 + rng.IntN(3)
	default:
		v.handless, v.clicks = false, rng.IntN(3)
		v.scroll = max(v.scroll, rng.IntN(101))
		v.jumps = v.clicks > 0 && chance(rng, 0.55)
	}
}

// hidden loads pages by their addresses and takes what is on them. One in eight lets no tracker run.
func hidden(rng *rand.Rand, s *site) *visit {
	v := mended(rng)
	n := 1
	if chance(rng, 0.45) {
		n = 2 + int(rng.ExpFloat64()*6)
	}
	if chance(rng, 0.25) {
		v.sessions, v.apart = 2+rng.IntN(12), uniform(rng, 0.05, 0.8)
	}
	v.asks(rng, some(rng, s, n, 0.35), chance(rng, 0.25), func() float64 { return lognormal(rng, 5, 0.9) })
	v.renders(rng, 0.88)
	v.acts(rng)
	return v
}

// slowly asks at the pace of a reader, by many addresses in turn: a pause that varies by half as Scrapy's
// does, or as they have seen that people's do. Six of ten are programs.
func slowly(rng *rand.Rand, s *site) *visit {
	base := []float64{5, 10, 10, 20, 30, 60}[rng.IntN(6)]
	gap := func() float64 { return base * uniform(rng, 0.5, 1.5) }
	if chance(rng, 0.35) {
		gap = func() float64 { return lognormal(rng, base, 0.7) }
	}
	paths := some(rng, s, 1+int(rng.ExpFloat64()*5), 0.3)
	v, refers := program(rng, 0.45)
	driven := chance(rng, 0.4)
	if driven {
		v, refers = mended(rng), chance(rng, 0.25)
	}
	if chance(rng, 0.5) {
		v.sessions, v.apart = 1+rng.IntN(8), uniform(rng, 0.1, 1)
	}
	v.asks(rng, paths, refers, gap)
	if driven {
		v.renders(rng, 0.88)
		v.acts(rng)
	}
	return v
}

// madeUp tells of views that nobody had: a loop of curl or a program, which leaves out what it does not
// know; spam with its own address as where it comes from, one view each; sold visits that make up reading
// times as well; and a line in the console of a browser, whose requests are a browser's.
func madeUp(rng *rand.Rand, s *site) *visit {
	v, _ := program(rng, 0.25)
	n, every, reads := 1+int(rng.ExpFloat64()*20), lognormal(rng, 1, 1.2), 0.1
	switch p := rng.Float64(); {
	case p < 0.4:
	case p < 0.6:
		n, reads = 1, 0
	case p < 0.85:
		n, every, reads = 1+rng.IntN(6), lognormal(rng, 20, 0.6), 0.85
	default:
		v, every = &visit{ua: surferAgent(rng, true)}, lognormal(rng, 0.5, 1)
	}
	paths := some(rng, s, n, 0.1)
	if chance(rng, 0.35) {
		paths = repeat([]string{s.popular(rng)}, n)
	}
	v.asks(rng, paths, chance(rng, 0.2), func() float64 { return every * uniform(rng, 0.8, 1.2) })
	v.bare, v.direct = false, chance(rng, 0.6) // spam and sold visits say where from
	for i := range v.views {
		w := &v.views[i]
		w.asked, w.beacon = false, true
		if w.engaged = chance(rng, reads); w.engaged {
			v.millis += int64(1000 * uniform(rng, 5, 90))
		}
	}
	v.scroll, v.clicks = rng.IntN(101), rng.IntN(3)
	return v
}

// assisted is a model that uses a browser: a person's own, by an extension or a browser with a model in it;
// one in the cloud, which looks at pictures of the page; one that a developer's program drives, by
// browser-use, Stagehand or Playwright's tools; or one that only has pages drawn for a model to read.
// It thinks for some seconds at each step, and takes one to five on a page. What clicks sends one move or
// none before the press, but for some that show a mouse gliding; one in seven of the programs clicks from
// within the page where it can.
func assisted(rng *rand.Rand, s *site) *visit {
	v, steps, clicks, n := mended(rng), 3.0, 0.75, 1+int(rng.ExpFloat64()*2.5)
	within, jumps := false, 0.8
	switch p := rng.Float64(); {
	case p < 0.25:
		v = &visit{ua: surferAgent(rng, true)}
		quirks(rng, v, true)
		jumps = 0.55 // the person's mouse is there as well
	case p < 0.5:
		v = &visit{ua: fmt.Sprintf(mozilla+"(%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36",
			pick(rng, "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64", "Windows NT 10.0; Win64; x64"),
			148+rng.IntN(9))}
		v.odd(rng, "software_gl", 0.75)
		v.odd(rng, "no_frame", 0.2)
		v.odd(rng, "odd_screen", 0.15) // what models are shown is 1024x768 with some
		clicks = 0.85
	case p < 0.85:
		v.odd(rng, "webdriver", 0.25)
		within = chance(rng, 0.15)
		if chance(rng, 0.08) { // headless, and says so
			v.ua = strings.Replace(v.ua, "Chrome/", "HeadlessChrome/", 1)
		}
	default:
		n, steps, clicks = 1+int(rng.ExpFloat64()*0.5), 0.3, 0
	}
	acts := chance(rng, clicks)
	v.asks(rng, some(rng, s, n, 0.1), acts && chance(rng, 0.75), func() float64 {
		return lognormal(rng, 7, 0.6) * (1 + rng.ExpFloat64()*steps)
	})
	v.direct = chance(rng, 0.65)
	v.renders(rng, 0.95)
	if acts {
		v.handless, v.clicks = within, n-1+rng.IntN(3)
		v.scroll = min(100, v.scroll*(1+rng.IntN(4)))
		v.jumps = v.clicks > 0 && chance(rng, jumps)
	}
	return v
}

// Names, as their makers give them.
var (
	selfNamed = []string{
		mozilla + "(compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
		mozilla + "AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) " +
			"Chrome/155.0.7700.60 Safari/537.36",
		mozilla + "AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) " +
			"Chrome/136.0.0.0 Safari/537.36",
		mozilla + "(compatible; YandexBot/3.0; +http://yandex.com/bots)",
		mozilla + "(compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
		"DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)",
		mozilla + "(compatible; SeznamBot/4.0; +https://o-seznam.cz/napoveda/vyhledavani/en/seznambot-crawler/)",
		mozilla + "(compatible; archive.org_bot +http://archive.org/details/archive.org_bot)",
		mozilla + "(compatible; acme-indexer/0.3; +https://acme.example/bot.html)",
		"uni-web-study/1.0 (mailto:crawler@uni.example)",
	}
	libraries = []string{"curl/8.11.1", "curl/7.88.1", "Wget/1.21.4", "python-requests/2.32.3", "python-httpx/0.28.1",
		"Python/3.12 aiohttp/3.11.11", "Python-urllib/3.12", "Go-http-client/2.0", "Go-http-client/1.1", "axios/1.7.9",
		"node-fetch/1.0 (+https://github.com/bitinn/node-fetch)", "node", "okhttp/4.12.0", "Java-http-client/21.0.5",
		"Apache-HttpClient/4.5.14 (Java/17.0.9)", "PostmanRuntime/7.43.0", "GuzzleHttp/7", "Ruby", "HTTPie/3.2.4",
		"Scrapy/2.12.0 (+https://scrapy.org)", "colly - https://github.com/gocolly/colly/v2", "libwww-perl/6.77",
		"Dart/3.6 (dart:io)", "k6/0.55.0 (https://k6.io/)"}
	seoTools = []string{
		mozilla + "(compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
		mozilla + "(compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
		mozilla + "(compatible; MJ12bot/v1.4.8; http://mj12bot.com/)",
		mozilla + "(compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot; help@moz.com)",
		mozilla + "(compatible; DataForSeoBot/1.0; +https://dataforseo.com/dataforseo-bot)",
		mozilla + "(compatible; BLEXBot/1.0; +https://help.seranking.com/en/blex-crawler)",
		mozilla + "(compatible; Barkrowler/0.9; +https://babbar.tech/crawler)",
		"Screaming Frog SEO Spider/21.4", "serpstatbot/2.1 (advanced backlink tracking bot; https://serpstatbot.com/)"}
	aiCrawlers = []string{
		mozilla + "AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.3; +https://openai.com/gptbot)",
		mozilla + "AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot",
		mozilla + "AppleWebKit/537.36 (KHTML, like Gecko); compatible; OAI-SearchBot/1.3; +https://openai.com/searchbot",
		mozilla + "AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
		mozilla + "AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; " +
			"+https://perplexity.ai/perplexitybot)",
		mozilla + "(compatible; Bytespider; spider-feedback@bytedance.com)", "CCBot/2.0 (https://commoncrawl.org/faq/)",
		"meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
		mozilla + "AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amazonbot/0.1; " +
			"+https://developer.amazon.com/support/amazonbot) Chrome/119.0.6045.214 Safari/537.36"}
	monitors = []string{"Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "Uptime-Kuma/1.23.16",
		"Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", "Better Stack Better Uptime Bot Mozilla/5.0",
		mozilla + "(compatible; StatusCake)", "Site24x7", "check_http/v2.3.3 (monitoring-plugins 2.3.3)",
		mozilla + "(compatible; HetrixTools Uptime Monitoring Bot. https://hetrix.tools/uptime-monitoring-bot.html)"}
	readers = []string{"FreshRSS/1.25.0 (Linux; https://freshrss.org)", "Feedly/1.0 (+http://www.feedly.com/fetcher.html)",
		mozilla + "(compatible; Miniflux/2.2.5; +https://miniflux.app)",
		"NetNewsWire (RSS Reader; https://netnewswire.com/)", "Tiny Tiny RSS/24.11 (https://tt-rss.org/)",
		"Inoreader/1.0 (+http://www.inoreader.com/feed-fetcher; 12 subscribers;)",
		"NewsBlur Feed Fetcher - 3 subscribers - http://www.newsblur.com/site/1/x",
		"Feedbin feed-id:12345 - 4 subscribers"}
	previews = []string{"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Twitterbot/1.0", "WhatsApp/2.23.20",
		mozilla + "(compatible; Discordbot/2.0; +https://discordapp.com)", "TelegramBot (like TwitterBot)",
		"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
		"http.rb/5.2.0 (Mastodon/4.3.2; +https://mastodon.example/)",
		"LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
		mozilla + "(Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
		mozilla + "(Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) " +
			"Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"}
)
