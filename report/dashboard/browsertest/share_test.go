package browsertest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// open are the routes that answer everybody, and the one question of the page of traffic that has no
// parameters of its own.
var open = []string{"/", "/openapi.json", "/docs", "/docs/style.css", "/healthz", "/readyz", "/s.js", "/api/public/health",
	"/v1/traffic/links"}

// shared makes a share and is the cookie of who opens it.
func (h *house) shared(order map[string]any) (link, cookie string) {
	h.t.Helper()
	var made struct{ URL string }
	h.call(http.MethodPost, "/v1/dashboard/shares", order, &made)
	u, err := url.Parse(made.URL)
	if err != nil {
		h.t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	form := url.Values{"share": {u.Query().Get("share")}}
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.url+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	if len(resp.Cookies()) != 1 {
		h.t.Fatalf("the share answers %d", resp.StatusCode)
	}
	return made.URL, resp.Cookies()[0].Name + "=" + resp.Cookies()[0].Value
}

// ask sends a request with a cookie.
func (h *house) ask(cookie, method, path, accept string) (int, string) {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.url+path, strings.NewReader("{}"))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Cookie", cookie)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", accept)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil && accept != "text/event-stream" {
		h.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// TestALimitedShareOpensNothingElse walks all routes that the server describes, in every method, by a
// share of one page and by one of a site.
func TestALimitedShareOpensNothingElse(t *testing.T) {
	h := start(t)
	h.work()
	h.send(map[string]any{"type": "page_view", "url": "https://canary.example/canary", "visitor_id": "canary",
		"session_id": "canary", "title": "canary", "referrer": "https://canary.example/"},
		map[string]any{"type": "ai_request", "model": "canary-model", "provider": "canary", "agent": "canary",
			"user_id": "canary", "project": "canary", "trace_id": "canary", "session_id": "canary", "input_tokens": 1})
	_, page := h.shared(map[string]any{"page": "/?page=traffic&since=30d"})
	_, site := h.shared(map[string]any{"site": "example.org"})
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	h.call(http.MethodGet, "/openapi.json", nil, &doc)
	asked, answered := 0, 0
	for path, methods := range doc.Paths {
		for method := range methods {
			method = strings.ToUpper(method)
			if strings.HasPrefix(path, "/log") { // it would end the session
				continue
			}
			target := strings.NewReplacer("{id}", "canary", "{name}", "daily", "{domain}", "canary.example").Replace(path)
			for _, more := range []string{"", "?since=7d&limit=11", "?metrics=events,cost&by=site"} {
				asked++
				status, body := h.ask(page, method, target+more, "")
				if status < 400 && !slices.Contains(open, path) {
					t.Errorf("a share of traffic: %s %s: %d %.200s", method, target+more, status, body)
				}
				if status, body = h.ask(site, method, target+more, ""); status >= 400 {
					continue
				}
				answered++
				if strings.Contains(body, "canary") {
					t.Errorf("a share of a site: %s %s: %d %.300s", method, target+more, status, body)
				}
			}
		}
	}
	if asked < 300 || answered < 50 {
		t.Errorf("%d questions, %d answers", asked, answered)
	}
	if status, _ := h.ask(page, http.MethodGet, "/v1/costs/summary", "text/event-stream"); status != http.StatusForbidden {
		t.Errorf("costs, live: %d", status)
	}
	if status, _ := h.ask(site, http.MethodGet, "/v1/trace/canary", "text/event-stream"); status != http.StatusForbidden {
		t.Errorf("a trace, live: %d", status)
	}
}

// TestALimitedShareLooksWhole opens limited shares in the browser: the menu has the pages that are shared,
// each card is answered, and nothing is refused.
func TestALimitedShareLooksWhole(t *testing.T) {
	h := start(t)
	h.work()
	b := browse(t, h)
	f := func(name string, order map[string]any, want ...string) {
		t.Helper()
		link, _ := h.shared(order)
		b.do(chromedp.Navigate(link), chromedp.Click("form > button"), chromedp.WaitVisible("#controls .field"))
		b.settled()
		if got := ids(b); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: the menu has %v, want %v", name, got, want)
		}
		for _, id := range ids(b) {
			b.open("/?page=" + id)
			if text := value[string](b, `[...document.querySelectorAll('.refused, .admin')].map((n) =>
				n.closest('.card').ariaLabel + ': ' + n.textContent).join('; ')`); text != "" {
				t.Errorf("%s: %s: %s", name, id, text)
			}
			b.shoot("share-" + name + "-" + id)
		}
	}
	f("traffic", map[string]any{"pages": []string{"traffic", "content"}}, "traffic", "content")
	f("opened", map[string]any{"page": "/?page=costs&since=7d"}, "costs")
	f("site", map[string]any{"site": "example.org"}, "overview", "traffic", "content", "live", "bots")
	f("agent", map[string]any{"agent": "writer"}, "overview", "costs", "requests", "models", "agents", "tools", "conversations",
		"errors", "trace")
	f("both", map[string]any{"pages": []string{"traffic", "costs"}, "site": "example.org"}, "traffic")
}
