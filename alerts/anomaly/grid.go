package anomaly

import "time"

// Grid is hours one after the other, and which hour of which local day each is. Where clocks are put
// back a local hour is there twice; where they are put forward, one is missing.
type Grid struct {
	Starts []time.Time
	local  []int       // hours since 1970 as the clock on the wall counts them
	at     map[int]int // the first hour with that local number
}

// NewGrid is the grid of hours that begin then, in their zone.
func NewGrid(starts []time.Time) *Grid {
	g := &Grid{Starts: starts, local: make([]int, len(starts)), at: make(map[int]int, len(starts))}
	for i, t := range starts {
		_, offset := t.Zone()
		seconds := t.Unix() + int64(offset)
		g.local[i] = int((seconds - (seconds%3600+3600)%3600) / 3600)
		if _, twice := g.at[g.local[i]]; !twice {
			g.at[g.local[i]] = i
		}
	}
	return g
}

// Len is the number of hours.
func (g *Grid) Len() int { return len(g.Starts) }

// back is the hour so many local hours earlier; ok is false where there is none.
func (g *Grid) back(i, hours int) (at int, ok bool) {
	if i >= len(g.local) {
		return 0, false
	}
	at, ok = g.at[g.local[i]-hours]
	return at, ok
}
