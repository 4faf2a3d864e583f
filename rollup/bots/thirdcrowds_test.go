package bots_test

import (
	"math/rand/v2"
	"slices"
)

// People who go through a site in ways of their own, and those who share an address.

// manyTabs opens a list, and from it one page after another in tabs behind, each of which loads and says
// so at once. Most are looked at later, and some are closed unseen (Dubroy, Balakrishnan 2010: some have
// dozens of tabs open; Chang and others 2021: many are never read).
func manyTabs(rng *rand.Rand, s *site) *visit {
	h := ordinary()
	h.desk, h.glance = 0.95, 0
	v, _ := h.somebody(rng)
	runs := chance(rng, h.script)
	at, tabs := 0.0, 4+int(rng.ExpFloat64()*9)
	list := view{path: pick(rng, "/", s.popular(rng)), asked: true, beacon: runs && chance(rng, 0.97)}
	list.engaged = list.beacon
	v.views = append(v.views, list)
	h.read(rng, v, list, 40)
	at = 3 + weibull(rng, 0.9, 12)
	start := rng.IntN(len(s.pages))
	for i := range min(tabs, 60) {
		w := view{at: at, path: s.popular(rng), asked: true, linked: chance(rng, 0.95)}
		w.beacon = runs && chance(rng, 0.97)
		if chance(rng, 0.4) { // as the list has them, with some left out
			w.path = s.pages[(start+i*2)%len(s.pages)]
		}
		w.engaged = w.beacon && chance(rng, 0.85)
		if w.engaged && chance(rng, 0.65) {
			h.read(rng, v, w, weibull(rng, h.k, h.scale))
		}
		v.clicks++
		v.views = append(v.views, w)
		// Between tabs the eye goes down the list; one time in eight something is read first.
		at += lognormal(rng, 2.2, 0.7)
		if chance(rng, 0.12) {
			at += weibull(rng, h.k, 90)
		}
	}
	return v
}

// configuring chooses colours and parts of a product, click by click. Seven of ten sites show each choice
// without loading a page, and name it by a path; the others load pages. The button for more of the same is
// at the same place each time, so that the mouse stays where it is.
func configuring(rng *rand.Rand, s *site) *visit {
	h := ordinary()
	h.desk = 0.65
	v, desk := h.somebody(rng)
	runs, soft := chance(rng, h.script), chance(rng, 0.7)
	base, step := s.popular(rng), 0
	still := *v
	still.jumps = true
	at, choices := 0.0, 10+int(rng.ExpFloat64()*18)
	for i := range min(choices, 200) {
		w := view{at: at, path: base, asked: i == 0 || !soft, linked: i > 0, beacon: runs && chance(rng, 0.97)}
		switch { // three quarters of choices are in the path, the others behind a question mark
		case i > 0 && chance(rng, 0.55):
			step = (step + 1) % 9
			fallthrough
		case i > 0 && chance(rng, 0.6):
			w.path = base + "/" + pick(rng, "colour", "size", "parts", "wheels", "step") + "/" + string(rune('1'+step))
		}
		w.engaged = w.beacon && chance(rng, h.tells)
		if desk && !soft && i > 1 && chance(rng, 0.35) {
			w.of = &still
		}
		v.views = append(v.views, w)
		gap := 0.4 + lognormal(rng, 2.8, 0.9)
		if chance(rng, 0.08) { // looks, compares, asks somebody
			gap += weibull(rng, 0.8, 60)
		}
		h.read(rng, v, w, gap)
		v.clicks += 1 + rng.IntN(2)
		at += min(gap, 1700)
	}
	return v
}

// hearing has pages read aloud. JAWS and NVDA keep the keys for themselves (TPGi; L. Watson) and choose
// links by the browser's accessibility interface, for which the browser makes a click that counts as one
// of a person; some move the mouse there and press it instead. VoiceOver's and TalkBack's swipes stay with
// the system. So a page that leads on was touched, and the last one often was not. Half use a desk and
// half a phone (WebAIM's tenth survey has nine of ten use both).
func hearing(rng *rand.Rand, s *site) *visit {
	h := ordinary()
	h.desk, h.bounce, h.scale, h.k, h.script, h.glance = 0.55, 0.38, 95, 0.9, 0.95, 0
	v, desk := h.somebody(rng)
	if desk && chance(rng, 0.6) { // Chrome, Edge and Firefox have nearly all of them
		v.ua = mozilla + "(Windows NT 10.0; Win64; x64) " + blink + chromeOf(rng) + " Safari/537.36"
	}
	v.jumps = v.jumps || desk && chance(rng, 0.06)
	// Half of the last pages, without what desks and phones make of it otherwise.
	h.glance = map[bool]float64{true: 0.45 / 0.4, false: 0.5 / 1.6}[desk]
	h.wander(rng, s, v, desk)
	if chance(rng, 0.03) { // scripts of the site take the click and make one of their own
		v.handless, v.clicks = true, v.clicks/2
	}
	return v
}

