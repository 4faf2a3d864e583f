package sessions

import (
	"github.com/cespare/xxhash/v2"

	"analytics/engine/event"
	"analytics/rollup/bots"
)

// crowd is the visitors of a site on a day by what their browsers have in common: user agent, first
// language and, where a script saw it, the screen. Programs that come by many addresses bring the same
// browser with each, and none of them clicks, or stays for ten seconds.
type crowd struct {
	// While the day lasts: who came with which browser, and who clicked or stayed.
	alike  map[uint64]map[uint64]struct{}
	stayed map[uint64]struct{}
	// Afterwards: prints that many had, and everybody.
	prints map[uint64]part
	all    part
}

// part is some of the visitors, and how many of them clicked or stayed.
type part struct{ visitors, stayed int }

const (
	// maxAlike is how many visitors with the same browser are counted, the first of a day; maxPrints
	// how many browsers are told apart. A day's crowd takes some 3 MB at most.
	maxAlike, maxPrints = 50, 2000
	// manyAlike is from how many visitors on a print is remembered; bots.Judge wants as many.
	manyAlike = 8
)

// sideOf is 1 for what a tracker saw, or nobody knows who, and 0 for servers and logs.
func sideOf(via []byte) int {
	if string(via) == "server" || string(via) == "log" {
		return 0
	}
	return 1
}

// printOf is what the browser of a page view has in common with others.
func printOf(e *event.Event) uint64 {
	print := e.Text(event.PageFingerprint)
	if len(print) <= 1 {
		return 0
	}
	h := xxhash.New()
	_, _ = h.Write(print)
	_, _ = h.Write([]byte{byte(sideOf(e.Text(event.PageVia)))})
	_, _ = h.Write(e.Text(event.PageScreen))
	return h.Sum64()
}

// see takes an event of the day.
func (c *crowd) see(e *event.Event, w *web) {
	visitor := e.Text(w.visitor)
	if len(visitor) <= 1 {
		return
	}
	who := xxhash.Sum64(visitor)
	switch e.Kind {
	case event.PageView:
		print := printOf(e)
		if print == 0 {
			return
		}
		with, ok := c.alike[print]
		if !ok {
			if c.alike == nil {
				c.alike = map[uint64]map[uint64]struct{}{}
			}
			if len(c.alike) >= maxPrints {
				return
			}
			with = map[uint64]struct{}{}
			c.alike[print] = with
		}
		if len(with) < maxAlike {
			with[who] = struct{}{}
		}
	case event.Engagement, event.Custom:
		if len(c.stayed) >= maxPages || e.Kind == event.Engagement && e.Int(event.EngagementClicks) == 0 &&
			e.Int(event.EngagementTimeOnPageMS) < engagedAfter {
			return
		}
		if c.stayed == nil {
			c.stayed = map[uint64]struct{}{}
		}
		c.stayed[who] = struct{}{}
	}
}

// end counts what there was of a day that is over.
func (c *crowd) end() {
	if c.alike == nil {
		return
	}
	c.prints = map[uint64]part{}
	for print, with := range c.alike {
		p := part{visitors: len(with)}
		for who := range with {
			if _, ok := c.stayed[who]; ok {
				p.stayed++
			}
		}
		c.all.visitors, c.all.stayed = c.all.visitors+p.visitors, c.all.stayed+p.stayed
		if p.visitors >= manyAlike {
			c.prints[print] = p
		}
	}
	c.alike, c.stayed = nil, nil
}

// tell adds how many had the same browser, by the side where the fewest of them did.
func (c *crowd) tell(f *bots.Facts, prints [2]uint64) {
	for _, print := range prints {
		p, ok := c.prints[print]
		if ok && (f.Alike == 0 || p.stayed*f.Alike < f.AlikeStayed*p.visitors) {
			f.Alike, f.AlikeStayed = p.visitors, p.stayed
			f.Others, f.OthersStayed = c.all.visitors-p.visitors, c.all.stayed-p.stayed
		}
	}
}
