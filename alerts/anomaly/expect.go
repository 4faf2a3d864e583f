package anomaly

import "math"

func sqrt(v float64) float64 { return math.Sqrt(max(0, v)) }

// expected is what an hour should be.
type expected struct {
	mean    float64
	events  float64 // how many events that is
	noise   noise
	doubt   float64 // how much wider chance is because the mean is known from few samples only
	basis   Basis
	samples int
}

// pooled is how many samples the spread of the whole series counts as, against that of the hour.
const pooled = 16

// expect says what hour i should be. There are two answers in the weeks after clocks were changed:
// of the same hour on the wall, and of the same hour of UTC, which machines keep.
func (m *Model) expect(i int) []expected {
	c := m.compare(i)
	if c.basis == Nothing {
		return nil
	}
	all := []expected{m.expectOf(i, c.samples, c.basis)}
	if len(c.utc) >= leastWeeks {
		all = append(all, m.expectOf(i, c.utc, c.basis))
	}
	return all
}

func (m *Model) expectOf(i int, samples []float64, basis Basis) expected {
	n := len(samples)
	e := expected{
		mean: median(samples), noise: m.noise, basis: basis, samples: n,
		// The variance of a median is π/2 times that of a mean.
		doubt: math.Sqrt(1 + math.Pi/2/float64(n)),
	}
	e.events = e.mean / m.worth()
	e.noise.kappa = m.kappaAt(i)
	return e
}

// kappaAt is the spread of an hour: its own and its neighbours', drawn to that of the series, and
// never less.
func (m *Model) kappaAt(i int) float64 {
	var own []off
	for _, at := range [3]int{i - 1, i, i + 1} {
		if at >= m.first && at < m.grid.Len() {
			own = append(own, m.compare(at).offs...)
		}
	}
	all := m.noise.kappa * m.noise.kappa
	n := float64(len(own))
	here := (all*pooled + kappaSquared(own)*n) / (pooled + n)
	return math.Sqrt(max(all, here))
}
