package store

import (
	"sync"
	"sync/atomic"

	"analytics/engine/event"
)

const (
	// packBelow: smaller batches are copied together into packs, so that a stream of single events
	// does not become a stream of tiny allocations that live for an hour.
	packBelow = 16 << 10
	minPack   = 1 << 10
	maxPack   = 256 << 10
)

// generation is the rows that came into one hour of one kind between two sealings, in the order of
// their commits. A partition has one that grows and, while a sealing goes on, one that is frozen.
type generation struct {
	kind   event.Kind
	budget *budget
	mark   *Unsealed

	// Guarded by the store's view lock.
	seq      uint64 // of the newest batch in it
	rows     int
	bytes    int64
	sum      uint64
	min, max event.Micros

	ids ids // the committer's

	mu     sync.Mutex
	runs   []*run // guarded by mu; closed, in order
	open   *run   // guarded by mu; nil or growing
	pack   []byte // guarded by mu; small batches go here, one after another
	inPack int    // guarded by mu; where open's last slab starts in pack, -1 if it is not there
}

func newGeneration(kind event.Kind, budget *budget) *generation {
	return &generation{kind: kind, budget: budget, mark: &Unsealed{}, inPack: -1}
}

// Unsealed stands for the rows of one hour that came in between two sealings. They only grow at their
// end, so whoever counted the first n of them has to count only what came since.
type Unsealed struct{ gone atomic.Bool }

// Gone reports whether the rows left the head: they are sealed, or erased with their tenant.
func (u *Unsealed) Gone() bool { return u.gone.Load() }

// add appends the rows of one batch. It keeps rows unless they are few: kept.
func (g *generation) add(rows []byte, info batchInfo, seq uint64) (kept bool) {
	if g.rows == 0 {
		g.min, g.max = info.min, info.max
	} else {
		g.min, g.max = min(g.min, info.min), max(g.max, info.max)
	}
	g.seq = seq
	g.rows += info.count
	g.bytes += int64(len(rows)) + int64(info.count)*idBytes
	g.sum += info.sum

	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open == nil {
		g.open = &run{kind: g.kind, budget: g.budget}
		g.inPack = -1
	}
	kept = len(rows) >= packBelow
	if kept {
		g.open.add(rows, info)
		g.inPack = -1
	} else {
		g.addSmall(rows, info)
	}
	if g.open.full() {
		g.close()
	}
	return kept
}

// addSmall copies rows into the pack. If the open run's last slab ends where they begin, it grows.
func (g *generation) addSmall(rows []byte, info batchInfo) {
	if cap(g.pack)-len(g.pack) < len(rows) {
		size := min(max(2*cap(g.pack), minPack), maxPack)
		g.pack = make([]byte, 0, max(size, len(rows)))
		g.inPack = -1
	}
	at := len(g.pack)
	g.pack = append(g.pack, rows...)
	grows := g.inPack >= 0
	if !grows {
		g.inPack = at
	}
	g.open.add(g.pack[g.inPack:len(g.pack):len(g.pack)], info)
	if grows {
		g.open.bytes -= at - g.inPack // counted when it was shorter
		last := len(g.open.slabs) - 1
		g.open.slabs[last-1] = g.open.slabs[last]
		g.open.slabs = g.open.slabs[:last]
	}
}

// close ends the open run and joins small runs of like size, so that many small commits with questions
// in between leave few runs: with n rows about log2(joinRows) and n/joinRows of them, each row copied
// into a record log2(joinRows) times at most, and once where commits are large.
func (g *generation) close() {
	g.runs = append(g.runs, g.open)
	g.open, g.inPack = nil, -1
	for n := len(g.runs); n > 1; n-- {
		a, b := g.runs[n-2], g.runs[n-1]
		if a.rows > 2*b.rows || a.rows+b.rows > joinRows || a.bytes+b.bytes > joinBytes {
			return
		}
		g.runs = append(g.runs[:n-2], join(a, b))
	}
}

// cut ends the open run and lists all runs: what a snapshot sees.
func (g *generation) cut() []*run {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open != nil {
		g.close()
	}
	return append([]*run(nil), g.runs...)
}

// slabs lists all row bytes in the order of their commits.
func (g *generation) slabs() [][]byte {
	var out [][]byte
	for _, r := range g.cut() {
		out = append(out, r.slabs...)
	}
	return out
}

// forget drops the records made of the runs; with retire no new ones are kept either.
func (g *generation) forget(retire bool) {
	for _, r := range g.cut() {
		if retire {
			r.retire()
		} else {
			r.forget()
		}
	}
}
