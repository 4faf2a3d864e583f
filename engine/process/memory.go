package process

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// gcPercent lets the collector begin when the heap has grown by half: at full ingest that is
	// 290 MB of memory instead of 500 MB for about 3 % of the time, measured.
	gcPercent = 50
	// softLimit makes the collector work harder before memory grows beyond what is promised.
	softLimit = 320 << 20
)

// Frugal sets the collector for a machine that is shared, unless the operator set it by GOGC or
// GOMEMLIMIT.
func Frugal() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softLimit)
	}
}

const (
	// restEvery is how often Rest looks, and how long quiet must have lasted.
	restEvery = 5 * time.Second
	// quietBytes is the most that is allocated in that time while nothing is going on.
	quietBytes = 8 << 20
	// worthBytes is how much there must be to give back: a collection costs some 10 ms.
	worthBytes = 16 << 20
)

// Rest gives memory back to the system when work is over, until ctx is done. The collector alone
// would keep a burst's garbage until the next burst, or for minutes: 200 MB after the days of a
// month were rolled up, measured, of which 15 MB are in use.
func Rest(ctx context.Context) {
	tick := time.NewTicker(restEvery)
	defer tick.Stop()
	var l lull
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			l.look()
		}
	}
}

// lull finds the moments in which memory is given back.
type lull struct {
	allocated uint64 // bytes, ever, when it looked last
	stuck     uint64 // bytes that could not be given back last time: holes between objects
}

// look gives memory back if little was allocated since it looked last and there is enough to give.
func (l *lull) look() (gave bool) {
	allocated, spare := l.read()
	quiet := allocated-l.allocated < quietBytes
	l.allocated = allocated
	if !quiet || spare < l.stuck+worthBytes {
		return false
	}
	debug.FreeOSMemory()
	l.allocated, l.stuck = l.read()
	return true
}

// read is how much was ever allocated, and how much of what the heap holds was not in use when the
// collector looked last.
func (l *lull) read() (allocated, spare uint64) {
	sample := []metrics.Sample{
		{Name: "/gc/heap/allocs:bytes"},
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(sample)
	held := sample[2].Value.Uint64() + sample[3].Value.Uint64() + sample[4].Value.Uint64()
	return sample[0].Value.Uint64(), held - min(held, sample[1].Value.Uint64())
}
