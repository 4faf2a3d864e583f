package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/fault"
)

// hostile are strings that try to write a log of their own.
var hostile = []string{
	"a\nb", "a\r\nlevel=ERROR msg=forged", "\x1b[31mred", "\x00", "\u202egpj.exe", "\u200b", "\xff\xfe",
	"\u2028line", "{\"msg\":\"forged\"}", strings.Repeat("é", 5000), "tab\there", "\u009b31m",
}

func TestOneRequestIsOneLogLine(t *testing.T) {
	log := &lines{}
	m := bare(log)
	m.Handle("GET /thing/{id}", auth.None, ok)
	for _, s := range hostile {
		u := url.URL{Path: "/thing/" + s, RawQuery: url.Values{"since": {s}, s: {"x"}}.Encode()}
		r := httptest.NewRequest("GET", "/", nil)
		r.URL = &u
		r.Header.Set("X-Request-Id", s)
		m.ServeHTTP(httptest.NewRecorder(), r)
		r = httptest.NewRequest("GET", "/", nil)
		r.URL, r.Method = &url.URL{Path: "/" + s}, "G"+s
		m.ServeHTTP(httptest.NewRecorder(), r)
	}
	got := logLines(log)
	if len(got) != 2*len(hostile) {
		t.Errorf("%d requests became %d lines", 2*len(hostile), len(got))
	}
	for _, line := range got {
		for name, v := range line {
			s, _ := v.(string)
			if name == "broken" || len(s) > maxLogged || strings.ContainsFunc(s, unprintable) {
				t.Errorf("%s is %q (%d bytes)", name, s, len(s))
			}
		}
	}
}

// TestNoSecretIsLogged sends canaries by every way a request has and looks for them in the log.
func TestNoSecretIsLogged(t *testing.T) {
	h := newHouse(t)
	h.mux.Handle("GET /q/{id}", auth.Query, func(_ http.ResponseWriter, r *http.Request) error {
		return fmt.Errorf("ask upstream: %w", &url.Error{Op: "Post",
			URL: "https://discord.com/api/webhooks/1234/canary-hook?x=canary-query", Err: errors.New("refused")})
	})
	h.mux.Handle("GET /panic", auth.Query, func(http.ResponseWriter, *http.Request) error {
		panic("with ak_ing_abcdefgh_" + strings.Repeat("c", 38))
	})
	token := h.key(t, auth.Query)
	for _, path := range []string{
		"/q/1?token=canary-param&user_id=canary-user&key=" + token, "/panic", "/nothing/" + token,
		"/q/" + token, "/q/2?limit=" + token,
	} {
		ask(h.mux, "GET", path, nil, "Authorization", "Bearer "+token, "Cookie", "analytics=canary-cookie",
			"X-Forwarded-For", "203.0.113.77", "User-Agent", "canary-agent")
		ask(h.mux, "GET", path, nil, "X-API-Key", "ak_canary_wrong_key")
	}
	h.mux.opt.Log.Error("send", "err", &url.Error{Op: "Post", URL: "https://h.example/canary-path",
		Err: errors.New("timeout")}, "url", "smtp://user:canary-pass@mail.example:587")
	text := h.log.String()
	for _, secret := range []string{"canary", token, token[16:], "203.0.113.77", "192.0.2.1", "cccccc"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %q:\n%s", secret, text)
		}
	}
	if !strings.Contains(text, "limit=") || !strings.Contains(text, "h.example") {
		t.Errorf("the log lacks what it may hold:\n%s", text)
	}
}

func TestAccessLog(t *testing.T) {
	log := &lines{}
	m := bare(log)
	m.Handle("GET /a", auth.None, ok)
	m.HandleQuietly("GET /b", auth.None, ok)
	m.Handle("GET /busy", auth.None, func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.Unavailable, "too_busy", "later")
	})
	m.Handle("GET /full", auth.None, func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.Full, "storage_full", "no space")
	})
	f := func(path, level string, status int, code any) {
		t.Helper()
		askLocal(m, "GET", path, nil, "X-Request-Id", "r"+path[1:])
		all := logLines(log)
		got := all[len(all)-1]
		if got["level"] != level || got["status"] != float64(status) || got["code"] != code ||
			got["id"] != "r"+path[1:] || got["msg"] != "request" {
			t.Errorf("%s: got %v", path, got)
		}
	}
	f("/a", "INFO", 200, nil)
	f("/b", "DEBUG", 200, nil)
	f("/c", "INFO", 404, "unknown_route")
	f("/busy", "WARN", 503, "too_busy")
	f("/full", "ERROR", 507, "storage_full")
}

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	m := bare(&lines{})
	m.Handle("GET /a", auth.None, ok)
	for _, path := range []string{"/a", "/none"} {
		h := ask(m, "GET", path, nil).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
			"Cache-Control":           "no-store", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
}

func TestClientBehindProxies(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	f := func(remote, want string, forwarded ...string) {
		t.Helper()
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		for _, line := range forwarded {
			r.Header.Add("X-Forwarded-For", line)
		}
		r.Header.Set("X-Real-Ip", "6.6.6.6")
		r.Header.Set("Forwarded", "for=6.6.6.6")
		if got := peerOf(r, trusted); got.String() != want {
			t.Errorf("%s with %q: got %s, want %s", remote, forwarded, got, want)
		}
		if got := peerOf(r, nil); got != address(remote) {
			t.Errorf("without trusted proxies %s became %s", remote, got)
		}
	}
	f("1.2.3.4:5", "1.2.3.4")
	f("1.2.3.4:5", "1.2.3.4", "9.9.9.9")                      // not a proxy of ours
	f("10.0.0.1:5", "10.0.0.1")                               // the proxy itself
	f("10.0.0.1:5", "9.9.9.9", "9.9.9.9")                     //
	f("10.0.0.1:5", "9.9.9.9", "6.6.6.6, 9.9.9.9")            // the left one is forged
	f("10.0.0.1:5", "9.9.9.9", "6.6.6.6, 9.9.9.9, 10.2.2.2")  // two proxies
	f("10.0.0.1:5", "9.9.9.9", "6.6.6.6", "9.9.9.9,10.3.3.3") // two lines
	f("10.0.0.1:5", "10.1.1.1", "10.1.1.1, 10.2.2.2")         // all ours
	f("10.0.0.1:5", "10.2.2.2", "6.6.6.6, junk, 10.2.2.2")    // stops at what it cannot read
	f("10.0.0.1:5", "10.0.0.1", "unknown")
	f("10.0.0.1:5", "9.9.9.9", "9.9.9.9:1234")
	f("10.0.0.1:5", "2001:db8::1", "[2001:db8::1]:443")
	f("10.0.0.1:5", "2001:db8::1", "[2001:db8::1]")
	f("10.0.0.1:5", "9.9.9.9", "::ffff:9.9.9.9")
	f("[::ffff:10.0.0.1]:5", "9.9.9.9", "9.9.9.9")
	f("[fd00::1%eth0]:5", "9.9.9.9", "9.9.9.9")
	f("10.0.0.1:5", "10.0.0.1", "")
	f("@", "invalid IP", "9.9.9.9")                                         // a unix socket
	f("10.0.0.1:5", "10.0.0.1", "6.6.6.6"+strings.Repeat(", 10.0.0.1", 40)) // over the cap of hops
}
