package dashboard

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/query"
)

// asked is the address of a question, as the browser asks it on a page.
func asked(p Panel) string {
	values := url.Values{}
	if slices.Contains(p.Takes, "since") {
		values.Set("since", "7d")
	}
	for name, value := range p.Params {
		values.Set(name, value)
	}
	if slices.Contains(p.Takes, "compare") {
		values.Set("compare", "previous")
	}
	if p.Own != "" {
		values.Set("filter", p.Own)
	}
	path := p.Path
	if p.As == "trail" {
		path = "/v1/trace/some-id"
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

func try(target string, ids ...string) error {
	return admit(httptest.NewRequest(http.MethodGet, target, nil), ids)
}

// TestAShareAsksWhatItsPagesAsk: each page may ask what its panels ask, and of other pages only what it
// asks itself.
func TestAShareAsksWhatItsPagesAsk(t *testing.T) {
	for _, mine := range names() {
		own := map[string]bool{}
		for _, p := range menu() {
			for _, panel := range p.Panels {
				shown := p.ID == mine && !panel.Admin
				own[asked(panel)] = own[asked(panel)] || shown
				panel.Takes = slices.DeleteFunc(slices.Clone(panel.Takes), func(name string) bool { return name == "compare" })
				own[asked(panel)] = own[asked(panel)] || shown // against nothing
			}
		}
		for target, want := range own {
			if err := try(target, mine); (err == nil) != want {
				t.Errorf("the page %s asks %s: %v", mine, target, err)
			}
		}
	}
	if slices.Contains(names(), "keys") {
		t.Error("keys can be shared")
	}
}

// TestASharesQuestionsCannotBeBent bends the questions of the page of visits in every way that could tell
// of something else.
func TestASharesQuestionsCannotBeBent(t *testing.T) {
	f := func(target string, want bool) {
		t.Helper()
		if err := try(target, "traffic"); (err == nil) != want {
			t.Errorf("%s: %v", target, err)
		}
	}
	const good = "/v1/traffic/geo?limit=12&metrics=sessions,visitors,bounce_rate"
	f(good, true)
	for _, more := range []string{"&since=30d", "&from=2026-01-01&until=2026-02-01", "&tz=Asia/Tokyo", "&include_bots=true",
		"&filter=country==DE", "&filter=country==DE;device!=mobile", "&filter=site==a.example", "&filter=source%3D~*.example"} {
		f(good+more, true)
	}
	for _, more := range []string{"&by=user_id", "&metrics=cost", "&interval=day", "&compare=previous", "&limit=1000", "&raw=true",
		"&format=csv", "&model=gpt", "&share=true", "&fields=all", "&panel=x", "&type=ai_request", "&since=1d&since=2d", "&Filter=a==b",
		"&filter=cost>5", "&filter=user_id==anna", "&filter=country==DE;cost>5", "&filter=session_cost>1", "&filter=country==DE&filter=a==b",
		"&filter=%zz", "&filter=(", "&from-=1", "&cursor=abc", "&smooth=3", "&order=-cost", "&other=true"} {
		f(good+more, false)
	}
	f("/v1/traffic/geo?limit=12", false)
	f("/v1/traffic/geo?limit=12&metrics=visitors&order=-visitors&filter=country==DE", true) // as much as fits a filter
	f("/v1/traffic/geo?limit=12&metrics=visitors,session_cost", false)
	f("/v1/traffic/geo?limit=12&metrics=visitors&order=-session_cost", false)
	f("/v1/traffic/geo?limit=12&metrics=", false)
	f("/v1/traffic/geo", false)
	f("/v1/traffic/geo/", false)
	f("/v1/sessions/trends?metrics=sessions,visitors", false) // without its own condition, it is of the API, too
	f(`/v1/sessions/trends?metrics=sessions,visitors&filter=site!=""`, true)
	f(`/v1/sessions/trends?metrics=sessions,visitors&filter=country==DE;site!=""`, true)
	f(`/v1/sessions/trends?metrics=sessions,visitors&filter=site!="x"`, false)
	f("/v1/traffic/transitions?limit=12&site=a.example", false)
	f("/v1/traffic/transitions?limit=12&since=7d&filter=site==a", true)
	f("/v1/traffic/transitions?limit=12&since=7d&filter=user_id==a", false)
	f("/v1/dashboard/fit?page=traffic&filter=site==a", true)
	f("/v1/dashboard/fit?page=costs&filter=model==a", false)
	f("/v1/dashboard/fit", false)
	f("/v1/query?metrics=cost", false)
	f("/v1/trace/some-id", false)
	f("/v1/export?type=page_view", false)
	f("/v1/reports/traffic", false)
	post := httptest.NewRequest(http.MethodPost, good, nil)
	if admit(post, []string{"traffic"}) == nil {
		t.Error("a question is posted")
	}
	if try("/v1/trace/some-id?full=true", "trace") == nil || try("/v1/trace/list", "trace") == nil ||
		try("/v1/trace/a/b", "trace") != nil || try("/v1/funnels/buy?since=7d", "funnels") != nil ||
		try("/v1/funnels/buy?by=country", "funnels") == nil {
		t.Error("traces and funnels are not as they are asked for")
	}
}

// share makes a share and is the cookie of who opens it.
func (w *world) share(n auth.NewShare) string {
	w.t.Helper()
	n.Life = time.Hour
	token, _, err := w.sessions.Share(w.t.Context(), auth.Local(store.Default), n)
	if err != nil {
		w.t.Fatal(err)
	}
	cookie, _, err := w.sessions.Open(w.t.Context(), token)
	if err != nil {
		w.t.Fatal(err)
	}
	return auth.CookieName(false) + "=" + cookie
}

func (w *world) as(cookie, target, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "http://analytics.example"+target, nil)
	r.Header.Set("Cookie", cookie)
	r.Header.Set("Accept", accept)
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, r)
	return rec
}

