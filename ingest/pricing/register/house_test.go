package register

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/columns"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/engine/web"
	"analytics/ingest/pricing"
)

// house is the real thing around the register: a store, keys, routes. Events are taken in by hand:
// the intake is to the right of this room.
type house struct {
	t    testing.TB
	dir  string
	at   time.Time
	st   *store.Store
	keys *auth.Keyring
	reg  *Register
	book *pricing.Book
	mux  *web.Mux
	told []string // the audit trail
	n    int
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func newHouse(t testing.TB) *house {
	h := &house{t: t, dir: t.TempDir(), at: noon}
	h.open(Config{})
	t.Cleanup(func() { _ = h.st.Close() })
	return h
}

func (h *house) open(cfg Config) {
	h.t.Helper()
	now := func() time.Time { return h.at }
	log := slog.New(slog.DiscardHandler)
	var err error
	must := func() {
		if err != nil {
			h.t.Helper()
			h.t.Fatal(err)
		}
	}
	h.st, err = store.Open(h.t.Context(), store.Config{Space: storetest.Room, Dir: h.dir, Now: now, Log: log,
		MemTableSize: 8 << 20})
	must()
	h.keys, err = auth.Open(h.t.Context(), h.st, now)
	must()
	h.reg, err = Open(House{Store: h.st, Zone: time.UTC, Now: now, Log: log,
		Use: func(b *pricing.Book) { h.book = b },
		Record: func(_ context.Context, _ store.Tenant, text []byte) error {
			h.told = append(h.told, string(text))
			return nil
		}}, cfg)
	must()
	h.mux = web.NewMux(web.Options{Keys: h.keys, Now: now})
	h.reg.Routes(h.mux)
}

// reopen is a restart.
func (h *house) reopen(cfg Config) {
	h.t.Helper()
	if err := h.st.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.open(cfg)
}

// take stores requests of a model, a minute apart, as the book in use prices them.
func (h *house) take(model string, ago time.Duration, n int) {
	h.t.Helper()
	var batch event.Batch
	var e event.Event
	for i := range n {
		e.Reset(event.AIRequest)
		h.n++
		e.SetInt(event.Timestamp, int64(event.MicrosOf(h.at.Add(-ago+time.Duration(i)*time.Minute))))
		e.SetID(event.EventID, fmt.Appendf(nil, "r-%d", h.n))
		e.SetText(event.AIModel, []byte(model))
		e.SetInt(event.AIInputUncachedTokens, int64(1000+i))
		e.SetInt(event.AIOutputTextTokens, int64(10*i))
		if i%4 == 1 {
			e.SetFloat(event.AICostUSD, 0.25)
		}
		if i%5 == 2 {
			e.SetText(event.AITier, []byte("batch"))
		}
		h.book.Price(&e)
		batch.Add(&e)
	}
	if _, err := h.st.Append(h.t.Context(), store.Default, &batch); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) seal() {
	h.t.Helper()
	if _, err := h.st.Seal(h.t.Context(), 0, true); err != nil {
		h.t.Fatal(err)
	}
}

// rows are all stored requests, as the bytes of their rows, in order.
func (h *house) rows() []string {
	h.t.Helper()
	n := h.st.Snapshot(store.Range{Tenant: store.Default, Kind: event.AIRequest, To: 1 << 60})
	defer n.Release()
	var all []string
	for _, c := range n.Chunks() {
		rec, err := c.Read(h.t.Context(), nil)
		if err != nil {
			h.t.Fatal(err)
		}
		rows := columns.NewRows(event.AIRequest, rec)
		for i := range int(rec.NumRows()) {
			all = append(all, string(rows.Append(nil, i)))
		}
	}
	slices.Sort(all)
	return all
}

// costs sums cost and client_cost by model, and counts the unpriced.
func (h *house) costs() map[string][3]int64 {
	h.t.Helper()
	sums := map[string][3]int64{}
	var e event.Event
	for _, row := range h.rows() {
		if err := e.DecodeRow(event.AIRequest, []byte(row)); err != nil {
			h.t.Fatal(err)
		}
		s := sums[string(e.Text(event.AIModel))]
		s[0] += e.Int(event.AICost)
		s[1] += e.Int(event.AIClientCost)
		if string(e.Text(event.AICostSource)) == pricing.Unpriced {
			s[2]++
		}
		sums[string(e.Text(event.AIModel))] = s
	}
	return sums
}

func (h *house) reprice(s Scope) *Report {
	h.t.Helper()
	s.Tenant = store.Default
	if s.From.IsZero() {
		s.From = noon.Add(-30 * 24 * time.Hour)
	}
	if s.To.IsZero() {
		s.To = noon.Add(time.Hour)
	}
	r, err := h.reg.Reprice(h.t.Context(), s, func(int, int) {})
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// ask asks over HTTP with a key of the scope.
func (h *house) ask(scope auth.Scope, method, target, body string) (int, string) {
	h.t.Helper()
	secret, _, err := h.keys.Create(h.t.Context(), auth.NewKey{Name: "test", Scopes: auth.Scopes{scope}})
	if err != nil {
		h.t.Fatal(err)
	}
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr = "193.99.144.80:4711"
	r.Header.Set("Authorization", "Bearer "+secret)
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	text, _ := io.ReadAll(w.Result().Body)
	return w.Code, string(text)
}

// okay is ask where the answer must be good; it is decoded.
func (h *house) okay(method, target, body string, into any) {
	h.t.Helper()
	status, text := h.ask(auth.Admin, method, target, body)
	if status != http.StatusOK {
		h.t.Fatalf("%s %s: %d %s", method, target, status, text)
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		h.t.Fatalf("%s: %v", text, err)
	}
}

func equal(a, b map[string][3]int64) bool { return maps.Equal(a, b) }
