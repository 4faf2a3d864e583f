package sdktest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
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
	"analytics/ingest/otlp"
	"analytics/ingest/pricing"
)

// server is a house with the doors of OTLP, on ports of its own.
type server struct {
	t     *testing.T
	http  string // host:port
	grpc  string // host:port
	key   string
	store *store.Store
	busy  atomic.Int32 // how many requests over HTTP are still turned away with 503
	seen  atomic.Int32 // requests over HTTP
}

// start serves until the test ends.
func start(t *testing.T) *server {
	t.Helper()
	s := &server{t: t}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	quiet := slog.New(slog.DiscardHandler)
	dir := t.TempDir()
	var err error
	s.store, err = store.Open(t.Context(), store.Config{Space: storetest.Room, Dir: dir, Log: quiet, Now: time.Now})
	must(err)
	t.Cleanup(func() { _ = s.store.Close() })
	keys, err := auth.Open(t.Context(), s.store, time.Now)
	must(err)
	s.key, _, err = keys.Create(t.Context(), auth.NewKey{Name: "sdk", Scopes: auth.Scopes{auth.Ingest}})
	must(err)
	lists, err := enrich.OpenLists()
	must(err)
	book, err := pricing.NewBook(nil)
	must(err)
	salts := enrich.NewSalts(s.store.Shelf(store.Default, "settings"))
	intake := events.NewIntake(s.store, enrich.New(lists, salts), book, events.DefaultConfig(), time.Now)
	door, err := otlp.New(intake, quiet)
	must(err)
	mux := web.NewMux(web.Options{Keys: keys, Now: time.Now})
	door.Routes(mux)
	main := web.Config{Listen: "127.0.0.1:0"}
	must(door.Listen(otlp.Config{GRPCListen: "127.0.0.1:0"}, main))
	served, err := web.Listen(main, dir, s.sometimesBusy(mux), quiet)
	must(err)
	s.http, s.grpc = served.Addr(), door.Addr()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{}, 2)
	go func() { door.Run(ctx); ended <- struct{}{} }()
	go func() { _ = served.Serve(); ended <- struct{}{} }()
	t.Cleanup(func() {
		stop()
		_ = served.Shutdown(context.Background())
		<-ended
		<-ended
	})
	return s
}

// sometimesBusy turns requests away the way that the house does when it is overloaded.
func (s *server) sometimesBusy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.seen.Add(1)
		if s.busy.Add(-1) >= 0 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// rows are all events of a kind, as text by field.
func (s *server) rows(k event.Kind) (all []map[string]string) {
	s.t.Helper()
	n := s.store.Snapshot(store.Range{Tenant: store.Default, Kind: k, From: 0, To: 1 << 60})
	defer n.Release()
	chunks := n.Chunks()
	for i := range chunks {
		rec, err := chunks[i].Read(s.t.Context(), nil)
		if err != nil {
			s.t.Fatal(err)
		}
		for row := range int(rec.NumRows()) {
			var e event.Event
			if err := e.DecodeRow(k, columns.AppendRowAt(nil, k, rec, row)); err != nil {
				s.t.Fatal(err)
			}
			fields := map[string]string{}
			e.Each(func(f int) {
				switch field := k.Fields()[f]; {
				case field.Type == event.ID:
					fields[field.Name] = event.IDText(e.Text(f))
				case field.Type == event.Float:
					fields[field.Name] = fmt.Sprint(e.Float(f))
				case field.Type.Numeric():
					fields[field.Name] = fmt.Sprint(e.Int(f))
				default:
					fields[field.Name] = string(e.Text(f))
				}
			})
			all = append(all, fields)
		}
	}
	return all
}

// has checks that there are n rows of a kind, each with some values.
func (s *server) has(k event.Kind, n int, want map[string]string) {
	s.t.Helper()
	rows := s.rows(k)
	if len(rows) != n {
		s.t.Fatalf("%d rows of %s, want %d: %v", len(rows), k, n, rows)
	}
	for _, row := range rows {
		for name, v := range want {
			if row[name] != v {
				s.t.Fatalf("%s is %q, want %q: %v", name, row[name], v, row)
			}
		}
	}
}

// chat is what a call of gpt-4o is recorded as: 1000 × 2.50 and 100 × 10 USD a million tokens.
var chat = map[string]string{
	"model": "gpt-4o", "provider": "openai", "cost": "3500000", "output_text_tokens": "100",
	"input_uncached_tokens": "1000", "cost_source": "computed", "success": "1",
}
