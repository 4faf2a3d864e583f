package auth

import (
	"net/netip"
	"sync"
	"time"
)

// The limits of failed keys from one address.
const (
	failBurst    = 20              // failures at once
	failEvery    = 3 * time.Second // one more every so often
	maxAddresses = 1 << 16         // remembered in each of two halves: 8 MiB in all
)

// Limiter slows down who keeps sending wrong keys. It remembers addresses in two halves: when the
// young half is full it becomes the old one, and the old one is forgotten. That bounds memory under
// any number of forged addresses without a list to keep in order.
type Limiter struct {
	mu         sync.Mutex
	young, old map[netip.Addr]int64 // the moment, in unix nanoseconds, when all failures are paid
}

// NewLimiter makes an empty one.
func NewLimiter() *Limiter { return &Limiter{young: map[netip.Addr]int64{}} }

// Failed counts one failure of the client at a, and says how long it has to wait if that was one
// too many. IPv6 clients are counted by /64, which is what one customer gets.
func (l *Limiter) Failed(a netip.Addr, now time.Time) (wait time.Duration) {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			a = p.Addr()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	paid, ok := l.young[a]
	if !ok {
		paid = l.old[a]
		if len(l.young) >= maxAddresses {
			l.old, l.young = l.young, map[netip.Addr]int64{}
		}
	}
	paid = max(paid, now.UnixNano())
	if over := time.Duration(paid-now.UnixNano()) - (failBurst-1)*failEvery; over > 0 {
		l.young[a] = paid // not counted further: who waits is let in again
		return over
	}
	l.young[a] = paid + int64(failEvery)
	return 0
}
