package bots

import (
	"math"

	"analytics/engine/event"
)

// timing is what the moments of page views say.
type timing struct {
	gaps     int     // times between two views
	mean     float64 // of them, in microseconds
	spread   float64 // their standard deviation by their mean
	scales   float64 // the standard deviation of their logarithms: over how many scales they reach
	inTen    int     // most views in 10 seconds
	inMinute int     // most views in 60 seconds
	total    event.Micros
	aMinute  float64
}

const (
	second = event.Micros(1_000_000)
	// shortest is how far apart views are taken to be at least, where their scale counts.
	shortest = second / 100
)

func timingOf(at []event.Micros) (t timing) {
	if len(at) == 0 {
		return t
	}
	t.inTen, t.inMinute = most(at, 10*second), most(at, 60*second)
	t.total = at[len(at)-1] - at[0]
	if t.gaps = len(at) - 1; t.gaps == 0 {
		return t
	}
	t.mean = float64(t.total) / float64(t.gaps)
	if t.mean == 0 {
		return t
	}
	var squares, logs, logSquares float64
	for i := 1; i < len(at); i++ {
		gap := float64(at[i] - at[i-1])
		squares += (gap - t.mean) * (gap - t.mean)
		l := math.Log(max(gap, float64(shortest)))
		logs, logSquares = logs+l, logSquares+l*l
	}
	n := float64(t.gaps)
	t.spread = math.Sqrt(squares/n) / t.mean
	if t.gaps > 1 {
		t.scales = math.Sqrt(max(0, logSquares-logs*logs/n) / (n - 1))
	}
	return t
}

// most is the greatest number of moments within a stretch of time.
func most(at []event.Micros, within event.Micros) (n int) {
	first := 0
	for last := range at {
		for at[last]-at[first] >= within {
			first++
		}
		n = max(n, last-first+1)
	}
	return n
}

// perMinute is how many of n things came in a minute, 0 if they all came at once.
func perMinute(n int, total event.Micros) float64 {
	if total == 0 {
		return 0
	}
	return float64(n) * float64(60*second) / float64(total)
}
