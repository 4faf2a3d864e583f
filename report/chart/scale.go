package chart

import "math"

// scale is the axis of values: round steps from low to high, which hold all bars.
type scale struct {
	low, high, step float64
}

// steps is about how many there are.
const steps = 4

// scaleOf is the scale for bars between two heights, of which zero is always one.
func scaleOf(low, high float64) scale {
	low, high = min(low, 0), max(high, 0)
	if low == high {
		return scale{0, 1, 1}
	}
	step := nice((high - low) / steps)
	return scale{math.Floor(low/step) * step, math.Ceil(high/step) * step, step}
}

// nice is the next round number: 1, 2, 2.5 or 5, and zeros. Values are whole, and so is each step.
func nice(raw float64) float64 {
	if raw <= 1 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, n := range []float64{1, 2, 2.5, 5} {
		if raw <= n*unit*(1+1e-9) && (unit > 1 || n != 2.5) {
			return n * unit
		}
	}
	return 10 * unit
}

// marks are the values along the scale.
func (s scale) marks() (all []float64) {
	n := int(math.Round((s.high - s.low) / s.step))
	for i := range n + 1 {
		all = append(all, s.low+float64(i)*s.step)
	}
	return all
}

// whole is a value of the scale as a number that can be shown.
func whole(v float64) int64 {
	switch {
	case v >= math.MaxInt64:
		return math.MaxInt64
	case v <= math.MinInt64:
		return math.MinInt64
	}
	return int64(math.Round(v))
}
