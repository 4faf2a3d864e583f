package anomaly

import (
	"math"
	"slices"
)

// consistent makes the median absolute deviation an estimate of the standard deviation of a normal
// distribution: 1/Φ⁻¹(3/4) (Rousseeuw and Croux 1993).
const consistent = 1.4826

// noise is how much a count varies by chance: as a negative binomial one, with variance
// unit·m + (kappa·m)² around a mean m. Without kappa that is a Poisson count of things of size unit.
type noise struct {
	unit  float64
	kappa float64
}

// scale is Anscombe's transformation of a negative binomial count, times two, so that its standard
// deviation is 1 wherever it is: like the root of a small count, and like the logarithm of a large
// one.
func (n noise) scale(x float64) float64 {
	root := math.Sqrt(max(0, x)/n.unit + 3./8)
	if n.kappa < 1e-3 {
		return 2 * root
	}
	return 2 / n.kappa * math.Asinh(n.kappa*root)
}

// unscale is the count at a place of the scale.
func (n noise) unscale(v float64) float64 {
	root := v / 2
	if n.kappa >= 1e-3 {
		root = math.Sinh(n.kappa*v/2) / n.kappa
	}
	if root < 0 {
		return 0
	}
	return max(0, (root*root-3./8)*n.unit)
}

// z is how many standard deviations x is off the mean.
func (n noise) z(x, mean float64) float64 { return n.scale(x) - n.scale(mean) }

// off is the distance of a sample from its median on a logarithmic scale that bears zeros, and how
// much of its variance chance explains.
type off struct{ distance, mean, chance float64 }

func offBy(x, mean, unit float64) off {
	return off{
		distance: math.Abs(math.Log((x + unit) / (mean + unit))), mean: mean,
		chance: unit / (mean + unit),
	}
}

// offsOf is how far samples are off their own median. That is closer to them than the true one: the
// factors for small samples are those of Croux and Rousseeuw (1992), "Time-efficient algorithms for
// two highly robust estimators of scale".
func offsOf(samples []float64, unit float64) []off {
	n := len(samples)
	small := float64(n) / (float64(n) - 0.8)
	if n < len(smallSample) {
		small = smallSample[n]
	}
	mean := median(samples)
	all := make([]off, n)
	for k, s := range samples {
		all[k] = offBy(s, mean, unit)
		all[k].distance *= small
	}
	return all
}

var smallSample = [...]float64{1, 1, 1.196, 1.495, 1.363, 1.206, 1.200, 1.140, 1.129, 1.107}

// kappaSquared is the variance of samples beyond what chance explains, relative to their means.
func kappaSquared(all []off) float64 {
	if len(all) == 0 {
		return 0
	}
	distances, chances := make([]float64, len(all)), make([]float64, len(all))
	for i, o := range all {
		distances[i], chances[i] = o.distance, o.chance
	}
	spread := consistent * median(distances)
	return max(0, spread*spread-median(chances))
}

// median is the median of values that it may reorder; 0 of none.
func median(v []float64) float64 {
	n := len(v)
	if n == 0 {
		return 0
	}
	slices.Sort(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

// weightedMedian is the value that half of the weight lies below.
func weightedMedian(pairs [][2]float64) (value float64, ok bool) {
	slices.SortFunc(pairs, func(a, b [2]float64) int {
		switch {
		case a[0] < b[0]:
			return -1
		case a[0] > b[0]:
			return 1
		}
		return 0
	})
	total := 0.
	for _, p := range pairs {
		total += p[1]
	}
	sum := 0.
	for _, p := range pairs {
		if sum += p[1]; total > 0 && sum >= total/2 {
			return p[0], true
		}
	}
	return 0, false
}
