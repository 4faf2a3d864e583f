package middleware

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
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
	"analytics/ingest/throttle"
)

// house is analytics: a store, keys, the intake and the throttle behind their routes.
type house struct {
	t     testing.TB
	store *store.Store
	gate  *throttle.Gate
	mux   *web.Mux
	key   string
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t}
	quiet := slog.New(slog.DiscardHandler)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	lists, err := enrich.OpenLists()
	must(err)
	book, err := pricing.NewBook(nil)
	must(err)
	h.store, err = store.Open(t.Context(), store.Config{Space: storetest.Room,
		Dir: t.TempDir(), Log: quiet, Now: time.Now,
		MemTableSize: 8 << 20})
	must(err)
	t.Cleanup(func() { _ = h.store.Close() })
	keys, err := auth.Open(t.Context(), h.store, time.Now)
	must(err)
	h.key, _, err = keys.Create(t.Context(), auth.NewKey{Name: "app",
		Scopes: auth.Scopes{auth.Ingest, auth.Query}})
	must(err)
	salts := enrich.NewSalts(h.store.Shelf(store.Default, "settings"))
	intake := events.NewIntake(h.store, enrich.New(lists, salts), book, events.DefaultConfig(), time.Now)
	h.gate = throttle.New(throttle.House{Now: time.Now}, throttle.DefaultConfig())
	h.mux = web.NewMux(web.Options{Keys: keys, Now: time.Now})
	intake.Routes(h.mux)
	h.gate.Routes(h.mux)
	return h
}

// config is what an application says that reports to this house, without a network between.
func (h *house) config() Config {
	return Config{Endpoint: "http://analytics.example", Key: h.key, Log: slog.New(slog.DiscardHandler),
		Client: &http.Client{Transport: direct{h.mux}}}
}

// direct sends requests to a handler without a network, so that a bubble's clock can run.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	r.RequestURI = r.URL.RequestURI()
	d.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// watch begins to watch with the settings.
func watch(t testing.TB, c Config) *Watch {
	t.Helper()
	w, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// views are the stored page views, by path.
func (h *house) views() map[string][]map[string]string {
	h.t.Helper()
	all := map[string][]map[string]string{}
	n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: event.PageView, To: 1 << 60})
	defer n.Release()
	for _, c := range n.Chunks() {
		rec, err := c.Read(h.t.Context(), nil)
		if err != nil {
			h.t.Fatal(err)
		}
		for row := range int(rec.NumRows()) {
			var e event.Event
			if err := e.DecodeRow(event.PageView, columns.AppendRowAt(nil, event.PageView, rec, row)); err != nil {
				h.t.Fatal(err)
			}
			fields := map[string]string{}
			e.Each(func(f int) {
				if field := event.PageView.Fields()[f]; !field.Type.Numeric() && field.Type != event.ID {
					fields[field.Name] = string(e.Text(f))
				}
			})
			path := fields["path"]
			all[path] = append(all[path], fields)
		}
	}
	return all
}

// app is a small web application.
func app() http.Handler {
	mux := http.NewServeMux()
	html := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<!doctype html><p>hello")) }
	mux.HandleFunc("GET /{$}", html)
	mux.HandleFunc("GET /article/{name}", html)
	mux.HandleFunc("POST /form", html)
	mux.HandleFunc("GET /logo.png", html)
	mux.HandleFunc("GET /old", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/", http.StatusMovedPermanently)
	})
	mux.HandleFunc("GET /data", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}"))
	})
	mux.HandleFunc("GET /panics", func(w http.ResponseWriter, r *http.Request) {
		html(w, r)
		panic(http.ErrAbortHandler)
	})
	return mux
}
