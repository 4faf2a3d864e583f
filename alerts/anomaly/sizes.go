package anomaly

import "math"

// fitShare learns the usual share of failures: the median over the days of four weeks, or the mean of
// the calmer three quarters of them where failures are rarer than once a day; and how much hours vary
// around it.
func (m *Model) fitShare() {
	var shares, days [][2]float64
	for end := m.complete; end-day >= m.first && len(days) < 4*7; end -= day {
		var failed, all float64
		for i := end - day; i < end; i++ {
			failed, all = failed+m.s.Values[i], all+m.s.Events[i]
		}
		if all > 0 {
			days = append(days, [2]float64{failed / all, all})
		}
	}
	shares = append(shares, days...)
	middle, ok := weightedMedian(shares) // by now in order
	if !ok {
		return
	}
	var failed, all float64
	for _, d := range shares[:max(1, len(shares)*3/4)] {
		failed, all = failed+d[0]*d[1], all+d[1]
	}
	m.share = max(middle, failed/all, 1/(all+1)/2)
	var offs []off
	for i := max(m.first, m.complete-2*week); i < m.complete; i++ {
		if mean := m.share * m.s.Events[i]; mean >= 1 {
			offs = append(offs, offBy(m.s.Values[i], mean, 1))
		}
	}
	m.noise.kappa = sqrt(kappaSquared(offs))
}

// leastFailures is how many failures it takes to speak of a rate.
const leastFailures = 5

// judgeShare compares the failures of an hour with the usual share of its events.
func (h *Hour) judgeShare(v Verdict, l Limits) []Verdict {
	if h.hours < leastHours || h.share == 0 {
		return nil
	}
	v.Basis, v.Samples = FourWeeks, min(h.hours/day, 4*7)
	if v.Samples < 7 {
		v.Basis = Overall
		l = l.careful(HourOfDay)
	}
	mean := h.share * v.Events
	at := h.noise.scale(mean)
	most := max(h.noise.unscale(at+l.Z), mean*l.Factor, mean+l.Points*v.Events, leastFailures-1)
	v.Z = h.noise.z(v.Value, mean)
	failed := v.Value
	if v.Events > 0 {
		v.Value, v.High = v.Value/v.Events, min(1, most/v.Events)
	}
	v.Expected = h.share
	v.Factor = ratio(v.Value, v.Expected)
	v.State = Normal
	switch {
	case v.Events < l.Volume:
		v.State = Quiet
	case failed > most:
		v.State = High
	}
	return []Verdict{v}
}

// fitSize learns how much the logarithm of a size varies around its medians.
func (m *Model) fitSize() {
	var distances, events []float64
	for i := max(m.first, m.complete-2*week); i < m.complete; i++ {
		if m.s.Events[i] < leastOfSize {
			continue
		}
		events = append(events, m.s.Events[i])
		if samples, _ := m.sizesAt(i); len(samples) >= leastDays {
			distances = append(distances, math.Abs(math.Log(m.s.Values[i]/median(samples))))
		}
	}
	m.typical = median(events)
	m.spread = max(leastSpread, consistent*median(distances))
}

const (
	// leastOfSize is how many events a 95th percentile means something of.
	leastOfSize = 20
	// leastSpread is the least standard deviation of its logarithm: sketches are exact to 1 %.
	leastSpread = 0.05
	// quantileNoise by the root of the number of events is the standard deviation of the logarithm of
	// a 95th percentile: √(p(1−p))/(f·x) (Stuart and Ord), for a log-normal with deviation 0.8.
	quantileNoise = 1.7
)

// sizesAt are the sizes to compare an hour with, and which those are.
func (m *Model) sizesAt(i int) ([]float64, Basis) {
	collect := func(step, n int) (all []float64) {
		for k := 1; k <= n; k++ {
			at, ok := m.grid.back(i, k*step)
			if ok && at >= m.first && at < m.complete && m.s.Events[at] >= leastOfSize {
				all = append(all, m.s.Values[at])
			}
		}
		return all
	}
	if all := collect(week, Weeks); len(all) >= leastWeeks {
		return all, HourOfWeek
	}
	if all := collect(day, mostDays); len(all) >= leastDays {
		return all, HourOfDay
	}
	var all []float64
	for at := max(m.first, i-mostHours); at < min(i, m.complete); at++ {
		if m.s.Events[at] >= leastOfSize {
			all = append(all, m.s.Values[at])
		}
	}
	return all, Overall
}

// judgeSize compares a size with the same hour of other weeks.
func (h *Hour) judgeSize(v Verdict, l Limits) []Verdict {
	n := len(h.sizes)
	if n == 0 || h.basis == Overall && n < leastDays {
		return nil
	}
	if h.basis == Overall { // latency depends little on the hour
		l = l.careful(HourOfDay)
	}
	v.Basis, v.Samples, v.Expected = h.basis, n, median(h.sizes)
	few := quantileNoise * quantileNoise * max(0, 1/max(leastOfSize, v.Events)-1/max(1, h.typical))
	spread := math.Sqrt(h.spread*h.spread+few) * math.Sqrt(1+math.Pi/2/float64(n))
	v.High = v.Expected * max(l.Factor, math.Exp(l.Z*spread))
	if v.Events < max(leastOfSize, l.Volume) {
		v.State = Quiet
		return []Verdict{v}
	}
	v.Z = math.Log(v.Value/v.Expected) / spread
	v.Factor = v.Value / v.Expected
	v.State = Normal
	if v.Value > v.High {
		v.State = High
	}
	return []Verdict{v}
}
