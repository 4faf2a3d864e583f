package store

import (
	"container/list"
	"context"
	"math/bits"
	"slices"
	"sync"

	"github.com/cespare/xxhash/v2"

	"analytics/engine/event"
)

// maxIDCache bounds the memory of idCache. A full-speed hour needs 8 bytes an event; a store that
// only gets events of now has the current hour's early segments in here and nothing else.
const maxIDCache = 32 << 20

// idCache keeps the hashes of the ids of segments that were asked for duplicates lately, sorted. A
// segment's bloom filter would need no memory, and 3 µs an event for reading it from Badger; this
// needs 0.1 µs.
type idCache struct {
	mu    sync.Mutex
	sets  map[*entry]*list.Element // guarded by mu; values are *idSet
	order *list.List               // guarded by mu; newest first
	bytes int                      // guarded by mu
}

// idSet is the hashes of one segment's ids.
type idSet struct {
	e      *entry
	hashes []uint64 // ascending
	// seen has a bit for each value of the upper bits of a hash, eight to sixteen times as many as
	// there are hashes: nearly every id is new, and one look here tells so. Searching the hashes at
	// once took 0.2 µs a segment, 15 % of ingest in an hour of twelve segments.
	seen  []uint64
	shift int // of a hash, to get its bit
}

// newIDSet makes a set of hashes, which it sorts and keeps.
func newIDSet(e *entry, hashes []uint64) *idSet {
	slices.Sort(hashes)
	order := max(6, bits.Len(uint(len(hashes)))+3)
	s := &idSet{e: e, hashes: hashes, seen: make([]uint64, 1<<(order-6)), shift: 64 - order}
	for _, h := range hashes {
		bit := h >> s.shift
		s.seen[bit>>6] |= 1 << (bit & 63)
	}
	return s
}

// bytes is what the set takes in memory.
func (s *idSet) bytes() int { return 8 * (len(s.hashes) + len(s.seen)) }

func newIDCache() idCache { return idCache{sets: map[*entry]*list.Element{}, order: list.New()} }

// idHash spreads ids evenly whatever they are made of: UUIDs of version 7 begin with the time.
func idHash(k event.IDKey) uint64 { return xxhash.Sum64(k[:]) }

func (c *idCache) get(e *entry) *idSet {
	c.mu.Lock()
	defer c.mu.Unlock()
	el := c.sets[e]
	if el == nil {
		return nil
	}
	c.order.MoveToFront(el)
	return el.Value.(*idSet)
}

func (c *idCache) put(set *idSet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sets[set.e] != nil {
		return
	}
	c.sets[set.e] = c.order.PushFront(set)
	c.bytes += set.bytes()
	for c.bytes > maxIDCache && c.order.Len() > 1 {
		c.remove(c.order.Back())
	}
}

func (c *idCache) forget(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el := c.sets[e]; el != nil {
		c.remove(el)
	}
}

// remove takes a set out; under mu.
func (c *idCache) remove(el *list.Element) {
	set := el.Value.(*idSet)
	c.order.Remove(el)
	delete(c.sets, set.e)
	c.bytes -= set.bytes()
}

// has reports whether the hash is in the set. Hashes are even, so guessing the position from the
// value (interpolation) needs three or four looks in a million.
func (s *idSet) has(h uint64) bool {
	if bit := h >> s.shift; s.seen[bit>>6]&(1<<(bit&63)) == 0 {
		return false
	}
	lo, hi := 0, len(s.hashes)
	for range 6 {
		if hi-lo < 16 {
			break
		}
		first, last := s.hashes[lo], s.hashes[hi-1]
		if h < first || h > last {
			return false
		}
		if last == first {
			return true
		}
		share := float64(h-first) / float64(last-first)
		mid := lo + int(share*float64(hi-lo-1))
		switch at := s.hashes[mid]; {
		case at == h:
			return true
		case at < h:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	_, ok := slices.BinarySearch(s.hashes[lo:hi], h)
	return ok
}

// idsOf gives a segment's set, from memory or from its id column.
func (s *Store) idsOf(e *entry) (*idSet, error) {
	if set := s.segments.ids.get(e); set != nil {
		return set, nil
	}
	f, err := s.segments.file(s, e)
	if err != nil {
		return nil, err
	}
	keys, _, err := f.IDs()
	if err != nil {
		return nil, errReading(e, err)
	}
	hashes := make([]uint64, len(keys))
	for i, k := range keys {
		hashes[i] = idHash(k)
	}
	set := newIDSet(e, hashes)
	s.segments.ids.put(set)
	return set, nil
}

// sealedHas sets found for the named marks of which segments of the place's hour hold the event: a
// timed mark is the same id at the same time, an untimed one the same id less than untimedWindow
// before. Marks of other hours match nothing.
func (s *Store) sealedHas(ctx context.Context, p place, marks []event.Mark, found []bool) error {
	s.view.RLock()
	entries := s.catalog.spanning(p.series, p.hour, p.hour+1)
	for _, e := range entries {
		e.keep()
	}
	s.view.RUnlock()
	defer func() {
		for _, e := range entries {
			s.letGo(e)
		}
	}()
	if len(entries) == 0 {
		return nil
	}
	hashes := make([]uint64, len(marks))
	for i := range marks {
		hashes[i] = idHash(marks[i].Key)
	}
	for _, e := range entries {
		if e.dropped {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		err := s.segmentHas(e, p.hour, marks, hashes, found)
		if err != nil && !e.life.erased.Load() { // what is erased is no duplicate
			return err
		}
	}
	return nil
}

// segmentHas looks the marks up in one segment: first by hash, then, for the few that match, by id
// and time.
func (s *Store) segmentHas(
	e *entry, hour event.Hour, marks []event.Mark, hashes []uint64, found []bool,
) error {
	set, err := s.idsOf(e)
	if err != nil {
		return err
	}
	var likely map[event.IDKey][]int
	for i := range marks {
		m := &marks[i]
		if !m.Named || found[i] || m.Timed && m.Time.Hour() != hour || !set.has(hashes[i]) {
			continue
		}
		if likely == nil {
			likely = map[event.IDKey][]int{}
		}
		likely[m.Key] = append(likely[m.Key], i)
	}
	if likely == nil {
		return nil
	}
	f, err := s.segments.file(s, e)
	if err != nil {
		return err
	}
	keys, times, err := f.IDs()
	if err != nil {
		return errReading(e, err)
	}
	for row, k := range keys {
		for _, i := range likely[k] {
			m := &marks[i]
			same := times[row] == m.Time
			if !m.Timed {
				same = times[row].Hour() == hour && times[row] > m.Time-untimedWindow
			}
			found[i] = found[i] || same
		}
	}
	return nil
}

// sealedIDs is the set of rows that are being sealed, made without reading them back.
func sealedIDs(e *entry, slabs [][]byte) (*idSet, error) {
	hashes := make([]uint64, 0, e.rows)
	for _, rest := range slabs {
		for len(rest) > 0 {
			row, next, err := event.NextRow(rest)
			if err != nil {
				return nil, err
			}
			_, id, err := rowIdentity(row)
			if err != nil {
				return nil, err
			}
			k := event.KeyOf(id)
			hashes = append(hashes, idHash(k))
			rest = next
		}
	}
	return newIDSet(e, hashes), nil
}
