package tracker

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/ingest/enrich"
)

func TestPlausiblesEventsAreStored(t *testing.T) {
	h := newHouse(t)
	w := h.ask("POST", "/api/event", `{"n":"pageview","v":20,"u":"https://example.com/a?utm_source=hn","d":"example.com",
		"r":"https://news.ycombinator.com/","h":1,"p":"{\"author\":\"me\",\"tags\":[1]}","i":true}`)
	h.gets(w, http.StatusAccepted, "ok")
	if got := w.Header().Get("X-Plausible-Dropped"); got != "" {
		t.Errorf("it says dropped: %q", got)
	}
	h.has(event.PageView, map[string]string{"site": "example.com", "path": "/a", "referrer_host": "news.ycombinator.com",
		"properties": `{"author":"me"}`, "via": "tracker"})
	h.gets(h.ask("POST", "/api/event", `{"n":"engagement","u":"https://example.com/a","d":"example.com",
		"sd":"73","e":4321}`), 202, "ok")
	h.has(event.Engagement, map[string]string{"scroll_depth": "73", "time_on_page_ms": "4321"})
	h.gets(h.ask("POST", "/api/event", `{"name":"Outbound Link: Click","url":"https://example.com/a",
		"domain":"www.example.com",
		"props":{"url":"https://other.org/x?secret=1"},"revenue":{"amount":"9.90","currency":"EUR"}}`), 202, "ok")
	h.has(event.Custom, map[string]string{"name": "outbound_click", "target": "https://other.org/x",
		"properties": `{"revenue_amount":"9.90","revenue_currency":"EUR"}`})
}

// TestPlausiblesEventsThatNobodyDidSaySo: a visit bounces in spite of them.
func TestPlausiblesEventsThatNobodyDidSaySo(t *testing.T) {
	for say, want := range map[string]bool{`"i":false`: true, `"interactive":false`: true, `"i":true`: false, `"v":1`: false} {
		h := newHouse(t)
		h.gets(h.ask("POST", "/api/event", `{"n":"seen","u":"https://example.com/",`+say+`}`), 202, "ok")
		rows := h.stored(event.Custom)
		if len(rows) != 1 || strings.Contains(rows[0]["signals"], enrich.Passive) != want {
			t.Errorf("%s: %v", say, rows)
		}
	}
}

func TestPlausiblesLimits(t *testing.T) {
	h := newHouse(t)
	u := `"u":"https://example.com/"`
	for body, want := range map[string]int{
		`{` + u + `}`: 400, `{"n":"pageview"}`: 400, `{"n":"` + strings.Repeat("x", 121) + `",` + u + `}`: 400,
		`{"n":404,` + u + `}`: 202, `{"n":"pageview","u":"data:text/html,x"}`: 400, `{"n":"x",` + u + `,"p":[1]}`: 202,
		`{"n":"pageview","u":"https://example.com/` + strings.Repeat("x", 2000) + `"}`: 400,
		`{"n":"engagement",` + u + `}`: 400, `{"n":"engagement",` + u + `,"sd":101}`: 202,
		`{"n":"engagement",` + u + `,"sd":255,"e":2592000000}`:               202,
		`{"n":"pageview",` + u + `,"d":"else.org"}`:                          404,
		`{"n":"pageview",` + u + `,"d":"else.org, example.com"}`:             202,
		`{"n":"pageview",` + u + `,"d":"a,b,c,d,e,f,g,h,i,j,k"}`:             400,
		`{"n":"pageview",` + u + `,"r":"` + strings.Repeat("x", 9000) + `"}`: 202,
	} {
		w := h.ask("POST", "/api/event", body)
		if w.Code != want {
			t.Errorf("%.80s: got %d %s, want %d", body, w.Code, w.Body, want)
		}
		if dropped := w.Header().Get("X-Plausible-Dropped"); (dropped == "1") != strings.Contains(body, "else.org, ") {
			t.Errorf("%.80s: dropped is %q", body, dropped)
		}
	}
}

