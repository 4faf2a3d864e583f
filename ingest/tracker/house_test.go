package tracker

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/engine/web"
	"analytics/ingest/enrich"
	"analytics/ingest/events"
	"analytics/ingest/pricing"
	"analytics/ingest/sites"
)

// house is the real thing around the doors: a store, keys, sites, the intake, routes.
type house struct {
	t     testing.TB
	store *store.Store
	keys  *auth.Keyring
	sites *sites.Registry
	door  *Door
	mux   *web.Mux
	site  sites.Site    // example.com
	wait  time.Duration // until a visitor is let in again

	refused int // requests that the doors refused
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const (
	origin = "https://example.com"
	chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t}
	now := func() time.Time { return noon }
	var err error
	must := func() {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	h.store, err = store.Open(t.Context(), store.Config{Space: storetest.Room,
		Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler),
		Now: now, MemTableSize: 8 << 20})
	must()
	t.Cleanup(func() { _ = h.store.Close() })
	h.keys, err = auth.Open(t.Context(), h.store, now)
	must()
	lists, err := enrich.OpenLists()
	must()
	book, err := pricing.NewBook(nil)
	must()
	shelf := func(name string) *store.Shelf { return h.store.Shelf(store.Default, name) }
	intake := events.NewIntake(h.store, enrich.New(lists, enrich.NewSalts(shelf("settings"))), book,
		events.DefaultConfig(), now)
	h.sites, err = sites.Open(sites.House{Shelf: shelf("sites"), Keys: h.keys, Now: now,
		Snippet: func(s sites.Site) string { return Snippet(DefaultConfig(), s) },
		Record:  func(context.Context, store.Tenant, []byte) error { return nil }})
	must()
	h.site, err = h.sites.Add(t.Context(), sites.New{Domain: "example.com",
		WebsiteID: "0a1b2c3d-0000-4000-8000-00000000abcd"})
	must()
	h.door = New(House{Intake: intake, Sites: h.sites, Refused: func(*http.Request) { h.refused++ },
		Allow: func(*http.Request) (bool, time.Duration) { return h.wait == 0, h.wait }}, DefaultConfig())
	h.mux = web.NewMux(web.Options{Keys: h.keys, Now: now})
	h.door.Routes(h.mux)
	return h
}

// key makes a key.
func (h *house) key(scopes ...auth.Scope) string {
	h.t.Helper()
	secret, _, err := h.keys.Create(h.t.Context(), auth.NewKey{Name: "test", Scopes: scopes})
	if err != nil {
		h.t.Fatal(err)
	}
	return secret
}

// ask sends a request as a browser of example.com does; headers come in pairs, and an empty one is
// left out.
func (h *house) ask(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr = "193.99.144.80:4711"
	r.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	r.Header.Set("Origin", origin)
	r.Header.Set("User-Agent", chrome)
	for _, name := range []string{"Accept", "Accept-Language", "Accept-Encoding"} {
		r.Header.Set(name, "x")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Del(headers[i])
		if headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w
}

// gets checks status and a part of the answer.
func (h *house) gets(w *httptest.ResponseRecorder, status int, part string) {
	h.t.Helper()
	if w.Code != status || !strings.Contains(w.Body.String(), part) {
		h.t.Errorf("got %d %s, want %d and %q", w.Code, w.Body, status, part)
	}
}

// send sends what the script sends for example.com, with fields added.
func (h *house) send(fields string, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	body := fmt.Sprintf(`{"d":"example.com","k":%q,%s}`, h.site.KeyID, fields)
	return h.ask("POST", "/api/v1/t", body, headers...)
}

// stored reads all events of a kind back, as the text of their fields.
func (h *house) stored(k event.Kind) (all []map[string]string) {
	h.t.Helper()
	n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: k, From: 0, To: 1 << 60})
	defer n.Release()
	for _, c := range n.Chunks() {
		rec, err := c.Read(h.t.Context(), nil)
		if err != nil {
			h.t.Fatal(err)
		}
		for row := range int(rec.NumRows()) {
			var e event.Event
			if err := e.DecodeRow(k, columns.AppendRowAt(nil, k, rec, row)); err != nil {
				h.t.Fatal(err)
			}
			fields := map[string]string{}
			e.Each(func(f int) {
				switch field := k.Fields()[f]; {
				case field.Type == event.ID:
					fields[field.Name] = event.IDText(e.Text(f))
				case field.Type.Numeric():
					fields[field.Name] = fmt.Sprint(e.Int(f))
				default:
					fields[field.Name] = string(bytes.Clone(e.Text(f)))
				}
			})
			all = append(all, fields)
		}
	}
	return all
}

// has checks that only one event of a kind is stored, and some of its fields; "-" means not set.
func (h *house) has(k event.Kind, want map[string]string) {
	h.t.Helper()
	rows := h.stored(k)
	if len(rows) != 1 {
		h.t.Fatalf("%d events of %s, want 1: %v", len(rows), k, rows)
	}
	for name, w := range want {
		got, ok := rows[0][name]
		if !ok {
			got = "-"
		}
		if got != w {
			h.t.Errorf("%s: got %q, want %q", name, got, w)
		}
	}
}