// loadedAhead is somebody whose browser loads pages before they are asked for, because the mouse is over a
// link or the site has rules for it. The script waits until a page is shown. Half of what is loaded ahead
// is the page without its parts (prefetch), and half is all of it (prerender); Chrome does either for one
// link or a few, and uses some 40 % of them.
func loadedAhead(rng *rand.Rand, s *site) *visit {
	h := ordinary()
	h.desk, h.bounce = 0.65, 0.35
	v := h.draw(rng, s)
	half := *v
	half.bare, half.views = true, nil
	for _, w := range slices.Clone(v.views) {
		for range []int{0, 1, 2, 4}[weighted(rng, 40, 35, 17, 8)] {
			ahead := view{at: w.at + lognormal(rng, 4, 1), path: s.popular(rng), asked: true, linked: true}
			if chance(rng, 0.5) {
				ahead.of = &half
			}
			v.views = append(v.views, ahead)
		}
	}
	v.copies = 0
	return v
}

// oneDocument is at work in an application that is one document: each view is shown by a script, and the
// server answers calls for data, which are no views. People stay long, come back to the same few views all
// day, and have it as a bookmark.
func oneDocument(rng *rand.Rand, s *site) *visit {
	h := ordinary()
	h.desk, h.direct, h.script = 0.85, 0.55, 0.95
	v, _ := h.somebody(rng)
	v.sessions = 1 + int(rng.ExpFloat64()*3)
	if v.sessions > 4 {
		v.apart = uniform(rng, 0.4, 1.4)
	}
	v.stored = chance(rng, 0.6)
	runs, at := chance(rng, h.script), 0.0
	few := make([]string, 3+rng.IntN(6))
	for i := range few {
		few[i] = s.popular(rng)
	}
	for i := range min(3+int(rng.ExpFloat64()*16), 200) {
		w := view{at: at, path: few[rng.IntN(len(few))], asked: i == 0, linked: i > 0}
		w.beacon = runs && chance(rng, 0.97)
		if chance(rng, 0.04) { // loads it again
			w.asked = true
		}
		w.engaged = w.beacon && chance(rng, h.tells)
		v.views = append(v.views, w)
		gap := 0.5 + lognormal(rng, 9, 1.2)
		h.read(rng, v, w, gap)
		v.clicks += 1 + rng.IntN(4)
		at += min(gap, 1700)
	}
	return v
}

// manyBehindOne is several people who are one visitor to us: they have the same address, the same browser
// and the same system, and are on a site at the same time. An office of 200 has computers that are set up
// alike, and its proxy or guard does the same to all; one time in three a link was sent around, so that
// they come within minutes. A carrier's address is of some hundred phones or homes, of which few are on
// one site in the same half hour.
func manyBehindOne(mean float64, most int, desk float64) func(*rand.Rand, *site) *visit {
	return func(rng *rand.Rand, s *site) *visit {
		h := ordinary()
		h.desk = desk
		all, isDesk := h.somebody(rng)
		all.sessions = 1 + rng.IntN(1+int(mean*1.5))
		if all.sessions > 4 {
			all.apart = uniform(rng, 0.5, 1.6)
		}
		within := 1500.0
		if desk > 0 && chance(rng, 0.33) {
			within = 240
		}
		shared := slices.Clone(all.lacks)
		for i := range min(1+int(rng.ExpFloat64()*mean), most) {
			one := &visit{ua: all.ua, http1: all.http1, http10: all.http10, direct: chance(rng, h.direct)}
			blemishes(rng, one, isDesk)
			one.http1, one.http10 = one.http1 || all.http1, all.http10
			one.lacks = append(one.lacks, shared...)
			h.wander(rng, s, one, isDesk)
			shift := rng.Float64() * within
			if i == 0 {
				shift = 0
			}
			all.clicks, all.millis = all.clicks+one.clicks, all.millis+one.millis
			all.scroll = max(all.scroll, one.scroll)
			for _, w := range one.views {
				w.at += shift
				if w.of == nil {
					w.of = one
				}
				all.views = append(all.views, w)
			}
		}
		return all
	}
}
