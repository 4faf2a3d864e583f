package funnels

import (
	"flag"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"analytics/engine/event"
)

var seed = flag.Uint64("seed", uint64(time.Now().UnixNano()), "of random tests")

// naive tries every entry and takes each step at its earliest: the way that is longest, ends first
// and, of those, begins last.
func naive(hits []hit, steps int, window, end event.Micros) (best []event.Micros) {
	for _, h := range hits {
		if h.mask&1 == 0 || h.at >= end {
			continue
		}
		way := []event.Micros{h.at}
		for _, next := range hits {
			if s := len(way); s < steps && next.mask&(1<<s) != 0 && next.at > way[s-1] &&
				next.at-h.at <= window {
				way = append(way, next.at)
			}
		}
		n := len(way) - 1
		if len(way) > len(best) || len(way) == len(best) &&
			(way[n] < best[n] || way[n] == best[n] && way[0] > best[0]) {
			best = way
		}
	}
	return best
}

// furthest tries every way there is, and says how many steps the longest has.
func furthest(hits []hit, step, steps int, start, last, window, end event.Micros) int {
	best := step
	if step == steps {
		return best
	}
	for _, h := range hits {
		switch {
		case h.mask&(1<<step) == 0:
		case step == 0 && h.at < end:
			best = max(best, furthest(hits, 1, steps, h.at, h.at, window, end))
		case step > 0 && h.at > last && h.at-start <= window:
			best = max(best, furthest(hits, step+1, steps, start, h.at, window, end))
		}
	}
	return best
}

// TestWalkFindsTheFurthestWay compares it with trying all of them.
func TestWalkFindsTheFurthestWay(t *testing.T) {
	t.Logf("-seed %d", *seed)
	rng := rand.New(rand.NewPCG(*seed, 1))
	for range 30_000 {
		steps := 2 + rng.IntN(3)
		window, end := event.Micros(rng.IntN(12)), event.Micros(1+rng.IntN(22))
		hits := make([]hit, rng.IntN(12))
		for i := range hits {
			hits[i] = hit{at: event.Micros(rng.IntN(20)), mask: uint32(rng.IntN(1 << steps))}
		}
		slices.SortFunc(hits, func(a, b hit) int { return int(a.at - b.at) })
		w := newWalker(steps, window, end)
		got := w.walk(hits)
		if want := naive(hits, steps, window, end); !slices.Equal(got, want) {
			t.Fatalf("%d steps within %d before %d: %v\ngot  %v\nwant %v", steps, window, end, hits, got, want)
		}
		if want := furthest(hits, 0, steps, 0, 0, window, end); len(got) != want {
			t.Fatalf("%d steps within %d before %d: %v\ngot %d steps, can be %d", steps, window, end,
				hits, len(got), want)
		}
	}
}
