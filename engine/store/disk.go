package store

import (
	"sync/atomic"

	"analytics/engine/fault"
)

// disk watches the free space of the store's volume. Badger writes through maps of sparse files: a
// write that finds no room does not fail, it kills the process. So taking in stops while there is
// still room for everything Badger may have under way.
type disk struct {
	cfg   Config
	total int64
	hard  int64 // below it nothing is taken in
	soft  int64 // below it somebody should be told
	spent int64 // kept for the small writes that must go on when the disk is full
	free  atomic.Int64
	full  atomic.Bool
}

// hardWatermark is the free space below which nothing is taken in: 5 % of the volume, and half a
// GiB, and 12 memtables. The last is what Badger may write before it can be stopped: three
// memtables being flushed, and the compaction of a full first level, which needs its size again.
// Volumes below 10 GiB are not held to half a GiB, and never more than half of a volume is kept.
func hardWatermark(total, memTable int64) int64 {
	mark := max(total/20, 12*memTable)
	if total >= 10<<30 {
		return max(mark, 512<<20)
	}
	return min(mark, total/2)
}

// softWatermark is the free space below which the operator should hear of it.
func softWatermark(total, hard int64) int64 {
	mark := total / 10
	if total >= 20<<30 {
		mark = max(mark, 2<<30)
	}
	return max(mark, hard+hard/4)
}

// openNeed is the free space without which Badger is not opened: it flushes what the log holds.
func openNeed(hard, memTable int64) int64 { return min(hard, 6*memTable) }

func newDisk(cfg Config) (*disk, error) {
	free, total, err := cfg.Space(cfg.Dir)
	if err != nil {
		return nil, err
	}
	d := &disk{cfg: cfg, total: total, hard: cfg.MinFree}
	if d.hard == 0 {
		d.hard = hardWatermark(total, cfg.MemTableSize)
	}
	d.soft = softWatermark(total, d.hard)
	d.spent = d.hard / 4
	d.note(free)
	return d, nil
}

// look asks the volume.
func (d *disk) look() {
	free, _, err := d.cfg.Space(d.cfg.Dir)
	if err != nil {
		d.cfg.Log.Warn("store: cannot see the free space", "error", err)
		return
	}
	d.note(free)
}

func (d *disk) note(free int64) {
	d.free.Store(free)
	full := free < d.hard
	if d.full.Swap(full) == full {
		return
	}
	if full {
		d.cfg.Log.Error("store: disk full, taking no events", "free", free, "need", d.hard)
	} else {
		d.cfg.Log.Info("store: taking events, disk has room", "free", free, "need", d.hard)
	}
}

// admit refuses to take in bytes while the disk is full. With bytes it asks the volume first: they
// are a group about to be written, and the last look may be a quarter of a second old.
func (d *disk) admit(bytes int64) error {
	if bytes > 0 {
		d.look()
		d.note(d.free.Load() - bytes)
	}
	if d.full.Load() {
		return d.error()
	}
	return nil
}

// spare refuses small writes (shelves, catalog) only when even what is kept for them is used up.
func (d *disk) spare(bytes int64) error {
	if d.free.Load() > d.hard {
		return nil
	}
	d.look()
	if d.free.Load()-bytes < d.spent {
		return d.error()
	}
	return nil
}

func (d *disk) error() error {
	return errFull(d.cfg.Dir, d.free.Load(), d.hard)
}

func errFull(dir string, free, need int64) error {
	return fault.New(fault.Full, "disk_full",
		"the disk that holds %s has %d MiB free and needs %d MiB; free some space, "+
			"taking events goes on by itself", dir, free>>20, need>>20)
}

func (d *disk) close() {}
