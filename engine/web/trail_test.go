package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
)

// told are the deeds that were recorded.
type told struct {
	all []Deed
	err error
}

func (k *told) record(_ context.Context, _ store.Tenant, text []byte) error {
	var e struct {
		Type string
		Deed
	}
	err := json.Unmarshal(text, &e)
	if e.Type == "activity" {
		k.all = append(k.all, e.Deed)
	}
	return errors.Join(err, k.err)
}

// TestWhatAdministratorsDoIsInTheTrail hangs a route of each sort; only a change that was made is told, once.
func TestWhatAdministratorsDoIsInTheTrail(t *testing.T) {
	h := newHouse(t)
	secret, _, err := h.keys.Create(t.Context(), auth.NewKey{Name: "boss", Scopes: auth.Scopes{auth.Admin}})
	if err != nil {
		t.Fatal(err)
	}
	done := func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(http.StatusNoContent); return nil }
	for _, pattern := range []string{"POST /v1/things", "PUT /v1/things/{name}", "DELETE /v1/things/{name}",
		"POST /v1/things/{name}/run", "GET /v1/things", "POST /v1/other/clear"} {
		h.mux.Handle(pattern, auth.Admin, done)
	}
	h.mux.Handle("POST /v1/asked", auth.Query, done)
	h.mux.Handle("POST /v1/failed", auth.Admin, func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.Invalid, "no", "no")
	})
	h.mux.Handle("POST /v1/own", auth.Admin, func(w http.ResponseWriter, r *http.Request) error {
		h.mux.Tell(r.Context(), store.Default, Deed{Action: "own", Severity: "high", Actor: "me"})
		return done(w, r)
	})
	var k told
	do := func(method, path string) {
		t.Helper()
		if w := ask(h.mux, method, path, nil, "X-Analytics-Key", secret); w.Code >= 500 {
			t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
	do("POST", "/v1/things") // nobody keeps a trail yet
	h.mux.Keep(k.record)
	f := func(method, path string, want ...Deed) {
		t.Helper()
		k.all = nil
		do(method, path)
		for i := range want {
			want[i].Category, want[i].Outcome = "administration", "success"
		}
		got, _ := json.Marshal(k.all)
		if expected, _ := json.Marshal(want); string(got) != string(expected) {
			t.Errorf("%s %s: the trail has %s, want %s", method, path, got, expected)
		}
	}
	one := func(action, target string) Deed {
		return Deed{Action: action, Target: target, Actor: "boss", Severity: "medium"}
	}
	f("POST", "/v1/things", one("things_create", "/v1/things"))
	f("PUT", "/v1/things/a%20b", one("things_set", "a b"))
	f("DELETE", "/v1/things/x", one("things_delete", "x"))
	f("POST", "/v1/things/x/run?secret=1", one("things_run", "x"))
	f("POST", "/v1/other/clear", one("other_clear", "/v1/other/clear"))
	f("POST", "/v1/own", Deed{Action: "own", Actor: "me", Severity: "high"})
	f("POST", "/v1/things?dry_run=true")
	f("POST", "/v1/things?dry_run=false", one("things_create", "/v1/things"))
	f("GET", "/v1/things")
	f("POST", "/v1/asked")
	f("POST", "/v1/failed")
	k.err = errors.New("the disk is full")
	do("POST", "/v1/things")
	if log := h.log.String(); !strings.Contains(log, "the audit trail lacks what was done") || !strings.Contains(log, "the disk is full") {
		t.Errorf("the log says nothing of it: %s", log)
	}
}
