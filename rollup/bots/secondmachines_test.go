package bots_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Machines, written a second time; see secondwriting_test.go. What is told by whom:
//
// The names that crawlers, monitors, readers of feeds and makers of previews give are their makers'. What
// programs send is what their libraries do when nobody tells them otherwise: requests, httpx and aiohttp
// take */* and no language, as Go's and Node's do; Scrapy has a language, HTML and where a link was
// (docs.scrapy.org); curl takes no encoding; curl_cffi sends what the browser of its version sends
// (readthedocs). The old headless Chrome, which Playwright has still, has no plugins and no window.chrome;
// the new one has both; either has a screen of 800x600 unless told, and a server has no graphics card.
// puppeteer-extra's stealth mends the user agent, plugins, window.chrome and the card's name, and gives
// hints that fit (its evasions). 40 % of what scanners ask for is on no list of theirs (Edwards 2026).
// 5.7 % of requests by AI crawlers' names are others' (HUMAN 2026), who want .env as often as pages
// (CitationIQ 2026); one crawler came as Chrome 124 on a Mac (Cloudflare 2025). Agents of ChatGPT say to be
// on a Mac, hints of Linux beside it, and sign (Willison 2025); agents' clicks come by the debugger and are
// vouched for by the browser; between two of them a model thinks for seconds (FP-Agent, arXiv 2605.01247;
// FCaptcha 1.12). The shares of mixtures are a judgement where none of these has them.

func secondFamilies() []family {
	return []family{
		{"declared", declared, says(selfNamed, 4, 20)},
		{"curl", declared, says(libraries, 2, 3)},
		{"headless default", declared, headlessAsIs},
		{"seo", declared, says(seoTools, 15, 6)},
		{"uptime monitor", declared, watching},
		{"ai crawler", declared, says(aiCrawlers, 5, 8)},
		{"rss", declared, feeding},
		{"link preview", declared, says(previews, 0.1, 1)},
		{"residential one-hit", disguised, homes},
		{"path scanner", disguised, listed},
		{"sequential scraper", disguised, inSequence},
		{"ai crawler, forged", disguised, falselyNamed},
		{"replay", disguised, played},
		{"paced distributed", stealth, slowly},
		{"stealth headless", stealth, hidden},
		{"event forger", stealth, madeUp},
		{"ai agent in a browser", stealth, assisted},
	}
}

// pasted is the user agent of a browser as programs have it: what tutorials show, what lists and
// fake-useragent draw, what the author's own browser says.
func pasted(rng *rand.Rand) string {
	version := fmt.Sprint(112+rng.IntN(40), ".0.0.0")
	switch p := rng.Float64(); {
	case p < 0.3:
		version = pick(rng, "58.0.3029.110", "74.0.3729.169", "91.0.4472.124", "91.0.4472.124", "114.0.0.0", "120.0.0.0",
			"120.0.0.0", "124.0.0.0", "131.0.0.0")
	case p < 0.4:
		version = built(rng, 60+rng.IntN(45))
	case p < 0.6:
		return surferAgent(rng, chance(rng, 0.85))
	}
	return fmt.Sprintf(mozilla+"(%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%s Safari/537.36", pick(rng,
		"Windows NT 10.0; Win64; x64", "Windows NT 10.0; Win64; x64", "Windows NT 10.0; Win64; x64",
		"Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64"), version)
}

