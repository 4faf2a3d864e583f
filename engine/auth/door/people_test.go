package door

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
)

const phrase = "correct horse battery staple"

// post sends the login form as a browser does.
func (h *house) post(form url.Values) *httptest.ResponseRecorder {
	return h.ask("POST", "/login", form.Encode(),
		"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
}

func (h *house) cookie(t *testing.T, w *httptest.ResponseRecorder, to string) string {
	t.Helper()
	cookies := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != to || len(cookies) != 1 {
		t.Fatalf("got %d %v %s", w.Code, w.Header(), w.Body)
	}
	return cookies[0].Name + "=" + cookies[0].Value
}

func TestLoginWithAPassword(t *testing.T) {
	h := newHouse(t)
	admin, _ := h.key(t, store.Default, auth.Admin)
	w := h.ask("PUT", "/v1/dashboard/users/anna", `{"password":"`+phrase+`"}`, "X-API-Key", admin)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "argon2") {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	if w = h.ask("GET", "/login", ""); !strings.Contains(w.Body.String(), `type="password"`) {
		t.Errorf("the page is %s", w.Body)
	}
	w = h.post(url.Values{"name": {"anna<b>"}, "password": {"no"}})
	if body := w.Body.String(); w.Code != http.StatusUnauthorized || strings.Contains(body, "<b>") ||
		!strings.Contains(body, "anna&lt;b&gt;") || !strings.Contains(body, "role=\"alert\"") {
		t.Errorf("a wrong password: %d %s", w.Code, body)
	}
	cookie := h.cookie(t, h.post(url.Values{"name": {"Anna"}, "password": {phrase}}), "/")
	f := func(method, path, body string, status int) {
		t.Helper()
		w := h.ask(method, path, body, "Cookie", cookie, "Sec-Fetch-Site", "same-origin")
		if w.Code != status {
			t.Errorf("%s %s: got %d %s, want %d", method, path, w.Code, w.Body, status)
		}
	}
	f("GET", "/v1/query", "", 200)
	f("GET", "/v1/dashboard/users", "", 403)
	f("PUT", "/v1/dashboard/users/anna", `{"password":"another long password"}`, 403)
	f("POST", "/v1/dashboard/links", "", 403)
	for range 10 {
		_ = h.post(url.Values{"name": {"anna"}, "password": {"wrong"}})
	}
	if w = h.post(url.Values{"name": {"anna"}, "password": {phrase}}); w.Code != http.StatusTooManyRequests {
		t.Errorf("after ten wrong ones: %d", w.Code)
	}
	if w = h.ask("DELETE", "/v1/dashboard/users/anna", "", "X-API-Key", admin); w.Code != http.StatusNoContent {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f("GET", "/v1/query", "", 401)
	if strings.Contains(h.log.String(), phrase) {
		t.Error("the log holds the password")
	}
}

func TestSharesOpenOnePageAndShowOnly(t *testing.T) {
	h := newHouse(t)
	h.mux.Show(web.Views{Pages: []string{"traffic"}, Admit: func(r *http.Request, pages []string) error {
		if r.URL.Path == "/v1/query" && slices.Equal(pages, []string{"traffic"}) {
			return nil
		}
		return fault.New(fault.Forbidden, "not_shared", "not on these pages")
	}})
	admin, _ := h.key(t, store.Default, auth.Admin)
	w := h.ask("POST", "/v1/dashboard/shares", `{"name":"board","page":"/?page=traffic","expires":"2d"}`, "X-API-Key", admin)
	var made shared
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || w.Code != http.StatusCreated {
		t.Fatalf("got %d %s, %v", w.Code, w.Body, err)
	}
	link, err := url.Parse(made.URL)
	if err != nil {
		t.Fatal(err)
	}
	if w = h.ask("GET", link.RequestURI(), ""); !strings.Contains(w.Body.String(), `name="share"`) || len(w.Result().Cookies()) > 0 {
		t.Errorf("the page is %s", w.Body)
	}
	share := url.Values{"share": {link.Query().Get("share")}}
	_ = h.cookie(t, h.post(share), "/?page=traffic")
	cookie := h.cookie(t, h.post(share), "/?page=traffic")
	f := func(method, path, body string, status int) {
		t.Helper()
		w := h.ask(method, path, body, "Cookie", cookie, "Sec-Fetch-Site", "same-origin")
		if w.Code != status {
			t.Errorf("%s %s: got %d %s, want %d", method, path, w.Code, w.Body, status)
		}
	}
	f("GET", "/v1/query", "", 200)
	f("GET", "/v1/keys", "", 403)
	f("POST", "/v1/dashboard/links", "", 403)
	f("POST", "/v1/dashboard/shares", "{}", 403)
	w = h.ask("GET", "/v1/dashboard/shares", "", "X-API-Key", admin)
	if text := w.Body.String(); !strings.Contains(text, `"board"`) || strings.Contains(text, share.Get("share")) {
		t.Errorf("the list is %s", text)
	}
	if w = h.ask("DELETE", "/v1/dashboard/shares/"+made.ID, "", "X-API-Key", admin); w.Code != http.StatusNoContent {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	f("GET", "/v1/query", "", 401)
	if w = h.post(share); w.Code != http.StatusUnauthorized {
		t.Errorf("a share that has ended: %d", w.Code)
	}
	if strings.Contains(h.log.String(), share.Get("share")) {
		t.Error("the log holds a share")
	}
}

func TestUsersByShell(t *testing.T) {
	h := newHouse(t)
	h.in = phrase + "\n"
	out, _, err := h.run(t, "dashboard users set --scope query anna@example.com")
	if err != nil || out != "anna@example.com can log in, with the scopes query.\n" {
		t.Fatalf("got %q, %v", out, err)
	}
	if w := h.post(url.Values{"name": {"anna@example.com"}, "password": {phrase}}); w.Code != http.StatusSeeOther {
		t.Errorf("the login: %d", w.Code)
	}
	if out, _, err = h.run(t, "dashboard users list"); err != nil || !strings.Contains(out, "anna@example.com  query") {
		t.Errorf("got %q, %v", out, err)
	}
	for _, x := range [][2]string{
		{"dashboard users remove anna@example.com", "anna@example.com is logged out and cannot log in any more.\n"},
		{"dashboard users list", "There are no users; `analytics dashboard users set NAME` makes one.\n"},
		{"dashboard shares", "Nothing is shared; `analytics dashboard share` makes a link.\n"},
	} {
		if out, _, err = h.run(t, x[0]); err != nil || out != x[1] {
			t.Errorf("%s: got %q, %v", x[0], out, err)
		}
	}
	h.in = "too short\n"
	for line, exit := range map[string]int{
		"dashboard users set anna": 2, "dashboard users set": 2, "dashboard users set --scope ingest anna": 2,
		"dashboard users remove nobody": 3, "dashboard shares end nothing": 3, "dashboard share /": 1,
	} {
		if _, _, err := h.run(t, line); fault.ExitCode(err) != exit {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestASharesPagesAreThoseThatThereAre: a share names pages of the dashboard and opens one of them.
func TestASharesPagesAreThoseThatThereAre(t *testing.T) {
	h := newHouse(t)
	h.mux.Show(web.Views{Pages: []string{"overview", "traffic"}})
	admin, _ := h.key(t, store.Default, auth.Admin)
	f := func(body string, status int, want string) {
		t.Helper()
		w := h.ask("POST", "/v1/dashboard/shares", body, "X-API-Key", admin)
		if w.Code != status || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: got %d %s, want %d %s", body, w.Code, w.Body, status, want)
		}
	}
	f(`{"pages":["traffic"],"site":"a.example"}`, 201, `"page":"/?page=traffic"`)
	f(`{"pages":["traffic"],"page":"/?page=traffic&since=30d"}`, 201, `"pages":["traffic"]`)
	f(`{"pages":["traffic","overview"],"page":"/"}`, 201, `"page":"/"`)
	f(`{"site":"a.example"}`, 201, `"bound":{"site":"a.example"}`)
	f(`{"page":"/?page=traffic&since=30d"}`, 201, `"page":"/?page=traffic\u0026since=30d","pages":["traffic"]`)
	f(`{"page":"/?filter=a==b;c==d&page=traffic"}`, 201, `"pages":["traffic"]`)
	f(`{"page":"/"}`, 201, `"page":"/","pages":["overview"]`)
	f(`{"page":"/?page=traffic","pages":["traffic","overview"]}`, 201, `"pages":["traffic","overview"]`)
	f(`{"page":"/?page=traffic","pages":["all"]}`, 201, `"page":"/?page=traffic","created"`)
	f(`{"page":"/docs","pages":["all"]}`, 201, `"page":"/docs","created"`)
	f(`{"page":"/docs"}`, 400, "/docs is no page of the dashboard; say with pages what the share may show: overview, traffic, or all")
	f(`{"page":"/?page=keys"}`, 400, `there is no page \"keys\" to share; there are overview, traffic, and all`)
	f(`{"pages":["all","traffic"]}`, 400, `there is no page \"all\"`)
	f(`{"pages":["odd"]}`, 400, "there are overview, traffic")
	f(`{"pages":["traffic"],"page":"/"}`, 400, "would open the page overview")
	f(`{"pages":["traffic"],"page":"/?page=costs"}`, 400, "would open the page costs")
	f(`{"site":""}`, 400, "the name of the site is empty")
	f(`{"site":"a","agent":"b"}`, 400, "give the site alone")
	out, _, err := h.run(t, "dashboard shares")
	if err != nil || !strings.Contains(out, `the page traffic of site "a.example"`) || !strings.Contains(out, "the dashboard ") {
		t.Errorf("%s, %v", out, err)
	}
}
