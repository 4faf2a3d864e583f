package history_test

import (
	"context"
	"fmt"
	"log/slog"
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
	"analytics/ingest/enrich"
	"analytics/rollup"
	"analytics/rollup/bots"
	"analytics/rollup/bots/history"
)

// house is the real thing around the history: a store with its mill, lists, keys and routes.
type house struct {
	t        testing.TB
	dir      string
	now      time.Time
	store    *store.Store
	mill     *rollup.Mill
	lists    *enrich.Lists
	enricher *enrich.Enricher
	history  *history.History
	keys     *auth.Keyring
	mux      *web.Mux
	used     []enrich.Rule
	told     []string // the audit trail
	n        int
}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func newHouse(t testing.TB) *house {
	h := &house{t: t, dir: t.TempDir(), now: noon}
	h.open()
	t.Cleanup(func() { h.store.Close() })
	return h
}

func (h *house) open() {
	h.t.Helper()
	now, log := func() time.Time { return h.now }, slog.New(slog.DiscardHandler)
	var err error
	h.store, err = store.Open(h.t.Context(), store.Config{Space: storetest.Room, Dir: h.dir,
		MemTableSize: 8 << 20, Now: now,
		Derive: rollup.Derive(time.UTC)})
	check(h.t, err)
	h.mill = rollup.New(rollup.Config{Store: h.store, Now: now})
	h.lists, err = enrich.OpenLists()
	check(h.t, err)
	h.enricher = enrich.New(h.lists, enrich.NewSalts(h.store.Shelf(store.Default, "settings")))
	h.history, err = history.Open(history.House{Store: h.store, Zone: time.UTC, Now: now, Log: log,
		Classify: h.lists.Reclassify, Use: func(r []enrich.Rule) { h.used = r }, Remake: h.mill.RemakeSessions,
		Record: func(_ context.Context, _ store.Tenant, text []byte) error {
			h.told = append(h.told, string(text))
			return nil
		}})
	check(h.t, err)
	h.keys, err = auth.Open(h.t.Context(), h.store, now)
	check(h.t, err)
	h.mux = web.NewMux(web.Options{Keys: h.keys, Now: now})
	h.history.Routes(h.mux, bots.DefaultWeights)
}

// reopen is a restart.
func (h *house) reopen() {
	h.t.Helper()
	check(h.t, h.store.Close())
	h.open()
}

// visit stores page views of an address with a user agent, with gap between them, an engagement and
// a custom event at the end.
func (h *house) visit(address, agent string, start time.Time, views int, gap time.Duration) {
	h.t.Helper()
	var batch event.Batch
	var e event.Event
	var scratch enrich.Scratch
	put := func(kind event.Kind, url, ip, ua int, at time.Time, path string) {
		e.Reset(kind)
		scratch.Reset()
		h.n++
		e.SetInt(event.Timestamp, int64(event.MicrosOf(at)))
		e.SetID(event.EventID, fmt.Appendf(nil, "e-%d", h.n))
		e.SetText(url, []byte("https://a.example"+path))
		e.SetText(ip, []byte(address))
		e.SetText(ua, []byte(agent))
		check(h.t, h.enricher.Event(h.t.Context(), &e, h.now, &scratch))
		e.Clear(url)
		e.Clear(ip)
		if kind == event.PageView {
			e.SetID(event.PageFingerprint, fmt.Appendf(nil, "%016x", len(agent)))
		}
		if kind == event.Custom {
			e.SetText(event.CustomName, []byte("order"))
		}
		batch.Add(&e)
	}
	at := start
	for i := range views {
		put(event.PageView, event.PageURL, event.PageClientIP, event.PageUserAgent, at, fmt.Sprintf("/p/%d", i))
		at = at.Add(gap)
	}
	put(event.Engagement, event.EngagementURL, event.EngagementClientIP, event.EngagementUserAgent, at, "/p/0")
	put(event.Custom, event.CustomURL, event.CustomClientIP, event.CustomUserAgent, at, "/p/0")
	_, err := h.store.Append(h.t.Context(), store.Default, &batch)
	check(h.t, err)
}

// kept are the keys on the shelf that begin so.
func (h *house) kept(prefix string) (keys []string) {
	h.t.Helper()
	check(h.t, h.store.Shelf(store.Default, "bots").Each(prefix, func(key string, _ []byte) error {
		keys = append(keys, key)
		return nil
	}))
	return keys
}

// rows are the stored events of kinds, as the bytes of their rows, in order.
func (h *house) rows(kinds ...event.Kind) []string {
	h.t.Helper()
	var all []string
	for _, kind := range kinds {
		n := h.store.Snapshot(store.Range{Tenant: store.Default, Kind: kind, To: 1 << 60})
		for _, c := range n.Chunks() {
			rec, err := c.Read(h.t.Context(), nil)
			check(h.t, err)
			rows := columns.NewRows(kind, rec)
			for i := range int(rec.NumRows()) {
				all = append(all, kind.String()+string(rows.Append(nil, i)))
			}
			rec.Release()
		}
		n.Release()
	}
	slices.Sort(all)
	return all
}

var everything = []event.Kind{event.PageView, event.Engagement, event.Custom, event.Session}

// classes counts events and sessions by kind and class.
func (h *house) classes() map[string]int {
	h.t.Helper()
	fields := map[event.Kind]int{event.PageView: event.PageBotClass, event.Engagement: event.EngagementBotClass,
		event.Custom: event.CustomBotClass, event.Session: event.SessionBotClass}
	counts := map[string]int{}
	var e event.Event
	for kind, field := range fields {
		for _, row := range h.rows(kind) {
			check(h.t, e.DecodeRow(kind, []byte(strings.TrimPrefix(row, kind.String()))))
			counts[kind.String()+" "+string(e.Text(field))]++
		}
	}
	return counts
}

// close lets time pass until sessions are over, and stores them.
func (h *house) close() {
	h.t.Helper()
	h.now = h.now.Add(3 * time.Hour)
	check(h.t, h.mill.CloseSessions(h.t.Context()))
}

// sound fails unless cubes are what events give.
func (h *house) sound() {
	h.t.Helper()
	r, err := h.mill.Check(h.t.Context(), rollup.Scope{Tenant: store.Default, To: event.MicrosOf(h.now).Hour() + 1000})
	check(h.t, err)
	check(h.t, r.Err())
}

// ask asks over HTTP with a key of the scope.
func (h *house) ask(scope auth.Scope, method, target string) (int, string) {
	h.t.Helper()
	secret, _, err := h.keys.Create(h.t.Context(), auth.NewKey{Name: "test", Scopes: auth.Scopes{scope}})
	check(h.t, err)
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = "193.99.144.80:4711"
	r.Header.Set("Authorization", "Bearer "+secret)
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
