package pricing

import (
	"hash/maphash"
	"sync/atomic"
)

// cacheSlots bounds what is remembered: some 4,000 pairs of provider and model, at most 2 MB. A
// team uses tens; a client that invents names only pushes its own out and pays the look-up, which
// takes some microseconds.
const cacheSlots = 4096

// cache remembers look-ups, also those that found nothing. A pair has two slots it may be in, so
// that two popular pairs seldom fight over one. Nothing is locked: an entry is written whole, and
// losing one to a race costs another look-up. A map under a lock was the simpler way; its lock was
// half the time of pricing an event on two cores.
type cache struct {
	seed  maphash.Seed
	slots [cacheSlots]atomic.Pointer[cached]
}

type cached struct {
	provider, model string
	price           *price
}

func newCache() *cache { return &cache{seed: maphash.MakeSeed()} }

func (c *cache) places(provider, model []byte) (first, second uint64) {
	h := maphash.Bytes(c.seed, model) ^ maphash.Bytes(c.seed, provider)*3
	return h % cacheSlots, (h >> 32) % cacheSlots
}

// get finds what was remembered of the pair.
func (c *cache) get(provider, model []byte) (p *price, ok bool) {
	first, second := c.places(provider, model)
	if e := c.slots[first].Load(); e.is(provider, model) {
		return e.price, true
	}
	if e := c.slots[second].Load(); e.is(provider, model) {
		return e.price, true
	}
	return nil, false
}

// put remembers the pair in a free place, or instead of what is in its first.
func (c *cache) put(provider, model []byte, p *price) {
	e := &cached{provider: string(provider), model: string(model), price: p}
	first, second := c.places(provider, model)
	if c.slots[first].Load() != nil && c.slots[second].CompareAndSwap(nil, e) {
		return
	}
	c.slots[first].Store(e)
}

func (e *cached) is(provider, model []byte) bool {
	return e != nil && e.model == string(model) && e.provider == string(provider)
}
