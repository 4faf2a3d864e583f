package web

import (
	"net/http"
	"testing"

	"analytics/engine/auth"
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
