package middleware

import (
	"hash/maphash"
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

// parts remembers who fetched parts of pages: images, styles, scripts, data. A visitor is a number made
// of address and user agent with a key of this process, so that nobody can tell them from it.
type parts struct {
	seed maphash.Seed

	mu          sync.RWMutex // guards the maps
	now, before map[uint64]bool
}

// maxFetchers bounds the visitors that are remembered, twice: some 3 MB. Who is forgotten has the parts
// in the browser's cache, and may be taken for one who never asked for them.
const maxFetchers = 50_000

func newParts() *parts { return &parts{seed: maphash.MakeSeed(), now: map[uint64]bool{}} }

func (p *parts) visitor(ip netip.Addr, agent string) uint64 {
	b := ip.As16()
	var h maphash.Hash
	h.SetSeed(p.seed)
	_, _ = h.Write(b[:])
	_, _ = h.WriteString(agent)
	return h.Sum64()
}

// note remembers a visitor who fetched something. shown says that it is seen on a page, and not the
// picture of a tab, for which browsers ask wherever the other parts are.
func (p *parts) note(visitor uint64, shown bool) {
	p.mu.RLock()
	was, known := p.now[visitor]
	p.mu.RUnlock()
	if known && (was || !shown) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.now) >= maxFetchers {
		p.before, p.now = p.now, map[uint64]bool{}
	}
	p.now[visitor] = was || shown
}

// of says what a visitor fetched so far.
func (p *parts) of(visitor uint64) (some, shown bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	now, recent := p.now[visitor]
	before, once := p.before[visitor]
	return recent || once, now || before
}

// part reports a request that belongs to a page: an image, a style, a script, data that one asks for.
func part(r *http.Request) (is, shown bool) {
	if r.Method != http.MethodGet {
		return false, false
	}
	switch r.Header.Get("Sec-Fetch-Dest") {
	case "document", "iframe", "frame", "embed", "object":
		return false, false
	case "":
		accept := r.Header.Get("Accept")
		is = assets[ending(r.URL.Path)] || strings.HasPrefix(accept, "image/") || strings.HasPrefix(accept, "text/css")
	default:
		is = true
	}
	return is, is && !strings.Contains(r.URL.Path, "icon") && ending(r.URL.Path) != "webmanifest"
}
