package compat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
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
)

// house is the real thing around the doors: a store, keys, the intake, routes.
type house struct {
	t      testing.TB
	dir    string
	store  *store.Store
	keys   *auth.Keyring
	intake *events.Intake
	door   *Door
	mux    *web.Mux
	at     atomic.Int64 // microseconds; the store looks at the clock too
	key    string
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir()}
	h.at.Store(noon.UnixMicro())
	h.open()
	var err error
	h.key, _, err = h.keys.Create(t.Context(), auth.NewKey{Name: "test", Scopes: auth.Scopes{auth.Ingest}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.store.Close() })
	return h
}

// open builds the house on its folder, also once more after a crash.
func (h *house) open() {
	h.t.Helper()
	now := func() time.Time { return time.UnixMicro(h.at.Load()).UTC() }
	quiet := slog.New(slog.DiscardHandler)
	lists, err := enrich.OpenLists()
	if err != nil {
		h.t.Fatal(err)
	}
	book, err := pricing.NewBook(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	if h.store, err = store.Open(h.t.Context(), store.Config{Space: storetest.Room,
		Dir: h.dir, Log: quiet, Now: now}); err != nil {
		h.t.Fatal(err)
	}
	if h.keys, err = auth.Open(h.t.Context(), h.store, now); err != nil {
		h.t.Fatal(err)
	}
	salts := enrich.NewSalts(h.store.Shelf(store.Default, "settings"))
	h.intake = events.NewIntake(h.store, enrich.New(lists, salts), book, events.DefaultConfig(), now)
	if h.door, err = New(h.intake, h.store.Shelf(store.Default, "pending"), now, quiet); err != nil {
		h.t.Fatal(err)
	}
	h.mux = web.NewMux(web.Options{Keys: h.keys, Now: now})
	h.door.Routes(h.mux)
}

// pass lets time pass.
func (h *house) pass(d time.Duration) { h.at.Add(d.Microseconds()) }

// post sends a body with the key; headers come in pairs.
func (h *house) post(path, body string, headers ...string) (status int, answer string) {
	h.t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+h.key)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	if !json.Valid(w.Body.Bytes()) {
		h.t.Errorf("%s is not JSON", w.Body)
	}
	return w.Code, strings.TrimSpace(w.Body.String())
}

// file is a recorded body.
func file(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// stored reads all events of a kind back, by id, as the text of their rows' fields.
func (h *house) stored(k event.Kind) map[string]map[string]string {
	h.t.Helper()
	all := map[string]map[string]string{}
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
			e.Each(func(f int) { fields[k.Fields()[f].Name] = fieldText(&e, f) })
			if all[fields["id"]] != nil {
				h.t.Errorf("%s is stored twice", fields["id"])
			}
			all[fields["id"]] = fields
		}
	}
	return all
}

func fieldText(e *event.Event, f int) string {
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

// has compares some fields of a row; "-" means that the field must not be set.
func has(t testing.TB, row map[string]string, want map[string]string) {
	t.Helper()
	if row == nil {
		t.Errorf("there is no such row, want %v", want)
		return
	}
	for name, w := range want {
		got, ok := row[name]
		if !ok {
			got = "-"
		}
		if got != w {
			t.Errorf("%s of %s: got %q, want %q", name, row["id"], got, w)
		}
	}
}

func (h *house) get(path, authorization string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w
}
