package anomaly

import (
	"fmt"
	"math"
)

// Drift is a week held against the weeks before.
type Drift struct {
	State State
	// Factor is how many times as much the week had, day by day in the middle.
	Factor float64
	Z      float64
	Weeks  int // that it is held against
	Week   float64
	Usual  float64
	Reason string
}

// driftWeeks is how many weeks a drift is held against: more would call steady growth one.
const driftWeeks = 4

// Drift says whether the last seven days were as those of up to four weeks before. Each day is held
// against the median of the same days; what counts is the median of the seven, so that an outage or
// a spike of three days is none.
func (m *Model) Drift(l Limits) Drift {
	d := Drift{State: Unknown}
	if m.s.Kind != Count {
		return d
	}
	d.Weeks = min(driftWeeks, len(m.chunks)/levelDays-1)
	if d.Weeks < 2 {
		d.Reason = fmt.Sprintf("there are %d days of data; a trend needs 21", m.Hours()/day)
		return d
	}
	var changes, offs []float64
	for j := range levelDays {
		var before []float64
		for w := 1; w <= d.Weeks; w++ {
			before = append(before, m.chunks[j+levelDays*w])
		}
		usual := median(before)
		d.Week += m.chunks[j]
		d.Usual += usual
		changes = append(changes, math.Log((m.chunks[j]+m.noise.unit)/(usual+m.noise.unit)))
		for _, b := range before {
			offs = append(offs, math.Abs(math.Log((b+m.noise.unit)/(usual+m.noise.unit))))
		}
	}
	change := median(changes)
	spread := max(consistent*median(offs), math.Sqrt(m.noise.unit/max(m.noise.unit, d.Usual/levelDays)), 0.02)
	d.Factor = math.Exp(change)
	d.Z = change / (spread * math.Sqrt(math.Pi/2/levelDays) * math.Sqrt(1+1/float64(d.Weeks)))
	d.State = Normal
	events := max(d.Week, d.Usual) / m.worth() / (levelDays * day)
	switch {
	case events < l.Volume/day: // volume a day, where an hour is asked for it otherwise
		d.State, d.Reason = Quiet, "too few events to judge"
	case math.Abs(d.Z) < l.Z:
	case d.Factor >= l.Drift:
		d.State = High
	case d.Factor <= 1/l.Drift && !m.s.UpOnly:
		d.State = Low
	}
	if d.State.Bad() {
		d.Reason = fmt.Sprintf("the last seven days had %.4g, the %d weeks before usually %.4g: %.2f times as much, "+
			"day by day", d.Week, d.Weeks, d.Usual, d.Factor)
	}
	return d
}