// program asks for pages by a browser's name and runs no script; refers is whether it says where a link
// was. careful ones copy all headers, or have a library that does all as a browser; the others give a name
// and leave the rest to their library, but for a language, which three of ten tutorials have.
func program(rng *rand.Rand, careful float64) (v *visit, refers bool) {
	v = &visit{ua: pasted(rng), bare: true, http10: chance(rng, 0.015)}
	if chance(rng, careful) {
		if chance(rng, 0.5) {
			v.ua = fmt.Sprintf(mozilla+"(%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%s.0.0.0 Safari/537.36",
				pick(rng, "Macintosh; Intel Mac OS X 10_15_7", "Macintosh; Intel Mac OS X 10_15_7", "Windows NT 10.0; Win64; x64"),
				pick(rng, "120", "124", "131", "136", "142", "146"))
			return v, chance(rng, 0.15)
		}
		v.http1 = chance(rng, 0.7)
		v.lack(rng, "no_sec_fetch", 0.4)
		v.lack(rng, "no_client_hints", 0.55)
		if len(v.lacks) == 0 {
			v.lack(rng, "ua_mismatch", 0.3) // one of several names, the hints of one
		}
		v.lack(rng, "no_upgrade", 0.15)
		v.lack(rng, "no_brotli", 0.3) // which it could not unpack
		return v, chance(rng, 0.25)
	}
	v.lacks = []string{"no_upgrade", "no_sec_fetch", "no_client_hints"}
	language, html, old := 0.7, 0.85, 0.95 // HTTP/1.1 is all that most speak, or speak when not told to
	switch p := rng.Float64(); {
	case p < 0.4: // Python's requests, httpx, aiohttp
		v.lack(rng, "no_brotli", 0.7)
	case p < 0.53: // Scrapy
		v.lack(rng, "no_brotli", 0.5)
		language, html, refers = 0, 0, true
	case p < 0.67: // Go's, and Colly
		old = 0.3
		v.lack(rng, "no_accept", 0.5)
		v.lack(rng, "no_brotli", 1)
	case p < 0.83: // axios, got; Node's fetch says any language
		language = 0.4
	case p < 0.95: // curl, PHP, Wget
		old = 0.6
		v.lack(rng, "no_encoding", 0.85)
	default: // okhttp, Jsoup
		old = 0.5
		v.lack(rng, "no_accept", 0.5)
		v.lack(rng, "no_brotli", 1)
	}
	v.lack(rng, "no_accept_language", language)
	v.lack(rng, "no_html", html)
	v.http1 = chance(rng, old)
	return v, refers
}

// asks has pages asked for, one after the other.
func (v *visit) asks(rng *rand.Rand, paths []string, refers bool, gap func() float64) {
	at := 900 * rng.Float64()
	v.direct = chance(rng, told)
	for i, path := range paths {
		v.views = append(v.views, view{at: at, path: path, asked: true, linked: refers && i > 0})
		at += gap()
	}
}

// some are pages of a site: in its order, any, or as links lead.
func some(rng *rand.Rand, s *site, n int, inOrder float64) (paths []string) {
	first, order := rng.IntN(len(s.pages)), chance(rng, inOrder)
	for i := range n {
		switch {
		case order:
			paths = append(paths, s.pages[(first+i)%len(s.pages)])
		case chance(rng, 0.5):
			paths = append(paths, s.pages[rng.IntN(len(s.pages))])
		default:
			paths = append(paths, s.popular(rng))
		}
	}
	return paths
}

// renders has a browser draw the pages. It ends by being killed as often as not, and nothing is told of the
// last page then; not all of those that nobody sees have the focus.
func (v *visit) renders(rng *rand.Rand, runs float64) {
	ran, focus := chance(rng, runs), chance(rng, 0.85)
	for i := range v.views {
		w, seconds, left := &v.views[i], lognormal(rng, 3, 0.7), 0.45
		if i < len(v.views)-1 {
			seconds, left = v.views[i+1].at-w.at, 0.93
		}
		w.beacon = ran && !chance(rng, 0.03)
		w.engaged = w.beacon && chance(rng, left)
		v.handless = v.handless || seconds >= 1 // of less the script says nothing
		if focus && w.engaged {
			v.millis += int64(1000 * seconds)
		}
	}
	v.scroll = min(100, int(lognormal(rng, 28, 0.7)))
}

// says is who says who it is and asks for about so many pages, some seconds apart. One in ten of those
// that call themselves Chrome draws pages.
func says(names []string, more, seconds float64) func(*rand.Rand, *site) *visit {
	return func(rng *rand.Rand, s *site) *visit {
		v := &visit{ua: pick(rng, names...), bare: true, http1: chance(rng, 0.5)}
		v.lacks = []string{"no_accept_language", "no_upgrade", "no_sec_fetch", "no_client_hints"}
		v.asks(rng, some(rng, s, 1+int(rng.ExpFloat64()*more), 0.3), false,
			func() float64 { return lognormal(rng, seconds, 0.9) })
		if strings.Contains(v.ua, "Chrome/") && chance(rng, 0.1) {
			v.bare, v.client = false, []string{"software_gl"}
			v.renders(rng, 0.8)
		}
		return v
	}
}

