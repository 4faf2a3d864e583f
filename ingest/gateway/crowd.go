package gateway

import "sync"

// crowd counts calls under way. A WaitGroup may not be added to while somebody waits for it, and a
// call may still come in while the end is waited for.
type crowd struct {
	mu    sync.Mutex
	n     int
	empty sync.Cond // its lock is mu
}

func newCrowd() *crowd {
	c := &crowd{}
	c.empty.L = &c.mu
	return c
}

func (c *crowd) enter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
}

func (c *crowd) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n--; c.n == 0 {
		c.empty.Broadcast()
	}
}

// wait returns when nobody is there.
func (c *crowd) wait() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.n > 0 {
		c.empty.Wait()
	}
}
