package anomaly

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var medium, _ = MediumSensitivity.Limits(20)

// steady is ten weeks of about so many events an hour in Berlin, and a change of them.
func steady(t *testing.T, hours int, rate float64, change func(i int) float64) (*Grid, *Series) {
	w := wave{rate: rate, kappa: .1, zone: zone(t, "Europe/Berlin"), hours: hours, change: change,
		start: time.Date(2026, 6, 1, 0, 0, 0, 0, zone(t, "Europe/Berlin"))}
	return w.series(rand.New(rand.NewPCG(1, 2)))
}

func times(factor float64, from, to int) func(int) float64 {
	return func(i int) float64 {
		if i >= from && i < to {
			return factor
		}
		return 1
	}
}

func TestTheScaleIsUndone(t *testing.T) {
	for _, n := range []noise{{unit: 1}, {unit: .003, kappa: .2}, {unit: 1, kappa: 1}} {
		for _, x := range []float64{0, .5, 1, 20, 1e6} {
			if got := n.unscale(n.scale(x)); math.Abs(got-x) > 1e-6*(1+x) {
				t.Errorf("%+v: %v comes back as %v", n, x, got)
			}
		}
	}
}

func TestAVerdictSaysWhatItIsMadeOf(t *testing.T) {
	f := func(hours int, basis Basis, state State, says string) {
		t.Helper()
		g, s := steady(t, hours, 500, times(8, hours-1, hours))
		v := Fit(g, s, hours).Judge(hours-1, medium)
		if v.Basis != basis || v.State != state || !strings.Contains(v.Reason, says) {
			t.Errorf("after %d hours it is %s by %s: %s", hours, v.State, v.Basis, v.Reason)
		}
	}
	f(10, Nothing, Unknown, "there are 10 hours of data; it takes 24")
	f(60, Overall, Normal, "2 days of data, the hour of the week needs 21") // eight times may be a morning
	f(10*day, HourOfDay, High, "10 days of data")
	f(10*week, HourOfWeek, High, "of 8 samples): 9.5 times as much")
}

func TestTheHourThatGoesOnCanOnlyBeTooHigh(t *testing.T) {
	n := 10 * week
	for _, c := range []struct {
		factor float64
		want   State
	}{{0, Normal}, {.5, Normal}, {6, High}} {
		g, s := steady(t, n+1, 500, times(c.factor, n, n+1))
		if v := Fit(g, s, n).Judge(n, medium); v.State != c.want {
			t.Errorf("at %v times as much it is %s: %s", c.factor, v.State, v.Reason)
		}
		if v := Fit(g, s, n+1).Judge(n, medium); c.factor == 0 && v.State != Low {
			t.Errorf("once it is over it is %s", v.State)
		}
	}
}

func TestFewEventsAreNotJudged(t *testing.T) {
	n := 10 * week
	g, s := steady(t, n, 1, times(12, n-1, n))
	if v := Fit(g, s, n).Judge(n-1, medium); v.State != Quiet {
		t.Errorf("it is %s: %s", v.State, v.Reason)
	}
}

func TestAnEpisodeIsOneUntilItIsOverOrUsual(t *testing.T) {
	from := 10*week - 60
	f := func(to, now int, want string) {
		t.Helper()
		g, s := steady(t, 10*week, 500, times(5, from, to))
		_, e := Fit(g, s, now).Watch(now, medium)
		got := ""
		if e != nil {
			got = string(e.State)
			if e.From != from {
				t.Errorf("it began at %d, want %d", e.From, from)
			}
		}
		if got != want {
			t.Errorf("at %d it is %q, want %q", now-from, got, want)
		}
	}
	f(from+5, from+1, "high")
	f(from+5, from+5, "high")
	f(from+5, from+6, "high") // work comes in waves
	f(from+5, from+7, "")
	f(from+60, from+20, "high")
	f(from+60, from+40, "") // it has come to stay
}

func TestAChangeOfClocksIsNoAnomaly(t *testing.T) {
	for _, utc := range []bool{false, true} {
		w := wave{rate: 300, kappa: .1, daily: .6, batch: 8, batchAt: 2, utc: utc, zone: zone(t, "Europe/Berlin"),
			start: time.Date(2026, 8, 3, 0, 0, 0, 0, zone(t, "Europe/Berlin")), hours: 16 * week}
		g, s := w.series(rand.New(rand.NewPCG(3, 4))) // clocks are put back on 25 October, in week 12
		for _, x := range walk(g, s, 11*week, medium) {
			t.Errorf("%s at %v", x.state, g.Starts[x.from])
		}
	}
}

