package sessions

import (
	"github.com/cespare/xxhash/v2"

	"analytics/engine/event"
	"analytics/rollup/bots"
)

// walks is how the visits of a site on a day began: which pages, with which pauses. What plays a recording
// by several addresses begins each visit in the same way.
type walks struct {
	all  []walk
	with map[uint64]group // those with the same pages, seen by the same side
	// before are those that a maker which this one goes on from has taken; they are only read. count is
	// how many there are with them.
	before *walks
	count  int
}

// walk is how one visit began: whose it was, when it had come so far, and the walk before it in all with the
// same pages, -1 for none.
type walk struct {
	who    uint64
	at     event.Micros
	pauses bots.Pauses
	next   int32
}

// group is walks with the same pages: the last of them, and how many.
type group struct{ last, n int32 }

const (
	// maxWalks is how many are kept, the first of a day, and maxSame how many with the same pages. A day's
	// take 1.4 MB at most; a visit has three at most.
	maxWalks, maxSame = 20_000, 200
)

// resume is what goes on where w is.
func (w *walks) resume() *walks {
	if w == nil {
		return nil
	}
	return &walks{before: w, count: w.count}
}

// printBy is of the pages as a side saw them.
func printBy(side int, w *bots.Walk) uint64 { return w.Print + uint64(side) }

// add keeps how a visit began.
func (w *walks) add(print, who uint64, at event.Micros, p bots.Pauses) {
	if w.count >= maxWalks {
		return
	}
	same := 0
	for x := w; x != nil; x = x.before {
		same += int(x.with[print].n)
	}
	if same >= maxSame {
		return
	}
	if w.with == nil {
		w.with = map[uint64]group{}
	}
	g, ok := w.with[print]
	if !ok {
		g.last = -1
	}
	w.all = append(w.all, walk{who: who, at: at, pauses: p, next: g.last})
	w.with[print] = group{int32(len(w.all) - 1), g.n + 1}
	w.count++
}

// tell adds how many others began with the same pages up to a visit's end, and with the same pauses.
func (w *walks) tell(f *bots.Facts, print, who uint64) {
	for ; w != nil; w = w.before {
		g, ok := w.with[print]
		if !ok {
			continue
		}
		for i := g.last; i >= 0; i = w.all[i].next {
			other := &w.all[i]
			if other.at > f.End || other.who == who {
				continue
			}
			f.Walkers++
			if other.pauses.Alike(&f.Walk.Pauses) {
				f.Copies++
			}
		}
	}
}

// whose is whom a visit is of: its visitor, or its key where it has none.
func whose(visitor, key []byte) uint64 {
	if len(visitor) > 1 {
		return xxhash.Sum64(visitor)
	}
	return xxhash.Sum64(key)
}

// step takes a page view of a session into how that began.
func (m *Maker) step(t *track, e *event.Event, w *web) {
	side := sideOf(e.Text(w.via))
	walk := &t.walks[side]
	if !walk.Add(xxhash.Sum64(e.Text(w.path)), e.Time()) || rankOf(classOf(e, w)) > rankOf(bots.Human) {
		return
	}
	if dayOf(t.start) != dayOf(e.Time()) {
		return // a maker that looks back on this day may not know where the session began
	}
	d := m.sites.days[siteKey{string(e.Text(w.site)), m.sites.newest}]
	if d.walks == nil {
		d.walks = &walks{}
	}
	d.walks.add(printBy(side, walk), t.who, e.Time(), walk.Pauses)
}
