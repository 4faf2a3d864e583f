package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
)

// site is a small web site with long and short pages. Each has the snippet.
type site struct {
	server  *httptest.Server
	snippet string
}

// newSite serves the site at http://localhost:PORT.
func newSite() *site {
	s := &site{}
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
	s.server = httptest.NewServer(mux)
	return s
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
