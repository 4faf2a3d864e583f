package tracker

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/ingest/sites"
)

func TestTheScriptsViewIsStored(t *testing.T) {
	h := newHouse(t)
	w := h.send(`"n":"v","u":"https://www.example.com/a?utm_source=news&token=secret#x","r":"https://chatgpt.com/",
		"t":"A page","w":"1920x1080","l":"de-DE","g":"wq<h","i":"e1"`)
	h.gets(w, http.StatusAccepted, "ok")
	h.gets(h.send(`"n":"v","u":"https://www.example.com/a","i":"e1"`), http.StatusAccepted, "ok") // a retry
	h.has(event.PageView, map[string]string{"site": "example.com", "path": "/a", "title": "A page", "source": "news",
		"screen": "1920x1080", "language": "de-DE", "via": "tracker", "signals": "webdriver,headless",
		"browser": "Chrome", "client_ip": "-", "url": "-", "time": "-"})
	if got := w.Header().Get("Access-Control-Allow-Origin"); got != origin {
		t.Errorf("got %q", got)
	}
}

func TestEngagementAndClicksAreStored(t *testing.T) {
	h := newHouse(t)
	h.gets(h.send(`"n":"e","u":"https://example.com/a","e":12345,"s":140,"c":2`), http.StatusAccepted, "ok")
	h.has(event.Engagement, map[string]string{"site": "example.com", "path": "/a", "time_on_page_ms": "12345",
		"scroll_depth": "100", "clicks": "2", "via": "tracker"})
	h.gets(h.send(`"n":"c","u":"https://www.example.com/a","m":"outbound_click",
		"to":"https://user:pw@other.org/x?token=1#y","p":{"plan":"pro","n":3,"deep":{"a":1},"":"x","big":1e999}`),
		http.StatusAccepted, "ok")
	h.has(event.Custom, map[string]string{"name": "outbound_click", "target": "https://other.org/x",
		"site": "example.com", "path": "/a", "properties": `{"n":3,"plan":"pro"}`})
}

func TestWhereTheServerCountsALoadedPageIsEvidenceOnly(t *testing.T) {
	h := newHouse(t)
	s, err := h.sites.Add(t.Context(), sites.New{Domain: "b.org", Mode: sites.Server})
	if err != nil {
		t.Fatal(err)
	}
	for _, soft := range []string{"0", "1"} {
		body := fmt.Sprintf(`{"d":"b.org","k":%q,"n":"v","u":"https://b.org/%s","x":%s}`, s.KeyID, soft, soft)
		h.gets(h.ask("POST", "/api/v1/t", body, "Origin", "https://b.org"), http.StatusAccepted, "ok")
	}
	h.has(event.PageView, map[string]string{"path": "/1"})
	h.has(event.Engagement, map[string]string{"path": "/0", "time_on_page_ms": "0"})
}

func TestForgedOriginsAndKeysAreRefused(t *testing.T) {
	h := newHouse(t)
	viewed := `"n":"v","u":"https://example.com/"`
	for _, o := range []string{"null", "https://evil-example.com", "https://example.com.evil.net", "http://example.com",
		"https://example.com:8443", "https://Example.com", "https://a.example.com", "*"} {
		w := h.send(viewed, "Origin", o)
		h.gets(w, http.StatusForbidden, "foreign_origin")
		if got := w.Header().Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s may read the answer: %q", o, got)
		}
		h.gets(h.ask("OPTIONS", "/api/v1/t", "", "Origin", o), http.StatusForbidden, "foreign_origin")
		h.gets(h.ask("POST", "/api/event", `{"n":"pageview","u":"https://example.com/"}`, "Origin", o), 403, "foreign_origin")
	}
	h.gets(h.send(viewed, "Origin", ""), http.StatusForbidden, "missing_origin")
	h.gets(h.ask("POST", "/api/v1/t", `{"d":"example.com","k":"nosuchid",`+viewed+`}`), 401, "unknown_key")
	h.gets(h.ask("POST", "/api/v1/t", `{"d":"example.com",`+viewed+`}`), 401, "unknown_key")
	h.gets(h.ask("POST", "/api/v1/t", `{"d":"else.org","k":"x",`+viewed+`}`), 404, "analytics sites add")
	h.gets(h.send(`"n":"v","u":"https://else.org/"`), http.StatusBadRequest, "foreign_url")
	h.gets(h.send(viewed, "Authorization", "Bearer ak_ing_aaaaaaaa_forged"), http.StatusUnauthorized, "unknown_key")
	h.gets(h.send(viewed, "Authorization", "Bearer "+h.key(auth.Query)), http.StatusForbidden, "missing_scope")
	if _, err := h.keys.Revoke(t.Context(), h.site.KeyID); err != nil {
		t.Fatal(err)
	}
	h.gets(h.send(viewed), http.StatusUnauthorized, "unknown_key")
	if n := len(h.stored(event.PageView)); n != 0 || h.refused != 24 {
		t.Errorf("%d views were stored, %d requests counted as refused", n, h.refused)
	}
}

