package browsertest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
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
	"analytics/ingest/tracker"
)

// house is the doors with all that is behind them, on a port.
type house struct {
	t     *testing.T
	store *store.Store
	site  *site
}

// start serves house and site until the test ends.
func start(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, site: newSite()}
	t.Cleanup(h.site.server.Close)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	quiet := slog.New(slog.DiscardHandler)
	dir := t.TempDir()
	var err error
	h.store, err = store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: dir, Log: quiet, Now: time.Now})
	must(err)
	t.Cleanup(func() { _ = h.store.Close() })
	keys, err := auth.Open(t.Context(), h.store, time.Now)
	must(err)
	lists, err := enrich.OpenLists()
	must(err)
	book, err := pricing.NewBook(nil)
	must(err)
	salts := enrich.NewSalts(h.store.Shelf(store.Default, "settings"))
	intake := events.NewIntake(h.store, enrich.New(lists, salts), book, events.DefaultConfig(), time.Now)
	registry, err := sites.Open(sites.House{Shelf: h.store.Shelf(store.Default, "sites"), Keys: keys, Now: time.Now})
	must(err)
	added, err := registry.Add(t.Context(), sites.New{Domain: "localhost", Origins: []string{h.site.origin()}})
	must(err)
	cfg := tracker.DefaultConfig()
	mux := web.NewMux(web.Options{Keys: keys, Now: time.Now})
	tracker.New(tracker.House{Intake: intake, Sites: registry}, cfg).Routes(mux)
	served, err := web.Listen(web.Config{Listen: "127.0.0.1:0"}, dir, mux, quiet)
	must(err)
	ended := make(chan struct{})
	go func() { _ = served.Serve(); close(ended) }()
	t.Cleanup(func() { _ = served.Shutdown(context.Background()); <-ended })
	cfg.URL = "http://" + served.Addr()
	h.site.snippet = tracker.Snippet(cfg, added)
	return h
}

// rows are all stored events of a kind, as text by field.
func (h *house) rows(k event.Kind) (all []map[string]string) {
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
				fields[k.Fields()[f].Name] = string(bytes.Clone(e.Text(f)))
				if k.Fields()[f].Type.Numeric() {
					fields[k.Fields()[f].Name] = fmt.Sprint(e.Int(f))
				}
			})
			all = append(all, fields)
		}
	}
	return all
}

// views are the paths of all page views, in order.
func (h *house) views() (paths []string) {
	for _, row := range h.rows(event.PageView) {
		paths = append(paths, row["path"])
	}
	return paths
}

// eventually waits until something holds; what a page sends while it goes away arrives later.
func (h *house) eventually(what string, holds func() bool) {
	h.t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); {
		if time.Now().After(end) {
			h.t.Fatalf("after 10 s: %s; views %v, engagements %v, events %v", what, h.views(),
				h.rows(event.Engagement), h.rows(event.Custom))
		}
		time.Sleep(20 * time.Millisecond)
	}
}
