package funnels

import "analytics/engine/event"

// hit is an event that is a step, or several, of somebody.
type hit struct {
	at   event.Micros
	who  int32
	mask uint32 // a bit for each step that it is
}

// walker finds how far somebody gets.
type walker struct {
	steps  int
	window event.Micros
	end    event.Micros // nobody enters from here on
	// ways are, by step, the moments of the steps of the best way that leads to it: the one with the
	// latest entry, because it has most of the window left. Zero length means none.
	ways [][]event.Micros
	best []event.Micros
}

func newWalker(steps int, window, end event.Micros) *walker {
	w := &walker{steps: steps, window: window, end: end, ways: make([][]event.Micros, steps)}
	for i := range w.ways {
		w.ways[i] = make([]event.Micros, 0, steps)
	}
	w.best = make([]event.Micros, 0, steps)
	return w
}

// walk gives the moments of the steps of the way that gets furthest first, nothing if nobody
// entered. The hits are one person's, in the order of time. The result is valid until the next walk.
func (w *walker) walk(hits []hit) []event.Micros {
	for i := range w.ways {
		w.ways[i] = w.ways[i][:0]
	}
	w.best = w.best[:0]
	for i := 0; i < len(hits); {
		at, mask := hits[i].at, uint32(0)
		for ; i < len(hits) && hits[i].at == at; i++ {
			mask |= hits[i].mask
		}
		w.take(at, mask)
	}
	return w.best
}

// take takes all that happened at a moment. Steps are taken from the last to the first, so that none
// follows another of the same moment.
func (w *walker) take(at event.Micros, mask uint32) {
	for s := w.steps - 1; s >= 0; s-- {
		if mask&(1<<s) == 0 {
			continue
		}
		if s == 0 {
			if at < w.end {
				w.ways[0] = append(w.ways[0][:0], at)
			}
		} else if from := w.ways[s-1]; len(from) > 0 && at-from[0] <= w.window &&
			(len(w.ways[s]) == 0 || from[0] > w.ways[s][0]) {
			w.ways[s] = append(append(w.ways[s][:0], from...), at)
		}
		if len(w.ways[s]) > len(w.best) {
			w.best = append(w.best[:0], w.ways[s]...)
		}
	}
}
