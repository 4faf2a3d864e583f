package middleware

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
	"Chrome/141.0.0.0 Safari/537.36"

// request is what a browser sends; headers come in pairs, and an empty one is left out.
func request(method, target string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = "10.0.0.1:9999"
	all := append([]string{"User-Agent", chrome, "Accept", "text/html", "Accept-Language", "de-DE,de;q=0.9",
		"Accept-Encoding", "gzip, br", "Sec-Fetch-Site", "none", "Sec-Fetch-Dest", "document",
		"Upgrade-Insecure-Requests", "1",
		"Sec-CH-UA", `"Chromium";v="141", "Google Chrome";v="141"`, "Sec-CH-UA-Platform", `"Windows"`,
		"X-Forwarded-For", "198.51.100.9, 203.0.113.7", "X-Forwarded-Proto", "https"}, headers...)
	for i := 0; i < len(all); i += 2 {
		if r.Header.Set(all[i], all[i+1]); all[i+1] == "" {
			r.Header.Del(all[i])
		}
	}
	return r
}

var proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}

func TestPagesAreReportedAsTheServerSawThem(t *testing.T) {
	h := newHouse(t)
	server := httptest.NewServer(h.mux)
	defer server.Close()
	c := h.config()
	c.Endpoint, c.Client, c.TrustedProxies = server.URL, nil, proxies
	w := watch(t, c)
	site := w.Handler(app())
	ask := func(r *http.Request) {
		defer func() { _ = recover() }()
		site.ServeHTTP(httptest.NewRecorder(), r)
	}
	ask(request("GET", "http://example.com/article/one?utm_source=news&utm_medium=email&gclid=secret&token=secret",
		"Referer", "https://www.google.com/search?q=secret"))
	ask(request("GET", "http://example.com/", "User-Agent", "curl/8.5.0"))
	ask(request("GET", "http://example.com/nowhere/.env", "User-Agent", "python-requests/2.32"))
	ask(request("GET", "http://example.com/article/odd", "Accept-Language", "", "Sec-Fetch-Site", "",
		"Sec-CH-UA-Platform", `"Linux"`, "Sec-CH-UA", `"Chromium";v="99"`))
	ask(request("GET", "http://example.com/panics"))
	for _, none := range []*http.Request{
		request("POST", "http://example.com/form"), request("GET", "http://example.com/logo.png"),
		request("GET", "http://example.com/old"), request("GET", "http://example.com/data"),
		request("GET", "http://example.com/article/frame", "Sec-Fetch-Dest", "iframe"),
		request("GET", "http://example.com/article/early", "Sec-Purpose", "prefetch;prerender"),
		request("GET", "http://example.com/nowhere"),
	} {
		ask(none)
	}
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.Counts(); n != (Counts{Sent: 5}) {
		t.Errorf("%+v", n)
	}
	views := h.views()
	if len(views) != 5 {
		t.Errorf("stored: %v", views)
	}
	for path, want := range map[string]map[string]string{
		"/article/one": {"site": "example.com", "via": "server", "language": "de-DE", "source": "news",
			"referrer_host": "www.google.com", "browser": "Chrome", "signals": "", "method": "GET"},
		"/":             {"bot_class": "known_bot", "signals": ""},
		"/nowhere/.env": {"via": "server"},
		"/article/odd":  {"signals": "no_accept_language,no_sec_fetch,ua_mismatch"},
		"/panics":       {"via": "server"},
	} {
		if len(views[path]) != 1 {
			t.Errorf("%s is stored %d times", path, len(views[path]))
			continue
		}
		for name, w := range want {
			if got := views[path][0][name]; got != w {
				t.Errorf("%s of %s: got %q, want %q", name, path, got, w)
			}
		}
		if strings.Contains(fmt.Sprint(views[path]), "secret") || strings.Contains(fmt.Sprint(views[path]), "203.0.113.7") {
			t.Errorf("%s keeps what it should not: %v", path, views[path])
		}
	}
}

func TestWhatIsSentAgainCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, tries := newHouse(t), 0
		c := h.config()
		// The first answer is lost after the events were taken, the second says to wait.
		c.Client = &http.Client{Transport: direct{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch tries++; tries {
			case 1:
				h.mux.ServeHTTP(httptest.NewRecorder(), r)
				w.WriteHeader(http.StatusBadGateway)
			case 2:
				w.Header().Set("Retry-After", "20")
				w.WriteHeader(http.StatusServiceUnavailable)
			default:
				h.mux.ServeHTTP(w, r)
			}
		})}}
		w := watch(t, c)
		begun := time.Now()
		for i := range 3 {
			w.Handler(app()).ServeHTTP(httptest.NewRecorder(), request("GET", fmt.Sprint("http://example.com/article/", i)))
		}
		if err := w.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := w.Counts(); n != (Counts{Sent: 3}) || tries != 3 {
			t.Errorf("%+v after %d tries", n, tries)
		}
		if took := time.Since(begun); took < 20*time.Second || took > 22*time.Second {
			t.Errorf("it took %s, want the 20 s that were asked for", took)
		}
		for path, all := range h.views() {
			if len(all) != 1 {
				t.Errorf("%s is stored %d times", path, len(all))
			}
		}
	})
}

func TestNobodyWaitsForAnalytics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := Config{Endpoint: "http://analytics.invalid", Key: "ak_x", Queue: 10, Throttle: true,
			Log: slog.New(slog.DiscardHandler),
			Client: &http.Client{Transport: direct{http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				<-r.Context().Done() // it never answers
			})}}}
		w := watch(t, c)
		site, begun := w.Handler(app()), time.Now()
		for i := range 1000 {
			rec := httptest.NewRecorder()
			site.ServeHTTP(rec, request("GET", fmt.Sprint("http://example.com/article/", i)))
			if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "hello") {
				t.Fatalf("request %d: %d %s", i, rec.Code, rec.Body)
			}
		}
		if took := time.Since(begun); took != 0 {
			t.Errorf("requests waited %s", took)
		}
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		if err := w.Close(ctx); err == nil || time.Since(begun) != 5*time.Second {
			t.Errorf("Close: %v after %s, want it to give up after 5s", err, time.Since(begun))
		}
		n := w.Counts()
		if n.Sent != 0 || n.Dropped != 1000 {
			t.Errorf("%+v, want all 1000 dropped and counted", n)
		}
		site.ServeHTTP(httptest.NewRecorder(), request("GET", "http://example.com/")) // after Close, too
	})
}

