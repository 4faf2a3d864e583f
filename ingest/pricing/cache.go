package pricing

import (
	"hash/maphash"
	"sync/atomic"
)

// cacheSlots bounds what is remembered: some 4,000 triples of provider and models, at most 2 MB. A
// team uses tens; a client that invents names only pushes its own out and pays the look-up, which
// takes some microseconds.
const cacheSlots = 4096

// cache remembers look-ups, also those that found nothing. A triple has two slots it may be in,
// so that two popular ones seldom fight over one. Nothing is locked: an entry is written whole, and
// losing one to a race costs another look-up. A map under a lock was the simpler way; its lock was
// half the time of pricing an event on two cores.
type cache struct {
	seed  maphash.Seed
	slots [cacheSlots]atomic.Pointer[cached]
}

type cached struct {
	provider, asked, answered string
	price                     *price
}

func newCache() *cache { return &cache{seed: maphash.MakeSeed()} }

func (c *cache) places(provider, asked, answered []byte) (first, second uint64) {
	h := maphash.Bytes(c.seed, asked) ^ maphash.Bytes(c.seed, provider)*3
	if len(answered) > 0 {
		h ^= maphash.Bytes(c.seed, answered) * 5
	}
	return h % cacheSlots, (h >> 32) % cacheSlots
}

// get finds what was remembered of the triple.
func (c *cache) get(provider, asked, answered []byte) (p *price, ok bool) {
	first, second := c.places(provider, asked, answered)
	if e := c.slots[first].Load(); e.is(provider, asked, answered) {
		return e.price, true
	}
	if e := c.slots[second].Load(); e.is(provider, asked, answered) {
		return e.price, true
	}
	return nil, false
}

// put remembers the triple in a free place, or instead of what is in its first.
func (c *cache) put(provider, asked, answered []byte, p *price) {
	e := &cached{provider: string(provider), asked: string(asked), answered: string(answered),
		price: p}
	first, second := c.places(provider, asked, answered)
	if c.slots[first].Load() != nil && c.slots[second].CompareAndSwap(nil, e) {
		return
	}
	c.slots[first].Store(e)
}

func (e *cached) is(provider, asked, answered []byte) bool {
	return e != nil && e.asked == string(asked) && e.answered == string(answered) &&
		e.provider == string(provider)
}
