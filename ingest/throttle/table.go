package throttle

// table keeps a value for each of the keys seen last. When it is full, the key seen longest ago
// goes. Values lie in one piece of memory and are linked by number, so that a full table is a few
// megabytes without a pointer for the collector to follow. A table of two halves, as the limiter of
// failed keys is, costs less; but a flood of new keys would push a blocked visitor out of it who is
// still there.
type table[V any] struct {
	max     int
	at      map[uint64]uint32
	slots   []slot[V] // the first is the ring's own: next is the newest, prev the oldest
	evicted int64
}

type slot[V any] struct {
	key        uint64
	prev, next uint32
	value      V
}

func newTable[V any](max int) *table[V] {
	return &table[V]{max: max, at: map[uint64]uint32{}, slots: make([]slot[V], 1)}
}

// get is the value of a key, made new if it is not there. It is valid until the next get.
func (t *table[V]) get(key uint64) *V {
	i, ok := t.at[key]
	switch {
	case ok:
		t.unlink(i)
	case len(t.slots) <= t.max:
		i = uint32(len(t.slots))
		t.slots = append(t.slots, slot[V]{key: key})
		t.at[key] = i
	default:
		i = t.slots[0].prev
		t.unlink(i)
		delete(t.at, t.slots[i].key)
		t.slots[i] = slot[V]{key: key}
		t.at[key] = i
		t.evicted++
	}
	t.link(i)
	return &t.slots[i].value
}

// find is the value of a key, or nil. It does not count as seen.
func (t *table[V]) find(key uint64) *V {
	if i, ok := t.at[key]; ok {
		return &t.slots[i].value
	}
	return nil
}

// each calls f for all values, newest first.
func (t *table[V]) each(f func(key uint64, v *V)) {
	for i := t.slots[0].next; i != 0; i = t.slots[i].next {
		f(t.slots[i].key, &t.slots[i].value)
	}
}

func (t *table[V]) unlink(i uint32) {
	s := &t.slots[i]
	t.slots[s.prev].next, t.slots[s.next].prev = s.next, s.prev
}

// link puts a slot first.
func (t *table[V]) link(i uint32) {
	first := t.slots[0].next
	t.slots[i].prev, t.slots[i].next = 0, first
	t.slots[first].prev, t.slots[0].next = i, i
}
