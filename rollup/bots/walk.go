package bots

import (
	"math"
	"math/bits"

	"analytics/engine/event"
)

// Walk is the first pages of a visit in their order, with the pauses between them. Two people take the same
// pages on many sites, but do not stay as long on each; what plays a recording does. A page that is loaded
// again and again is one, since tabs do that by themselves, and by the same clock.
type Walk struct {
	// Print is of the pages up to the last length at which walks are compared, 0 before the first.
	Print uint64
	// Pauses are those between these pages.
	Pauses Pauses

	pages, last uint64
	different   uint64 // a bit for each page
	at          event.Micros
	steps       uint8
}

// Pauses are times between pages, in milliseconds.
type Pauses struct {
	Between [walkPauses]uint32
	N       uint8 // how many of them count
	// Whole says that they are known by the second, as logs have them.
	Whole bool
}

const (
	walkPauses = 5
	fewest     = 3 // pages, to be a walk
	// Pauses are alike that differ by a tenth and as much as networks and browsers do, or by a tenth and
	// what two of them are wrong by whose ends are cut to seconds: 1.25 s are, in 97 of 100.
	tenth                 = 0.1
	slack, slackOfSeconds = 250.0, 1250.0 // milliseconds
)

// compared are the pauses after which walks are. Two are few, see Facts.copied; with five it does not
// matter how the two go on.
var compared = [walkPauses + 1]bool{2: true, 3: true, 5: true}

// Add takes the next page view, and reports whether Print is new.
func (w *Walk) Add(page uint64, at event.Micros) bool {
	if w.steps > walkPauses || w.at != 0 && page == w.last {
		return false
	}
	if w.at == 0 {
		w.Pauses.Whole = true
	} else {
		w.Pauses.Between[w.steps-1] = uint32(min(max(0, at-w.at)/1000, math.MaxUint32))
	}
	w.Pauses.Whole = w.Pauses.Whole && at%second == 0
	w.last, w.at = page, at
	w.pages = (bits.RotateLeft64(w.pages, 23) ^ page) * 0x9e3779b97f4a7c15
	w.different |= 1 << (page >> 58)
	w.steps++
	n := w.steps - 1
	if !compared[n] || bits.OnesCount64(w.different) < fewest {
		return false
	}
	w.Print, w.Pauses.N = w.pages, n
	return true
}

// Alike reports whether two walks of the same pages had the same pauses.
func (p *Pauses) Alike(q *Pauses) bool {
	more := slackOf(p.Whole || q.Whole)
	for i := range min(p.N, q.N) {
		if !alike(float64(p.Between[i]), float64(q.Between[i]), more) {
			return false
		}
	}
	return p.N == q.N
}

// chance is how likely it is that somebody else who takes the same pages has the same pauses. What is
// shorter than two seconds is often how long something takes that happens by itself, and so is a pause
// that was there before: both tell nothing.
func (p *Pauses) chance() float64 {
	chance, more := 1.0, slackOf(p.Whole)
	for i, pause := range p.Between[:p.N] {
		if fresh(p.Between[:i], float64(pause), more) {
			chance *= chanceOf(float64(pause), more)
		}
	}
	return chance
}

const byItself = 2000 // milliseconds

func fresh(before []uint32, pause, more float64) bool {
	if pause < byItself {
		return false
	}
	for _, b := range before {
		if alike(float64(b), pause, more) {
			return false
		}
	}
	return true
}

func slackOf(whole bool) float64 {
	if whole {
		return slackOfSeconds
	}
	return slack
}

func alike(a, b, more float64) bool { return math.Abs(a-b) <= tenth*max(a, b)+more }

// chanceOf is how likely two pauses of people are alike. With times that are Weibull with k = 0.75, it is
// 0.38 of what they may differ by, as a part of them; twice that, since people are alike, too.
func chanceOf(pause, more float64) float64 { return min(1, 0.75*(tenth+more/pause)) }

const (
	again    = 0.7  // share of three pages in a row that come again which come with their pauses
	byChance = 0.02 // of those who take pages twice in the same order: one in a hundred
	// toldPauses is how many different pauses came again; a screen that goes home after two minutes has one.
	toldPauses = 3
)

// replayed reports that a visit goes the same way again with the same pauses. Whoever goes back and forth
// sees the same pages, and stays on them as long as it takes. Three pages in a row are compared with the same
// three before, and not the whole way: views that nobody told of would shift all that comes after.
func (m *measured) replayed() bool {
	n := min(len(m.Times), len(m.Pages))
	if m.Paths < fewest || n < 2*fewest {
		return false
	}
	whole := true
	for _, at := range m.Times[:n] {
		whole = whole && at%second == 0
	}
	r := round{measured: m, more: slackOf(whole), chance: 1}
	for last := 2*fewest - 1; last < n; last++ {
		r.compare(last)
	}
	return r.alike > 0 && float64(r.alike) >= again*float64(r.came) && len(r.had) >= toldPauses && r.chance < byChance
}

// round is what of a visit came again.
type round struct {
	*measured
	more        float64  // what pauses may differ by
	came, alike int      // three pages in a row that were there before, and with the same pauses
	had         []uint32 // of those, the pauses that told something
	chance      float64
}

func (r *round) pause(to int) float64 { return float64(r.Times[to]-r.Times[to-1]) / 1000 }

// compare looks for the three pages up to one among those before.
func (r *round) compare(last int) {
	p := r.Pages[:last+1]
	a, b, c := p[last-2], p[last-1], p[last]
	if a == b || b == c || a == c {
		return
	}
	before, found := 0, false
	for i := last - fewest; i >= 2 && !found; i-- {
		if p[i] != c || p[i-1] != b || p[i-2] != a {
			continue
		}
		before++
		found = alike(r.pause(i), r.pause(last), r.more) && alike(r.pause(i-1), r.pause(last-1), r.more)
	}
	if before == 0 {
		return
	}
	if r.came++; !found {
		return
	}
	r.alike++
	chance := float64(before) // so many could have been alike
	for _, to := range []int{last - 1, last} {
		if pause := r.pause(to); fresh(r.had, pause, r.more) {
			r.had = append(r.had, uint32(pause))
			chance *= chanceOf(pause, r.more)
		}
	}
	r.chance *= min(1, chance)
}

// unlikely is how seldom people may have as many copies as a visit has, if nobody plays recordings.
const unlikely = 0.001

// copied reports that more visitors took the same pages with the same pauses than would by chance, of
// all who took the same pages.
func (f *Facts) copied() bool {
	if f.Copies == 0 || f.Walk.Pauses.N == 0 {
		return false
	}
	mean, odds := float64(max(f.Walkers, f.Copies))*f.Walk.Pauses.chance(), 1.0
	for i := range min(f.Copies, 20) {
		odds *= mean / float64(i+1)
	}
	return odds < unlikely
}