// headlessAsIs is Puppeteer, Playwright or Selenium as they come. One in eight sets the device that
// Playwright's examples set, or has a window: webdriver is all that such a one says.
func headlessAsIs(rng *rand.Rand, s *site) *visit {
	v := &visit{client: []string{"webdriver"}}
	shell := chance(rng, 0.45) // the old one
	system := pick(rng, "X11; Linux x86_64", "X11; Linux x86_64", "X11; Linux x86_64", "Macintosh; Intel Mac OS X 10_15_7",
		"Windows NT 10.0; Win64; x64")
	name := "HeadlessChrome"
	if chance(rng, 0.12) {
		name, system, shell = "Chrome", "Windows NT 10.0; Win64; x64", chance(rng, 0.5)
	}
	v.ua = fmt.Sprintf(mozilla+"(%s) AppleWebKit/537.36 (KHTML, like Gecko) %s/%d.0.0.0 Safari/537.36",
		system, name, 130+rng.IntN(27))
	if shell {
		v.client = append(v.client, "no_plugins", "no_chrome", "no_frame")
		v.lack(rng, "no_accept_language", 0.6)
	} else {
		v.odd(rng, "no_frame", 0.6) // the viewport they set is as high as the window; Selenium sets none
	}
	v.odd(rng, "odd_screen", 0.5)
	v.odd(rng, "software_gl", 0.85)
	v.asks(rng, some(rng, s, 1+int(rng.ExpFloat64()*1.5), 0.3), false,
		func() float64 { return lognormal(rng, 4, 0.8) })
	v.renders(rng, 0.95)
	if chance(rng, 0.15) { // a test clicks
		v.handless, v.clicks, v.jumps = false, 1+rng.IntN(5), true
	}
	return v
}

// watching asks for the same page each minute or five, or hourly.
func watching(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pick(rng, monitors...), bare: true}
	v.lacks = []string{"no_accept_language", "no_upgrade", "no_sec_fetch"}
	every := []float64{60, 60, 180, 300, 300, 900, 3600}[rng.IntN(7)]
	n := 1 + rng.IntN(250)
	if every > 1800 {
		n, v.sessions, v.apart = 1, 1+rng.IntN(24), uniform(rng, 0.005, 0.05)
	}
	path := s.popular(rng)
	if chance(rng, 0.7) {
		path = "/"
	}
	v.asks(rng, repeat([]string{path}, n), false, func() float64 { return every + uniform(rng, -2, 2) })
	return v
}

// feeding asks for a feed once or twice an hour, and one in four for the articles that are new in it.
func feeding(rng *rand.Rand, s *site) *visit {
	v := &visit{ua: pick(rng, readers...), bare: true, sessions: 1 + rng.IntN(30), apart: uniform(rng, 0.01, 0.4)}
	v.lacks = []string{"no_accept_language", "no_upgrade", "no_sec_fetch"}
	paths := []string{pick(rng, "/feed.xml", "/rss", "/feed/", "/atom.xml", "/index.xml")}
	if chance(rng, 0.25) {
		paths = append(paths, some(rng, s, 1+rng.IntN(4), 0.2)...)
	}
	v.asks(rng, paths, false, func() float64 { return lognormal(rng, 1, 0.6) })
	return v
}

// homes are addresses of homes, rented by the request: three of four ask once. Who pays for them takes
// some care.
func homes(rng *rand.Rand, s *site) *visit {
	v, refers := program(rng, 0.42)
	n := 1
	if chance(rng, 0.25) {
		n = 2 + rng.IntN(3)
	}
	v.asks(rng, some(rng, s, n, 0.15), refers, func() float64 { return lognormal(rng, 15, 1.5) })
	v.views[0].missed = chance(rng, 0.03)
	return v
}

