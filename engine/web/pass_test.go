package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/fault"
)

func TestPassedPathsArriveAsSent(t *testing.T) {
	h := newHouse(t)
	var got string
	h.mux.Pass("/through/", auth.Ingest, func(w http.ResponseWriter, r *http.Request) error {
		got = r.Method + " " + r.URL.EscapedPath()
		return nil
	})
	for _, path := range []string{
		"/through/a//b", "/through/a/../../v1/x", "/through/%2e%2e/x", "/through/a%2Fb", "/through/",
	} {
		for _, method := range []string{"GET", "POST", "DELETE", "PROPFIND"} {
			got = ""
			w := httptest.NewRecorder()
			h.mux.ServeHTTP(w, httptest.NewRequest(method, path, nil))
			if w.Code != 200 || got != method+" "+path {
				t.Errorf("%s %s: got %d %q", method, path, w.Code, got)
			}
		}
	}
	if h.mux.Routes()["/through/"] != auth.Ingest {
		t.Error("the door is not among the routes")
	}
}

func TestAdmitAsksForTheKeyAndItsScope(t *testing.T) {
	h := newHouse(t)
	h.mux.Pass("/through/", auth.Ingest, func(w http.ResponseWriter, r *http.Request) error {
		who, err := Admit(r.Context(), r.Header.Get("X-Key"), auth.Ingest)
		if err != nil {
			w.WriteHeader(fault.Status(err))
			return nil
		}
		_, err = fmt.Fprint(w, who.Label)
		return err
	})
	f := func(key string, local bool, status int, label string) {
		t.Helper()
		r := httptest.NewRequest("POST", "/through/x", nil)
		r.Header.Set("X-Key", key)
		// What others look at is none of a passage's business.
		r.Header.Set("Authorization", "Bearer sk-somebody-elses")
		if local {
			r = r.WithContext(AsLocal(r.Context()))
		}
		w := httptest.NewRecorder()
		h.mux.ServeHTTP(w, r)
		if w.Code != status || w.Body.String() != label {
			t.Errorf("%.8s: got %d %q, want %d %q", key, w.Code, w.Body, status, label)
		}
	}
	good := h.key(t, auth.Ingest)
	f(good, false, 200, "test")
	f(h.key(t, auth.Query), false, 403, "")
	f("", false, 401, "")
	f("", true, 200, "local")
	f("ak_ing_nonsense", true, 401, "")
	if !strings.Contains(h.log.String(), `"key":"`) {
		t.Error("the log does not say whose request it was")
	}
	if strings.Contains(h.log.String(), good) {
		t.Error("the log holds a key")
	}
}
