package bots_test

import (
	"math"
	"math/rand/v2"
	"slices"
)

// playedAgain is a visit that was recorded once and is played again. Who does that: tests of how much a server
// bears, of a recording (k6, JMeter, Gatling, Locust); what a server's log or its wire had, sent to it
// again (GoReplay, siege with a list); bots that play one way through a site from rented addresses, to click
// on advertisements or to look like visitors; scripts that keep a cache warm; and those that try
// passwords, which are three requests over and over.
func playedAgain(rng *rand.Rand, s *site) *visit {
	switch weighted(rng, 28, 17, 25, 15, 15) {
	case 0:
		return underLoad(rng, s)
	case 1:
		return fromLog(rng, s)
	case 2:
		return bySameWay(rng, s)
	case 3:
		return warming(rng, s)
	}
	return tryingPasswords(rng, s)
}

// asBefore is how many of the plays before had all the same pauses. Two plays at fixed pauses differ by as
// much as the answers took, which shifts one pause in ten over to the next second; a browser takes longer,
// and differs by more. Where pauses are random they are never all the same.
func asBefore(rng *rand.Rand, before, pauses int, same float64) (n int) {
	p := math.Pow(same, float64(pauses))
	for range min(before, 2000) {
		if chance(rng, p) {
			n++
		}
	}
	return n
}

// step is what a recording has of a page: its path, and the pause after it.
type step struct {
	path  string
	pause float64
}

// recorded is a way through a site that somebody went to have it recorded, quickly.
func recorded(rng *rand.Rand, s *site, pages int) (steps []step) {
	path := pick(rng, "/", s.popular(rng))
	for range pages {
		steps = append(steps, step{path, 0.5 + lognormal(rng, 4, 0.7)})
		path = s.onward(rng, path)
	}
	return steps
}

// play adds the steps from a moment on; spread is by how much pauses differ from the recorded ones.
func (v *visit) play(rng *rand.Rand, steps []step, at, spread float64, w view) (end float64) {
	for i, st := range steps {
		w.at, w.path, w.linked = at, st.path, i > 0 && chance(rng, 0.8)
		v.views = append(v.views, w)
		at += st.pause*uniform(rng, 1-spread, 1+spread) + lognormal(rng, 0.08, 0.6)
	}
	return at
}

// uneven is a spread of pauses: none for six of ten who play a recording as it is, and up to a third for
// those whose tool has timers with some chance in them, as JMeter's are and k6's guide has it.
func uneven(rng *rand.Rand) float64 {
	if chance(rng, 0.6) {
		return 0
	}
	return uniform(rng, 0.15, 0.5)
}

// replayer is a tool with the headers of a recording: all of them, or the user agent alone where a script
// was written by hand. Gatling and k6 speak HTTP/2, JMeter and Locust do not; two in three leave out what
// belongs to pages, as their guides advise.
func replayer(rng *rand.Rand) *visit {
	v := &visit{ua: deskAgent(rng), bare: chance(rng, 0.65), http1: chance(rng, 0.55), direct: chance(rng, 0.85)}
	if chance(rng, 0.3) {
		v, _ = scripted(rng, care{70, 30, 0, 0})
		v.direct = true
	} else if chance(rng, 0.25) { // a recording of last year
		v.ua = mozilla + "(Windows NT 10.0; Win64; x64) " + blink + pick(rng, "131", "136", "142", "145") +
			".0.0.0 Safari/537.36"
	}
	return v
}

// underLoad is a test from one to fifty addresses. Mostly an address has many virtual users, who for us are
// one visitor, all on the same way at once and round and round; three in ten have an address for each user,
// or pretend so by a header.
func underLoad(rng *rand.Rand, s *site) *visit {
	v, steps, spread := replayer(rng), recorded(rng, s, 3+rng.IntN(8)), uneven(rng)
	if chance(rng, 0.3) {
		before := rng.IntN(1 + int(lognormal(rng, 60, 1)))
		v.play(rng, steps, 0, spread, view{asked: true})
		if spread == 0 {
			v.copies = asBefore(rng, before, len(steps)-1, 0.92)
		}
		return v
	}
	minutes := 60 * uniform(rng, 1, 10)
	for user := range 1 + int(rng.ExpFloat64()*15) {
		at := float64(user) * uniform(rng, 0.1, 5)
		for at < minutes && len(v.views) < 300 {
			at = v.play(rng, steps, at, spread, view{asked: true})
		}
	}
	return v
}