// looseEnds are what scanners ask for; the last is one for any site, in the alphabet's order.
var looseEnds = []string{
	"/.env /.env.local /.env.production /api/.env /backend/.env /app/.env /.git/config /.git/HEAD /.aws/credentials " +
		"/config.json /secrets.yaml /docker-compose.yml /wp-config.php.bak /phpinfo.php /info.php /config.yml",
	"/wp-login.php /xmlrpc.php /wp-includes/wlwmanifest.xml /wp-admin/setup-config.php /wp-admin/install.php " +
		"/blog/wp-includes/wlwmanifest.xml /wp/wp-login.php /wp-json/wp/v2/users /wordpress/ " +
		"/wp-content/plugins/hellopress/wp_filemanager.php",
	"/admin.php /about.php /alfa.php /shell.php /1.php /file.php /chosen.php /wp-content/uploads/min.php /ms-edit.php " +
		"/wp-content/themes/seotheme/db.php /wp-admin/css/index.php /radio.php /goods.php /cong.php /inputs.php /up.php",
	"/phpmyadmin/ /manager/html /solr/admin/info/system /actuator/health /owa/auth/logon.aspx /remote/login " +
		"/cgi-bin/luci /boaform/admin/formLogin /HNAP1/ /geoserver/web/ /login /admin /dashboard /console " +
		"/server-status /v2/_catalog /hudson",
	"/about /archive /assets /backup /backup.zip /blog /cache /css /data /db /demo /dev /download /files /images " +
		"/includes /install /js /logs /old /private /public /scripts /staging /temp /test /tmp /uploads /users /www.zip",
}

// listed asks for what may lie around. Three of ten ask for one thing at each address.
func listed(rng *rand.Rand, _ *site) *visit {
	v, _ := program(rng, 0.1)
	if chance(rng, 0.1) {
		v.ua = pick(rng, "Mozilla/5.0", mozilla+"(Windows NT 10.0; Win64; x64)", mozilla+"(X11; Linux x86_64)")
	}
	all := strings.Fields(pick(rng, looseEnds...))
	n := 1
	if !chance(rng, 0.3) {
		n = min(len(all), 2+int(rng.ExpFloat64()*14))
	}
	if chance(rng, 0.5) {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	wait := lognormal(rng, 0.6, 1)
	v.asks(rng, all[:n], false, func() float64 { return wait * uniform(rng, 0.6, 1.6) })
	for i := range v.views {
		v.views[i].missed = chance(rng, 0.93) // some sites answer everything with their first page
	}
	return v
}

// inSequence takes a site from one end to the other, or a part of it, after a sleep or none.
func inSequence(rng *rand.Rand, s *site) *visit {
	v, refers := program(rng, 0.22)
	n := min(len(s.pages), 8+int(rng.ExpFloat64()*80))
	first := rng.IntN(len(s.pages) - n + 1)
	var paths []string
	for _, path := range s.pages[first : first+n] {
		if !chance(rng, 0.05) { // it has that one, or an error
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		paths = s.pages[:1]
	}
	pause := []float64{0.15, 0.5, 1, 1, 2, 3, 5}[rng.IntN(7)]
	v.asks(rng, paths, refers, func() float64 { return pause*uniform(rng, 0.95, 1.1) + lognormal(rng, 0.3, 0.6) })
	return v
}

// falselyNamed is half by a crawler's name who is not that, for what such are let see or for what lies
// around, and half a crawler for models by the name of a browser, which one cannot refuse by its name.
func falselyNamed(rng *rand.Rand, s *site) *visit {
	if chance(rng, 0.5) {
		v, refers := program(rng, 0.35)
		if chance(rng, 0.4) {
			v.ua = mozilla + "(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) " +
				"Chrome/124.0.0.0 Safari/537.36"
		}
		v.asks(rng, some(rng, s, 1+int(rng.ExpFloat64()*3), 0.2), refers,
			func() float64 { return lognormal(rng, 8, 1.2) })
		return v
	}
	v := &visit{bare: true, http1: chance(rng, 0.8)}
	if chance(rng, 0.5) {
		v = listed(rng, s)
	} else {
		v.asks(rng, some(rng, s, 1+int(rng.ExpFloat64()*6), 0.4), false, func() float64 { return lognormal(rng, 2, 1) })
	}
	v.ua = pick(rng, aiCrawlers...)
	return v
}
