package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/fault"
)

// TestOnlyWhoHasTheScopeGetsIn tries every kind of key on every kind of route.
func TestOnlyWhoHasTheScopeGetsIn(t *testing.T) {
	h := newHouse(t)
	routes := map[string]auth.Scope{
		"/open": auth.None, "/ingest": auth.Ingest, "/query": auth.Query, "/export": auth.Export,
		"/admin": auth.Admin, "/backfill": auth.Backfill, "/public": auth.Public,
		"/either": auth.Any(auth.Ingest, auth.Public),
	}
	for path, scope := range routes {
		h.mux.Handle("GET "+path, scope, ok)
		h.mux.Handle("POST "+path, scope, ok)
	}
	all := []auth.Scope{
		auth.Ingest, auth.Query, auth.Export, auth.Admin, auth.Backfill, auth.Public,
	}
	tried := 0
	for _, has := range all {
		token := h.key(t, has)
		for path, needs := range routes {
			want := needs == auth.None || needs == has ||
				has == auth.Admin && needs != auth.Public ||
				path == "/either" && (has == auth.Ingest || has == auth.Public)
			for _, method := range []string{"GET", "POST"} {
				w := ask(h.mux, method, path, nil, "Authorization", "Bearer "+token)
				tried++
				if want && w.Code != http.StatusOK {
					t.Errorf("%s %s with %s: got %d, want 200", method, path, has, w.Code)
				}
				if !want {
					wantError(t, w, http.StatusForbidden, "missing_scope")
					for _, s := range needs.Either() {
						if !strings.Contains(w.Body.String(), string(s)) {
							t.Errorf("the answer does not name %s: %s", s, w.Body)
						}
					}
				}
			}
		}
	}
	for path, needs := range routes {
		w := ask(h.mux, "GET", path, nil)
		if needs == auth.None && w.Code != http.StatusOK {
			t.Errorf("%s without a key: got %d", path, w.Code)
		}
		if needs != auth.None {
			wantError(t, w, http.StatusUnauthorized, "missing_key")
		}
		if w := askLocal(h.mux, "POST", path, nil); w.Code != http.StatusOK && needs != auth.Public {
			t.Errorf("%s for the local user: got %d", path, w.Code)
		}
	}
	t.Logf("%d requests", tried)
}

func TestErrorsHaveOneShape(t *testing.T) {
	m := bare(&lines{})
	m.Handle("GET /thing", auth.None, ok)
	m.Handle("GET /thing/{id}", auth.None, func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "unknown_thing", "no such thing")
	})
	m.Handle("GET /bug", auth.None, func(http.ResponseWriter, *http.Request) error {
		return errors.New("secret detail")
	})
	m.Handle("GET /panic", auth.None, func(http.ResponseWriter, *http.Request) error {
		panic("secret detail")
	})
	m.Handle("GET /busy", auth.None, func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Disposition", "attachment")
		return fault.New(fault.Unavailable, "too_busy", "later")
	})
	wantError(t, ask(m, "GET", "/nothing", nil), http.StatusNotFound, "unknown_route")
	wantError(t, ask(m, "GET", "/thing/7", nil), http.StatusNotFound, "unknown_thing")
	w := ask(m, "DELETE", "/thing", nil)
	wantError(t, w, http.StatusMethodNotAllowed, "method_not_allowed")
	if got := w.Header().Get("Allow"); got != "GET, HEAD" {
		t.Errorf("Allow is %q", got)
	}
	for _, path := range []string{"/bug", "/panic"} {
		w := ask(m, "GET", path, nil)
		wantError(t, w, http.StatusInternalServerError, "internal")
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s tells the client %s", path, w.Body)
		}
	}
	w = ask(m, "GET", "/busy", nil)
	wantError(t, w, http.StatusServiceUnavailable, "too_busy")
	if w.Header().Get("Retry-After") != "1" || w.Header().Get("Content-Disposition") != "" {
		t.Errorf("headers of a 503: %v", w.Header())
	}
	wantError(t, ask(m, "GET", "/thing?q="+strings.Repeat("a", maxURL), nil),
		http.StatusRequestEntityTooLarge, "url_too_long")
	if w := ask(m, "GET", "//thing/../thing", nil); w.Code != http.StatusTemporaryRedirect {
		t.Errorf("an unclean path: got %d", w.Code)
	}
}