func TestUmamisEventsAreStored(t *testing.T) {
	h := newHouse(t)
	site := `"website":"` + h.site.WebsiteID + `","hostname":"example.com"`
	w := h.ask("POST", "/api/send", `{"type":"event","payload":{`+site+`,"language":"en-US","referrer":"https://bing.com/",
		"screen":"1440x900","title":"T","url":"/a?x=1","ip":"8.8.8.8","userAgent":"forged","timestamp":1}}`)
	h.gets(w, http.StatusOK, `"sessionId"`)
	h.has(event.PageView, map[string]string{"path": "/a", "language": "en-US", "screen": "1440x900", "source": "Bing",
		"user_agent": chrome})
	var first, again umamiReply
	if err := json.Unmarshal(w.Body.Bytes(), &first); err != nil {
		t.Fatal(err)
	}
	w = h.ask("POST", "/api/send", `{"type":"event","payload":{`+site+`,"url":"/a","name":"signup","tag":"b",
		"data":{"plan":"pro"}}}`, "X-Umami-Cache", first.Cache)
	if err := json.Unmarshal(w.Body.Bytes(), &again); err != nil || again != first {
		t.Errorf("got %+v, want %+v", again, first)
	}
	h.has(event.Custom, map[string]string{"name": "signup", "properties": `{"plan":"pro","tag":"b"}`})
	for body, want := range map[string]int{
		`{"type":"identify","payload":{` + site + `,"id":"u1","data":{"a":1}}}`:                             200,
		`{"type":"performance","payload":{` + site + `,"url":"/","lcp":1200,"cls":0.1}}`:                    200,
		`{"type":"x","payload":{` + site + `}}`:                                                             400,
		`{"type":"event"}`:                                                                                  400,
		`{"type":"event","payload":{"hostname":"example.com"}}`:                                             400,
		`{"type":"event","payload":{` + site + `,"link":"0a1b2c3d-0000-4000-8000-00000000abcd"}}`:           400,
		`{"type":"event","payload":{"website":"ffffffff-0000-4000-8000-00000000abcd"}}`:                     404,
		`{"type":"event","payload":{` + site + `,"name":"` + strings.Repeat("x", 51) + `"}}`:                400,
		`{"type":"event","payload":{"website":"` + h.site.WebsiteID + `","hostname":"else.org","url":"/"}}`: 400,
	} {
		if w := h.ask("POST", "/api/send", body); w.Code != want {
			t.Errorf("%s: got %d %s, want %d", body, w.Code, w.Body, want)
		}
	}
}

