package sessions

import (
	"bytes"
	"maps"

	"analytics/engine/event"
	"analytics/rollup/bots"
)

// Config is what a Maker makes.
type Config struct {
	// From is the start of the first session that is made. Those before are followed, so that it is
	// known where they end: events must come from Lookback(From) on.
	From event.Micros
	// Bots is how visits are judged, and Now the moment at which those that are open are.
	Bots bots.Weights
	Now  event.Micros
	// Emit gets each session once: when it is over, or with Rest.
	Emit func(*Session)
}

// Maker makes sessions of events that come in the order of time. Memory holds what is open. It is
// not safe for concurrent use.
type Maker struct {
	cfg    Config
	tracks map[string]*track
	sites  sites
	swept  event.Micros
	last   stamp
	buf    []byte
}

// stamp tells events apart that are not the same.
type stamp struct {
	at   event.Micros
	kind event.Kind
	id   [65]byte
}

// track is the events of one key.
type track struct {
	chain chain
	start event.Micros // of the session that is open
	last  event.Micros // its last event
	open  bool
	cur   *Session // nil if it is only followed
	// How the session that is open began, by the side that saw it, and whose it is.
	walks [2]bots.Walk
	who   uint64
}

// NewMaker makes a maker.
func NewMaker(cfg Config) *Maker {
	return &Maker{cfg: cfg, tracks: map[string]*track{}, sites: newSites()}
}

// Resume makes a maker that goes on where m is, for other sessions: they start at the events that
// come from now on. What m has of earlier ones is only followed.
func (m *Maker) Resume(cfg Config) *Maker {
	n := &Maker{cfg: cfg, tracks: maps.Clone(m.tracks), sites: m.sites.resume(), swept: m.swept,
		last: m.last}
	for key, t := range n.tracks {
		c := *t
		c.cur = nil
		n.tracks[key] = &c
	}
	return n
}

// sweepEvery is how often sessions are looked for that ended without another event of their key.
const sweepEvery = Idle / 3

// Add takes an event. Of those that are the same (kind, time and id) it takes the first.
func (m *Maker) Add(e *event.Event) {
	at := e.Time()
	if m.again(e) {
		return
	}
	if at-m.swept >= sweepEvery {
		m.Until(at)
	}
	w, isWeb := webs[e.Kind]
	if isWeb {
		m.sites.see(e, &w)
	}
	m.buf = appendKey(m.buf[:0], e)
	if len(m.buf) == 0 {
		return
	}
	t := m.tracks[string(m.buf)]
	if t == nil {
		t = &track{}
		m.tracks[string(m.buf)] = t
	}
	if t.chain.next(at) || t.open && (at-t.last > Idle || at-t.start >= Longest) {
		m.end(t)
	}
	if !t.open {
		if e.Kind == event.Engagement {
			return
		}
		t.start, t.open = at, true
		var had visits
		var visitor []byte
		if isWeb {
			had, visitor = m.visits(e, &w), e.Text(w.visitor)
		}
		t.walks, t.who = [2]bots.Walk{}, whose(visitor, m.buf)
		if at >= m.cfg.From {
			t.cur = begin(string(m.buf), e)
			t.cur.bag.visits, t.cur.bag.of = had, t
		}
	}
	t.last = at
	if e.Kind == event.PageView {
		m.step(t, e, &w)
	}
	if t.cur != nil {
		t.cur.add(e)
	}
}

// again reports whether the event is the one before once more.
func (m *Maker) again(e *event.Event) bool {
	s := stamp{at: e.Time(), kind: e.Kind}
	copy(s.id[:], e.Text(event.EventID))
	same := s == m.last
	m.last = s
	return same
}

// end ends the session of a track, if one is open.
func (m *Maker) end(t *track) {
	if t.cur != nil {
		m.emit(t.cur, false)
	}
	t.open, t.cur = false, nil
}

// Until ends the sessions that no event at or after a moment can belong to.
func (m *Maker) Until(at event.Micros) {
	m.swept = at
	for key, t := range m.tracks {
		if at-t.chain.last > Idle {
			m.end(t)
			delete(m.tracks, key)
		}
	}
}

// Oldest is the start of the oldest session that is open, or at if there is none.
func (m *Maker) Oldest(at event.Micros) event.Micros {
	for _, t := range m.tracks {
		if t.cur != nil {
			at = min(at, t.start)
		}
	}
	return at
}

// Rest gives the sessions that are open; they stay so.
func (m *Maker) Rest() {
	for _, t := range m.tracks {
		if t.cur != nil {
			m.emit(t.cur, true)
		}
	}
}

func (m *Maker) emit(s *Session, open bool) {
	c := *s
	c.finish(open)
	m.judge(&c, open)
	m.cfg.Emit(&c)
}

// visits are the sessions that the visitor of an event that starts one has had that day.
func (m *Maker) visits(e *event.Event, w *web) visits {
	if v := e.Text(w.visitor); len(v) > 1 {
		return m.sites.visit(string(e.Text(w.site)), v, e.Time())
	}
	return visits{}
}

// Before orders events as a Maker takes them: by time, then kind, then id.
func Before(a, b *event.Event) int {
	switch {
	case a.Time() != b.Time():
		return int(min(max(a.Time()-b.Time(), -1), 1))
	case a.Kind != b.Kind:
		return int(a.Kind) - int(b.Kind)
	}
	return bytes.Compare(a.Text(event.EventID), b.Text(event.EventID))
}
