package sites

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/engine/web"
)

// house is the real thing around the registry.
type house struct {
	t    *testing.T
	dir  string
	st   *store.Store
	keys *auth.Keyring
	reg  *Registry
	mux  *web.Mux
	told []string // the audit trail
}

func newHouse(t *testing.T) *house {
	h := &house{t: t, dir: t.TempDir()}
	h.open()
	t.Cleanup(func() { _ = h.st.Close() })
	return h
}

func (h *house) open() {
	h.t.Helper()
	now := func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }
	var err error
	must := func() {
		if err != nil {
			h.t.Helper()
			h.t.Fatal(err)
		}
	}
	h.st, err = store.Open(h.t.Context(), store.Config{Space: storetest.Room, Dir: h.dir, Now: now,
		Log: slog.New(slog.DiscardHandler), MemTableSize: 8 << 20})
	must()
	h.keys, err = auth.Open(h.t.Context(), h.st, now)
	must()
	h.reg, err = Open(House{Shelf: h.st.Shelf(store.Default, "sites"), Keys: h.keys, Now: now,
		Snippet: func(s Site) string { return "<script data-site=" + s.Domain + ">" },
		Record: func(_ context.Context, _ store.Tenant, text []byte) error {
			h.told = append(h.told, string(text))
			return nil
		}})
	must()
	h.mux = web.NewMux(web.Options{Keys: h.keys, Now: now})
	h.reg.Routes(h.mux)
}

func TestASiteOutlivesARestartUntilItIsRemoved(t *testing.T) {
	h := newHouse(t)
	s, err := h.reg.Add(t.Context(), New{Domain: "WWW.Example.com."})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.Origins, " "); got != "https://example.com https://www.example.com" {
		t.Errorf("got origins %s", got)
	}
	if err := h.st.Close(); err != nil {
		t.Fatal(err)
	}
	h.open()
	again, err := h.reg.Find("example.com")
	if err != nil || !h.reg.Live(&again, s.KeyID) || !h.reg.KnowsOrigin("https://example.com") {
		t.Fatalf("after a restart: %+v, %v", again, err)
	}
	if w, err := h.reg.FindWebsite(s.WebsiteID); err != nil || w.Domain != "example.com" {
		t.Errorf("by its website id: %+v, %v", w, err)
	}
	if _, err := h.reg.Remove(t.Context(), "example.com"); err != nil {
		t.Fatal(err)
	}
	if h.reg.Live(&again, s.KeyID) || h.reg.KnowsOrigin("https://example.com") {
		t.Error("a removed site still works")
	}
	if _, err := h.reg.Find("example.com"); fault.Status(err) != http.StatusNotFound ||
		!strings.Contains(err.Error(), "analytics sites add") {
		t.Errorf("got %v", err)
	}
}

func TestOriginsAreComparedExactly(t *testing.T) {
	h := newHouse(t)
	s, err := h.reg.Add(t.Context(), New{Domain: "example.com", Origins: []string{"https://example.com",
		"http://localhost:3000"}})
	if err != nil {
		t.Fatal(err)
	}
	for origin, want := range map[string]bool{
		"https://example.com": true, "http://localhost:3000": true,
		"null": false, "": false, "*": false, "http://example.com": false, "https://example.com:443": false,
		"https://example.com:8443": false, "https://Example.com": false, "HTTPS://example.com": false,
		"https://evil-example.com": false, "https://example.com.evil.net": false,
		"https://a.example.com": false, "https://example.com/": false, "https://example.com.": false,
		"http://localhost": false, "http://localhost:30000": false, " https://example.com": false,
	} {
		if got := s.Allows(origin); got != want {
			t.Errorf("%q: got %v, want %v", origin, got, want)
		}
		if got := h.reg.KnowsOrigin(origin); got != want {
			t.Errorf("%q is known: got %v, want %v", origin, got, want)
		}
	}
	for host, want := range map[string]bool{"example.com": true, "www.example.com": true, "localhost": true,
		"evil-example.com": false, "example.com.evil.net": false, "com": false, "": false} {
		if got := s.Owns(host); got != want {
			t.Errorf("owns %q: got %v, want %v", host, got, want)
		}
	}
}

