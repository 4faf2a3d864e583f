package anomaly

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var (
	labelled = flag.Uint64("labelled", 0, "first seed of the labelled set, 0 for the one that is checked")
	samples  = flag.Int("samples", 4, "samples of each kind and rate")
)

// sample is a series with what is wrong in its last two weeks.
type sample struct {
	kind  string
	grid  *Grid
	s     *Series
	truth []stretch
	judge int // the first hour that is judged
}

// score counts what was found.
type score struct{ truths, hits, alarms, right, series, hours int }

// interval is Wilson's 95 % interval of a share.
func interval(k, n int) string {
	if n == 0 {
		return "      –      "
	}
	p, z := float64(k)/float64(n), 1.96
	d := 1 + z*z/float64(n)
	mid := (p + z*z/2/float64(n)) / d
	half := z / d * math.Sqrt(p*(1-p)/float64(n)+z*z/4/float64(n)/float64(n))
	return fmt.Sprintf("%.3f [%.3f %.3f]", p, max(0, mid-half), min(1, mid+half))
}

// usual is a wave as it may be: with days, weekends, noise.
func usual(r *rand.Rand, z *time.Location, rate float64) wave {
	return wave{
		rate: rate, kappa: []float64{0, .05, .1, .15, .2}[r.IntN(5)], daily: r.Float64() * .8,
		weekend: []float64{1, .6, .25}[r.IntN(3)], days: r.Float64() * .1, zone: z,
		start: time.Date(2026, time.Month(1+r.IntN(6)), 5, 0, 0, 0, 0, z), hours: (Weeks + 4) * week,
	}
}

// kinds are what can be wrong, and what only looks so.
var kinds = []string{
	"spike 2x", "spike 3x", "spike 5x", "spike 10x", "drop to 0", "drop to 1/3", "outage, catch-up",
	"nothing", "growth 10 %/week", "nightly batch", "batch in UTC over DST", "sparse", "after a holiday",
	"after a spike", "new series",
}

// make1 makes a sample.
func make1(r *rand.Rand, kind string, rate float64, berlin *time.Location) sample {
	w := usual(r, berlin, rate)
	judge := w.hours - 2*week
	at := judge + 2*day + r.IntN(8*day)
	long := 1 + r.IntN(6)
	c := sample{kind: kind, judge: judge}
	during := func(state State, from, to int, factor float64) {
		before := w.change
		w.change = func(i int) float64 {
			if i >= from && i < to {
				return factor
			}
			if before != nil {
				return before(i)
			}
			return 1
		}
		if state != "" {
			c.truth = append(c.truth, stretch{state, from, to})
		}
	}
	switch kind {
	case "spike 2x":
		during(High, at, at+long, 2)
	case "spike 3x":
		during(High, at, at+long, 3)
	case "spike 5x":
		during(High, at, at+long, 5)
	case "spike 10x":
		during(High, at, at+long, 10)
	case "drop to 0":
		during(Low, at, at+1+long, 0)
	case "drop to 1/3":
		during(Low, at, at+2+long, 1./3)
	case "outage, catch-up":
		during(Low, at, at+4, 0)
		during(High, at+4, at+5, 5)
	case "growth 10 %/week":
		w.growth = .1
	case "nightly batch":
		w.batch, w.batchAt = 3+10*r.Float64(), 2
	case "batch in UTC over DST":
		w.batch, w.batchAt, w.utc = 3+10*r.Float64(), 2, true
		w.start = time.Date(2026, 8, 10, 0, 0, 0, 0, berlin) // the clocks change eleven weeks later
	case "sparse":
		w.rate = .2 + 2*r.Float64()
	case "after a holiday":
		during("", judge-week, judge-week+day, .2)
	case "after a spike":
		during("", judge-3*day, judge-3*day+5, 8)
	case "new series":
		during("", 0, judge-5*day, 0)
	}
	c.grid, c.s = w.series(r)
	return c
}

// count holds what was found against the truth.
func (c *sample) count(sc *score, l Limits) {
	found := walk(c.grid, c.s, c.judge, l)
	sc.series++
	sc.hours += c.grid.Len() - c.judge
	sc.truths += len(c.truth)
	sc.alarms += len(found)
	for _, t := range c.truth {
		for _, f := range found {
			if f.state == t.state && f.from < t.to+1 && f.to > t.from {
				sc.hits++
				break
			}
		}
	}
	for _, f := range found {
		for _, t := range c.truth {
			if f.state == t.state && f.from < t.to+1 && f.to > t.from {
				sc.right++
				break
			}
		}
	}
}

// TestLabelledSet measures precision and recall. The limits were chosen on the even seeds; this
// reports the odd ones.
func TestLabelledSet(t *testing.T) {
	base := *labelled
	if base == 0 {
		base = 1
	}
	t.Logf("seeds %d, %d, …; -labelled N for others", base, base+2)
	berlin := zone(t, "Europe/Berlin")
	l, _ := MediumSensitivity.Limits(20)
	each := *samples
	t.Logf("%-24s %-14s %-24s %-24s %s", "kind", "events/hour", "recall", "precision", "alarms per series and week")
	var bar score
	for _, kind := range kinds {
		for _, rates := range [][2]float64{{1, 20}, {20, 100}, {100, 10_000}} {
			var sc score
			for n := range each {
				seed := base + 2*uint64(n)
				r := rand.New(rand.NewPCG(seed, uint64(len(kind))*1000+uint64(rates[0])))
				rate := rates[0] * math.Pow(rates[1]/rates[0], r.Float64())
				c := make1(r, kind, rate/.6, berlin)
				c.count(&sc, l)
			}
			t.Logf("%-24s %5.0f–%-8.0f %-24s %-24s %.4f", kind, rates[0], rates[1], interval(sc.hits, sc.truths),
				interval(sc.right, sc.alarms), float64(sc.alarms-sc.right)/float64(sc.hours)*week)
			if rates[0] >= 100 && (kind == "spike 3x" || kind == "spike 5x" || kind == "spike 10x") {
				bar.truths, bar.hits = bar.truths+sc.truths, bar.hits+sc.hits
				bar.alarms, bar.right = bar.alarms+sc.alarms, bar.right+sc.right
			}
		}
	}
	t.Logf("spikes of 3x and more at 100 events an hour and more: recall %s, precision %s",
		interval(bar.hits, bar.truths), interval(bar.right, bar.alarms))
	if float64(bar.hits) < .9*float64(bar.truths) || float64(bar.right) < .9*float64(bar.alarms) {
		t.Errorf("the bar is 0.9 both")
	}
}
