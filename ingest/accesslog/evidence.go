package accesslog

import (
	"hash/maphash"
	"net/netip"
	"time"

	"analytics/ingest/enrich"
)

const (
	// patience is how long after a page its parts are waited for.
	patience = 30 * time.Second
	// maxHeld bounds the views that wait, about a kilobyte each: 1,600 views a second. A view that has
	// to leave early is not accused of anything.
	maxHeld = 50_000
	// maxFetchers bounds how many visitors with parts are remembered, twice: a page whose parts are in
	// the browser's cache is no evidence, so one who ever fetched any is never accused.
	maxFetchers = 400_000
	// maxSites bounds the sites that are counted apart; all others are counted as one.
	maxSites = 1_000
	// partsPerPage is below what any site of today needs: one part for 20 pages. A log with fewer leaves
	// them out, or has them on another host, and their absence says nothing.
	partsPerPage = 20
)

// held is a view that waits for its visitor to fetch what belongs to the page.
type held struct {
	at      int64
	offset  int64
	visitor uint64
	site    *site
	id      [16]byte
	text    []byte // of what follows, one after the other
	ends    [heldTexts]int
	status  int
	signals []string
	plain   bool // a page that came whole, of which a browser would have fetched parts
	// nameless is a request without a user agent, where the line would have it.
	nameless bool
	http10   bool
	http1    bool
	address  netip.Addr
}

// The texts of a held view.
const (
	heldURL = iota
	heldMethod
	heldAgent
	heldReferrer
	heldLanguage
	heldHints
	heldTexts
)

func (v *held) add(n int, text []byte) {
	v.text = append(v.text, text...)
	v.ends[n] = len(v.text)
}

func (v *held) get(n int) string {
	from := 0
	if n > 0 {
		from = v.ends[n-1]
	}
	return str(v.text[from:v.ends[n]])
}

// site is what the log has of one.
type site struct {
	pages, parts, old int
	named             int // pages for somebody with a user agent
	fast              int // parts that came by HTTP/2 or 3
}

// enoughParts is from how many parts on it is known which protocol browsers speak with a site. Pages would
// not show that: many programs that ask for them speak HTTP/1.1.
const enoughParts = 20

// speaksHTTP2 reports whether browsers do with a site. Behind a proxy that speaks HTTP/1.1 none does.
func (s *site) speaksHTTP2() bool { return s.parts >= enoughParts && 2*s.fast >= s.parts }

// evidence holds views back until it is known what their visitors fetched.
type evidence struct {
	seed    maphash.Seed
	queue   []*held // in the order of the log, from head on
	head    int
	free    []*held
	latest  int64 // of the times in the file
	fetched map[uint64]struct{}
	before  map[uint64]struct{} // older than those in fetched
	sites   map[string]*site
}

func newEvidence() *evidence {
	return &evidence{
		seed: maphash.MakeSeed(), fetched: map[uint64]struct{}{}, sites: map[string]*site{},
	}
}

// visitor is an address and user agent in this process alone.
func (e *evidence) visitor(a netip.Addr, agent []byte) uint64 {
	b := a.As16()
	var m maphash.Hash
	m.SetSeed(e.seed)
	_, _ = m.Write(b[:])
	_, _ = m.Write(agent)
	return m.Sum64()
}

func (e *evidence) site(name []byte) *site {
	if s := e.sites[str(name)]; s != nil {
		return s
	}
	key := string(name)
	if len(e.sites) >= maxSites {
		key = "" // shared by all others
		if s := e.sites[key]; s != nil {
			return s
		}
	}
	s := new(site)
	e.sites[key] = s
	return s
}

// part notes that a visitor fetched a part of a page.
func (e *evidence) part(visitor uint64) {
	if len(e.fetched) >= maxFetchers {
		e.before, e.fetched = e.fetched, map[uint64]struct{}{}
	}
	e.fetched[visitor] = struct{}{}
}

func (e *evidence) fetches(visitor uint64) bool {
	_, now := e.fetched[visitor]
	_, once := e.before[visitor]
	return now || once
}

// take gives out an empty view.
func (e *evidence) take() *held {
	if n := len(e.free); n > 0 {
		v := e.free[n-1]
		e.free = e.free[:n-1]
		*v = held{text: v.text[:0], signals: v.signals[:0]}
		return v
	}
	return new(held)
}

// hold puts a view into the queue.
func (e *evidence) hold(v *held) { e.queue = append(e.queue, v) }

// next gives back the oldest view if it has waited long enough, or is one too many, or must leave.
// It is settled when the time for fetching was over.
func (e *evidence) next(leave bool) (v *held, settled bool) {
	if e.head == len(e.queue) {
		e.queue, e.head = e.queue[:0], 0
		return nil, false
	}
	v = e.queue[e.head]
	settled = e.latest-v.at >= patience.Microseconds()
	if !settled && !leave && len(e.queue)-e.head <= maxHeld {
		return nil, false
	}
	e.queue[e.head] = nil
	e.head++
	if e.head > maxHeld {
		e.queue, e.head = append(e.queue[:0], e.queue[e.head:]...), 0
	}
	return v, settled
}

// due gives back the oldest view once it is old by the clock.
func (e *evidence) due(now int64) (v *held, settled bool) {
	if e.head == len(e.queue) || now-e.queue[e.head].at < patience.Microseconds() {
		return nil, false
	}
	return e.next(true)
}

// give takes a view back for another.
func (e *evidence) give(v *held) {
	if cap(v.text) <= 8<<10 {
		e.free = append(e.free, v)
	}
}

// words are all that is odd about a view.
func (e *evidence) words(v *held, settled bool) []string {
	if v.http10 && v.site.old*2 <= v.site.pages {
		v.signals = append(v.signals, enrich.HTTP10) // if most are, a proxy asks for all
	}
	if v.nameless && v.site.named*2 > v.site.pages {
		v.signals = append(v.signals, enrich.NoAgent) // if most are, the server does not write it
	}
	if v.http1 && v.site.speaksHTTP2() {
		v.signals = append(v.signals, enrich.NoHTTP2)
	}
	if settled && v.plain && v.site.parts*partsPerPage >= v.site.pages && !e.fetches(v.visitor) {
		v.signals = append(v.signals, enrich.NoSubresources)
	}
	return v.signals
}

// oldest is where the first line begins whose view is still held.
func (e *evidence) oldest() (offset int64, ok bool) {
	if e.head == len(e.queue) {
		return 0, false
	}
	return e.queue[e.head].offset, true
}
