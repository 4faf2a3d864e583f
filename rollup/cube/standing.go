package cube

import (
	"unsafe"

	"analytics/engine/event"
)

// AddTable counts the groups of o, which counts the same by the same in buckets of a grain, of events
// that lie from first to last. ErrLacks, and then nothing was counted, if an edge of the table's
// buckets cuts one of them. The filters of both must be the same.
func (t *Table) AddTable(o *Table, first, last event.Micros) error {
	if err := t.alike(o); err != nil {
		return err
	}
	if o.Len() == 0 {
		return nil
	}
	starts := map[int64]int64{}
	for _, at := range o.keys.times {
		if _, known := starts[at]; known {
			continue
		}
		low, high := max(at, int64(first)), min(at+o.plan.grain, int64(last)+1)
		start, end, ok := t.plan.bucketOf(low)
		if !ok || high > end {
			return ErrLacks
		}
		starts[at] = start
	}
	to := t.adopt(o, func(at int64) (int64, bool) { return starts[at], false })
	t.mergeStates(o, to, false)
	return nil
}

// Lend gives the memory that counting uses to another table, which may give it back the same way: a
// table that is kept for long is smaller without.
func (t *Table) Lend(to *Table) { t.work, to.work = to.work, t.work }

// Size is about how many bytes the table takes: short lists leave as much behind when they grow.
func (t *Table) Size() int64 {
	n := 8*len(t.keys.times) + 4*cap(t.keys.codes) + 4*len(t.keys.slots)
	for i := range t.dims {
		n += 4 * cap(t.dims[i].words)
		for _, text := range t.dims[i].texts {
			n += len(text) + 64 // the text, and its places in a list and a map
		}
	}
	for _, s := range t.states {
		switch s := s.(type) {
		case *ints:
			n += 8 * (cap(s.lo) + cap(s.hi))
		case *extremes:
			n += 8 * cap(s.v)
		case *floats:
			for g := range s.sums {
				n += 40 + 8*cap(s.sums[g].digits)
			}
		case *bins:
			if s.lists.tally != nil {
				n += int(unsafe.Sizeof(*s.lists.tally))
			}
			for g := range s.groups {
				n += 80 + 16*cap(s.groups[g].small) + 8*cap(s.groups[g].dense)
			}
		case *distincts:
			for g := range s.groups {
				n += 40 + 16*cap(s.groups[g].hashes)
				if s.groups[g].regs != nil {
					n += registers
				}
			}
		}
	}
	return int64(n)
}
