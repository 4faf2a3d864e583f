package ingest

import (
	"context"
	"encoding/json"
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
	"analytics/ingest/enrich/geo"
	"analytics/ingest/events"
)

// house is the room with all its doors, over a real store.
type house struct {
	t     *testing.T
	store *store.Store
	mux   *web.Mux
	room  *Room
	keys  *auth.Keyring
	now   Settings
	key   string
	site  string // id of the public key of a.example
	full  atomic.Bool
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t}
	log := slog.New(slog.DiscardHandler)
	space := func(dir string) (free, total int64, err error) {
		free, total, err = storetest.Room(dir)
		if h.full.Load() {
			free = total / 30 // too little for events, enough for what administrators set
		}
		return free, total, err
	}
	st, err := store.Open(t.Context(), store.Config{Space: space, Dir: t.TempDir(), Log: log, MemTableSize: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	h.store = st
	ctx, cancel := context.WithCancel(context.Background())
	sealed := make(chan struct{})
	go h.seal(ctx, sealed)
	t.Cleanup(func() { cancel(); <-sealed; _ = st.Close() })
	h.keys, err = auth.Open(t.Context(), st, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	h.now = Settings{Config: DefaultConfig(), Events: events.DefaultConfig(), Zone: time.UTC, Data: t.TempDir()}
	h.now.Geo = geo.Config{City: filepath.Join(h.now.Data, "city.mmdb")}
	h.place("city.mmdb")
	h.room, err = Open(st, h.keys, h.now, time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.room.Close() })
	h.mux = web.NewMux(web.Options{Keys: h.keys, Now: time.Now, Log: log})
	h.room.Routes(h.mux)
	if h.key, _, err = h.keys.Create(t.Context(), auth.NewKey{Name: "test", Scopes: []auth.Scope{auth.Ingest,
		auth.Admin}}); err != nil {
		t.Fatal(err)
	}
	var site struct {
		KeyID string `json:"key_id"`
	}
	w := h.ask("POST", "/v1/sites", `{"domain":"a.example"}`)
	if err := json.Unmarshal(w.Body.Bytes(), &site); err != nil || site.KeyID == "" {
		t.Fatalf("%v: %s", err, w.Body)
	}
	h.site = site.KeyID
	return h
}

// place copies a file of cities over the one in use.
func (h *house) place(name string) {
	h.t.Helper()
	text, err := os.ReadFile(filepath.Join("enrich/geo/testdata", name))
	if err == nil {
		err = os.WriteFile(h.now.Geo.City, text, 0o600)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// seal does what the job of that name does when the memory for new events is half full.
func (h *house) seal(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	for {
		select {
		case <-h.store.Pressure():
			if _, err := h.store.Relieve(ctx); err != nil && ctx.Err() == nil {
				h.t.Error(err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// ask sends a request with the key, or as a page of a.example where the path is a browser's.
func (h *house) ask(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "81.2.69.142:4711"
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0")
	if strings.HasPrefix(path, "/v1/") {
		r.Header.Set("Content-Type", "application/x-ndjson")
		r.Header.Set("Authorization", "Bearer "+h.key)
	} else {
		r.Header.Set("Origin", "https://a.example")
	}
	if path == "/v1/sites" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w
}

// send sends events and gives the answer.
func (h *house) send(lines string) (a events.Answer) {
	h.t.Helper()
	w := h.ask("POST", "/v1/events", lines)
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != 200 {
		h.t.Fatalf("%d: %v: %.300s", w.Code, err, w.Body)
	}
	return a
}

// each reads all events of a kind back.
func (h *house) each(k event.Kind, f func(e *event.Event)) {
	h.t.Helper()
	n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: k, From: 0, To: 1 << 60})
	defer n.Release()
	for _, c := range n.Chunks() {
		rec, err := c.Read(h.t.Context(), nil)
		if err != nil {
			h.t.Fatal(err)
		}
		var e event.Event
		for row := range int(rec.NumRows()) {
			if err := e.DecodeRow(k, columns.AppendRowAt(nil, k, rec, row)); err != nil {
				h.t.Fatal(err)
			}
			f(&e)
		}
		rec.Release()
	}
}
