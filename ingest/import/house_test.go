package importer

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/engine/web"
	"analytics/ingest/enrich"
	"analytics/ingest/events"
	"analytics/ingest/pricing"
	"analytics/ingest/sites"
)

// house is a store with its door, in this process, and a client that finds it there.
type house struct {
	t      testing.TB
	store  *store.Store
	client *web.Client
	sites  *sites.Registry
	// wrap stands before the door, for tests of what goes wrong there.
	wrap func(http.Handler) http.Handler
	now  func() time.Time
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, now: time.Now, wrap: func(next http.Handler) http.Handler { return next }}
	st, err := store.Open(t.Context(), store.Config{
		Space: storetest.Room, Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	h.store = st
	ctx, cancel := context.WithCancel(context.Background())
	sealed := make(chan struct{})
	go h.seal(ctx, sealed)
	t.Cleanup(func() { cancel(); <-sealed; _ = h.client.Close(); _ = st.Close() })
	lists, err := enrich.OpenLists()
	if err != nil {
		t.Fatal(err)
	}
	book, err := pricing.NewBook(nil)
	if err != nil {
		t.Fatal(err)
	}
	en := enrich.New(lists, enrich.NewSalts(st.Shelf(store.Default, "settings")))
	mux := web.NewMux(web.Options{Now: time.Now})
	events.NewIntake(st, en, book, events.DefaultConfig(), time.Now).Routes(mux)
	keys, err := auth.Open(t.Context(), st, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	h.sites, err = sites.Open(sites.House{Shelf: st.Shelf(store.Default, "sites"), Keys: keys, Now: time.Now,
		Snippet: func(sites.Site) string { return "" },
		Record:  func(context.Context, store.Tenant, []byte) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	h.sites.Routes(mux)
	open := func(context.Context) (http.Handler, func() error, error) {
		return h.wrap(mux), func() error { return nil }, nil
	}
	h.client = web.NewClient(t.TempDir(), open)
	return h
}

// seal does what the seal job does: a long import would fill the head.
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

// stored is how many events of a kind there are.
func (h *house) stored(k event.Kind) (n int) {
	s := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: k, From: 0, To: 1 << 60})
	defer s.Release()
	for _, c := range s.Chunks() {
		n += c.Rows
	}
	return n
}

// file writes a file for one test.
func (h *house) file(name string, text []byte) string {
	h.t.Helper()
	path := filepath.Join(h.t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// history is n events without ids, one every ten seconds from a month ago.
func history(n int) []byte {
	var b bytes.Buffer
	start := time.Now().AddDate(0, 0, -30).Truncate(time.Minute)
	for i := range n {
		fmt.Fprintf(&b, `{"type":"metric","name":"load","value":%d,"timestamp":%d}`+"\n",
			i%3, start.Add(time.Duration(i)*10*time.Second).Unix())
	}
	return b.Bytes()
}
