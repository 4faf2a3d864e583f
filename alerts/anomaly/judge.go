package anomaly

import (
	"fmt"
	"math"
)

// State is what an hour is.
type State string

// The states.
const (
	Normal  State = "normal"
	High    State = "high"
	Low     State = "low"
	Quiet   State = "quiet"   // too few events to say anything
	Settled State = "settled" // off, but for so long that it is how things are now
	Unknown State = "unknown" // too few data
)

// Bad reports whether people should hear of it.
func (s State) Bad() bool { return s == High || s == Low }

// Limits is how far off an hour may be.
type Limits struct {
	// Z is how many standard deviations, and Factor how many times as much or as little: both must
	// be passed.
	Z, Factor float64
	// Points is how much a share must rise besides, as a share.
	Points float64
	// Drift is how many times as much, or as little, a week may be as those before.
	Drift float64
	// Volume is the least number of events an hour has, or should have.
	Volume float64
}

// Verdict is what is said of one hour.
type Verdict struct {
	State    State
	Value    float64
	Expected float64
	// Low and High are what would still be normal.
	Low, High float64
	Z         float64
	Factor    float64 // value by expected; 0 if nothing was expected
	Events    float64
	Basis     Basis
	Samples   int
	Hours     int // of data
	Reason    string
}

// Sensitivity says how far off is far.
type Sensitivity string

// The sensitivities. Medium is made for one false alarm a week at most from a hundred series.
const (
	LowSensitivity    Sensitivity = "low"
	MediumSensitivity Sensitivity = "medium"
	HighSensitivity   Sensitivity = "high"
)

// Limits are the limits of a sensitivity; ok is false if there is no such.
func (s Sensitivity) Limits(volume float64) (l Limits, ok bool) {
	switch s {
	case LowSensitivity:
		l = Limits{Z: 6, Factor: 3, Points: 0.05, Drift: 2}
	case MediumSensitivity, "":
		l = Limits{Z: 4.5, Factor: 2, Points: 0.02, Drift: 1.5}
	case HighSensitivity:
		l = Limits{Z: 3.5, Factor: 1.5, Points: 0.005, Drift: 1.3}
	default:
		return l, false
	}
	l.Volume = volume
	return l, true
}

// Warm reports whether there are enough data for the best basis.
func (v *Verdict) Warm() bool { return v.Basis == HourOfWeek || v.Basis == FourWeeks }

// caution is how much further off an hour must be while there are no weeks to compare with.
const caution = 2.5

// Judge says what hour i is. An hour that goes on can only be too high: nobody knows what it will
// become.
func (m *Model) Judge(i int, l Limits) Verdict {
	v := Verdict{State: Unknown, Value: m.s.Values[i], Events: m.s.Events[i], Basis: Nothing, Hours: m.Hours()}
	var options []Verdict
	switch m.s.Kind {
	case Share:
		options = m.judgeShare(i, v, l)
	case Size:
		options = m.judgeSize(i, v, l)
	default:
		for _, e := range m.expect(i) {
			options = append(options, m.judgeCount(i, v, e, l))
		}
	}
	if len(options) == 0 {
		v.Reason = fmt.Sprintf("there are %d hours of data; it takes %d", v.Hours, leastHours)
		return v
	}
	best := options[0]
	for _, o := range options[1:] {
		if math.Abs(o.Z) < math.Abs(best.Z) {
			best = o
		}
	}
	if best.State.Bad() && m.s.Kind == Count && m.settled(i, best, l) {
		best.State = Settled
	}
	best.explain(i >= m.complete)
	return best
}

func (m *Model) judgeCount(i int, v Verdict, e expected, l Limits) Verdict {
	l = l.careful(e.basis)
	v.Expected, v.Basis, v.Samples = e.mean, e.basis, e.samples
	v.Z = e.noise.z(v.Value, e.mean) / e.doubt
	v.Factor = ratio(v.Value, e.mean)
	at := e.noise.scale(e.mean)
	v.High = max(e.noise.unscale(at+l.Z*e.doubt), e.mean*l.Factor, l.Volume*m.worth())
	v.Low = min(e.noise.unscale(at-l.Z*e.doubt), e.mean/l.Factor)
	if !v.Warm() {
		v.Low = min(v.Low, e.mean/l.Factor/2) // the first weekend
	}
	v.State = Normal
	switch {
	case v.Value > v.High && v.Events >= l.Volume:
		v.State = High
	case v.Value < v.Low && e.events >= l.Volume && i < m.complete && !m.s.UpOnly:
		v.State = Low
	case v.Events < l.Volume && e.events < l.Volume:
		v.State = Quiet
	}
	if e.events < l.Volume || m.s.UpOnly {
		v.Low = 0
	}
	return v
}

// worth is the value of one event.
func (m *Model) worth() float64 {
	if m.s.Lumpy {
		return m.noise.unit / lump
	}
	return 1
}

// careful are the limits while there are no weeks to compare with: weekends and nights are news
// then, so that only what is far off counts.
func (l Limits) careful(b Basis) Limits {
	if b != HourOfWeek {
		l.Factor *= caution
		l.Z *= 1.25
	}
	if b == Overall {
		l.Factor *= 2
	}
	return l
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// settling is how many hours say that a change has come to stay: once half of what they should have
// had is off by as much, it is how things are.
const settling = 2 * day

// settled reports whether an hour is as the last two days were, however far those are off the weeks
// before.
func (m *Model) settled(i int, v Verdict, l Limits) bool {
	var pairs [][2]float64
	for at := max(m.first, i-settling); at < min(i, m.complete); at++ {
		if c := m.compare(at); c.basis != Nothing {
			if mean := median(c.samples); mean > 0 {
				pairs = append(pairs, [2]float64{m.s.Values[at] / mean, mean})
			}
		}
	}
	change, ok := weightedMedian(pairs)
	if !ok || len(pairs) < day {
		return false
	}
	mean := v.Expected * change
	if v.State == High {
		return v.Value <= mean*l.Factor
	}
	return v.Value >= mean/l.Factor
}

func (v *Verdict) explain(running bool) {
	so := ""
	if running {
		so = " so far"
	}
	switch v.State {
	case High, Low, Settled:
		v.Reason = fmt.Sprintf("%.4g%s where %.4g are usual at this %s (%.4g to %.4g, of %d samples)",
			v.Value, so, v.Expected, v.Basis, v.Low, v.High, v.Samples)
		if v.Factor >= 1 {
			v.Reason += fmt.Sprintf(": %.1f times as much, %.1f deviations", v.Factor, v.Z)
		}
		if v.State == Settled {
			v.Reason += "; it has been so for a day and counts as usual now"
		}
	case Quiet:
		v.Reason = "too few events to judge"
	}
	if !v.Warm() {
		v.Reason += fmt.Sprintf("; %d days of data, the hour of the week needs %d", v.Hours/day, (leastWeeks*week)/day)
	}
}
