package query

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/query/filter"
)

// canary stands in every field of the events that a bound key must not see, and mine in those it may.
const canary, mine = "canary-7f3a", "mine"

// manned is a world of three parties: mine, the canary's, and one that names neither agent nor project.
// They share a session, and half of their events are sealed and have cells.
type manned struct {
	*world
	keys *auth.Keyring
	mux  *web.Mux
}

func newManned(t *testing.T) *manned {
	t.Helper()
	w := newWorld(t, Config{Timezone: "UTC", RetentionDays: 90})
	for day := range 2 {
		for _, kind := range event.Sent() {
			for i, party := range []string{mine, canary, canary} {
				at := noon.Add(time.Duration(-30*day-1)*time.Hour + time.Duration(i)*time.Minute)
				w.party(kind, at, party, i < 2)
			}
		}
		w.commit()
	}
	w.seal(noon.Add(-20 * time.Hour))
	w.daily()
	m := &manned{world: w}
	var err error
	if m.keys, err = auth.Open(t.Context(), w.store, func() time.Time { return noon }); err != nil {
		t.Fatal(err)
	}
	m.mux = web.NewMux(web.Options{Keys: m.keys, Now: func() time.Time { return noon }})
	w.desk.Routes(m.mux)
	return m
}

// party adds an event whose every text is the party's name.
func (w *world) party(kind event.Kind, at time.Time, name string, named bool) {
	e := w.begin(kind, at)
	for i, f := range kind.Fields() {
		switch {
		case i <= event.EventID || f.Transient || strings.HasPrefix(f.Name, "bot_"):
		case f.Name == "session_id":
			e.SetText(i, []byte("shared"))
		case (f.Name == "agent" || f.Name == "project") && !named:
		case f.Type == event.ID:
			e.SetID(i, []byte(name))
		case f.Type == event.String:
			e.SetText(i, []byte(name))
		case f.Type == event.Money && name == mine:
			e.SetInt(i, 1e9)
		case f.Type == event.Money:
			e.SetInt(i, 700e9)
		}
	}
	w.add()
}

func (m *manned) key(bound auth.Binding, tenant store.Tenant) string {
	m.t.Helper()
	secret, _, err := m.keys.Create(m.t.Context(), auth.NewKey{
		Name: "k", Scopes: auth.Scopes{auth.Query}, Bound: bound, Tenant: tenant})
	if err != nil {
		m.t.Fatal(err)
	}
	return secret
}

