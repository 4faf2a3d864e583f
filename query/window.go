package query

import (
	"slices"
	"sort"
	"time"

	"analytics/engine/event"
)

// window is a stretch of time [from, to).
type window struct{ from, to event.Micros }

func (w window) overlaps(low, high event.Micros) bool { return low < w.to && high >= w.from }

func anyOverlaps(all []window, low, high event.Micros) bool {
	for _, w := range all {
		if w.overlaps(low, high) {
			return true
		}
	}
	return false
}

// everywhere is where events may be of which nothing is known.
var everywhere = window{-forever, forever}

// windows cuts the time of a part by the grain of cells: whole is where cells lie between two
// edges, and rest is where an edge cuts a cell, so that only events can tell which side they are
// on. Ends of the range are edges, too: of a day in Kathmandu, the cell at its midnight is cut. Where
// it is known where the events are, an edge with none of them on one side cuts nothing: of the hour
// that is not over, all lie before now. Nothing is said of where there are none.
func (p *part) windows(from, to event.Micros, grain time.Duration, are window) (whole, rest []window) {
	g := event.Micros(grain.Microseconds())
	at, end := max(from, are.from), min(to, are.to)
	i := sort.Search(len(p.edges)-1, func(i int) bool { return p.edges[i+1] > at })
	for ; i < len(p.edges)-1 && p.edges[i] < end; i++ {
		low, high := max(p.edges[i], from), min(p.edges[i+1], to)
		first, last := ceil(low, g), floor(high, g)
		if low <= are.from {
			first = max(low, are.from)
		}
		if high >= are.to {
			last = min(high, are.to)
		}
		if first >= last {
			continue // no whole cell between the two edges
		}
		rest = extend(rest, window{at, first})
		whole = extend(whole, window{first, last})
		at = last
	}
	return whole, extend(rest, window{at, end})
}

// extend adds a window, as one with the last if they touch.
func extend(all []window, w window) []window {
	if w.from >= w.to {
		return all
	}
	if n := len(all); n > 0 && all[n-1].to == w.from {
		all[n-1].to = w.to
		return all
	}
	return append(all, w)
}

// without takes what lies between the ends of a gap out of the windows.
func without(all []window, gap window) []window {
	var left []window
	for _, w := range all {
		if !w.overlaps(gap.from, gap.to-1) {
			left = append(left, w)
			continue
		}
		left = extend(left, window{w.from, min(w.to, gap.from)})
		left = extend(left, window{max(w.from, gap.to), w.to})
	}
	return left
}

// within reports whether a stretch lies in one of the windows and between two edges of the part.
func (p *part) within(whole []window, from, to event.Micros) bool {
	if !slices.ContainsFunc(whole, func(w window) bool { return w.from <= from && to <= w.to }) {
		return false
	}
	i := sort.Search(len(p.edges), func(i int) bool { return p.edges[i] > from })
	return i == len(p.edges) || p.edges[i] >= to
}

// coarsen moves the edges back to the grain: for ranges whose events are gone, so that a cell on an
// edge cannot be cut.
func (p *part) coarsen(from, to event.Micros, grain time.Duration) (event.Micros, event.Micros) {
	g := event.Micros(grain.Microseconds())
	for i := range p.edges {
		p.edges[i] = floor(p.edges[i], g)
	}
	from, to = floor(from, g), floor(to, g)
	if from == to {
		to += g
	}
	last := len(p.edges) - 1
	p.edges[last] = max(p.edges[last], to)
	return from, to
}

func floor(t, grain event.Micros) event.Micros {
	f := t - t%grain
	if f > t { // before 1970
		f -= grain
	}
	return f
}

func ceil(t, grain event.Micros) event.Micros { return -floor(-t, grain) }
