package door

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/engine/web"
)

// house is the doors on a real store.
type house struct {
	mux      *web.Mux
	keys     *auth.Keyring
	sessions *auth.Sessions
	log      *bytes.Buffer
	trail    []map[string]any
	in       string // what is piped into commands
}

func newHouse(t *testing.T) *house {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{
		Space: storetest.Room, Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	h := &house{log: new(bytes.Buffer)}
	if h.keys, err = auth.Open(t.Context(), s, time.Now); err != nil {
		t.Fatal(err)
	}
	if h.sessions, err = auth.OpenSessions(t.Context(), h.keys); err != nil {
		t.Fatal(err)
	}
	h.mux = web.NewMux(web.Options{Keys: h.keys, Sessions: h.sessions,
		Log: web.NewLog(h.log, slog.LevelDebug, true)})
	New(h.keys, h.sessions, false, func() string { return "http://127.0.0.1:8088" }).Routes(h.mux)
	h.mux.Keep(func(_ context.Context, _ store.Tenant, text []byte) error {
		var e map[string]any
		err := json.Unmarshal(text, &e)
		h.trail = append(h.trail, e)
		return err
	})
	h.mux.Handle("GET /v1/query", auth.Query, who)
	h.mux.Handle("POST /v1/query", auth.Query, who)
	return h
}

func who(w http.ResponseWriter, r *http.Request) error {
	return web.JSON(w, http.StatusOK, web.Identity(r.Context()).Session)
}

func (h *house) key(t *testing.T, tenant store.Tenant, scopes ...auth.Scope) (string, auth.Key) {
	t.Helper()
	secret, key, err := h.keys.Create(t.Context(), auth.NewKey{Name: "k", Scopes: scopes, Tenant: tenant})
	if err != nil {
		t.Fatal(err)
	}
	return secret, key
}

func (h *house) ask(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w
}

func TestOnlyAdministratorsManageKeys(t *testing.T) {
	h := newHouse(t)
	_, target := h.key(t, store.Default, auth.Ingest)
	for _, scope := range []auth.Scope{auth.Ingest, auth.Query, auth.Export, auth.Backfill, auth.Public, ""} {
		token := ""
		if scope != "" {
			token, _ = h.key(t, store.Default, scope)
		}
		for _, route := range []string{"GET /v1/keys", "POST /v1/keys",
			"POST /v1/keys/" + target.ID + "/rotate", "DELETE /v1/keys/" + target.ID} {
			method, path, _ := strings.Cut(route, " ")
			w := h.ask(method, path, `{"name":"x","scopes":["admin"]}`, "X-API-Key", token)
			if w.Code != http.StatusForbidden && w.Code != http.StatusUnauthorized {
				t.Errorf("%s with %q: got %d", route, scope, w.Code)
			}
		}
	}
	if n := len(h.keys.List()); n != 6 {
		t.Errorf("there are %d keys, want 6", n)
	}
}

func TestKeysOverHTTP(t *testing.T) {
	h := newHouse(t)
	admin, _ := h.key(t, store.Default, auth.Admin)
	do := func(method, path, body string, status int) map[string]any {
		t.Helper()
		w := h.ask(method, path, body, "Authorization", "Bearer "+admin)
		var got map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != status {
			t.Fatalf("%s %s: got %d %s, %v", method, path, w.Code, w.Body, err)
		}
		return got
	}
	made := do("POST", "/v1/keys", `{"name":"web","scopes":["query","ingest"],"expires":"2126-01-01T00:00:00Z"}`, 201)
	first, _ := made["secret"].(string)
	id, _ := made["id"].(string)
	if made["type"] != "key" || made["state"] != "live" || !strings.HasPrefix(first, "ak_key_"+id) {
		t.Errorf("got %v", made)
	}
	second, _ := do("POST", "/v1/keys/"+id+"/rotate?overlap=1h", "", 200)["secret"].(string)
	for _, secret := range []string{first, second} {
		if _, err := h.keys.Check(secret); err != nil {
			t.Error(err)
		}
	}
	do("POST", "/v1/keys/"+id+"/rotate?overlap=-1h", "", 400)
	do("POST", "/v1/keys/nobody00/rotate", "", 404)
	do("POST", "/v1/keys", `{"name":"web","scopes":["root"]}`, 400)
	do("POST", "/v1/keys", `{"name":"web","scope":"query"}`, 400)
	if list := do("GET", "/v1/keys", "", 200); len(list["keys"].([]any)) != 2 {
		t.Errorf("got %v", list)
	} else if text := h.ask("GET", "/v1/keys", "", "X-API-Key", admin).Body.String(); strings.Contains(text,
		first[len(first)-38:]) || strings.Contains(text, "sha256") {
		t.Errorf("the list tells secrets: %s", text)
	}
	if got := do("DELETE", "/v1/keys/"+id, "", 200); got["state"] != "revoked" {
		t.Errorf("got %v", got)
	}
	if _, err := h.keys.Check(second); err == nil {
		t.Error("a revoked key works")
	}
	if text := h.log.String(); strings.Contains(text, first) || strings.Contains(text, admin) {
		t.Error("the log holds a secret")
	}
}

func TestTenantsDoNotSeeEachOthersKeys(t *testing.T) {
	h := newHouse(t)
	other := store.Tenant{'o', 't', 'h', 'e', 'r'}
	_, theirs := h.key(t, store.Default, auth.Ingest)
	admin, _ := h.key(t, other, auth.Admin)
	for _, route := range []string{"POST /v1/keys/" + theirs.ID + "/rotate", "DELETE /v1/keys/" + theirs.ID} {
		method, path, _ := strings.Cut(route, " ")
		if w := h.ask(method, path, "", "X-API-Key", admin); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d", route, w.Code)
		}
	}
	if w := h.ask("GET", "/v1/keys", "", "X-API-Key", admin); strings.Contains(w.Body.String(), theirs.ID) {
		t.Errorf("the list shows another tenant's key: %s", w.Body)
	}
	w := h.ask("POST", "/v1/keys", `{"name":"x","scopes":["ingest"]}`, "X-API-Key", admin)
	for _, k := range h.keys.List() {
		if strings.Contains(w.Body.String(), k.ID) && k.Tenant != other {
			t.Errorf("the new key belongs to %q", k.Tenant)
		}
	}
}

