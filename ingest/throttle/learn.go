package throttle

import (
	"net/http"
	"net/netip"
	"time"

	"analytics/engine/event"
	"analytics/engine/web"
)

// Refused counts a request that a door refused for what it was: a wrong origin, an unknown site, a
// body that is none.
func (g *Gate) Refused(r *http.Request) {
	if ip := web.ClientIP(r.Context()); ip.IsValid() {
		g.note(g.hash(ip, r.UserAgent()), Refusals, 1)
	}
}

// note counts n of a criterion for a visitor.
func (g *Gate) note(who uint64, of Criterion, n int) {
	now := g.house.Now().UnixNano()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.cfg.Enabled && n > 0 {
		g.visitors.get(who).note(of, n, now, &g.cfg, &g.steps)
	}
}

// The classes of senders that count, as ingest/enrich names them.
const (
	scanner       = "scanner"
	behavioralBot = "behavioral_bot"
)

// recent is how old an event may be to say something of now: history is imported, too.
const recent = time.Minute

// webFields are the fields of the web's kinds that say who sent an event.
var webFields = map[event.Kind]struct{ ip, agent, class, via int }{
	event.PageView: {event.PageClientIP, event.PageUserAgent, event.PageBotClass, event.PageVia},
	event.Engagement: {event.EngagementClientIP, event.EngagementUserAgent, event.EngagementBotClass,
		event.EngagementVia},
	event.Custom: {event.CustomClientIP, event.CustomUserAgent, event.CustomBotClass, event.CustomVia},
}

// Event learns from an event that was taken in, once it is enriched: what class its sender is of,
// and where the user's own server saw it, that there was a request.
func (g *Gate) Event(e *event.Event) {
	f, ok := webFields[e.Kind]
	if !ok || !e.Has(f.ip) {
		return
	}
	class, served := string(e.Text(f.class)), e.Kind == event.PageView && string(e.Text(f.via)) == "server"
	if !served && class != scanner && class != behavioralBot {
		return
	}
	if age := g.house.Now().Sub(e.Time().Time()); age > recent || age < -recent {
		return
	}
	ip, err := netip.ParseAddr(string(e.Text(f.ip)))
	if err != nil {
		return
	}
	who := g.hash(ip, string(e.Text(f.agent)))
	if served {
		g.note(who, Requests, 1)
	}
	switch class {
	case scanner:
		g.note(who, ScannerHits, 1)
	case behavioralBot:
		g.note(who, BadClass, 1)
	}
}