func TestAPageBelongsToTheNearestSiteAboveIt(t *testing.T) {
	h := newHouse(t)
	for _, d := range []string{"example.com", "shop.example.com"} {
		if _, err := h.reg.Add(t.Context(), New{Domain: d}); err != nil {
			t.Fatal(err)
		}
	}
	for host, want := range map[string]string{"www.example.com": "example.com", "a.b.example.com": "example.com",
		"eu.shop.example.com": "shop.example.com", "evil-example.com": "", "com": "", "": ""} {
		if s, _ := h.reg.FindHost(host); s.Domain != want {
			t.Errorf("%s: got %q, want %q", host, s.Domain, want)
		}
	}
	if _, ok := h.reg.Only(); ok {
		t.Error("one of two sites is the only one")
	}
}

func TestWhatIsNoSiteIsRefused(t *testing.T) {
	h := newHouse(t)
	if _, err := h.reg.Add(t.Context(), New{Domain: "taken.com", WebsiteID: newUUID()}); err != nil {
		t.Fatal(err)
	}
	taken := h.reg.List()[0].WebsiteID
	for _, n := range []New{
		{}, {Domain: "https://example.com"}, {Domain: "example.com:80"}, {Domain: "a b"}, {Domain: "a..b"},
		{Domain: strings.Repeat("a", 300)}, {Domain: "exa\xffmple.com"}, {Domain: "taken.com"}, {Domain: "-a.com"},
		{Domain: "a.com", Origins: []string{"null"}}, {Domain: "a.com", Origins: []string{"https://a.com/"}},
		{Domain: "a.com", Origins: []string{"https://*.a.com"}}, {Domain: "a.com", Origins: []string{"a.com"}},
		{Domain: "a.com", Origins: []string{"ftp://a.com"}}, {Domain: "a.com", Origins: []string{"https://A.com"}},
		{Domain: "a.com", Mode: "both"}, {Domain: "a.com", WebsiteID: "x"}, {Domain: "a.com", WebsiteID: taken},
	} {
		if s, err := h.reg.Add(t.Context(), n); err == nil {
			t.Errorf("%+v was registered: %+v", n, s)
		} else if status := fault.Status(err); status >= 500 {
			t.Errorf("%+v: %d %v", n, status, err)
		}
	}
	if n := len(h.keys.List()); n != 1 {
		t.Errorf("%d keys were made for one site", n)
	}
}

func TestDomainsBeyondASCIIAreToldHow(t *testing.T) {
	h := newHouse(t)
	if _, err := h.reg.Add(t.Context(), New{Domain: "münchen.example"}); err == nil || !strings.Contains(err.Error(), "xn--") {
		t.Errorf("got %v", err)
	}
	s, err := h.reg.Add(t.Context(), New{Domain: "xn--mnchen-3ya.example"})
	if err != nil || string(h.reg.Name([]byte("www.xn--mnchen-3ya.example"))) != s.Domain {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestOnlyAdministratorsChangeSites(t *testing.T) {
	h := newHouse(t)
	for pattern, scope := range h.mux.Routes() {
		if scope != auth.Admin {
			t.Errorf("%s is for %q", pattern, scope)
		}
	}
}

func FuzzDomain(f *testing.F) {
	for _, s := range []string{"example.com", "www.", "WWW.EXAMPLE.com.", "https://[::1]:80", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := Domain(s)
		if isHost(d) && (strings.ToLower(d) != d || len(d) > maxDomain) {
			t.Errorf("%q became %q", s, d)
		}
		if isOrigin(s) && hostOf(s) == "" {
			t.Errorf("%q is an origin without a host", s)
		}
	})
}
