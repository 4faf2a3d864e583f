package sessions

import (
	"math"

	"github.com/cespare/xxhash/v2"

	"analytics/engine/event"
	"analytics/rollup/bots"
)

// sites is what is known of sites and visitors besides a session, as far as judging it needs.
// Everything is of the day on which a session starts up to its end, or of the day before: what comes
// later must not change a verdict.
type sites struct {
	days   map[siteKey]*siteDay
	newest event.Micros // the day that the newest event is of
	// visits are the sessions of each visitor on that day; base is those that a maker which this one
	// goes on from has counted, and is only read.
	visits, base map[uint64]visits
}

// visits are the sessions of a visitor on a day: how many, when the last started, and the sums of the
// hours between them and of their squares.
type visits struct {
	n              int
	last           event.Micros
	hours, squares float64
}

// evenGaps is from how many times between sessions on their spread is told.
const evenGaps = 4

// apart is the spread of the times between sessions, by their mean; 0 if there are too few.
func (v visits) apart() float64 {
	gaps := float64(v.n - 1)
	if gaps < evenGaps || v.hours == 0 {
		return 0
	}
	mean := v.hours / gaps
	return max(math.Sqrt(max(0, v.squares/gaps-mean*mean))/mean, 1e-9)
}

type siteKey struct {
	site string
	day  event.Micros
}

// siteDay is one site on one UTC day. Moments are of the first such event, 0 for none.
type siteDay struct {
	tracked, served, engages event.Micros
	refers                   [2]event.Micros     // by side: one log has where views come from, and another not
	paths                    map[uint64]struct{} // while the day lasts
	pages                    int                 // afterwards
	crowd                    crowd
	walks                    *walks
}

const (
	// keepDays is how long a day is known: sessions of the day after it go on for a day.
	keepDays = 4
	// maxPages is the most pages a site is counted to have: nobody sees 60 % of more.
	maxPages = 50_000
)

func newSites() sites {
	return sites{days: map[siteKey]*siteDay{}, visits: map[uint64]visits{}}
}

// resume is a copy to go on with. Sets of paths are shared: who goes on from the same place takes
// the same events.
func (x *sites) resume() sites {
	n := sites{days: make(map[siteKey]*siteDay, len(x.days)), newest: x.newest, base: x.visits,
		visits: map[uint64]visits{}}
	for k, d := range x.days {
		c := *d
		c.walks = d.walks.resume()
		n.days[k] = &c
	}
	return n
}

// see takes an event of a site.
func (x *sites) see(e *event.Event, w *web) {
	at := e.Time()
	if d := dayOf(at); d > x.newest {
		x.turn(d)
	}
	site := e.Text(w.site)
	d := x.days[siteKey{string(site), x.newest}]
	if d == nil {
		d = &siteDay{}
		x.days[siteKey{string(site), x.newest}] = d
	}
	first := func(moment *event.Micros) {
		if *moment == 0 {
			*moment = at
		}
	}
	switch string(e.Text(w.via)) {
	case "tracker":
		first(&d.tracked)
	case "server", "log":
		first(&d.served)
	}
	if rankOf(classOf(e, w)) < 2 {
		d.crowd.see(e, w)
	}
	switch e.Kind {
	case event.Engagement:
		first(&d.engages)
	case event.PageView:
		if referred(e) {
			first(&d.refers[sideOf(e.Text(w.via))])
		}
		if len(d.paths) < maxPages && rankOf(classOf(e, w)) < 2 {
			if d.paths == nil {
				d.paths = map[uint64]struct{}{}
			}
			d.paths[xxhash.Sum64(e.Text(w.path))] = struct{}{}
		}
	}
}

// turn begins a day.
func (x *sites) turn(day event.Micros) {
	for k, d := range x.days {
		if d.paths != nil {
			d.pages, d.paths = len(d.paths), nil
		}
		d.crowd.end()
		if k.day <= day-keepDays*24*hour {
			delete(x.days, k)
		}
	}
	x.newest, x.base = day, nil
	clear(x.visits)
}

// visit counts a session of a visitor and says what they are up to it.
func (x *sites) visit(site string, visitor []byte, at event.Micros) visits {
	h := xxhash.New()
	_, _ = h.WriteString(site)
	_, _ = h.Write([]byte{0})
	_, _ = h.Write(visitor)
	key := h.Sum64()
	v, ok := x.visits[key]
	if !ok {
		v = x.base[key]
	}
	if v.n++; v.n > 1 {
		gap := float64(at-v.last) / float64(hour)
		v.hours, v.squares = v.hours+gap, v.squares+gap*gap
	}
	v.last = at
	x.visits[key] = v
	return v
}

// tell adds what a session on a site is judged with besides itself.
func (x *sites) tell(f *bots.Facts, s *Session) {
	today := dayOf(f.Start)
	for _, day := range []event.Micros{today - day, today} {
		d := x.days[siteKey{s.Site, day}]
		if d == nil {
			continue
		}
		by := func(is *bool, moment event.Micros) { *is = *is || moment > 0 && moment <= f.End }
		by(&f.SiteTracked, d.tracked)
		by(&f.SiteServed, d.served)
		by(&f.SiteEngages, d.engages)
		by(&f.SiteRefers, d.refers[s.side()])
		if day < today {
			f.SitePages = d.pages
			d.crowd.tell(f, s.bag.prints)
		}
		if f.Walk.Print != 0 {
			d.walks.tell(f, printBy(s.side(), &f.Walk), s.bag.of.who)
		}
	}
}