// parties fills the house with events of two sites, two agents and two projects; theirs are called canary.
func (w *world) parties() {
	for i, name := range []string{"mine", "canary"} {
		for n := range 3 {
			ago := time.Duration(n+1) * time.Hour
			w.add(event.PageView, ago, func(e *event.Event) {
				for field, text := range map[int]string{event.PageSite: name, event.PagePath: "/" + name,
					event.PageSource: name, event.PageCountry: name, event.PageTitle: name} {
					e.SetText(field, []byte(text))
				}
				e.SetID(event.PageVisitorID, []byte(name+"-visitor"))
			})
			w.request(ago, name+"-model", 1e9+700e9*event.NanoUSD(i), true)
			w.add(event.AIRequest, ago, func(e *event.Event) {
				for field, text := range map[int]string{event.AIModel: name, event.Agent: name, event.Project: name,
					event.UserID: name, event.AIErrorType: name} {
					e.SetText(field, []byte(text))
				}
				e.SetBool(event.AISuccess, false)
				e.SetInt(event.AICost, 1e9)
			})
		}
	}
}

// TestALimitedShareSeesNothingElse asks all routes of the questions, by limited shares, for everything.
func TestALimitedShareSeesNothingElse(t *testing.T) {
	w := newWorld(t)
	w.parties()
	w.desk.Routes(w.mux)
	w.alerts = nil
	tests := []struct {
		n       auth.NewShare
		never   []string // what no answer may have
		answers int      // how many there are at least
	}{
		{auth.NewShare{Bound: auth.Binding{Site: "mine"}}, []string{"canary", "-model"}, 15},
		{auth.NewShare{Bound: auth.Binding{Agent: "mine"}}, []string{"canary", "-model"}, 15},
		{auth.NewShare{Bound: auth.Binding{Project: "mine"}}, []string{"canary", "-model"}, 15},
		{auth.NewShare{Pages: []string{"traffic", "content"}}, []string{"-model", `"cost"`, "session_cost"}, 10},
		{auth.NewShare{Pages: []string{"traffic"}, Bound: auth.Binding{Site: "mine"}}, []string{"canary", "-model", `"cost"`}, 5},
		{auth.NewShare{Pages: []string{"costs"}}, []string{"/mine", "/canary", "visitor"}, 5},
	}
	for _, c := range tests {
		cookie := w.share(c.n)
		var targets []string
		for pattern := range w.mux.Routes() {
			method, path, _ := strings.Cut(pattern, " ")
			if method != http.MethodGet || strings.Contains(path, "assets") {
				continue
			}
			path = strings.NewReplacer("{id...}", "canary", "{$}", "", "{name}", "canary").Replace(path)
			for _, more := range []string{"", "?since=7d", "?since=7d&metrics=events,cost", "?filter=site==canary", "?site=canary",
				"?by=site,agent", "?fields=all", "?include_bots=true", "?filter=cost>1", "?id=canary", "?panel=latest"} {
				targets = append(targets, path+more)
			}
		}
		for _, p := range menu() {
			for _, panel := range p.Panels {
				targets = append(targets, asked(panel))
			}
		}
		answers := 0
		for _, target := range targets {
			for _, accept := range []string{"", "text/csv"} {
				got := w.as(cookie, target, accept)
				body := got.Body.String()
				if got.Code >= 400 { // what was asked for is named
					continue
				}
				answers++
				if path, _, _ := strings.Cut(target, "?"); path == "/v1/catalog" || path == "/" {
					continue // what can be asked at all, and which pages there are
				}
				for _, never := range c.never {
					if strings.Contains(body, never) {
						t.Errorf("%+v: %s tells of %q: %.300s", c.n, target, never, body)
					}
				}
			}
		}
		if answers < c.answers {
			t.Errorf("%+v: only %d of %d questions were answered", c.n, answers, 2*len(targets))
		}
	}
}

