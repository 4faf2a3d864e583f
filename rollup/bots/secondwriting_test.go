package bots_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestJudgementOfTheSecondWriting measures the rules with the families and people of TestJudgement, written
// a second time without a look at the rules, and at no more of those than how one person walks: from what
// is published about people and about the programs that are in use, which secondpeople_test.go and
// secondmachines_test.go name. It was written down before it was measured; after that rules learnt from it,
// too. How many addresses a family comes by is as in fleets, by its name.
//
//	go test ./rollup/bots -run TestJudgementOfTheSecondWriting -v
func TestJudgementOfTheSecondWriting(t *testing.T) {
	c := newCensus(t)
	c.people(secondPeople(), 0.5, 2)
	c.machines(secondFamilies(), map[group]float64{declared: 99, disguised: 94, stealth: 68})
}

// like changes someone.
func like(change func(*surfer)) func(*rand.Rand, *site) *visit {
	p := someone()
	change(&p)
	return p.draw
}

func secondPeople() []persona {
	return []persona{
		{"reader", like(func(p *surfer) { p.seconds = 28 })},
		{"tab hoarder", hoarder},
		{"back button", backAndForth(0.55)},
		{"configurator clicker", chooser},
		{"screen reader", listener},
		{"office of 200", sharing(1, 4, 40)},
		{"carrier's address", sharing(0, 2, 12)},
		// Self-hosted scripts are on few lists; who blocks all scripts that are known by their name, or by
		// what they do, is the persona.
		{"ad block", like(func(p *surfer) { p.script, p.desk = 0.12, 0.7 })},
		{"no script", scriptless},
		{"bfcache", backAndForth(0.95)},
		{"prerender", ahead},
		{"webview", inApp},
		{"proxy without language", behindProxy},
		{"app with an api", singlePage},
	}
}

// listener has pages read to them. Arrows and letters move a cursor of the reader's own, and a page is
// told of none of them; what is chosen is clicked by the reader, and for nearly all of them the browser
// vouches for that (TPGi). On phones swipes stay with the system. Who can't see a page doesn't skim it.
func listener(rng *rand.Rand, s *site) *visit {
	p := someone()
	p.seconds, p.desk, p.quiet, p.bounce = 55, 0.65, 14, 0.4
	v := p.draw(rng, s)
	v.handless = v.handless || chance(rng, 0.05)
	v.jumps = v.jumps || v.clicks > 0 && chance(rng, 0.08) // some put a mouse there and press it
	return v
}

// hoarder opens what looks good from a list, one tab after the other, and reads half of them; of the rest
// some are closed unseen. In the order of the list, for half of them: news from above, results as found.
func hoarder(rng *rand.Rand, s *site) *visit {
	p := someone()
	p.desk, p.bounce, p.more, p.unseen, p.seconds = 0.95, 0, 6, 0.45, 40
	v := p.draw(rng, s)
	at, first := v.views[0].at+uniform(rng, 3, 40), rng.IntN(len(s.pages))
	inOrder := chance(rng, 0.5)
	for i := range v.views[1:] {
		w := &v.views[i+1]
		w.at = at
		w.linked = v.views[1].linked
		if inOrder {
			first += 1 + rng.IntN(3)
			w.path = s.pages[first%len(s.pages)]
		}
		w.asked = true
		at += lognormal(rng, 2.5, 0.8)
		if chance(rng, 0.15) { // reads one, comes back to the list
			at += lognormal(rng, 30, 1)
		}
	}
	v.clicks = max(v.clicks, int(0.9*float64(len(v.views)-1))) // a middle button is one
	v.handless = false
	return v
}

