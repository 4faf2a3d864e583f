package middleware

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// guests asks an application for pages and their parts, each by an address of its own.
type guests struct {
	site http.Handler
	n    int
}

// asks sends requests of one visitor; the pairs of headers go with the first one, for the page.
func (g *guests) asks(page string, headers []string, parts ...string) {
	g.n++
	from := fmt.Sprintf("198.51.%d.%d", g.n/250, g.n%250)
	headers = append([]string{"X-Forwarded-For", from}, headers...)
	g.site.ServeHTTP(httptest.NewRecorder(), request("GET", "http://example.com"+page, headers...))
	for _, part := range parts {
		g.site.ServeHTTP(httptest.NewRecorder(), request("GET", "http://example.com"+part,
			"X-Forwarded-For", from, "Sec-Fetch-Dest", "image", "Accept", "image/avif,image/webp,*/*"))
	}
}

// TestWhoAsksForNoPartsIsToldWhereOthersDo: of pages whose parts the application has, that somebody asks
// for none is a signal; of those whose parts are elsewhere it is not.
func TestWhoAsksForNoPartsIsToldWhereOthersDo(t *testing.T) {
	for name, c := range map[string]struct {
		others string // what other visitors fetch
		want   string
	}{
		"the application has them": {"/logo.png", "no_subresources"},
		"another host has them":    {"", ""},
		"but for the tab's icon":   {"/favicon.ico", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				cfg := h.config()
				cfg.TrustedProxies = proxies
				w := watch(t, cfg)
				g := &guests{site: w.Handler(app())}
				var others []string
				if c.others != "" {
					others = []string{c.others}
				}
				for range 2 * enoughVisitors {
					g.asks("/article/other", nil, others...)
				}
				time.Sleep(patience + 2*standardEvery)
				g.asks("/article/none", nil)
				g.asks("/article/some", nil, "/logo.png")
				g.asks("/article/icon", nil, "/favicon.ico")
				g.asks("/article/cookie", []string{"Cookie", "a=1"})
				g.asks("/article/again", []string{"If-None-Match", `"x"`})
				g.asks("/article/text", []string{"User-Agent", "Lynx/2.9.0"})
				time.Sleep(patience + 2*standardEvery)
				views := h.views()
				for path, want := range map[string]string{"/article/none": c.want, "/article/some": "",
					"/article/icon": "", "/article/cookie": "", "/article/again": "", "/article/text": ""} {
					if len(views[path]) != 1 || views[path][0]["signals"] != want {
						t.Errorf("%s: got %v, want signals %q", path, views[path], want)
					}
				}
				if err := w.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// TestScriptsByTheThousandHideNothing: what most do is known of those who look like browsers otherwise.
func TestScriptsByTheThousandHideNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		cfg := h.config()
		cfg.TrustedProxies = proxies
		w := watch(t, cfg)
		g := &guests{site: w.Handler(app())}
		for i := range 20 * enoughVisitors {
			if g.asks("/article/script", []string{"Sec-Fetch-Site", "", "Accept-Language", ""}); i%20 == 0 {
				g.asks("/article/other", nil, "/logo.png")
			}
		}
		time.Sleep(patience + 2*standardEvery)
		g.asks("/article/none", nil)
		time.Sleep(patience + 2*standardEvery)
		if views := h.views()["/article/none"]; len(views) != 1 || views[0]["signals"] != noParts {
			t.Errorf("got %v", views)
		}
		if err := w.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestViewsWaitOnlyForAnAnswer: who asked for parts before does not wait, others not for longer than it
// takes, and what waits when the application ends is sent without a word.
func TestViewsWaitOnlyForAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		w := watch(t, h.config())
		site := w.Handler(app())
		ask := func(path string, headers ...string) {
			site.ServeHTTP(httptest.NewRecorder(), request("GET", "http://example.com"+path, headers...))
			time.Sleep(standardEvery + time.Millisecond)
			synctest.Wait()
		}
		sent := func(want int64) {
			t.Helper()
			if n := w.Counts().Sent; n != want {
				t.Errorf("%d views were sent, want %d", n, want)
			}
		}
		ask("/article/1")
		sent(0)
		ask("/logo.png", "Sec-Fetch-Dest", "image")
		sent(1)
		ask("/article/2")
		sent(2)
		other := []string{"User-Agent", strings.Replace(chrome, "141", "142", 1), "Sec-CH-UA", ""}
		ask("/article/3", other...)
		sent(2)
		time.Sleep(patience)
		sent(3)
		ask("/article/4", other...)
		if err := w.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		sent(4)
		for path, views := range h.views() {
			if strings.Contains(views[0]["signals"], noParts) {
				t.Errorf("%s: %v", path, views)
			}
		}
	})
}

// TestWhoFetchedIsRememberedInBounds: an application with millions of visitors stays as small.
func TestWhoFetchedIsRememberedInBounds(t *testing.T) {
	p := newParts()
	for i := range uint64(3*maxFetchers + 1) {
		p.note(i, i%2 == 0)
	}
	if n := len(p.now) + len(p.before); n > 2*maxFetchers {
		t.Errorf("%d visitors are remembered", n)
	}
	last := uint64(3 * maxFetchers)
	if some, shown := p.of(last); !some || !shown {
		t.Error("the last one is forgotten")
	}
	if some, shown := p.of(last - 1); !some || shown {
		t.Error("the last but one fetched an icon")
	}
	if some, _ := p.of(0); some {
		t.Error("the first one is remembered")
	}
}