func TestFailuresAreHeldAgainstTheirShare(t *testing.T) {
	f := func(share float64, requests float64, want State) {
		t.Helper()
		r := rand.New(rand.NewPCG(5, 6))
		n := 6 * week
		g, s := steady(t, n, 400, times(requests, n-1, n))
		s.Kind, s.UpOnly = Share, true
		for i := range n {
			p := .01
			if i == n-1 {
				p = share
			}
			s.Values[i] = poisson(r, p*s.Events[i])
		}
		v := Fit(g, s, n).Judge(n-1, medium)
		if v.State != want || math.Abs(v.Expected-.01) > .003 {
			t.Errorf("%v of %v times the requests is %s: %+v", share, requests, v.State, v)
		}
	}
	f(.01, 1, Normal)
	f(.01, 10, Normal) // more failures, of more requests
	f(.02, 1, Normal)
	f(.15, 1, High)
	f(0, 1, Normal)
	f(.5, .01, Quiet)
}

func TestALatencyIsHeldAgainstItsHour(t *testing.T) {
	f := func(factor float64, want State) {
		t.Helper()
		r := rand.New(rand.NewPCG(7, 8))
		n := 6 * week
		g, s := steady(t, n, 200, nil)
		s.Kind, s.UpOnly = Size, true
		for i := range n {
			s.Values[i] = 800 * math.Exp(.15*r.NormFloat64()) * (1 + .5*math.Sin(float64(i)/24*2*math.Pi))
		}
		s.Values[n-1] *= factor
		if v := Fit(g, s, n).Judge(n-1, medium); v.State != want {
			t.Errorf("%v times as slow is %s: %+v", factor, v.State, v)
		}
	}
	f(1, Normal)
	f(.2, Normal)
	f(4, High)
}

func TestDriftIsAWeekUnlikeTheWeeksBefore(t *testing.T) {
	n := 8 * week
	ramp := func(i int) float64 { return 1 + max(0, float64(i-(n-2*week)))/(2*week) }
	grow := func(i int) float64 { return math.Pow(1.1, float64(i)/week) }
	f := func(what string, hours int, change func(int) float64, want State) {
		t.Helper()
		g, s := steady(t, hours, 100, change)
		if d := Fit(g, s, hours).Drift(medium); d.State != want {
			t.Errorf("%s is %s: %+v", what, d.State, d)
		}
	}
	f("nothing", n, nil, Normal)
	f("twice as much over two weeks", n, ramp, High)
	f("a tenth more each week", n, grow, Normal)
	f("half as much for a week", n, times(.5, n-week, n), Low)
	f("an outage of two days", n, times(0, n-60, n-12), Normal)
	f("a spike", n, times(20, n-30, n-20), Normal)
	f("ten days of data", 10*day, nil, Unknown)
}

func TestChecksHaveLevelsAndReasons(t *testing.T) {
	f := func(c Check, want Level, reason string) {
		t.Helper()
		if c.Level != want || c.Reason != reason {
			t.Errorf("got %+v, want %s: %s", c, want, reason)
		}
	}
	th := Threshold{Warning: .1, Critical: .25}
	f(th.Check("error_rate", .09), LevelNormal, "below its thresholds")
	f(th.Check("error_rate", .1), LevelWarning, "error_rate is 0.1: the warning threshold is 0.1")
	f(th.Check("error_rate", .3), LevelCritical, "error_rate is 0.3: the critical threshold is 0.25")
	f(Threshold{Warning: 3}.Check("x", 99), LevelWarning, "x is 99: the warning threshold is 3")
	f(Trend("x", []float64{1}), LevelNormal, "too few values for a trend")
	f(Trend("x", []float64{10, 10, 10}), LevelNormal, "1.0 times the mean of 3 values")
	f(Trend("x", []float64{10, 10, 10, 10, 35}), LevelWarning, "2.3 times the mean of 5 values")
	f(Trend("x", []float64{10, 10, 10, 10, 10, 100}), LevelCritical, "4.0 times the mean of 6 values")
	f(Trend("x", []float64{0, 0}), LevelNormal, "0.0 times the mean of 2 values")
}
