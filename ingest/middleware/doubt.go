package middleware

import (
	"net/http"
	"strings"
	"time"
)

// A browser that shows a page asks for its images, styles and scripts, and most programs do not. Since
// views are sent later anyway, those of visitors who fetched nothing so far wait until it is known.

const (
	// patience is for how long parts are waited for. A browser asks for them as soon as it has read the
	// beginning of the page.
	patience = 8 * time.Second
	// enoughVisitors is of how many that look like browsers it is known whether they fetch parts, before
	// anybody is said not to; of more than maxVisitors the older ones count for less.
	enoughVisitors, maxVisitors = 20, 1000
	// maxHosts bounds the hosts that are counted apart; all others are counted as one.
	maxHosts = 100
)

// noParts is the word that events carry.
const noParts = "no_subresources"

// doubts holds views back. Only the goroutine that sends has it.
type doubts struct {
	held   []view // in the order of their coming
	most   int
	hosts  map[string]*host
	judged map[uint64]struct{} // visitors who are counted already
}

// host is how many of those who look like browsers in all else fetch parts from this application. Where
// most do not, the parts come from another one, and that somebody does not ask for them says nothing.
type host struct{ visitors, fetch int }

func newDoubts(most int) *doubts {
	return &doubts{most: most, hosts: map[string]*host{}, judged: map[uint64]struct{}{}}
}

// first reports a request of a browser that seems to be its first for a page of the site. Who brings a cookie, or asks
// whether a page changed, was here before and may have them.
func first(r *http.Request) bool {
	h := r.Header
	return r.Method == http.MethodGet && strings.HasPrefix(r.UserAgent(), "Mozilla/5.0") &&
		h.Get("Cookie") == "" && h.Get("If-None-Match") == "" && h.Get("If-Modified-Since") == ""
}

// holds takes a view that has to wait.
func (w *Watch) holds(v view) bool {
	if !v.first || v.status != http.StatusOK || !v.ip.IsValid() {
		return false
	}
	v.visitor = w.parts.visitor(v.ip, v.agent)
	some, shown := w.parts.of(v.visitor)
	if some {
		w.doubts.count(&v, shown)
		return false
	}
	if len(w.doubts.held) >= w.doubts.most {
		return false
	}
	w.doubts.held = append(w.doubts.held, v)
	return true
}

// settle gives back the views that need not wait any more, those of whom nothing was fetched with the
// word for it.
func (w *Watch) settle(give func(view)) {
	d, now := w.doubts, w.cfg.Now()
	kept := d.held[:0]
	for _, v := range d.held {
		some, shown := w.parts.of(v.visitor)
		waited := now.Sub(v.at) >= patience
		if !some && !waited {
			kept = append(kept, v)
			continue
		}
		if h := d.count(&v, shown); !some && h.visitors >= enoughVisitors && 2*h.fetch >= h.visitors {
			v.signals = joined(v.signals, noParts)
		}
		give(v)
	}
	clear(d.held[len(kept):])
	d.held = kept
}

// release gives back all views, as they are.
func (w *Watch) release(give func(view)) {
	for _, v := range w.doubts.held {
		give(v)
	}
	w.doubts.held = nil
}

// count takes a visitor into the count of a host, once, if nothing else is odd: scripts by the thousand
// that copy a user agent and nothing more do not hide what browsers do.
func (d *doubts) count(v *view, fetches bool) *host {
	name := v.host
	h := d.hosts[name]
	if h == nil {
		if len(d.hosts) >= maxHosts {
			name = ""
		}
		if h = d.hosts[name]; h == nil {
			h = new(host)
			d.hosts[strings.Clone(name)] = h
		}
	}
	if _, known := d.judged[v.visitor]; known || v.signals != "" {
		return h
	}
	if len(d.judged) >= maxFetchers {
		clear(d.judged)
	}
	d.judged[v.visitor] = struct{}{}
	if h.visitors >= maxVisitors {
		h.visitors, h.fetch = h.visitors/2, h.fetch/2
	}
	if h.visitors++; fetches {
		h.fetch++
	}
	return h
}

func joined(words, word string) string {
	if words == "" {
		return word
	}
	return words + "," + word
}
