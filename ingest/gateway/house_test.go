package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
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

// house is the real thing around the gateway: a store, keys, routes, an upstream, all over HTTP.
type house struct {
	t        testing.TB
	store    *store.Store
	keys     *auth.Keyring
	gateway  *Gateway
	url      string
	upstream *httptest.Server
	log      *safeBuffer
	stop     func()
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// newHouse builds it and lets rows be written.
func newHouse(t testing.TB, upstream http.HandlerFunc, change func(*Config)) *house {
	t.Helper()
	h := build(t, upstream, change)
	h.run()
	return h
}

// build builds it. All built-in upstreams, and one called local, lead to the handler.
func build(t testing.TB, upstream http.HandlerFunc, change func(*Config)) *house {
	t.Helper()
	h := &house{t: t, log: &safeBuffer{}}
	h.upstream = httptest.NewServer(upstream)
	t.Cleanup(h.upstream.Close)
	log := web.NewLog(h.log, slog.LevelDebug, true)
	var err error
	h.store, err = store.Open(t.Context(), store.Config{
		Space: storetest.Room, Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.store.Close() })
	lists, err := enrich.OpenLists()
	if err != nil {
		t.Fatal(err)
	}
	book, err := pricing.NewBook(nil)
	if err != nil {
		t.Fatal(err)
	}
	if h.keys, err = auth.Open(t.Context(), h.store, time.Now); err != nil {
		t.Fatal(err)
	}
	salts := enrich.NewSalts(h.store.Shelf(store.Default, "settings"))
	intake := events.NewIntake(h.store, enrich.New(lists, salts), book, events.DefaultConfig(), time.Now)
	if h.gateway, err = New(intake, h.store.Shelf(store.Default, "gateway"),
		h.config(change), loopback, time.Now, log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.gateway.Close() })
	mux := web.NewMux(web.Options{Keys: h.keys, Limiter: auth.NewLimiter(), Now: time.Now, Log: log})
	h.gateway.Routes(mux)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

func (h *house) config(change func(*Config)) Config {
	cfg := DefaultConfig()
	cfg.Upstreams = map[string]Upstream{}
	for _, name := range []string{"openai", "anthropic", "gemini", "local"} {
		cfg.Upstreams[name] = Upstream{BaseURL: h.upstream.URL, APIKey: "configured-key", Provider: name,
			IncludeUsage: "false"}
	}
	if change != nil {
		change(&cfg)
	}
	if err := cfg.Validate(); err != nil {
		h.t.Fatal(err)
	}
	return cfg
}

func (h *house) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.gateway.Run(ctx)
	}()
	h.stop = sync.OnceFunc(func() { cancel(); <-done })
	h.t.Cleanup(h.stop)
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

// sent is a call under way: change it, then call do.
type sent struct {
	h *house
	*http.Request
}

func (h *house) call(method, path, body string) *sent {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.url+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	return &sent{h, r}
}

// chat is a usual call with our key in place of the provider's.
func (h *house) chat(body string) *sent {
	return h.call("POST", "/gateway/openai/v1/chat/completions", body).as(h.key(auth.Ingest))
}

func (s *sent) as(secret string) *sent { return s.with("Authorization", "Bearer "+secret) }

func (s *sent) with(name, value string) *sent {
	s.Header.Set(name, value)
	return s
}

func (s *sent) do() (*http.Response, string) {
	s.h.t.Helper()
	res, err := plain.RoundTrip(s.Request)
	if err != nil {
		s.h.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		body = append(body, " cut: "+err.Error()...)
	}
	return res, string(body)
}

// plain is a client that leaves answers as they are.
var plain = &http.Transport{DisableCompression: true}

// rows ends the gateway's work, so that all rows are stored, and reads them.
func (h *house) rows() (all []map[string]string) {
	h.t.Helper()
	h.stop()
	if _, lost := h.gateway.Counts(); lost != 0 {
		h.t.Errorf("%d rows could not be stored: %s", lost, h.log)
	}
	k := event.AIRequest
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

// row is the only row.
func (h *house) row() map[string]string {
	h.t.Helper()
	all := h.rows()
	if len(all) != 1 {
		h.t.Fatalf("got %d rows, want 1: %v", len(all), all)
	}
	return all[0]
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

// check compares some fields of a row.
func check(t *testing.T, row map[string]string, want map[string]string) {
	t.Helper()
	for name, v := range want {
		if row[name] != v {
			t.Errorf("%s: got %q, want %q", name, row[name], v)
		}
	}
}

// safeBuffer is a log that is read while it is written.
type safeBuffer struct {
	mu    sync.Mutex
	b     bytes.Buffer
	quiet bool
}

// off makes it forget what is written from now on.
func (s *safeBuffer) off() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quiet = true
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quiet {
		return len(p), nil
	}
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

const (
	chatBody   = `{"model":"gpt-4o","messages":[{"role":"user","content":"canary-question"}]}`
	chatAnswer = `{"id":"c1","object":"chat.completion","model":"gpt-4o-2024-08-06","service_tier":"default",` +
		`"choices":[{"index":0,"message":{"role":"assistant","content":"canary-answer"},` +
		`"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":100,` +
		`"total_tokens":1100,"prompt_tokens_details":{"cached_tokens":400},` +
		`"completion_tokens_details":{"reasoning_tokens":30}}}`
)

// answers is an upstream that always gives the same.
func answers(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}
