package mcp

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/engine/web"
	"analytics/query"
	"analytics/rollup"
	"analytics/rollup/funnels"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// house is the desk over a real store, behind its routes, with MCP beside them.
type house struct {
	t      testing.TB
	keys   *auth.Keyring
	mux    *web.Mux
	server *httptest.Server
}

func newHouse(t testing.TB) *house {
	t.Helper()
	quiet, now := slog.New(slog.DiscardHandler), func() time.Time { return noon }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	st, err := store.Open(context.Background(), store.Config{Space: storetest.Room,
		Dir: t.TempDir(), MemTableSize: 8 << 20, Now: now,
		Log: quiet, Derive: rollup.Derive(time.UTC)})
	must(err)
	t.Cleanup(func() { _ = st.Close() })
	h := &house{t: t}
	h.keys, err = auth.Open(t.Context(), st, now)
	must(err)
	mill := rollup.New(rollup.Config{Store: st, Zone: time.UTC, Now: now, Log: quiet})
	desk, err := query.New(st, query.Config{Timezone: "UTC", RetentionDays: 90, Mill: mill}, now, quiet)
	must(err)
	h.mux = web.NewMux(web.Options{Keys: h.keys, Now: now})
	desk.Routes(h.mux)
	funnels.NewDoor(st, now).Routes(h.mux)
	_, err = funnels.Of(st, store.Default).Create(t.Context(),
		funnels.Funnel{Name: "signup", Steps: []string{"page:/", "event:signup"}}, noon)
	must(err)
	Routes(h.mux, "test")
	fill(t, st)
	h.server = httptest.NewServer(h.mux)
	t.Cleanup(h.server.Close)
	return h
}

// fill stores two agents' requests, a failure, a tool call, a page view and a login.
func fill(t testing.TB, st *store.Store) {
	var batch event.Batch
	var e event.Event
	n := 0
	begin := func(k event.Kind) {
		e.Reset(k)
		n++
		e.SetInt(event.Timestamp, int64(event.MicrosOf(noon.Add(-time.Duration(n)*time.Minute))))
		e.SetID(event.EventID, fmt.Appendf(nil, "event-%d", n))
	}
	for i := range 6 {
		begin(event.AIRequest)
		e.SetText(event.AIModel, []byte([]string{"gpt-4o", "claude-sonnet-4-5"}[i%2]))
		e.SetText(event.Agent, []byte([]string{"writer", "coder"}[i%2]))
		e.SetID(event.TraceID, []byte("4bf92f3577b34da6a3ce929d0e0e4736"))
		e.SetInt(event.AICost, int64(1_000_000*(i+1)))
		e.SetBool(event.AISuccess, i != 5)
		batch.Add(&e)
	}
	begin(event.ToolCall)
	e.SetText(event.ToolTool, []byte("search"))
	e.SetText(event.Agent, []byte("coder"))
	batch.Add(&e)
	begin(event.PageView)
	e.SetText(event.PageSite, []byte("example.com"))
	e.SetText(event.PagePath, []byte("/"))
	batch.Add(&e)
	begin(event.Activity)
	e.SetText(event.ActivityCategory, []byte("authentication"))
	e.SetText(event.ActivityAction, []byte("login"))
	batch.Add(&e)
	if _, err := st.Append(t.Context(), store.Default, &batch); err != nil {
		t.Fatal(err)
	}
}

// key makes a key with the scope.
func (h *house) key(s auth.Scope) string {
	h.t.Helper()
	secret, _, err := h.keys.Create(h.t.Context(), auth.NewKey{Name: "model", Scopes: auth.Scopes{s}})
	if err != nil {
		h.t.Fatal(err)
	}
	return secret
}

// bearer sends a key with each request.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// dial connects the SDK's own client over HTTP.
func (h *house) dial(key string) (*sdk.ClientSession, error) {
	c := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil)
	return c.Connect(h.t.Context(), &sdk.StreamableClientTransport{Endpoint: h.server.URL + "/mcp",
		HTTPClient: &http.Client{Transport: bearer(key)}, MaxRetries: -1}, nil)
}

func (h *house) session() *sdk.ClientSession {
	h.t.Helper()
	s, err := h.dial(h.key(auth.Query))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = s.Close() })
	return s
}
