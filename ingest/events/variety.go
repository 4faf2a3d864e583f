package events

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"

	"analytics/engine/event"
)

// A web site has so many pages, sources and campaigns, and no more: whoever sends a million different
// ones would make a cube with a cell for each, and memory and answers to match. So each of these
// fields may have so many different values a site and day; what comes after is told as "(other)",
// and every total stays exact. Browsers send with a key that everybody can read; other senders are
// the user's own, who may have a large site and still be scanned by somebody.
const (
	publicVariety  = 10_000
	trustedVariety = 100_000
	// agentVariety is for the names that user agents give, also of those who send by the user's own
	// servers: of browsers and bots there are some hundreds.
	agentVariety = 2_000
	// allVariety bounds what is remembered over all sites: 16 MB.
	allVariety = 1_000_000
	// Other is the value of what is too many.
	Other = "(other)"
)

// various are the fields of the web's kinds that count by value, those with names out of user agents,
// and the field of the site.
var various = map[event.Kind]struct {
	site           int
	fields, agents []int
}{
	event.PageView: {event.PageSite, []int{event.PagePath, event.PageSource, event.PageReferrerHost,
		event.PageMedium, event.PageCampaign, event.PageUTMTerm, event.PageUTMContent, event.PageContentID,
		event.PageLanguage, event.Project}, []int{event.PageBrowser, event.PageBotName}},
	event.Engagement: {event.EngagementSite, []int{event.EngagementPath, event.EngagementContentID,
		event.Project}, []int{event.EngagementBotName}},
	event.Custom: {event.CustomSite, []int{event.CustomName, event.CustomPath, event.CustomTarget,
		event.Project}, []int{event.CustomBotName}},
}

// variety remembers which values there were today. Paths and the like are shared by the kinds, so
// that a page and its reading are folded alike. A restart forgets.
type variety struct {
	mu    sync.Mutex // guards what follows
	day   int64
	seen  map[uint64]struct{} // site, field and value
	count map[uint64]int      // of values by site and field

	folded atomic.Int64 // values told as other since the start
}

// fold replaces what is too many, in an event whose text may be changed.
func (v *variety) fold(e *event.Event, now time.Time, public bool) {
	of, ok := various[e.Kind]
	if !ok {
		return
	}
	most := trustedVariety
	if public {
		most = publicVariety
	}
	site := xxhash.Sum64(e.Text(of.site))
	v.mu.Lock()
	defer v.mu.Unlock()
	if day := now.Unix() / 86400; v.seen == nil || day != v.day {
		v.day, v.seen, v.count = day, map[uint64]struct{}{}, map[uint64]int{}
	}
	// Of the sites themselves there are too many, too, if somebody makes them up.
	if !v.admit(site, 0, most) {
		e.SetText(of.site, []byte(Other))
		site = 0
	}
	v.foldFields(e, site, of.fields, most)
	v.foldFields(e, site, of.agents, agentVariety)
}

func (v *variety) foldFields(e *event.Event, site uint64, fields []int, most int) {
	for _, f := range fields {
		value := e.Text(f)
		if len(value) == 0 {
			continue
		}
		place := site ^ xxhash.Sum64String(e.Kind.Fields()[f].Name)
		if !v.admit(place*31+xxhash.Sum64(value), place, most) {
			e.SetText(f, []byte(Other))
			v.folded.Add(1)
		}
	}
}

// admit reports whether a value is known or may become so.
func (v *variety) admit(value, place uint64, most int) bool {
	if _, known := v.seen[value]; known {
		return true
	}
	if v.count[place] >= most || len(v.seen) >= allVariety {
		return false
	}
	v.seen[value] = struct{}{}
	v.count[place]++
	return true
}
