package alerts

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
)

// TestDoorsOfRulesAreForTheirOwners asks every door without a key, and as somebody of another tenant.
func TestDoorsOfRulesAreForTheirOwners(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00")
	w.rule(`{"name":"a","metric":"requests","threshold":5}`)
	mux := w.mux()
	for _, door := range []string{
		"GET /v1/alerts/rules", "GET /v1/alerts/rules/a", "PUT /v1/alerts/rules/a", "DELETE /v1/alerts/rules/a",
		"POST /v1/alerts/rules/test", "GET /v1/alerts/silences", "POST /v1/alerts/silences",
		"DELETE /v1/alerts/silences/s1",
	} {
		method, path, _ := strings.Cut(door, " ")
		rec := httptest.NewRecorder()
		mux.ServeHTTP(rec, httptest.NewRequest(method, path, nil))
		if rec.Code != http.StatusUnauthorized {
			t.Errorf("%s without a key: %d", door, rec.Code)
		}
	}
	other := func(door func(http.ResponseWriter, *http.Request) error, body string) (string, error) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r = web.WithIdentity(r, auth.Identity{Tenant: store.Tenant{9}})
		rec := httptest.NewRecorder()
		err := door(rec, r)
		return rec.Body.String(), err
	}
	for _, door := range []func(http.ResponseWriter, *http.Request) error{
		w.serveRule, w.serveSetRule, w.serveDeleteRule, w.serveTry, w.serveSilences, w.serveSilence, w.serveUnsilence,
	} {
		if text, err := other(own(door), `{"name":"a"}`); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("another tenant got %q, %v", text, err)
		}
	}
	if text, err := other(w.serveRules, ""); err != nil || strings.Contains(text, `"a"`) {
		t.Errorf("another tenant got %q, %v", text, err)
	}
}

func TestBodiesOfRulesAreReadStrictly(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00")
	f := func(method, path, body string, status int, want string) {
		t.Helper()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r = r.WithContext(web.AsLocal(r.Context()))
		rec := httptest.NewRecorder()
		w.mux().ServeHTTP(rec, r)
		if rec.Code != status || !strings.Contains(rec.Body.String(), want) {
			t.Errorf("%s %s %s: %d %s, want %d %s", method, path, body, rec.Code, rec.Body, status, want)
		}
	}
	f("PUT", "/v1/alerts/rules/a", `{"metric":"cost","operator":">","threshold":1,"window":"1h"}`, 200, `"window":"1h"`)
	f("PUT", "/v1/alerts/rules/a", `{"metric":"cost","operator":">","treshold":1}`, 400, "treshold")
	f("PUT", "/v1/alerts/rules/a", `{"name":"b","metric":"cost","operator":">","threshold":1}`, 400, `"field":"name"`)
	f("PUT", "/v1/alerts/rules/a", `{"metric":"cost","operator":">","threshold":"much"}`, 400, "threshold")
	f("PUT", "/v1/alerts/rules/a", `{"metric":"cost","operator":">","threshold":1,"window":"1 hour"}`, 400, "length of time")
	f("PUT", "/v1/alerts/rules/a?dry=1", `{}`, 400, "unknown_parameter")
	f("PUT", "/v1/alerts/rules/a", `{"metric":"cosst","operator":"~","window":"1s"}`, 400, `did you mean cost?`)
	f("GET", "/v1/alerts/rules/a", "", 200, `"says":"cost \u003e $1.00 in 1h"`)
	f("POST", "/v1/alerts/rules/test", `{"name":"a"}`, 200, `"checks":[{"condition"`)
	f("POST", "/v1/alerts/silences", `{"rule":"a","for":"2h","why":"w"}`, 200, `"until":"2026-11-20T12:00:00Z"`)
	f("GET", "/v1/alerts?state=open&rule=a*&since=1h", "", 200, `"total":0`)
	f("GET", "/v1/alerts?colour=red", "", 400, "unknown_parameter")
}