func TestBlockedVisitorsAreRefusedAndOthersAreKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		c := h.config()
		c.Throttle, c.TrustedProxies = true, proxies
		w := watch(t, c)
		var level atomic.Value
		site := w.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			level.Store(DecisionOf(r.Context()).Level)
		}))
		ask := func(wantStatus int, wantLevel string) {
			t.Helper()
			level.Store("")
			rec := httptest.NewRecorder()
			site.ServeHTTP(rec, request("GET", "http://example.com/"))
			if rec.Code != wantStatus || level.Load() != wantLevel {
				t.Errorf("%d %s, want %d %s", rec.Code, level.Load(), wantStatus, wantLevel)
			}
			if wantStatus == http.StatusTooManyRequests && rec.Header().Get("Retry-After") != "600" {
				t.Errorf("Retry-After is %q", rec.Header().Get("Retry-After"))
			}
			time.Sleep(11 * time.Second) // the answer is there, and old enough to be asked for again
		}
		seen := func(n int) {
			t.Helper()
			r := httptest.NewRequest("POST", "/v1/throttle/report", strings.NewReader(fmt.Sprintf(
				`{"ip": "203.0.113.7", "user_agent": %q, "scanner_hits": %d}`, chrome, n)))
			r.Header.Set("Authorization", "Bearer "+h.key)
			rec := httptest.NewRecorder()
			if h.mux.ServeHTTP(rec, r); rec.Code != http.StatusOK {
				t.Fatal(rec.Body)
			}
		}
		ask(http.StatusOK, "normal")
		seen(1)
		ask(http.StatusOK, "normal") // what was known, and asked again
		ask(http.StatusOK, "warning")
		seen(9)
		ask(http.StatusOK, "warning")
		ask(http.StatusTooManyRequests, "")
		if err := w.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestHandlersKeepWhatTheyHad(t *testing.T) {
	h := newHouse(t)
	w := watch(t, h.config())
	mux := http.NewServeMux()
	mux.HandleFunc("/flush", func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(rw, "<html>one")
		rw.(http.Flusher).Flush()
		if err := http.NewResponseController(rw).SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Error(err)
		}
		if _, err := rw.(io.ReaderFrom).ReadFrom(strings.NewReader(" two")); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("/hijack", func(rw http.ResponseWriter, _ *http.Request) {
		conn, _, err := rw.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
		_ = conn.Close()
	})
	mux.HandleFunc("/hints", func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(http.StatusEarlyHints)
		rw.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(rw, "<html>")
	})
	server := httptest.NewServer(w.Handler(mux))
	defer server.Close()
	for path, want := range map[string]string{"/flush": "<html>one two", "/hijack": "hi", "/hints": "<html>"} {
		r, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(r.Body); string(got) != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
		_ = r.Body.Close()
	}
	if rec := httptest.NewRecorder(); true { // flushes, and nothing else
		w.Handler(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			if _, ok := rw.(http.Hijacker); ok {
				t.Error("an ability is promised that is not there")
			}
			rw.(http.Flusher).Flush()
		})).ServeHTTP(rec, request("GET", "/"))
	}
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(h.views()); n != 2 {
		t.Errorf("%d paths stored, want those of the two pages", n)
	}
}

func TestABadConfigurationSaysWhy(t *testing.T) {
	for _, c := range []Config{{}, {Endpoint: "analytics.example.com", Key: "x"}, {Endpoint: "https://a.example"},
		{Endpoint: "https://u:p@a.example", Key: "x"}, {Endpoint: "https://a.example", Key: "x", Queue: -1}} {
		if w, err := New(c); err == nil {
			t.Errorf("%+v is taken", c)
			_ = w.Close(t.Context())
		}
	}
}

// nothing is a ResponseWriter that costs nothing.
type nothing struct{ header http.Header }

func (n nothing) Header() http.Header                        { return n.header }
func (nothing) Write(b []byte) (int, error)                  { return len(b), nil }
func (nothing) WriteHeader(int)                              {}
func (nothing) Flush()                                       {}
func (nothing) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, nil }

func BenchmarkHandler(b *testing.B) {
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	defer server.Close()
	run := func(c Config, path string, headers ...string) func(b *testing.B) {
		return func(b *testing.B) {
			c.Endpoint, c.Key, c.TrustedProxies = server.URL, "x", proxies
			w := watch(b, c)
			site, r := w.Handler(page), request("GET", "http://example.com"+path, headers...)
			b.ReportAllocs()
			for b.Loop() {
				site.ServeHTTP(nothing{http.Header{}}, r)
			}
			b.StopTimer()
			_ = w.Close(b.Context())
		}
	}
	b.Run("bare", func(b *testing.B) {
		r := request("GET", "http://example.com/article/one")
		b.ReportAllocs()
		for b.Loop() {
			page.ServeHTTP(nothing{http.Header{}}, r)
		}
	})
	b.Run("watched", run(Config{}, "/article/one?utm_source=x"))
	b.Run("part", run(Config{}, "/logo.png", "Sec-Fetch-Dest", "image"))
	b.Run("throttled", run(Config{Throttle: true}, "/article/one?utm_source=x"))
}
