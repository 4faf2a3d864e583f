package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// TestABoundKeyIsRefusedWhereNothingKeepsToIt hangs a route of each sort.
func TestABoundKeyIsRefusedWhereNothingKeepsToIt(t *testing.T) {
	h := newHouse(t)
	secret, _, err := h.keys.Create(t.Context(), auth.NewKey{
		Name: "bound", Scopes: auth.Scopes{auth.Query}, Bound: auth.Binding{Agent: "support"}})
	if err != nil {
		t.Fatal(err)
	}
	who := func(w http.ResponseWriter, r *http.Request) error {
		id := Identity(r.Context())
		return JSON(w, http.StatusOK, id.KeyID+id.Bound.Agent)
	}
	h.mux.Handle("GET /t/plain", auth.Query, who)
	h.mux.HandleQuietly("GET /t/quiet", auth.Any(auth.Query, auth.Export), who)
	h.mux.HandleBound("GET /t/bound", auth.Query, who)
	h.mux.HandleBound("GET /t/admin", auth.Admin, who)
	h.mux.Handle("GET /t/open", auth.None, who)
	h.mux.Pass("/t/pass/", auth.Query, func(w http.ResponseWriter, r *http.Request) error {
		if _, err := Admit(r.Context(), auth.Token(r.Header), auth.Query); err != nil {
			return err
		}
		return who(w, r)
	})
	get := func(path string) int { return ask(h.mux, "GET", path, nil, "X-Analytics-Key", secret).Code }
	for path, status := range map[string]int{"/t/plain": 403, "/t/quiet": 403, "/t/bound": 200,
		"/t/admin": 403, "/t/pass/x": 403, "/t/open": 200} {
		if got := get(path); got != status {
			t.Errorf("%s: got %d, want %d", path, got, status)
		}
	}
	w := ask(h.mux, "GET", "/t/open", nil, "X-Analytics-Key", secret)
	if w.Body.String() != "\"\"\n" && w.Body.String() != `""` {
		t.Errorf("an open route knows the bound key: %q", w.Body)
	}
	wantError(t, ask(h.mux, "GET", "/t/plain", nil, "X-Analytics-Key", secret), 403, "bound_key")
}

// TestALimitedShareIsRefusedWhereNobodySaysWhatItSees hangs routes before and after somebody says which
// pages there are.
func TestALimitedShareIsRefusedWhereNobodySaysWhatItSees(t *testing.T) {
	h := newHouse(t)
	token, _, err := h.sessions.Share(t.Context(), auth.Local(store.Default),
		auth.NewShare{Pages: []string{"traffic"}, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	cookie, _, err := h.sessions.Open(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	who := func(w http.ResponseWriter, r *http.Request) error {
		return JSON(w, http.StatusOK, len(Identity(r.Context()).Pages))
	}
	h.mux.Handle("GET /t/plain", auth.Query, who)
	h.mux.Handle("POST /t/plain", auth.Query, who)
	h.mux.HandleBound("GET /t/bound", auth.Query, who)
	h.mux.Handle("GET /t/open", auth.None, who)
	h.mux.HandleBound("GET /t/page", auth.None, who)
	f := func(method, path string, status int, body string) {
		t.Helper()
		w := ask(h.mux, method, path, nil, "Cookie", auth.CookieName(h.mux.opt.Secure)+"="+cookie, "Sec-Fetch-Site", "same-origin")
		if w.Code != status || status == 200 && strings.TrimSpace(w.Body.String()) != body {
			t.Errorf("%s %s: got %d %s, want %d %s", method, path, w.Code, w.Body, status, body)
		}
	}
	f("GET", "/t/plain", 403, "")
	f("GET", "/t/bound", 403, "")
	f("GET", "/t/open", 200, "0")
	f("GET", "/t/page", 200, "1")
	h.mux.Show(Views{Pages: []string{"traffic"}, Admit: func(r *http.Request, pages []string) error {
		if r.Method == "GET" && r.URL.Path == "/t/plain" && slices.Equal(pages, []string{"traffic"}) {
			return nil
		}
		return fault.New(fault.Forbidden, "not_shared", "no")
	}})
	f("GET", "/t/plain", 200, "1")
	f("POST", "/t/plain", 403, "")
	f("GET", "/t/bound", 403, "")
}