// backAndForth goes from a list to what is on it and back, again and again. The back-forward cache shows
// the list again without a request, and the script tells of a view then.
func backAndForth(history float64) func(*rand.Rand, *site) *visit {
	return func(rng *rand.Rand, s *site) *visit {
		p := someone()
		p.bounce, p.history = 0, history
		v := p.draw(rng, s)
		list, w := s.popular(rng), v.views[0]
		v.views = v.views[:0]
		v.millis, v.clicks, v.handless = 0, 0, false
		for range 2 + int(rng.ExpFloat64()*3) {
			for step, path := range []string{list, s.popular(rng)} {
				seconds := lognormal(rng, 9, 0.9)
				next := w
				next.path, next.linked = path, len(v.views) > 0
				next.asked = step == 1 || len(v.views) == 0 || !chance(rng, p.history)
				next.beacon = w.beacon && !chance(rng, 0.03)
				next.engaged = next.beacon && !chance(rng, 0.06)
				v.views = append(v.views, next)
				v.millis += int64(800 * seconds)
				v.clicks += step
				w.at += seconds
			}
		}
		return v
	}
}

// chooser clicks a product together. Two of three shops show each choice without loading a page, and the
// history is told of it; the others load the page again, with other parameters, which nobody keeps.
func chooser(rng *rand.Rand, s *site) *visit {
	p := someone()
	p.desk, p.bounce = 0.65, 0.1
	v := p.draw(rng, s)
	last := v.views[len(v.views)-1]
	soft := chance(rng, 0.65)
	steps := []string{last.path}
	for i := range rng.IntN(6) {
		steps = append(steps, fmt.Sprintf("/order/step/%d", i+1))
	}
	at, n := last.at+10, 8+int(rng.ExpFloat64()*25)
	for i := range n {
		w := last
		w.at, w.path, w.linked, w.asked = at, steps[i*len(steps)/n], true, !soft
		w.beacon = last.beacon && !chance(rng, 0.03)
		w.engaged = w.beacon && !chance(rng, 0.06)
		v.views = append(v.views, w)
		at += lognormal(rng, 3.5, 0.8)
	}
	v.clicks, v.handless = v.clicks+n, false
	v.millis += int64(900 * (at - last.at))
	return v
}

// sharing is people behind one address with the same browser, as managed desks and phones have it; who of
// them is on the site in the same half of an hour. Offices have a proxy that changes requests in one of
// four cases, and an invitation that all open at once in one of five.
func sharing(desk, median float64, most int) func(*rand.Rand, *site) *visit {
	return func(rng *rand.Rand, s *site) *visit {
		p := someone()
		p.desk, p.ua = desk, surferAgent(rng, desk == 1)
		all := &visit{ua: p.ua, sessions: 1 + rng.IntN(10), apart: uniform(rng, 0.5, 1.5)}
		var proxy visit
		if chance(rng, 0.25*desk) {
			proxy.lack(rng, "no_brotli", 0.8)
			proxy.lack(rng, "no_encoding", 0.1)
			proxy.lack(rng, "no_client_hints", 0.08)
			proxy.http10, proxy.http1 = chance(rng, 0.06), chance(rng, 0.5)
		}
		invited, page, minutes := chance(rng, 0.2*desk), s.popular(rng), uniform(rng, 5, 60)
		for range min(most, 1+int(lognormal(rng, median, 0.9))) {
			one := p.draw(rng, s)
			one.lacks, one.http10 = append(one.lacks, proxy.lacks...), one.http10 || proxy.http10
			one.http1 = one.http1 || proxy.http1
			start := 60 * minutes * rng.Float64()
			if invited {
				start /= 10
				one.views[0].path = page
			}
			first := one.views[0].at
			for _, w := range one.views {
				w.at, w.of = w.at-first+start, one
				all.views = append(all.views, w)
			}
			all.clicks, all.millis = all.clicks+one.clicks, all.millis+one.millis
			all.scroll = max(all.scroll, one.scroll)
		}
		return all
	}
}