func TestWhatIsOddAboutARequestIsASignal(t *testing.T) {
	h := newHouse(t)
	h.gets(h.send(`"n":"v","u":"https://example.com/","g":"wh"`, "Accept-Language", "",
		"User-Agent", strings.Replace(chrome, "Chrome", "HeadlessChrome", 1)), http.StatusAccepted, "ok")
	h.has(event.PageView, map[string]string{"signals": "no_accept_language,headless,webdriver"})
}

func TestWhoSendsNoUserAgentIsNoBrowser(t *testing.T) {
	h := newHouse(t)
	h.gets(h.send(`"n":"v","u":"https://example.com/"`, "User-Agent", ""), http.StatusAccepted, "ok")
	h.has(event.PageView, map[string]string{"signals": "no_agent", "bot_class": "known_bot", "bot_reasons": "no_agent"})
}

func TestLettersAreSignals(t *testing.T) {
	h := newHouse(t)
	h.gets(h.send(`"n":"e","u":"https://example.com/b","e":4000,"s":10,"c":0,"g":"zfcgn"`), http.StatusAccepted, "ok")
	h.has(event.Engagement, map[string]string{"path": "/b", "signals": "zero_window,no_frame,no_chrome,software_gl,no_input"})
}

func TestPreflight(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"/api/v1/t", "/api/v1/engagement", "/api/event", "/api/send", "/count"} {
		w := h.ask("OPTIONS", path, "", "Access-Control-Request-Method", "POST")
		h.gets(w, http.StatusNoContent, "")
		got := w.Header()
		if got.Get("Access-Control-Allow-Origin") != origin || got.Get("Access-Control-Max-Age") != "600" ||
			got.Get("Access-Control-Allow-Credentials") != "" || got.Get("Vary") != "Origin" {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestWhoAsksNotToBeTrackedIsLeftOut(t *testing.T) {
	h := newHouse(t)
	for _, name := range []string{"DNT", "Sec-GPC"} {
		w := h.send(`"n":"v","u":"https://example.com/"`, name, "1")
		h.gets(w, http.StatusAccepted, "ok")
		if w.Header().Get("X-Analytics-Dropped") != "do_not_track" {
			t.Error("the answer does not say so")
		}
		w = h.ask("POST", "/api/event", `{"n":"pageview","u":"https://example.com/"}`, name, "1")
		if w.Code != http.StatusAccepted || w.Header().Get("X-Plausible-Dropped") != "1" {
			t.Errorf("Plausible: %d %v", w.Code, w.Header())
		}
		h.gets(h.ask("GET", "/count?p=/a", "", name, "1"), http.StatusOK, "GIF89a")
	}
	if n := len(h.stored(event.PageView)); n != 0 {
		t.Fatalf("%d views were stored", n)
	}
	cfg := DefaultConfig()
	cfg.RespectDNT = false
	h.door.Use(cfg)
	h.gets(h.send(`"n":"v","u":"https://example.com/"`, "DNT", "1"), http.StatusAccepted, "ok")
	h.has(event.PageView, map[string]string{"path": "/"})
}

func TestWhoIsThrottledIsToldWhenToComeAgain(t *testing.T) {
	h := newHouse(t)
	f := func(wait time.Duration, after string) {
		t.Helper()
		h.wait = wait
		w := h.send(`"n":"v","u":"https://example.com/"`)
		h.gets(w, http.StatusTooManyRequests, "too many requests; wait "+after+" seconds")
		if got := w.Header().Get("Retry-After"); got != after {
			t.Errorf("got Retry-After %q, want %q", got, after)
		}
	}
	f(90*time.Second, "90")
	f(1200*time.Millisecond, "2")
	f(100*time.Millisecond, "1") // never to come at once
}

func TestEngagementEndpoints(t *testing.T) {
	h := newHouse(t)
	h.gets(h.ask("POST", "/api/v1/engagement", `{"url":"https://example.com/a","time_on_page_ms":5000,"scroll_depth":50,
		"user_agent":"forged","client_ip":"8.8.8.8"}`), http.StatusOK, `"accepted":1`)
	h.has(event.Engagement, map[string]string{"time_on_page_ms": "5000", "scroll_depth": "50", "clicks": "-",
		"user_agent": chrome})
	h.gets(h.ask("POST", "/api/v1/engagement", `{"url":"https://else.org/a"}`), http.StatusNotFound, "analytics sites add")
	h.gets(h.ask("POST", "/api/v1/engagement", `{"time_on_page_ms":1}`), http.StatusBadRequest, "needs url")
	w := h.ask("POST", "/api/v1/engagement/batch", `[{"url":"https://example.com/b","clicks":1},
		{"url":"https://else.org/"},{"url":"https://example.com/c","id":"`+strings.Repeat("x", 65)+`"},
		{"url":"https://example.com/d","scroll_depth":"75"}]`)
	h.gets(w, http.StatusOK, `"accepted":2`)
	h.gets(w, http.StatusOK, `"index":1`)
	h.gets(w, http.StatusOK, `"index":2`)
	h.gets(h.ask("POST", "/api/v1/engagement/batch", `{"events":[]}`), http.StatusOK, `"accepted":0`)
	h.gets(h.ask("POST", "/api/v1/engagement/batch", `"x"`), http.StatusBadRequest, "array")
	key := "Bearer " + h.key(auth.Ingest)
	h.gets(h.ask("POST", "/api/v1/engagement", `{"url":"https://else.org/a","user_agent":"curl/8","client_ip":"8.8.8.8",
		"timestamp":"2026-11-20T10:00:00Z"}`, "Authorization", key, "Origin", ""), http.StatusOK, `"accepted":1`)
	h.gets(h.ask("POST", "/api/v1/engagement", `{"url":"https://else.org/a","timestamp":"2000-01-01T00:00:00Z"}`,
		"Authorization", key), http.StatusBadRequest, "timestamp_out_of_range")
	if n := len(h.stored(event.Engagement)); n != 4 {
		t.Errorf("%d engagements, want 4", n)
	}
}

func TestNonsenseIsRefusedWithWords(t *testing.T) {
	h := newHouse(t)
	for body, want := range map[string]string{
		``: "not JSON", `{`: "not JSON", `[]`: "JSON object", "{\"d\":\"\xff\"}": "",
		`{"d":"example.com","k":"` + h.site.KeyID + `","n":"x","u":"https://example.com/"}`: "n must be",
		`{"d":"example.com","k":"` + h.site.KeyID + `","n":"v","u":"data:text/html,x"}`:     "invalid_url",
		`{"d":"example.com","k":"` + h.site.KeyID + `","n":"v","u":"/a"}`:                   "invalid_url",
		`{"d":"example.com","k":"` + h.site.KeyID + `","n":"c","u":"https://example.com/"}`: "name",
	} {
		w := h.ask("POST", "/api/v1/t", body)
		if w.Code < 400 || w.Code >= 500 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%q: %d %s", body, w.Code, w.Body)
		}
	}
	h.gets(h.ask("POST", "/api/v1/t", strings.Repeat("x", maxBody+1)), http.StatusRequestEntityTooLarge, "body_too_large")
	long := strings.Repeat("é", 20_000)
	h.gets(h.send(`"n":"v","u":"https://example.com/`+long+`","t":"`+long+"\xff"+`","r":"`+long+`","e":-5`), 202, "ok")
	h.gets(h.send(`"n":"e","u":"https://example.com/","e":1e300,"s":-1,"c":"many"`), 202, "ok")
	h.has(event.Engagement, map[string]string{"time_on_page_ms": "-", "scroll_depth": "-", "clicks": "-"})
	if got := len(h.stored(event.PageView)[0]["path"]); got > 512 {
		t.Errorf("a path of %d bytes", got)
	}
}
