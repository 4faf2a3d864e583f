package funnels

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"analytics/engine/event"
)

// tally is ways, counted.
type tally struct {
	reached []int64
	took    [][]event.Micros // by step, from the step before
}

func newTally(steps int) tally {
	return tally{make([]int64, steps), make([][]event.Micros, steps)}
}

func (t *tally) add(way []event.Micros) {
	for s, at := range way {
		t.reached[s]++
		if s > 0 {
			t.took[s] = append(t.took[s], at-way[s-1])
		}
	}
}

func (t *tally) merge(o *tally) {
	for s, n := range o.reached {
		t.reached[s] += n
		t.took[s] = append(t.took[s], o.took[s]...)
	}
}

func (t *tally) group(value string, names []string) Group {
	g := Group{Value: value}
	for s, n := range t.reached {
		c := StepCount{Step: names[s], Reached: n, Conversion: share(n, t.reached[0]), Median: median(t.took[s])}
		c.FromPrevious = c.Conversion
		if s > 0 {
			c.Lost, c.FromPrevious = t.reached[s-1]-n, share(n, t.reached[s-1])
		}
		g.Steps = append(g.Steps, c)
	}
	return g
}

func share(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// median is the middle one, or the mean of the two in the middle. It sorts what it is given.
func median(all []event.Micros) *time.Duration {
	n := len(all)
	if n == 0 {
		return nil
	}
	slices.Sort(all)
	m := time.Duration(all[n/2]+all[(n-1)/2]) * time.Microsecond / 2
	return &m
}

// groups are the tallies of each value, the largest first, those beyond the limit as (other).
func groups(each []tally, names []string, limit int, steps []string) (all []Group, values int) {
	var order []int
	for i := range each {
		if each[i].reached != nil {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(each[b].reached[0], each[a].reached[0]), strings.Compare(names[a], names[b]))
	})
	rest := newTally(len(steps))
	for rank, i := range order {
		if rank < limit {
			all = append(all, each[i].group(names[i], steps))
		} else {
			rest.merge(&each[i])
		}
	}
	if len(order) > limit {
		all = append(all, rest.group(Other, steps))
	}
	return all, len(order)
}

func join(names []string) string { return strings.Join(names, ", ") }
