package bots_test

import (
	"fmt"
	"math/rand/v2"
)

// group is what a family's bar is.
type group string

const (
	declared  group = "declared"
	disguised group = "disguised"
	stealth   group = "stealth"
)

// family is a kind of machines.
type family struct {
	name  string
	group group
	draw  func(*rand.Rand, *site) *visit
}

// families are those that were looked at while rules and points were chosen.
func families() []family {
	return []family{
		{"declared", declared, named(
			mozilla+"(compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
			mozilla+"(compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
			mozilla+"(compatible; YandexBot/3.0; +http://yandex.com/bots)",
			mozilla+"(compatible; Applebot/0.1; +http://www.apple.com/go/applebot)")},
		{"curl", declared, named("curl/8.5.0", "Wget/1.21.4", "python-requests/2.32.3",
			"python-httpx/0.27.0", "Go-http-client/1.1", "okhttp/4.12.0", "axios/1.7.7", "HTTPie/3.2.2")},
		{"headless default", declared, headlessDefault},
		{"seo", declared, named(
			mozilla+"(compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
			mozilla+"(compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
			mozilla+"(compatible; MJ12bot/v1.4.8; http://mj12bot.com/)", "Screaming Frog SEO Spider/20.1")},
		{"uptime monitor", declared, named(
			mozilla+"(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
			"Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", "kube-probe/1.29",
			"our-watch/1.0 (ops@example.com)")},
		{"ai crawler", declared, named(
			mozilla+"AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
			mozilla+"AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
			mozilla+"(compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)",
			"CCBot/2.0 (https://commoncrawl.org/faq/)", mozilla+"(compatible; Bytespider; spider-feedback@bytedance.com)")},
		{"feed reader", declared, named("Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers)",
			"Tiny Tiny RSS/21.05 (http://tt-rss.org/)", "NewsBlur Feed Fetcher - 3 subscribers", "FreshRSS/1.24 (Linux; https://freshrss.org)")},
		{"link preview", declared, named("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
			"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "Twitterbot/1.0", "WhatsApp/2.23.20.0",
			mozilla+"(compatible; Discordbot/2.0; +https://discordapp.com)", "TelegramBot (like TwitterBot)")},
		{"path scanner", disguised, pathScanner},
		{"sequential scraper", disguised, scraper},
		{"forged ai crawler", disguised, forgedCrawler},
		{"residential one-hit", disguised, oneHit},
		{"replay", disguised, replay},
		{"paced distributed", stealth, paced},
		{"stealth headless", stealth, stealthHeadless},
		{"event forger", stealth, forger},
		{"ai agent in a browser", stealth, agentBrowser},
	}
}

// named fetches some pages and says who it is.
func named(agents ...string) func(*rand.Rand, *site) *visit {
	return func(rng *rand.Rand, s *site) *visit {
		v := &visit{ua: pick(rng, agents...), bare: true}
		crawl(rng, s, v, length(rng, 3, 1), func() float64 { return uniform(rng, 1, 60) })
		return v
	}
}

// told is the chance that a program's first request names no page that led to it: it is told addresses. One
// in ten says that a search did, as tutorials show, or whatever page the copied request came from.
const told = 0.9

// crawl fetches pages in an order of its own.
func crawl(rng *rand.Rand, s *site, v *visit, pages int, gap func() float64) {
	at, first := rng.Float64()*1000, rng.IntN(len(s.pages))
	inOrder := chance(rng, 0.5)
	v.direct = chance(rng, told)
	for i := range pages {
		path := s.pages[rng.IntN(len(s.pages))]
		if inOrder {
			path = s.pages[(first+i)%len(s.pages)]
		}
		v.views = append(v.views, view{at: at, path: path, asked: true})
		at += gap()
	}
}

// link makes the views but the first say that a page of the site led to them, each with a chance.
func (v *visit) link(rng *rand.Rand, p float64) {
	for i := range v.views[1:] {
		v.views[i+1].linked = chance(rng, p)
	}
}

// lack leaves something out, with a chance.
func (v *visit) lack(rng *rand.Rand, word string, p float64) {
	if chance(rng, p) {
		v.lacks = append(v.lacks, word)
	}
}

// odd has the script see something odd, with a chance.
func (v *visit) odd(rng *rand.Rand, word string, p float64) {
	if chance(rng, p) {
		v.client = append(v.client, word)
	}
}

// shows has the script see, each with a chance, that no graphics card draws, as in data centres, where that
// is not hidden; that the browser is the engine alone; and that the window is as large as the page, as what
// drives browsers makes it unless told otherwise.
func (v *visit) shows(rng *rand.Rand, software, engine, frame float64) {
	v.odd(rng, "software_gl", software)
	v.odd(rng, "no_chrome", engine)
	v.odd(rng, "no_frame", frame)
}

