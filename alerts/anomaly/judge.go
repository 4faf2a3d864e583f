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

// Hour is what is known of an hour whatever it turns out to be: enough to judge it again and again
// while it goes on, without the hours before it.
type Hour struct {
	kind     Kind
	upOnly   bool
	running  bool
	hours    int // of data
	worth    float64
	expected []expected
	settled  float64 // how many times as much the last two days had as they should have

	share   float64 // of a Share
	noise   noise
	spread  float64 // of a Size
	typical float64
	sizes   []float64
	basis   Basis // of sizes
}

// Hour is what is known of hour i.
func (m *Model) Hour(i int) Hour {
	h := Hour{
		kind: m.s.Kind, upOnly: m.s.UpOnly, running: i >= m.complete, hours: m.Hours(), worth: m.worth(),
		share: m.share, noise: m.noise, spread: m.spread, typical: m.typical,
	}
	switch m.s.Kind {
	case Share:
	case Size:
		h.sizes, h.basis = m.sizesAt(i)
	default:
		h.expected = m.expect(i)
		h.settled = m.settled(i)
	}
	return h
}

// Judge says what hour i is. An hour that goes on can only be too high: nobody knows what it will
// become.
func (m *Model) Judge(i int, l Limits) Verdict {
	h := m.Hour(i)
	return h.Judge(m.s.Values[i], m.s.Events[i], l)
}

// Judge says what the hour is with that value, made of so many events.
func (h *Hour) Judge(value, events float64, l Limits) Verdict {
	v := Verdict{State: Unknown, Value: value, Events: events, Basis: Nothing, Hours: h.hours}
	var options []Verdict
	switch h.kind {
	case Share:
		options = h.judgeShare(v, l)
	case Size:
		options = h.judgeSize(v, l)
	default:
		for _, e := range h.expected {
			options = append(options, h.judgeCount(v, e, l))
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
	if best.State.Bad() && h.usualByNow(&best, l) {
		best.State = Settled
	}
	best.explain(h.running)
	return best
}

func (h *Hour) judgeCount(v Verdict, e expected, l Limits) Verdict {
	l = l.careful(e.basis)
	v.Expected, v.Basis, v.Samples = e.mean, e.basis, e.samples
	v.Z = e.noise.z(v.Value, e.mean) / e.doubt
	v.Factor = ratio(v.Value, e.mean)
	at := e.noise.scale(e.mean)
	v.High = max(e.noise.unscale(at+l.Z*e.doubt), e.mean*l.Factor, l.Volume*h.worth)
	v.Low = min(e.noise.unscale(at-l.Z*e.doubt), e.mean/l.Factor)
	if !v.Warm() {
		v.Low = min(v.Low, e.mean/l.Factor/2) // the first weekend
	}
	v.State = Normal
	switch {
	case v.Value > v.High && v.Events >= l.Volume:
		v.State = High
	case v.Value < v.Low && e.events >= l.Volume && !h.running && !h.upOnly:
		v.State = Low
	case v.Events < l.Volume && e.events < l.Volume:
		v.State = Quiet
	}
	if e.events < l.Volume || h.upOnly {
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

// settled is how many times as much there was in the two days before hour i as there should have
// been: the median, by what should have been; 1 if too little is known.
func (m *Model) settled(i int) float64 {
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
		return 1
	}
	return change
}

// usualByNow reports whether an hour is as the last two days were, however far those are off the
// weeks before.
func (h *Hour) usualByNow(v *Verdict, l Limits) bool {
	if h.kind != Count {
		return false
	}
	mean := v.Expected * h.settled
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
