package ingest

import (
	"fmt"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// last is some fields of the page view that was stored last.
func (h *house) last(fields ...int) string {
	h.t.Helper()
	var out []string
	h.each(event.PageView, func(e *event.Event) {
		out = nil
		for _, f := range fields {
			out = append(out, string(e.Text(f)))
		}
	})
	return strings.Join(out, " ")
}

func TestPlacesFollowTheirFile(t *testing.T) {
	h := newHouse(t)
	view := fmt.Sprintf(`{"d":"a.example","k":"%s","u":"https://a.example/","n":"v"}`, h.site)
	see := func(want string) {
		t.Helper()
		if w := h.ask("POST", "/api/v1/t", view); w.Code != 202 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if got := h.last(event.PageCountry, event.PageRegion, event.PageCity); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	see("GB England London")
	h.place("city-next.mmdb")
	if err := h.room.Use(h.now); err != nil {
		t.Fatal(err)
	}
	see("GB England Cambridge")
	h.place("network.mmdb")
	if err := h.room.Use(h.now); err == nil || !strings.Contains(err.Error(), "geo.city: ") {
		t.Errorf("a file of networks given for cities: %v", err)
	}
	see("GB England Cambridge")
	again, err := Open(h.store, h.keys, h.now, nil, nil)
	if err != nil {
		t.Fatalf("a start with it: %v", err)
	}
	if w := again.Warnings(); len(w) != 1 || !strings.Contains(w[0], "geo.city: ") {
		t.Errorf("a start with it warns of %q", w)
	}
	if err := again.Use(h.now); err != nil { // it was said
		t.Errorf("settings that were never right: %v", err)
	}
	h.place("city.mmdb")
	if err := again.Use(h.now); err != nil || len(again.Warnings()) > 0 {
		t.Errorf("a good one: %v, %q", err, again.Warnings())
	}
}

// What an administrator does is done, and said to be, whatever becomes of its row in the audit trail.
func TestAdministratorsActWhileNoEventsAreTaken(t *testing.T) {
	h := newHouse(t)
	act := func(domain string, rows int) {
		t.Helper()
		if w := h.ask("POST", "/v1/events", `{"type":"event","name":"x"}`); w.Code < 400 {
			t.Errorf("an event was taken: %d %s", w.Code, w.Body)
		}
		if w := h.ask("POST", "/v1/sites", `{"domain":"`+domain+`"}`); w.Code != 201 {
			t.Errorf("%s: %d %s", domain, w.Code, w.Body)
		}
		n := 0
		h.each(event.Activity, func(e *event.Event) {
			if string(e.Text(event.ActivityTarget)) == domain {
				n++
			}
		})
		if n != rows {
			t.Errorf("%s is in the audit trail %d times, want %d", domain, n, rows)
		}
	}
	off := h.now
	off.Events.Enabled = false
	if err := h.room.Use(off); err != nil {
		t.Fatal(err)
	}
	act("b.example", 1)
	sample := `{"type":"metric","name":"x","value":1}`
	if err := h.room.Sample(t.Context(), store.Default, []byte(sample)); fault.Of(err).Code != "disabled" {
		t.Errorf("a sample while taking in is switched off: %v", err)
	}
	if err := h.room.Use(h.now); err != nil {
		t.Fatal(err)
	}
	h.full.Store(true)
	act("c.example", 0)
}

func TestClientHintsAreThoseOfTheConnection(t *testing.T) {
	h := newHouse(t)
	hints := []string{"User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Chrome/149.0.0.0 Safari/537.36", "Sec-CH-UA-Platform", `"Windows"`, "Sec-CH-UA-Platform-Version", `"15.0.0"`}
	view := fmt.Sprintf(`{"d":"a.example","k":"%s","u":"https://a.example/","n":"v"}`, h.site)
	fields := []int{event.PageBrowser, event.PageBrowserVersion, event.PageOS, event.PageOSVersion}
	if w := h.ask("POST", "/api/v1/t", view, hints...); w.Code != 202 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := h.last(fields...); got != "Chrome 149 Windows 11" {
		t.Errorf("got %s", got)
	}
	// The user's own servers may say them; a browser with a public key may not.
	own := `{"type":"page_view","url":"https://a.example/","user_agent":"` + hints[1] +
		`","client_hints":"?0|\"Windows\"|\"3.0\"|\"Brave\";v=\"150\""}`
	if h.send(own); h.last(fields...) != "Brave 150 Windows 10" {
		t.Errorf("got %s", h.last(fields...))
	}
	public, _, err := h.keys.Create(t.Context(), auth.NewKey{Name: "page", Scopes: []auth.Scope{auth.Public}})
	if err != nil {
		t.Fatal(err)
	}
	h.key = public
	if w := h.ask("POST", "/v1/events", own, hints...); w.Code != 200 || h.last(fields...) != "Chrome 149 Windows 11" {
		t.Errorf("%d %s: got %s", w.Code, w.Body, h.last(fields...))
	}
}

// A server's log names the host that was asked. If that were another site than the tracker's, what a page's
// script tells would be of nobody.
func TestHostsOfARegisteredSiteAreOneSite(t *testing.T) {
	h := newHouse(t)
	h.ask("POST", "/v1/sites", `{"domain":"b.example","origins":["https://b.example","https://app.b-example.org:8443"]}`)
	for url, want := range map[string]string{
		"https://www.a.example/x": "a.example", "//WWW.a.example:443/x": "a.example", "https://a.example/": "a.example",
		"https://blog.a.example/": "blog.a.example", "https://app.b-example.org/": "b.example",
		"https://www.b.example/": "www.b.example", "https://www.else.example/": "www.else.example",
	} {
		h.send(`{"type":"page_view","url":"` + url + `"}`)
		if got := h.last(event.PageSite); got != want {
			t.Errorf("%s is of %s, want %s", url, got, want)
		}
	}
	h.send(`{"type":"page_view","url":"https://www.a.example/x","site":"mine"}`)
	if got := h.last(event.PageSite); got != "mine" {
		t.Errorf("%s: an event may say its site", got)
	}
}