// copiedAgent is the user agent that a program's author took: three of four times their own desktop's
// Chrome or what answers on the web show, which is the same.
func copiedAgent(rng *rand.Rand) string {
	if chance(rng, 0.75) {
		return fmt.Sprintf(mozilla+"(%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36",
			pick(rng, "Windows NT 10.0; Win64; x64", "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7",
				"X11; Linux x86_64"), 118+rng.IntN(38))
	}
	return personAgent(rng)
}

// script is what a program sends that only claims to be a browser: 45 % copied the user agent and
// nothing else, 35 % what tutorials copy with it, 12 % all headers of a request they saw, 8 % use a
// library that does all as browsers do. One in seven has a user agent of years ago, mostly as it was.
func script(rng *rand.Rand) *visit {
	v := &visit{ua: copiedAgent(rng), bare: true}
	if chance(rng, 0.15) {
		version := built(rng, 58+rng.IntN(60))
		if chance(rng, 0.2) {
			version = fmt.Sprint(58+rng.IntN(60), ".0.0.0") // made up
		}
		v.ua = mozilla + "(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
			"Chrome/" + version + " Safari/537.36"
	}
	modern := []string{"no_sec_fetch", "no_client_hints"}
	switch p := rng.Float64(); {
	case p < 0.45:
		v.lacks = append(v.lacks, modern...)
		v.lacks = append(v.lacks, "no_accept_language", "no_html", "no_upgrade", "no_brotli")
		library := pick(rng, "python", "python", "go", "curl")
		v.http1 = library == "python" && chance(rng, 0.9) // the others know HTTP/2
		switch library {
		case "go":
			v.lacks = append(v.lacks, "no_accept")
		case "curl":
			v.lacks = append(v.lacks, "no_encoding")
		}
		v.http10 = chance(rng, 0.1)
	case p < 0.80:
		v.lacks = append(v.lacks, modern...)
		v.http1 = chance(rng, 0.7) // Python and Node
		v.lack(rng, "no_html", 0.2)
		v.lack(rng, "no_brotli", 0.4)
		v.lack(rng, "no_upgrade", 0.5)
	case p < 0.92:
		v.lacks = append(v.lacks, "no_client_hints")
		v.http1 = chance(rng, 0.5)
		if chance(rng, 0.4) {
			v.lacks = []string{"ua_mismatch"} // hints were copied from another version
		}
	}
	return v
}

// scraper takes all it finds, as fast as its author thinks is polite.
func scraper(rng *rand.Rand, s *site) *visit {
	v := script(rng)
	base := []float64{0.05, 0.3, 1, 3, 10}[rng.IntN(5)]
	gap := func() float64 { return base + 0.08*rng.ExpFloat64() }
	if chance(rng, 0.5) {
		gap = func() float64 { return uniform(rng, 0.5, 1.5) * base }
	}
	crawl(rng, s, v, min(len(s.pages), 5+rng.IntN(300)), gap)
	if chance(rng, 0.25) { // Scrapy and Wget say on which page they found it
		v.link(rng, 1)
	}
	return v
}

// pathScanner asks for what should not be there.
func pathScanner(rng *rand.Rand, _ *site) *visit {
	v := script(rng)
	v.direct = chance(rng, told)
	at := 0.0
	for range 1 + rng.IntN(40) {
		path := pick(rng, "/.env", "/.git/config", "/wp-login.php", "/wp-admin/setup-config.php", "/phpmyadmin/",
			"/.aws/credentials", "/phpinfo.php", "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
			"/config.json", "/api/.env", "/backup.sql", "/xmlrpc.php", "/actuator/env", "/server-status")
		v.views = append(v.views, view{at: at, path: path, asked: true, missed: !chance(rng, 0.05)})
		at += uniform(rng, 0.05, 2)
	}
	return v
}

// forgedCrawler says it is a crawler, or a browser of an AI, and is neither.
func forgedCrawler(rng *rand.Rand, s *site) *visit {
	v := script(rng)
	if chance(rng, 0.7) {
		v.ua = pick(rng, mozilla+"(compatible; GPTBot/1.0)", mozilla+"(compatible; Googlebot/2.1)",
			mozilla+"AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0", "ClaudeBot")
	}
	crawl(rng, s, v, 1+rng.IntN(60), func() float64 { return uniform(rng, 0.2, 4) })
	return v
}

// oneHit comes once from an address of somebody's home, and never again.
func oneHit(rng *rand.Rand, s *site) *visit {
	v := script(rng)
	pages := 1
	if chance(rng, 0.33) {
		pages = 2 + rng.IntN(3)
	}
	crawl(rng, s, v, pages, func() float64 { return uniform(rng, 1, 20) })
	return v
}