// TestLoginWithALink goes the way of a browser: look at the page, post its form, use the cookie.
func TestLoginWithALink(t *testing.T) {
	h := newHouse(t)
	admin, _ := h.key(t, store.Default, auth.Admin)
	w := h.ask("POST", "/v1/dashboard/links", "", "X-API-Key", admin)
	var made struct{ URL string }
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || w.Code != http.StatusCreated {
		t.Fatalf("got %d %s, %v", w.Code, w.Body, err)
	}
	link, err := url.Parse(made.URL)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // looking does not use it up
		w = h.ask("GET", link.RequestURI(), "")
	}
	token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(w.Body.String())
	if w.Code != http.StatusOK || token == nil || token[1] != link.Query().Get("token") {
		t.Fatalf("the page is %d %s", w.Code, w.Body)
	}
	form := url.Values{"token": {token[1]}}.Encode()
	kind := []string{"Content-Type", "application/x-www-form-urlencoded"}
	w = h.ask("POST", "/login", form, append(kind, "Sec-Fetch-Site", "cross-site")...)
	if w.Code != http.StatusForbidden {
		t.Errorf("a login by another site: got %d", w.Code)
	}
	w = h.ask("POST", "/login", form, append(kind, "Sec-Fetch-Site", "same-origin")...)
	cookies := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || len(cookies) != 1 || !cookies[0].HttpOnly {
		t.Fatalf("got %d %v", w.Code, w.Header())
	}
	if w := h.ask("POST", "/login", form, kind...); w.Code != http.StatusUnauthorized {
		t.Errorf("a second login with the link: got %d", w.Code)
	}
	cookie := cookies[0].Name + "=" + cookies[0].Value
	f := func(method, path string, status int, headers ...string) {
		t.Helper()
		if w := h.ask(method, path, "", append(headers, "Cookie", cookie)...); w.Code != status {
			t.Errorf("%s %s %v: got %d %s, want %d", method, path, headers, w.Code, w.Body, status)
		}
	}
	f("GET", "/v1/query", 200)
	f("GET", "/v1/query", 200, "Sec-Fetch-Site", "cross-site") // a GET changes nothing
	f("POST", "/v1/query", 200, "Sec-Fetch-Site", "same-origin")
	f("POST", "/v1/query", 403, "Sec-Fetch-Site", "cross-site")
	f("POST", "/v1/query", 403, "Sec-Fetch-Site", "same-site")
	f("POST", "/v1/query", 403, "Origin", "https://evil.example")
	f("POST", "/v1/query", 403, "Origin", "null")
	f("GET", "/v1/keys", 403)
	f("GET", "/v1/query", 401, "X-API-Key", "ak_wrong") // a key goes before the cookie
	f("POST", "/logout", 403, "Sec-Fetch-Site", "cross-site")
	f("POST", "/logout", 303, "Sec-Fetch-Site", "same-origin")
	f("GET", "/v1/query", 401)
	text := h.log.String()
	if strings.Contains(text, token[1]) || strings.Contains(text, cookies[0].Value) {
		t.Error("the log holds a login secret")
	}
}

func TestLoginPageShowsNoMarkupOfOthers(t *testing.T) {
	h := newHouse(t)
	for _, s := range []string{`"><script>alert(1)</script>`, `' onmouseover=alert(1) x='`} {
		w := h.ask("GET", "/login?token="+url.QueryEscape(s), "")
		if body := w.Body.String(); strings.Contains(body, "<script") || strings.Contains(body, s) {
			t.Errorf("the page is %s", body)
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("the policy is %q", csp)
		}
	}
}

func TestAges(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	f := func(text, want string) {
		t.Helper()
		got, err := expiry(text, now)
		if s := got.UTC().Format(time.RFC3339); (err == nil) != (want != "") || err == nil && s != want {
			t.Errorf("%q: got %s, %v, want %q", text, s, err, want)
		}
	}
	f("90d", "2027-02-19T10:00:00Z")
	f("2w", "2026-12-05T10:00:00Z")
	f("12h", "2026-11-21T22:00:00Z")
	f("2026-12-31", "2027-01-01T00:00:00Z")
	f("2026-12-31T12:00:00+01:00", "2026-12-31T11:00:00Z")
	for _, bad := range []string{"", "d", "-1d", "-5h", "90", "1e9d", "999999d", "tomorrow"} {
		f(bad, "")
	}
}