func TestAnswerCutShortIsNotWhole(t *testing.T) {
	m := bare(&lines{})
	m.Handle("GET /half", auth.None, func(w http.ResponseWriter, _ *http.Request) error {
		fmt.Fprint(w, "half of it")
		return errors.New("disk gone")
	})
	s := httptest.NewServer(m)
	defer s.Close()
	resp, err := http.Get(s.URL + "/half")
	if err == nil {
		defer resp.Body.Close()
		_, err = resp.Body.Read(make([]byte, 100))
		for err == nil {
			_, err = resp.Body.Read(make([]byte, 100))
		}
	}
	if err == nil || err.Error() == "EOF" {
		t.Errorf("the client saw a whole answer (%v)", err)
	}
}

func TestRequestIDs(t *testing.T) {
	m := bare(&lines{})
	m.Handle("GET /", auth.None, func(w http.ResponseWriter, r *http.Request) error {
		return JSON(w, http.StatusOK, RequestID(r.Context()))
	})
	f := func(given string, kept bool) {
		t.Helper()
		w := ask(m, "GET", "/", nil, "X-Request-Id", given)
		got := w.Header().Get("X-Request-Id")
		if (got == given) != kept || got == "" || len(got) > 64 {
			t.Errorf("%q became %q", given, got)
		}
		if strings.TrimSpace(w.Body.String()) != `"`+got+`"` {
			t.Errorf("the handler saw %s, the client %q", w.Body, got)
		}
	}
	f("req-1.a_B:7", true)
	f("", false)
	f("a b", false)
	f("a\"b", false)
	f(strings.Repeat("a", 65), false)
	f("ä", false)
}

func TestFailedKeysAreSlowedDownAndGoodOnesAreNot(t *testing.T) {
	h := newHouse(t)
	h.mux.Handle("GET /q", auth.Query, ok)
	good := h.key(t, auth.Query)
	limited := 0
	for range 30 {
		w := ask(h.mux, "GET", "/q", nil, "X-API-Key", "ak_rd_nonsense")
		if w.Code == http.StatusTooManyRequests {
			limited++
			if w.Header().Get("Retry-After") == "" {
				t.Error("429 without Retry-After")
			}
		}
		if w := ask(h.mux, "GET", "/q", nil, "X-Analytics-Key", good); w.Code != http.StatusOK {
			t.Fatalf("a good key got %d", w.Code)
		}
	}
	if limited != 10 {
		t.Errorf("%d of 30 failures were limited, want 10", limited)
	}
}

// TestWhoAsksForNoRouteIsToldTheNearest: by spelling, or else by place.
func TestWhoAsksForNoRouteIsToldTheNearest(t *testing.T) {
	m := bare(&lines{})
	for _, path := range strings.Fields("/v1/costs/summary /v1/costs/trends /v1/costs/breakdown /v1/costs/drift /v1/costs/currency " +
		"/v1/costs/prices /v1/events /v1/agents/list /docs /v1/bots/rules /v1/bots/rules/{id} /{$}") {
		m.Handle("GET "+path, auth.None, ok)
	}
	m.Handle("POST /v1/events", auth.None, ok)
	f := func(path, want string) {
		t.Helper()
		w := ask(m, "GET", path, nil)
		wantError(t, w, http.StatusNotFound, "unknown_route")
		var got struct{ Error struct{ Message string } }
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if want = "there is nothing at GET " + path + want; got.Error.Message != want {
			t.Errorf("got  %s\nwant %s", got.Error.Message, want)
		}
	}
	f("/v1/costs/summry", "; did you mean /v1/costs/summary?")
	f("/v1/cost/Summary", "; did you mean /v1/costs/summary?")
	f("/costs/summary", "; did you mean /v1/costs/summary?")
	f("/api/v1/costs/summary", "; did you mean /v1/costs/summary?")
	f("/v1/costs/summary/", "; did you mean /v1/costs/summary?")
	f("/v1/event", "; did you mean /v1/events?")
	f("/v1/costs/by-model", "; beside it are /v1/costs/breakdown, /v1/costs/currency, /v1/costs/drift, /v1/costs/prices, "+
		"/v1/costs/summary and 1 other")
	f("/v1/costs", "; below it are /v1/costs/breakdown, /v1/costs/currency, /v1/costs/drift, /v1/costs/prices, "+
		"/v1/costs/summary and 1 other")
	f("/v1/agents", "; below it are /v1/agents/list")
	f("/v1/nothing-of-ours", "")
	f("/favicon.ico", "")
	f("/v1/"+strings.Repeat("x", 100), "")
}
