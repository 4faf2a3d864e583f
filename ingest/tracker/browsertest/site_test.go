package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
)

// site is a small web site with long and short pages. Each has the snippet.
type site struct {
	server  *httptest.Server
	snippet string

	leave chan struct{} // closed when the page /ahead is to be left
	mu    sync.Mutex    // guards said
	said  []string      // what the page /next told the site itself
}

// newSite serves the site at http://localhost:PORT.
func newSite() *site {
	s := &site{leave: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /long", s.page("", `<h1>Long</h1><div style="height:4000px"></div>`))
	mux.HandleFunc("GET /short", s.page("", `<h1>Short</h1>
		<a id="in" href="/long?token=secret">in</a>
		<a id="out" href="http://127.0.0.1:9/x?token=secret" target="_blank" onclick="event.preventDefault()">out</a>
		<a id="file" href="/paper.pdf" onclick="event.preventDefault()">file</a>`))
	mux.HandleFunc("GET /app", s.page("", `<button id="go" onclick="history.pushState({}, '', '/app/two?x=1')">go</button>
		<button id="same" onclick="history.replaceState({}, '', location.href)">same</button>
		<button id="hash" onclick="location.hash = 'part'">hash</button>
		<button id="sign" onclick="analytics('event', 'signup', {plan: 'pro', seats: 3})">sign</button>`))
	mux.HandleFunc("GET /dnt", s.page(
		`<script>Object.defineProperty(navigator, 'doNotTrack', {get: () => '1'})</script>`, "DNT"))
	mux.HandleFunc("GET /gpc", s.page(
		`<script>Object.defineProperty(navigator, 'globalPrivacyControl', {get: () => true})</script>`, "GPC"))
	mux.HandleFunc("GET /bare", s.page(`<script>delete window.chrome</script>`, "no object"))
	// /ahead has /next loaded and run before anybody goes there, as speculation rules ask for, and
	// goes there when it is told to.
	mux.HandleFunc("GET /ahead", s.page("", `<a id="go" href="/next">next</a>
		<script type="speculationrules">{"prerender": [{"urls": ["/next"], "eagerness": "immediate"}]}</script>
		<script>fetch('/leave').then(() => document.getElementById('go').click())</script>`))
	mux.HandleFunc("GET /leave", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-s.leave:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("GET /next", s.page(`<script>
		const say = what => fetch('/say?' + what, {keepalive: true})
		addEventListener('load', () => say(document.prerendering ? 'ahead' : 'loaded'))
		document.addEventListener('prerenderingchange', () => say('activated'))
		</script>`, `<h1>Next</h1>`))
	mux.HandleFunc("GET /say", func(_ http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.said = append(s.said, r.URL.RawQuery)
	})
	s.server = httptest.NewServer(mux)
	return s
}

// told is what pages told the site.
func (s *site) told() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.said)
}

func (s *site) page(head, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html><head><title>%s</title>
			<script>window.restored = 0; addEventListener('pageshow', e => { if (e.persisted) restored++ })</script>
			%s%s</head><body>%s</body></html>`, r.URL.Path[1:], head, s.snippet, body)
	}
}

// origin is how a browser names the site.
func (s *site) origin() string { return strings.Replace(s.server.URL, "127.0.0.1", "localhost", 1) }