// fromLog sends again what people sent, from one address: who had the same browser becomes one visitor, and
// half had one that nobody else had. It has all of their headers, mostly the parts of their pages, too, and
// speaks HTTP/1.1. One time in two it was recorded on that site since yesterday; more than once it is
// played where something is looked for. Some play faster.
func fromLog(rng *rand.Rand, s *site) *visit {
	draw := manyBehindOne(1.5, 8, 0.5)
	single := chance(rng, 0.5)
	if single {
		draw = habitual(func(*habit) {})
	}
	person := draw(rng, s)
	v := &visit{ua: person.ua, lacks: person.lacks, http1: true, direct: person.entry().direct, bare: chance(rng, 0.3)}
	slices.SortFunc(person.views, func(a, b view) int { return int(math.Copysign(1, a.at-b.at)) })
	faster, since := 1.0, -1.0
	if chance(rng, 0.35) {
		faster = []float64{2, 5, 10}[rng.IntN(3)]
	}
	for _, w := range person.views {
		if !w.asked {
			continue
		}
		if since < 0 {
			since = w.at
		}
		again := view{at: (w.at - since) / faster, path: w.path, asked: true, linked: w.linked, missed: w.missed}
		v.views = append(v.views, again)
	}
	if single && len(v.views) > 1 {
		before := []int{0, 1, 3, 8}[weighted(rng, 50, 25, 15, 10)]
		if faster == 1 && chance(rng, 0.5) {
			before++
		}
		v.copies = asBefore(rng, before, len(v.views)-1, 0.95)
	}
	return v
}

// bySameWay plays one way through a site from addresses of homes, each once: some tens on a day. Four of ten
// drive browsers, with a mouse that was recorded, too; the others send the requests. A fourth go no further
// than the page they land on. They pretend to come from a search, or really do.
func bySameWay(rng *rand.Rand, s *site) *visit {
	pages, spread, same := 1, 0.0, 0.92
	if !chance(rng, 0.25) {
		pages = 2 + rng.IntN(5)
	}
	if chance(rng, 0.45) {
		spread = uniform(rng, 0.15, 0.5)
	}
	steps := recorded(rng, s, pages)
	v, _ := scripted(rng, paying)
	w := view{asked: true}
	if chance(rng, 0.4) {
		v = hiding(rng)
		w.beacon = chance(rng, 0.9)
		w.engaged = w.beacon && chance(rng, 0.85)
		byHand := weighted(rng, 35, 30, 35)
		v.handless, v.jumps = byHand == 0, byHand == 1
		v.clicks, v.scroll, v.millis = rng.IntN(1+pages), 30+rng.IntN(71), int64(pages)*int64(uniform(rng, 2000, 9000))
		if byHand == 0 {
			v.clicks = 0
		}
		same = 0.75
	}
	v.direct = chance(rng, 0.5)
	v.play(rng, steps, 0, spread, w)
	if before := rng.IntN(1 + int(lognormal(rng, 40, 1))); spread == 0 && pages > 1 {
		v.copies = asBefore(rng, before, pages-1, same)
	}
	return v
}

// warming asks for the pages that are asked for most, one after another, by a timetable: from the server
// itself or from each place of a network. What it did the day before was another visitor, to us. Over a long
// list some pause always differs; pauses of no length do not.
func warming(rng *rand.Rand, s *site) *visit {
	v, _ := scripted(rng, hasty)
	v.direct = true
	steps, pause := []step{}, lognormal(rng, 0.25, 0.9)
	for i := range 6 + int(rng.ExpFloat64()*40) {
		steps = append(steps, step{s.pages[(i*7)%len(s.pages)], pause})
	}
	v.play(rng, steps[:min(len(steps), len(s.pages), 300)], 0, 0, view{asked: true})
	for i := range v.views {
		v.views[i].linked = false
	}
	v.sessions = []int{1, 1, 4, 12}[rng.IntN(4)] // at other times than others do, or each hour or two
	if v.sessions > 3 {
		v.apart = uniform(rng, 0.005, 0.15)
	}
	if chance(rng, 0.75) {
		before := max(1, v.sessions) * (1 + rng.IntN(4))
		v.copies = asBefore(rng, before, len(v.views)-1, map[bool]float64{true: 0.995, false: 0.92}[pause < 0.2])
	}
	return v
}

// tryingPasswords asks for the form, sends it, and sees whether that led on: two or three views in a second
// or two, from hundreds of addresses, with requests that its settings (OpenBullet) have from a recording.
func tryingPasswords(rng *rand.Rand, s *site) *visit {
	v, _ := scripted(rng, care{50, 30, 15, 5})
	v.direct = chance(rng, 0.9)
	form := pick(rng, "/login", "/account/login", "/wp-login.php", "/user/sign_in")
	steps := []step{{form, 0.3}, {form, 0.4}}
	if chance(rng, 0.3) {
		steps = append([]step{{"/", 0.5}}, steps...)
	}
	if chance(rng, 0.2) { // one address tries some more
		for range 1 + rng.IntN(6) {
			steps = append(steps, steps[len(steps)-2:]...)
		}
	}
	v.play(rng, steps, 0, 0, view{asked: true})
	refused := chance(rng, 0.35) // with 403, from the second on
	for i := range v.views {
		v.views[i].linked = false
		v.views[i].missed = refused && i > 0
	}
	v.copies = asBefore(rng, rng.IntN(1+int(lognormal(rng, 120, 1.2))), len(v.views)-1, 0.9)
	return v
}
