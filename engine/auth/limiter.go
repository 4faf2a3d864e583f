package auth

import (
	"net/netip"
	"sync"
	"time"
)

// The limits of failures.
const (
	failBurst = 20              // wrong keys at once from one address
	failEvery = 3 * time.Second // one more every so often
	tryBurst  = 10              // wrong passwords of one user at once from one address
	tryEvery  = 90 * time.Second
	maxDebts  = 1 << 16 // remembered in each of two halves: 8 MiB of addresses in all
)

// Limiter slows down who keeps sending wrong keys.
type Limiter struct{ debts *debts[netip.Addr] }

// NewLimiter makes an empty one.
func NewLimiter() *Limiter {
	return &Limiter{&debts[netip.Addr]{burst: failBurst, every: failEvery, young: map[netip.Addr]int64{}}}
}

// Failed counts one failure of the client at a, and says how long it has to wait if that was one
// too many. IPv6 clients are counted by /64, which is what one customer gets.
func (l *Limiter) Failed(a netip.Addr, now time.Time) (wait time.Duration) {
	return l.debts.add(customer(a), now)
}

// customer is the address by which a client is counted.
func customer(a netip.Addr) netip.Addr {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}

// debts count failures by who made them. They remember in two halves: when the young half is full it
// becomes the old one, and the old one is forgotten. That bounds memory under any number of forged
// names without a list to keep in order.
type debts[K comparable] struct {
	burst int           // failures at once
	every time.Duration // after which one of them is paid

	mu         sync.Mutex
	young, old map[K]int64 // the moment, in unix nanoseconds, when all failures are paid
}

// add counts a failure, unless k has to wait.
func (d *debts[K]) add(k K, now time.Time) (wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	paid := d.paid(k, now)
	if _, ok := d.young[k]; !ok && len(d.young) >= maxDebts {
		d.old, d.young = d.young, map[K]int64{}
	}
	if over := d.over(paid, now); over > 0 {
		d.young[k] = paid // not counted further: who waits is let in again
		return over
	}
	d.young[k] = paid + int64(d.every)
	return 0
}

// forgive takes the last failure of k back: it was none.
func (d *debts[K]) forgive(k K) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if paid, ok := d.young[k]; ok {
		d.young[k] = paid - int64(d.every)
	}
}

// paid is when all failures of k are paid, now if they are.
func (d *debts[K]) paid(k K, now time.Time) int64 {
	paid, ok := d.young[k]
	if !ok {
		paid = d.old[k]
	}
	return max(paid, now.UnixNano())
}

func (d *debts[K]) over(paid int64, now time.Time) time.Duration {
	return time.Duration(paid-now.UnixNano()) - time.Duration(d.burst-1)*d.every
}