// replay sends what a log says people asked for: their user agents and pages at their times, from
// one place and with no more than a log has.
func replay(rng *rand.Rand, s *site) *visit {
	v := usual().browse(rng, s)
	v.lacks = []string{"no_accept_language", "no_sec_fetch", "no_client_hints"}
	if chance(rng, 0.4) { // a tool that adds what all requests should have
		v.lacks = v.lacks[1:]
	}
	if chance(rng, 0.5) { // the log had no referrers, or the tool leaves them out
		v.link(rng, 0)
		v.direct = true
	}
	v.bare, v.http10, v.http1 = true, chance(rng, 0.1), chance(rng, 0.5)
	for i := range v.views {
		v.views[i].asked, v.views[i].beacon, v.views[i].engaged = true, false, false
	}
	return v
}

// paced is many addresses, each with few pages and long pauses, half of them with a real browser.
func paced(rng *rand.Rand, s *site) *visit {
	v := script(rng)
	runs := chance(rng, 0.5)
	if runs {
		v = driven(rng)
	}
	crawl(rng, s, v, 1+rng.IntN(5), func() float64 { return uniform(rng, 20, 120) })
	if runs {
		ran(rng, v, 0.3, 0)
	}
	return v
}

// driven is a real browser that a program drives, with what hides that: one in three forgot
// navigator.webdriver, four in ten the size of the screen.
func driven(rng *rand.Rand) *visit {
	v := &visit{ua: copiedAgent(rng)}
	v.odd(rng, "webdriver", 0.33)
	v.odd(rng, "odd_screen", 0.4)
	v.odd(rng, "zero_window", 0.1)
	v.odd(rng, "no_plugins", 0.2)
	v.shows(rng, 0.5, 0.15, 0.45)
	if chance(rng, 0.3) { // the user agent was changed, the hints were not
		v.lacks = append(v.lacks, "ua_mismatch")
	}
	if chance(rng, 0.25) {
		v.lacks = append(v.lacks, "no_accept_language")
	}
	return v
}

// ran makes the script run on the views: engagement is told with a chance where the page is left by
// a click or closed, and not where the browser is killed.
func ran(rng *rand.Rand, v *visit, engaged, clicks float64) {
	for i := range v.views {
		w := &v.views[i]
		w.beacon = !chance(rng, 0.05)
		w.engaged = w.beacon && chance(rng, engaged)
		if dwell := uniform(rng, 1, 5); w.engaged {
			if i+1 < len(v.views) {
				dwell = v.views[i+1].at - w.at
			}
			v.millis += int64(1000 * dwell)
		}
		if chance(rng, clicks) {
			v.clicks++
		}
	}
	if chance(rng, 0.4) {
		v.scroll = rng.IntN(101)
	}
	// What clicks mostly does so by the protocol that drives the browser, which to the page is a mouse; of
	// what does not, one in seven moves one or turns a wheel to look alive.
	if v.handless = chance(rng, 0.85); v.clicks > 0 {
		v.handless, v.jumps = chance(rng, 0.2), chance(rng, 0.85) // straight to where it is pressed
	}
}

func stealthHeadless(rng *rand.Rand, s *site) *visit {
	v := driven(rng)
	base := []float64{0.5, 2, 5}[rng.IntN(3)]
	crawl(rng, s, v, length(rng, 12, 6), func() float64 { return base + rng.ExpFloat64()*base*0.3 })
	ran(rng, v, 0.35, 0.1)
	if chance(rng, 0.3) { // it clicks; the others are told addresses
		v.link(rng, 0.95)
	}
	return v
}

// headlessDefault does not hide that it is one.
func headlessDefault(rng *rand.Rand, s *site) *visit {
	v := stealthHeadless(rng, s)
	v.ua = mozilla + "(X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) " +
		fmt.Sprintf("HeadlessChrome/%d.0.0.0 Safari/537.36", 110+rng.IntN(39))
	return v
}

// forger sends events to the public door without having been on the site: most by a script, some out
// of a browser.
func forger(rng *rand.Rand, s *site) *visit {
	v := script(rng)
	crawl(rng, s, v, 1+rng.IntN(30), func() float64 { return uniform(rng, 0.1, 5) })
	for i := range v.views {
		v.views[i].asked, v.views[i].beacon = false, true
	}
	if chance(rng, 0.3) {
		v.link(rng, 1)
	}
	return v
}

// agentBrowser is an assistant that looks something up for somebody: a whole browser, clicks,
// and a model that thinks between two steps.
func agentBrowser(rng *rand.Rand, s *site) *visit {
	v := driven(rng)
	crawl(rng, s, v, length(rng, 4, 4), func() float64 { return lognormal(rng, 8, 0.4) })
	ran(rng, v, 0.8, 0.7)
	v.link(rng, 0.7)
	v.direct = chance(rng, 0.65) // the others came by a search
	return v
}