func (m *manned) get(key, method, target, accept string) (int, string) {
	r := httptest.NewRequest(method, target, nil)
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Accept", accept)
	rec := httptest.NewRecorder()
	m.mux.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

// widenings are what a caller might add to see more.
var widenings = []string{
	"", "filter=agent==" + canary, `filter=agent!=""`, "filter=agent=~*", "filter=agent==" + mine + ";agent==" + canary,
	"filter=agent in (mine," + canary + ")", `filter=agent=="`, "filter=;;", "filter=a&filter=b", "filter=type==session",
	"by=agent", "by=user_id&other=true&limit=1", "by=session_id", "by=project&compare=previous", "interval=day&smooth=2",
	"fields=all", "fields=all&type=session", "type=session", "include_bots=true&raw=true", "model=*", "full=true",
	"limit=1", "share=true&order=-cost", "agent=" + canary, "tenant=00", "FILTER=agent=~*",
	"site=" + canary, "site=mine&site=" + canary, "site=", "Site=" + canary, "filter=site==" + canary, "by=site",
}

// TestABoundKeySeesItsOwnAlone asks every route for everything, in every format.
func TestABoundKeySeesItsOwnAlone(t *testing.T) {
	m := newManned(t)
	fixed := map[string]bool{}
	for _, v := range Verbs() {
		fixed[v.Path()] = v.Fixed
	}
	own, asked := 0, 0
	for _, bound := range []auth.Binding{{Agent: mine}, {Project: mine}, {Agent: mine, Project: mine}, {Site: mine}} {
		key := m.key(bound, store.Default)
		for pattern := range m.mux.Routes() {
			method, path, _ := strings.Cut(pattern, " ")
			path = strings.Replace(path, "{id...}", "canary-7f3b", 1) // a slip away from what there is
			since := "?since=7d&"
			if fixed[path] {
				since = "?"
			}
			for _, more := range widenings {
				target := path + since + strings.ReplaceAll(url.PathEscape(more), "%26", "&")
				if strings.HasSuffix(path, "/show") {
					target += "&id=canary-7f3b"
				}
				switch path {
				case "/v1/query":
					target += "&metrics=events,cost"
				case "/v1/content/journey":
					target += "&path=canary-7f3b"
				}
				accepts := []string{""} // what is in one format is in the others, so a few questions are enough
				if more == "" || more == "fields=all" {
					accepts = []string{"", "text/csv", "application/x-ndjson",
						"application/vnd.apache.arrow.stream", "application/vnd.apache.parquet"}
				}
				for _, accept := range accepts {
					status, body := m.get(key, method, target, accept)
					asked++
					echo := status >= 400 && strings.Contains(more, canary)
					if strings.Contains(body, canary) && !echo || strings.Contains(body, "700") && status < 400 {
						t.Errorf("%s: %s %s as %q tells of another: %d %.300s", bound, method, target, accept, status, body)
					}
					if status == http.StatusOK && strings.Contains(body, mine) {
						own++
					}
				}
			}
		}
	}
	t.Logf("%d answers, %d of them with what is the key's own", asked, own)
	if own < asked/20 {
		t.Errorf("only %d of %d answers show what the key may see", own, asked)
	}
}

// TestWhatKeepsToNothingIsRefused names every route that a bound key may use, so that another one is a
// decision.
func TestWhatKeepsToNothingIsRefused(t *testing.T) {
	m := newManned(t)
	key := m.key(auth.Binding{Agent: mine}, store.Default)
	narrows := map[string]bool{"/v1/catalog": true, "/v1/events": true}
	var refusedVerbs []string
	for _, v := range Verbs() {
		narrows[v.Path()] = v.Narrows()
		if v.ByID() != "" {
			narrows[strings.Replace(v.ByID(), "{id...}", "x", 1)] = v.Narrows()
		}
		if !v.Narrows() {
			refusedVerbs = append(refusedVerbs, strings.TrimPrefix(v.Path(), "/v1/"))
		}
	}
	want := []string{"audit/show", "funnels/list", "funnels/show", "performance/stats", "trace/show"}
	if slices.Sort(refusedVerbs); !slices.Equal(refusedVerbs, want) {
		t.Errorf("refused are %q, want %q", refusedVerbs, want)
	}
	for pattern := range m.mux.Routes() {
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.Replace(path, "{id...}", "x", 1)
		status, body := m.get(key, method, path, "")
		if refused := status == http.StatusForbidden; !narrows[path] && !refused {
			t.Errorf("%s %s: got %d %.200s, want 403", method, path, status, body)
		}
	}
}

func TestABoundKeyGetsRightNumbers(t *testing.T) {
	m := newManned(t)
	key := m.key(auth.Binding{Agent: mine}, store.Default)
	status, body := m.get(key, "GET", "/v1/query?metrics=requests,cost&by=agent&since=7d", "")
	var a struct {
		Rows []struct {
			Agent    string
			Requests int
			Cost     json.Number
		}
		Meta struct {
			Sources struct {
				RawRows int `json:"raw_rows"`
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &a); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s %v", status, body, err)
	}
	if len(a.Rows) != 1 || a.Rows[0].Agent != mine || a.Rows[0].Requests != 2 || a.Rows[0].Cost != "2" {
		t.Errorf("%s", body)
	}
	for _, path := range []string{"/v1/sessions/stats", "/v1/sessions/list", "/v1/events?type=session"} {
		status, body := m.get(key, "GET", path, "")
		if status != http.StatusForbidden || !strings.Contains(body, "bound_key") {
			t.Errorf("%s: %d %.200s", path, status, body)
		}
	}
	gone := m.key(auth.Binding{Agent: "deleted"}, store.Default) // an agent that is no more
	if status, body = m.get(gone, "GET", "/v1/agents/list?since=7d", ""); status != http.StatusOK ||
		!strings.Contains(body, `"rows":[]`) {
		t.Errorf("%d %s", status, body)
	}
	if status, body = m.get(gone, "GET", "/v1/agents/mine?since=7d", ""); status != http.StatusNotFound ||
		strings.Contains(body, "did you mean") {
		t.Errorf("%d %s", status, body)
	}
}

// TestAKeyOfASiteShowsItsSessions: of a session_id that several sites share, and of none that others have.
func TestAKeyOfASiteShowsItsSessions(t *testing.T) {
	m := newManned(t)
	key := m.key(auth.Binding{Site: mine}, store.Default)
	status, body := m.get(key, "GET", "/v1/sessions/shared?since=7d", "")
	if status != http.StatusOK || strings.Contains(body, canary) || !strings.Contains(body, `"site":"mine"`) ||
		!strings.Contains(body, `"type":"page_view"`) {
		t.Errorf("%d %.500s", status, body)
	}
	other := m.key(auth.Binding{Site: "elsewhere"}, store.Default)
	if status, body := m.get(other, "GET", "/v1/sessions/shared?since=7d", ""); status != http.StatusNotFound ||
		strings.Contains(body, "did you mean") {
		t.Errorf("%d %.500s", status, body)
	}
	agent := m.key(auth.Binding{Agent: mine}, store.Default)
	if status, body := m.get(agent, "GET", "/v1/sessions/shared?since=7d", ""); status != http.StatusForbidden {
		t.Errorf("%d %.500s", status, body)
	}
}

// TestACursorOpensNothing goes on in the lists of others: a cursor of the same tenant is a place in time,
// and what is listed from there on is what the asker may see.
func TestACursorOpensNothing(t *testing.T) {
	m := newManned(t)
	free, bound := m.key(auth.Binding{}, store.Default), m.key(auth.Binding{Agent: mine}, store.Default)
	other := m.key(auth.Binding{}, store.Tenant{'o', 't', 'h', 'e', 'r'})
	page := func(key, cursor string) (int, string, string) {
		t.Helper()
		status, body := m.get(key, "GET", "/v1/events?since=7d&limit=2&cursor="+url.QueryEscape(cursor), "")
		var a struct{ Meta struct{ Next string } }
		if err := json.Unmarshal([]byte(body), &a); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		return status, body, a.Meta.Next
	}
	_, _, theirs := page(free, "")
	if theirs == "" {
		t.Fatal("the list has one page")
	}
	for cursor, pages := theirs, 0; cursor != ""; pages++ {
		status, body, next := page(bound, cursor)
		if status != http.StatusOK || strings.Contains(body, canary) || pages > 100 {
			t.Fatalf("page %d: %d %.300s", pages, status, body)
		}
		cursor = next
	}
	refused := func(key, cursor string) {
		t.Helper()
		if status, body, _ := page(key, cursor); status != http.StatusBadRequest ||
			!strings.Contains(body, "invalid_cursor") {
			t.Errorf("%q: %d %.300s", cursor, status, body)
		}
	}
	refused(other, theirs)
	for _, forged := range []string{"x", "AAAA", theirs[1:], theirs + "!", strings.Repeat("A", 400), "////",
		"AAAAAAAAAAAA"} {
		refused(bound, forged)
	}
}

func FuzzNarrow(f *testing.F) {
	for _, more := range widenings {
		f.Add("writer", strings.TrimPrefix(more, "filter="))
	}
	f.Add(`a";agent=="b`, `agent==c`)
	v := &Verbs()[slices.IndexFunc(Verbs(), func(v Verb) bool { return v.Group == "query" })]
	f.Fuzz(func(t *testing.T, agent, given string) {
		bound := auth.Binding{Agent: agent}
		values := url.Values{"filter": {given}}
		if bound.Free() || Narrow(v, values, bound) != nil {
			return
		}
		p, err := readParams(values, v.Params(), noon, time.UTC)
		if err != nil {
			return
		}
		q, err := p.question(Question{}, "7d")
		if err != nil {
			return
		}
		want := fmt.Sprint(conditionsOf(bound))
		if read := conditions(t, q.Filter); len(read) < 2 || fmt.Sprint(read[:2]) != want {
			t.Errorf("%q with %q became %q", agent, given, q.Filter)
		}
	})
}

func conditions(t *testing.T, text string) filter.Conditions {
	t.Helper()
	read, err := filter.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return read
}
