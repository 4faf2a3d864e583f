package anomaly

import (
	"flag"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var years = flag.Int("years", 4, "how many series are watched for a quiet year")

// TestAQuietYearIsQuiet watches series in which nothing happens but work, nights, weekends, noise and
// both changes of clocks. A hundred of them may give one false alarm a week.
func TestAQuietYearIsQuiet(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	l, _ := MediumSensitivity.Limits(20)
	alarms, weeks := 0, 0
	for n := range *years {
		seed := 2*uint64(n) + 1
		r := rand.New(rand.NewPCG(seed, 77))
		w := usual(r, berlin, math.Pow(10_000, r.Float64()))
		w.start = time.Date(2025, 1, 6, 0, 0, 0, 0, berlin)
		w.hours = (Weeks + 2 + 52) * week
		g, s := w.series(r)
		found := walk(g, s, (Weeks+2)*week, l)
		alarms += len(found)
		weeks += 52
		for _, f := range found {
			t.Logf("seed %d: %s at %v, %.0f an hour, kappa %.2f", seed, f.state, g.Starts[f.from], w.rate, w.kappa)
		}
	}
	t.Logf("%d false alarms in %d series and weeks: %.4f each, %.2f a week for a hundred series", alarms, weeks,
		float64(alarms)/float64(weeks), 100*float64(alarms)/float64(weeks))
	// The seeds are fixed: this is what they give, and no more than the promise.
	if float64(alarms) > .01*float64(weeks)+1 {
		t.Errorf("%d false alarms in %d series and weeks", alarms, weeks)
	}
}

// TestDriftsAreToldFromGrowth makes series that double in two weeks, and series that do not, and asks
// each day.
func TestDriftsAreToldFromGrowth(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	l, _ := MediumSensitivity.Limits(20)
	f := func(kind string, truth bool, growth float64, change func(i int) float64) {
		found, alarms, weeks := 0, 0, 0
		for n := range *samples * 4 {
			r := rand.New(rand.NewPCG(2*uint64(n)+1, 5))
			w := usual(r, berlin, math.Pow(10, 1+3*r.Float64()))
			w.growth, w.change = growth, change
			g, s := w.series(r)
			on := false
			for end := w.hours - 3*week; end <= w.hours; end += day {
				d := Fit(g, s, end).Drift(l)
				if d.State.Bad() && !on {
					alarms++
				}
				on = d.State.Bad()
			}
			weeks += 3
			if alarms > 0 && truth {
				found, alarms = found+1, 0
			}
		}
		if truth {
			t.Logf("%-28s recall %s", kind, interval(found, *samples*4))
		} else {
			t.Logf("%-28s %d false alarms in %d series and weeks", kind, alarms, weeks)
		}
		if truth && found*10 < *samples*4*9 || !truth && alarms*50 > weeks {
			t.Errorf("%s: that is too few, or too many", kind)
		}
	}
	from := float64((Weeks + 4 - 3) * week)
	f("doubles in two weeks", true, 0, func(i int) float64 { return 1 + min(1, max(0, float64(i)-from)/(2*week)) })
	f("halves in two weeks", true, 0, func(i int) float64 { return 1 - min(.5, max(0, float64(i)-from)/(4*week)) })
	f("nothing", false, 0, nil)
	f("10 % more a week", false, .1, nil)
	f("an outage of a day", false, 0, func(i int) float64 {
		if d := float64(i) - from; d >= 24 && d < 48 {
			return 0
		}
		return 1
	})
}
