package events

import (
	"bytes"
	"encoding/json"
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
	"analytics/ingest/pricing"
)

// house is the real thing around the door: a store, keys, routes.
type house struct {
	t      testing.TB
	store  *store.Store
	keys   *auth.Keyring
	book   *pricing.Book
	intake *Intake
	mux    *web.Mux
	at     time.Time
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func newHouse(t testing.TB, cfg store.Config) *house {
	t.Helper()
	h := &house{t: t, at: noon}
	now := func() time.Time { return h.at }
	if cfg.Space == nil {
		cfg.Space = storetest.Room
	}
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	cfg.Log, cfg.Now = slog.New(slog.DiscardHandler), now
	var err error
	if h.store, err = store.Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.store.Close() })
	lists, err := enrich.OpenLists()
	if err != nil {
		t.Fatal(err)
	}
	if h.book, err = pricing.NewBook(nil); err != nil {
		t.Fatal(err)
	}
	if h.keys, err = auth.Open(t.Context(), h.store, now); err != nil {
		t.Fatal(err)
	}
	salts := enrich.NewSalts(h.store.Shelf(store.Default, "settings"))
	h.intake = NewIntake(h.store, enrich.New(lists, salts), h.book, DefaultConfig(), now)
	h.mux = web.NewMux(web.Options{Keys: h.keys, Now: now})
	h.intake.Routes(h.mux)
	return h
}

// key makes a key with the scopes and returns its secret.
func (h *house) key(scopes ...auth.Scope) string {
	h.t.Helper()
	secret, _, err := h.keys.Create(h.t.Context(), auth.NewKey{Name: "test", Scopes: scopes})
	if err != nil {
		h.t.Fatal(err)
	}
	return secret
}

// sent is a request under way: change it, then call do.
type sent struct {
	h *house
	*http.Request
}

func (h *house) post(query, body string) *sent {
	r := httptest.NewRequest("POST", "/v1/events"+query, strings.NewReader(body))
	r.RemoteAddr = "193.99.144.80:4711"
	return &sent{h, r}
}

func (s *sent) as(secret string) *sent { return s.with("Authorization", "Bearer "+secret) }

func (s *sent) with(name, value string) *sent {
	s.Header.Set(name, value)
	return s
}

func (s *sent) do() (status int, body string) {
	s.h.t.Helper()
	w := httptest.NewRecorder()
	s.h.mux.ServeHTTP(w, s.Request)
	if !json.Valid(w.Body.Bytes()) {
		s.h.t.Errorf("%s is not JSON", w.Body)
	}
	return w.Code, strings.TrimSpace(w.Body.String())
}

// stored reads all events of a kind back, as the text of their rows' fields.
func (h *house) stored(k event.Kind) (all []map[string]string) {
	h.t.Helper()
	n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: k, From: 0, To: 1 << 60})
	defer n.Release()
	chunks := n.Chunks()
	for i := range chunks {
		rec, err := chunks[i].Read(h.t.Context(), nil)
		if err != nil {
			h.t.Fatal(err)
		}
		for row := range int(rec.NumRows()) {
			var e event.Event
			if err := e.DecodeRow(k, columns.AppendRowAt(nil, k, rec, row)); err != nil {
				h.t.Fatal(err)
			}
			fields := map[string]string{}
			e.Each(func(f int) { fields[k.Fields()[f].Name] = text(&e, f) })
			all = append(all, fields)
		}
	}
	return all
}

func text(e *event.Event, f int) string {
	switch field := e.Kind.Fields()[f]; {
	case field.Type == event.ID:
		return event.IDText(e.Text(f))
	case field.Type == event.Float:
		return fmt.Sprint(e.Float(f))
	case field.Type.Numeric():
		return fmt.Sprint(e.Int(f))
	}
	return string(bytes.Clone(e.Text(f)))
}