// TestASharedPageShowsWhatItMay: the page has the panels that will be answered, all of them, and nothing
// of the house.
func TestASharedPageShowsWhatItMay(t *testing.T) {
	w := newWorld(t)
	w.parties()
	w.desk.Routes(w.mux)
	for _, n := range []auth.NewShare{{Bound: auth.Binding{Site: "mine"}}, {Bound: auth.Binding{Agent: "mine"}},
		{Bound: auth.Binding{Project: "mine"}}, {Pages: []string{"traffic"}}, {Pages: []string{"overview", "errors", "trace"}},
		{Pages: []string{"traffic", "content"}, Bound: auth.Binding{Site: "mine"}}} {
		cookie := w.share(n)
		shown := seen(auth.Identity{Bound: n.Bound, Pages: n.Pages})
		count := 0
		for _, p := range shown {
			for _, panel := range p.Panels {
				if panel.As == "trail" || panel.Path == "/v1/sessions/live" || panel.verb() == nil || needsMill(panel) {
					continue
				}
				count++
				if got := w.as(cookie, asked(panel), ""); got.Code != http.StatusOK {
					t.Errorf("%+v: the page %s shows %s, and is answered %d %.200s", n, p.ID, asked(panel), got.Code, got.Body)
				}
			}
		}
		w.alerts = nil
		body := w.as(cookie, "/", "").Body.String()
		if count < 4 || strings.Contains(body, "Daily budget") || strings.Contains(body, "No events yet") {
			t.Errorf("%+v: %d panels, and the page is %.300s", n, count, body)
		}
		if said := regexp.MustCompile(`Shared with you`).MatchString(body); said == n.Bound.Free() {
			t.Errorf("%+v: the page says that it is shared: %t", n, said)
		}
	}
	if got := seen(auth.Identity{Bound: auth.Binding{Site: "mine"}, Pages: []string{"costs"}}); len(got) != 0 {
		t.Errorf("costs of a site: %+v", got)
	}
	if got := len(seen(auth.Local(store.Default))); got != len(pages) {
		t.Errorf("an administrator sees %d of %d pages", got, len(pages))
	}
}

// needsMill reports whether the panel is answered by sessions that this world does not make.
func needsMill(p Panel) bool {
	v := p.verb()
	made := func(q query.Panel) bool { return q.Table != nil }
	return v.Table != nil || slices.ContainsFunc(v.Panels, made)
}

func TestAlertsAreOnSharedPagesOfAlertsAlone(t *testing.T) {
	w := newWorld(t)
	w.alerts = append(w.alerts, incident)
	for _, c := range []struct {
		n    auth.NewShare
		want bool
	}{{auth.NewShare{}, true}, {auth.NewShare{Pages: []string{"alerts"}}, true},
		{auth.NewShare{Pages: []string{"traffic"}}, false}, {auth.NewShare{Bound: auth.Binding{Agent: "a"}}, false},
	} {
		if body := w.as(w.share(c.n), "/", "").Body.String(); strings.Contains(body, incident.Title) != c.want {
			t.Errorf("%+v: the alert is on the page: %t", c.n, !c.want)
		}
	}
}
