package anomaly

import "math"

const (
	// lookBack is how far back the beginning of an episode is looked for: longer than it takes until
	// a change has settled.
	lookBack = 3 * day
	// calm is how many hours in a row are as usual when an episode is over: work comes in waves.
	calm = 2
	// together is how many hours in a row may be off together when none is off enough alone.
	together = 3
	// leaning is how far off each of them must be.
	leaning = 1.5
)

// Episode is a stretch of hours that are all too high, or all too low.
type Episode struct {
	State State
	// From and Last are its first and its last hour.
	From, Last int
	// Peak is the hour that is furthest off, and PeakAt which one.
	Peak   Verdict
	PeakAt int
}

// Watch gives the verdict of the last hour before end, which may go on still, and the episode that
// goes on, nil if there is none. It comes to the same whenever and however often it is asked.
func (m *Model) Watch(end int, l Limits) (now Verdict, episode *Episode) {
	from := max(m.first, m.complete-lookBack)
	if end <= from {
		return Verdict{State: Unknown, Basis: Nothing, Reason: "there were no events yet"}, nil
	}
	verdicts := m.hours(from, end, l)
	return verdicts[len(verdicts)-1], m.lasting(from, verdicts)
}

// hours are the verdicts of some hours, in which those that are off together only are off, too.
func (m *Model) hours(from, end int, l Limits) []Verdict {
	var all []Verdict
	for i := from; i < end; i++ {
		all = append(all, m.Judge(i, l))
		v := &all[len(all)-1]
		if v.State == Normal && i < m.complete {
			if v.State = m.leaning(all, l); v.State.Bad() {
				v.explain(false)
				v.Reason += ", as in the hours before"
			}
		}
	}
	return all
}

// lasting is the episode that is not over after the hours.
func (m *Model) lasting(from int, all []Verdict) (episode *Episode) {
	quiet := 0
	for k := range all {
		i, v := from+k, all[k]
		switch {
		case v.State.Bad() && (episode == nil || episode.State != v.State):
			episode, quiet = &Episode{State: v.State, From: i, Last: i, Peak: v, PeakAt: i}, 0
		case v.State.Bad():
			episode.Last, quiet = i, 0
			if math.Abs(v.Z) > math.Abs(episode.Peak.Z) {
				episode.Peak, episode.PeakAt = v, i
			}
		case episode != nil && i < m.complete:
			if quiet++; quiet >= calm || v.State == Settled {
				episode = nil
			}
		}
	}
	return episode
}

// leaning judges the last two and three hours as one: deviations that no hour would show alone add up
// as independent ones do (Stouffer's method).
func (m *Model) leaning(all []Verdict, l Limits) State {
	if m.s.Kind != Count {
		return Normal
	}
	var z, value, mean float64
	for n := 1; n <= min(together, len(all)); n++ {
		v := &all[len(all)-n]
		if v.State != Normal && !v.State.Bad() || !v.Warm() || math.Abs(v.Z) < leaning || v.Z*z < 0 {
			return Normal
		}
		z, value, mean = z+v.Z, value+v.Value, mean+v.Expected
		if n == 1 || math.Abs(z)/math.Sqrt(float64(n)) < l.Z {
			continue
		}
		switch {
		case z > 0 && value > mean*l.Factor:
			return High
		case z < 0 && value < mean/l.Factor && v.Low > 0:
			return Low
		}
	}
	return Normal
}
