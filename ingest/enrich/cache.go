package enrich

import "sync"

// cache keeps the answers for the keys seen last, at most twice max of them. It is two generations:
// when the young one is full it becomes the old one, and what is asked for again comes back. A list
// in order of use would be exact, and costs a pointer chase and a lock for writing at every look.
type cache[V any] struct {
	max int

	mu    sync.Mutex // guards young and old
	young map[string]V
	old   map[string]V
}

func newCache[V any](max int) *cache[V] {
	return &cache[V]{max: max, young: make(map[string]V)}
}

// get is the answer for key, made by fill if it is not there.
func (c *cache[V]) get(key []byte, fill func(key string) V) V {
	c.mu.Lock()
	v, ok := c.young[string(key)]
	if !ok {
		if v, ok = c.old[string(key)]; ok {
			c.put(string(key), v)
		}
	}
	c.mu.Unlock()
	if ok {
		return v
	}
	k := string(key)
	v = fill(k)
	c.mu.Lock()
	c.put(k, v)
	c.mu.Unlock()
	return v
}

func (c *cache[V]) put(key string, v V) {
	if len(c.young) >= c.max {
		c.old, c.young = c.young, make(map[string]V, c.max)
	}
	c.young[key] = v
}

// len is the number of answers kept.
func (c *cache[V]) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.young) + len(c.old)
}