func TestUmamisScriptOfTodayMaySend(t *testing.T) {
	h := newHouse(t)
	asked := "content-type,x-umami-cache,x-umami-hostname,x-umami-website-id"
	w := h.ask("OPTIONS", "/api/send", "", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", asked)
	h.gets(w, http.StatusNoContent, "")
	allowed := w.Header().Get("Access-Control-Allow-Headers")
	for name := range strings.SplitSeq(asked, ",") {
		if !strings.Contains(allowed, name) {
			t.Errorf("a browser sends nothing with %s, as only %s may be sent", name, allowed)
		}
	}
}

func TestUmamisObjectsAreFlat(t *testing.T) {
	h := newHouse(t)
	h.gets(h.ask("POST", "/api/send", `{"type":"event","payload":{"website":"`+h.site.WebsiteID+`","url":"/a","name":"buy",
		"data":{"plan":"pro","cart":{"items":[1,2],"sum":{"eur":9.5}},"gone":null}}}`), 200, "sessionId")
	h.has(event.Custom, map[string]string{"properties": `{"cart.items":"[1,2]","cart.sum.eur":9.5,"plan":"pro"}`})
}

func TestUmamisMessagesMayComeTogether(t *testing.T) {
	h := newHouse(t)
	one := func(url string) string {
		return `{"type":"event","payload":{"website":"` + h.site.WebsiteID + `","url":"` + url + `"}}`
	}
	w := h.ask("POST", "/api/batch", `[`+one("/a")+`,{"type":"x"},`+one("https://else.org/")+`,`+one("/b")+`,7]`)
	h.gets(w, http.StatusOK, `"size":5,"processed":2,"errors":3`)
	h.gets(w, http.StatusOK, `{"index":2,"response":{"error":{"code":"foreign_url"`)
	if n := len(h.stored(event.PageView)); n != 2 {
		t.Errorf("%d views, want 2", n)
	}
	h.gets(h.ask("POST", "/api/batch", one("/a")), http.StatusBadRequest, "array")
	h.gets(h.ask("POST", "/api/batch", `[`+one("/c")+`]`, "Sec-GPC", "1"), http.StatusOK, `"errors":0`)
	if n := len(h.stored(event.PageView)); n != 2 {
		t.Errorf("%d views, want 2: who asks not to be tracked is not", n)
	}
}

func TestRoutesBehindTheHashArePages(t *testing.T) {
	pl := func(rest string) string { return `{"n":"pageview","d":"example.com",` + rest + `}` }
	um := `{"type":"event","payload":{"website":"0a1b2c3d-0000-4000-8000-00000000abcd","url":"`
	for _, c := range []struct{ door, body, path string }{
		{"/api/event", pl(`"h":1,"u":"https://example.com/#/cart?token=1"`), "/cart"},
		{"/api/event", pl(`"h":1,"u":"https://example.com/app/?x=1#!/cart/2"`), "/app/cart/2"},
		{"/api/event", pl(`"h":1,"u":"https://example.com/plain"`), "/plain"},
		{"/api/event", pl(`"u":"https://example.com/docs#install"`), "/docs"},
		{"/api/send", um + `https://example.com/#/a/b"}}`, "/a/b"},
		{"/api/send", um + `/docs#install"}}`, "/docs"},
	} {
		h := newHouse(t)
		if w := h.ask("POST", c.door, c.body); w.Code > 299 {
			t.Errorf("%s: %d %s", c.body, w.Code, w.Body)
		}
		h.has(event.PageView, map[string]string{"path": c.path})
	}
}

func TestGoatCountersCampaignsStandBesideThePath(t *testing.T) {
	h := newHouse(t)
	h.ask("GET", "/count?p=%2Fa&q=%3Futm_source%3Dletter%26utm_campaign%3Dmay&s=1,2,1&b=0", "")
	h.has(event.PageView, map[string]string{"path": "/a", "source": "letter", "campaign": "may"})
	h = newHouse(t)
	h.gets(h.ask("POST", "/api/v0/count", `{"hits":[{"path":"/b","query":"utm_campaign=june&utm_source=x","language":"de"}]}`,
		"Authorization", "Bearer "+h.key(auth.Ingest)), http.StatusAccepted, "{}")
	h.has(event.PageView, map[string]string{"path": "/b", "campaign": "june", "language": "de"})
}

func TestGoatCountersPixelCounts(t *testing.T) {
	h := newHouse(t)
	w := h.ask("GET", "/count?p=/a%3Fx=1&t=Title&r=https%3A%2F%2Fgithub.com%2F&e=false&s=1920,1080,2&b=152&q=&rnd=abc", "",
		"Origin", "", "Referer", "https://www.example.com/a")
	if w.Code != http.StatusOK || w.Body.Len() != 43 || w.Header().Get("Content-Type") != "image/gif" {
		t.Errorf("got %d, %d bytes, %v", w.Code, w.Body.Len(), w.Header())
	}
	h.has(event.PageView, map[string]string{"site": "example.com", "path": "/a", "title": "Title",
		"screen": "1920x1080", "signals": "webdriver", "referrer_host": "github.com"})
	h.gets(h.ask("POST", "/count?p=signup&e=true", ""), http.StatusOK, "GIF89a")
	h.has(event.Custom, map[string]string{"name": "signup", "site": "example.com"})
	for target, headers := range map[string][]string{
		"/count":                                nil,
		"/count?p=/a&b=7":                       nil,
		"/count?p=" + strings.Repeat("x", 2049): nil,
		"/count?p=/b":                           {"Origin", "https://else.org"},
		"/count?p=/c":                           {"Origin", "", "Referer", "https://evil-example.com/"},
		"/count?p=https%3A%2F%2Felse.org%2F":    nil,
		"/count?p=/d":                           {"Origin", "https://a.example.com"},
	} {
		w := h.ask("GET", target, "", headers...)
		if w.Code < 400 || w.Code > 499 || w.Header().Get("X-Goatcounter") == "" || w.Body.Len() != 43 {
			t.Errorf("%.40s: got %d %q", target, w.Code, w.Header().Get("X-Goatcounter"))
		}
	}
	if n := len(h.stored(event.PageView)); n != 1 {
		t.Errorf("%d views, want 1", n)
	}
}

func TestGoatCountersAPITakesWhatAServerSaw(t *testing.T) {
	h := newHouse(t)
	key := "Bearer " + h.key(auth.Ingest)
	body := `{"no_sessions":true,"hits":[{"path":"/a","title":"T","ref":"https://bing.com/","user_agent":"` + chrome + `",
		"ip":"8.8.8.8","created_at":"2026-11-21T11:00:00Z","size":[1280,800,1]}]}`
	h.gets(h.ask("POST", "/api/v0/count", body, "Authorization", key, "Origin", ""), http.StatusAccepted, "{}")
	h.has(event.PageView, map[string]string{"path": "/a", "country": "US", "screen": "1280x800", "browser": "Chrome"})
	h.gets(h.ask("POST", "/api/v0/count", body, "Origin", ""), http.StatusUnauthorized, "key")
	h.gets(h.ask("POST", "/api/v0/count", body, "Authorization", "Bearer "+h.key(auth.Public)), 403, "missing_scope")
	h.gets(h.ask("POST", "/api/v0/count", `{"hits":[]}`, "Authorization", key), http.StatusBadRequest, "hits")
	h.gets(h.ask("POST", "/api/v0/count", `{"hits":[{"path":"/b"},{},{"path":"/c","event":true}]}`,
		"Authorization", key), 400, `"1"`)
	if v, c := len(h.stored(event.PageView)), len(h.stored(event.Custom)); v != 2 || c != 1 {
		t.Errorf("%d views and %d events, want 2 and 1: good ones are kept", v, c)
	}
}

// FuzzDoors: whatever browsers send, nothing breaks, and what is wrong is their mistake.
func FuzzDoors(f *testing.F) {
	paths := []string{"/api/v1/t", "/api/v1/engagement", "/api/v1/engagement/batch", "/api/event", "/api/send",
		"/api/batch", "/api/v0/count", "/count?p=/a"}
	for i := range paths {
		f.Add(uint8(i), `{"d":"example.com","n":"v","u":"https://example.com/","p":{"a":1e999,"b":"\u0000"},"e":-1}`)
	}
	f.Add(uint8(2), `[{"url":"https://example.com/","time_on_page_ms":"1"},{"url":"//x"},3]`)
	f.Add(uint8(4), `{"type":"event","payload":{"website":"0a1b2c3d-0000-4000-8000-00000000abcd",
		"url":"\ud800","data":{"":1}}}`)
	f.Add(uint8(5), `[{"type":"event","payload":{"website":"0a1b2c3d-0000-4000-8000-00000000abcd","url":"/#/",
		"name":"x","data":{"a":{"b":[{}],"c":1e999}}}}]`)
	f.Add(uint8(6), `{"hits":[{"path":"a","size":[1,"x"],"created_at":9e18}]}`)
	h := newHouse(f)
	key := "Bearer " + h.key(auth.Ingest)
	f.Fuzz(func(t *testing.T, door uint8, body string) {
		h.t = t
		path := paths[int(door)%len(paths)]
		body = strings.Replace(body, "KEY", h.site.KeyID, 1)
		for _, auth := range []string{"", key} {
			if w := h.ask("POST", path, body, "Authorization", auth); w.Code >= 500 {
				t.Errorf("%s %q: %d %s", path, body, w.Code, w.Body)
			}
		}
	})
}