// scriptless is who gets no script to run: four of five have a browser as all others, and a script that
// was lost on the way or stopped by another one; one in six stops all; then proxies that draw pages for
// slow phones, and browsers of text, which ask for no parts of a page.
func scriptless(rng *rand.Rand, s *site) *visit {
	p := someone()
	p.script = 0
	v := p.draw(rng, s)
	switch q := rng.Float64(); {
	case q < 0.17:
		v.ua = fmt.Sprintf(mozilla+"(Windows NT 10.0; %srv:140.0) Gecko/20100101 Firefox/140.0",
			pick(rng, "", "Win64; x64; "))
	case q < 0.2:
		v.ua = "Opera/9.80 (Android; Opera Mini/89.0.2254/191.361; U; en) Presto/2.12.423 Version/12.16"
	case q < 0.22:
		v.ua, v.bare = pick(rng, "Lynx/2.9.2 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.7.8", "w3m/0.5.3+git20230121",
			"Links (2.29; Linux 6.8.0 x86_64; GNU C 13.2; text)"), true
	}
	return v
}

// ahead has pages fetched before they are wanted: most of them never are. From the bar for addresses as
// well, where a whole visit is fetched and none takes place.
func ahead(rng *rand.Rand, s *site) *visit {
	p := someone()
	p.history = 0.3
	v := p.draw(rng, s)
	if chance(rng, 0.06) {
		v.views = v.views[:1]
		v.views[0].beacon, v.views[0].engaged = false, false
		return v
	}
	for _, w := range slices.Clone(v.views) {
		for range rng.IntN(4) {
			v.views = append(v.views, view{at: w.at + uniform(rng, 0.1, 8), path: s.popular(rng), linked: true,
				asked: true})
		}
	}
	return v
}

// inApp is what an app shows of the web. Half of the world's are those of social networks; some give their
// own name for a browser, and no hints then.
func inApp(rng *rand.Rand, s *site) *visit {
	p := someone()
	p.desk, p.bounce, p.seconds, p.direct = 0, 0.66, 11, 0.6 // apps do not say
	android := fmt.Sprintf("AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/%d.0.7151.61 Mobile Safari/537.36",
		150+rng.IntN(7))
	own := false
	switch q := rng.Float64(); {
	case q < 0.4:
		p.ua = mozilla + "(iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22H20" +
			pick(rng, "", " [FBAN/FBIOS;FBAV/520.0;FBDV/iPhone15,2]", " Instagram 380.0.0.20", " GSA/370.0 Safari/604.1")
	case q < 0.9:
		p.ua = mozilla + "(Linux; Android 15; SM-A546B Build/AP3A.240905; wv) " + android +
			pick(rng, "", " [FB_IAB/FB4A;FBAV/520.0;]", " Instagram 380.0.0.20 Android", " Line/15.1 /IAB")
	default:
		own = true
	}
	v := p.draw(rng, s)
	if own {
		v.ua = mozilla + "(Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36"
		v.lack(rng, "no_client_hints", 0.7)
	}
	v.lack(rng, "no_upgrade", 0.05)
	v.lack(rng, "no_accept_language", 0.02)
	return v
}

// behindProxy has a proxy that takes the languages out, and keeps parts of pages for all of a house.
func behindProxy(rng *rand.Rand, s *site) *visit {
	p := someone()
	v := p.draw(rng, s)
	v.bare = chance(rng, 0.12/float64(len(v.views)))
	v.lack(rng, "no_accept_language", 1)
	v.lack(rng, "no_brotli", 0.3)
	v.lack(rng, "no_encoding", 0.08)
	v.lack(rng, "no_client_hints", 0.15)
	v.http10, v.http1 = chance(rng, 0.05), chance(rng, 0.7)
	return v
}

// singlePage loads once and shows other pages by script; it asks for data, which a log calls a page.
func singlePage(rng *rand.Rand, s *site) *visit {
	p := someone()
	p.bounce, p.more, p.seconds, p.direct = 0.2, 6, 12, 0.7
	v := p.draw(rng, s)
	for i := range v.views {
		v.views[i].asked = i == 0 || chance(rng, 0.04) // loads it again
	}
	if !s.headers {
		for _, w := range slices.Clone(v.views) {
			for range 1 + rng.IntN(6) {
				v.views = append(v.views, view{at: w.at + uniform(rng, 0.2, 3), linked: true, asked: true,
					path: fmt.Sprintf("/api/%s/%d", pick(rng, "items", "users", "notices"), rng.IntN(30))})
			}
		}
	}
	return v
}
