package throttle

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
)

const (
	// maxKept is how many addresses and how many visitors are remembered, 24 MB in all when both are
	// full, measured.
	maxKept = 100_000
	// maxNoted is how much one report can add to a count.
	maxNoted = 10_000
	// maxAgent is how much of a user agent tells visitors apart.
	maxAgent = 512
)

// House is what the gate needs of the rest.
type House struct {
	// Record takes in an event in the native format, for the audit trail.
	Record func(ctx context.Context, t store.Tenant, event []byte) error
	Now    func() time.Time
}

// Gate decides who may ask. It is safe for concurrent use.
type Gate struct {
	house  House
	secret [32]byte // makes the hashes; never written anywhere

	mu        sync.Mutex // guards what follows
	cfg       Config
	steps     [criteria]Steps
	addresses *table[int64] // the moment when all requests so far are paid for
	visitors  *table[visitor]

	outcomes [3]atomic.Int64
}

// The outcomes of a request at a door.
const (
	allowed = iota
	refusedByRate
	refusedByLevel
)

// New makes a gate that has seen nobody.
func New(h House, cfg Config) *Gate {
	g := &Gate{house: h, addresses: newTable[int64](maxKept), visitors: newTable[visitor](maxKept)}
	_, _ = rand.Read(g.secret[:]) // never fails
	g.Use(cfg)
	return g
}

// Use takes over settings for what comes from now on. Levels stay.
func (g *Gate) Use(cfg Config) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cfg, g.steps = cfg, cfg.steps()
}

// Allow counts a request at a public door, and says whether it may go on, and if not, when to come
// again. It is for requests that came by a web.Mux. Who comes by the unix socket is let in.
func (g *Gate) Allow(r *http.Request) (ok bool, retryAfter time.Duration) {
	return g.Request(web.ClientIP(r.Context()), r.UserAgent())
}

// Request is Allow for an address and a user agent.
func (g *Gate) Request(ip netip.Addr, agent string) (ok bool, retryAfter time.Duration) {
	if !ip.IsValid() {
		return true, 0
	}
	now := g.house.Now().UnixNano()
	address, who := g.hash(ip, ""), g.hash(ip, agent)
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.cfg.Enabled {
		return true, 0
	}
	v := g.visitors.get(who)
	v.note(Requests, 1, now, &g.cfg, &g.steps)
	if v.level == Blocked {
		g.outcomes[refusedByLevel].Add(1)
		return false, v.until(now, &g.cfg)
	}
	// Who is slowed down has a bucket of its own, so that others at the address do not suffer.
	wait := time.Duration(0)
	if part := v.level.Multiplier(); part < 1 {
		wait = pay(&v.paid, now, g.cfg.Rate*part, max(1, int(float64(g.cfg.Burst)*part)))
	}
	if wait == 0 {
		wait = pay(g.addresses.get(address), now, g.cfg.Rate, g.cfg.Burst)
	}
	if wait > 0 { // no refusal that counts: a level would feed itself, and neighbours would pay
		g.outcomes[refusedByRate].Add(1)
		return false, wait
	}
	g.outcomes[allowed].Add(1)
	return true, 0
}

// Refusal is the error of a request that was not let in, with Retry-After set.
func Refusal(w http.ResponseWriter, retryAfter time.Duration) error {
	w.Header().Set("Retry-After", strconv.FormatInt(seconds(retryAfter), 10))
	return fault.New(fault.Limited, "too_many_requests", "too many requests; wait %d seconds",
		seconds(retryAfter))
}

// hash is the name under which an address, or with a user agent a visitor, is kept.
func (g *Gate) hash(ip netip.Addr, agent string) uint64 {
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			ip = p.Addr()
		}
	}
	var text [32 + 16 + maxAgent]byte
	at := copy(text[:], g.secret[:])
	sixteen := ip.As16()
	at += copy(text[at:], sixteen[:])
	at += copy(text[at:], agent)
	sum := sha256.Sum256(text[:at])
	return binary.BigEndian.Uint64(sum[:])
}
