package dashboard

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/query/catalog"
)

// fitOf is what fits of a page for somebody who sees everything.
func (w *world) fitOf(t *testing.T, id string, more url.Values) (fit, Page) {
	t.Helper()
	i := slices.IndexFunc(menu(), func(p Page) bool { return p.ID == id })
	values := url.Values{"page": {id}}
	for name := range more {
		values.Set(name, more.Get(name))
	}
	rec := w.get(fitPath+"?"+values.Encode(), true)
	var got fit
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || rec.Code != http.StatusOK {
		t.Fatalf("%s %v: %d %s", id, more, rec.Code, rec.Body)
	}
	return got, menu()[i]
}

// some reports whether a panel fits, or does not.
func (f fit) some(fits bool) bool {
	return slices.ContainsFunc(f.Panels, func(p panelFit) bool { return p.Fits == fits })
}

// TestWhatFitsIsAnsweredAndWhatDoesNotIsRefused asks each panel of each page with a filter by everything
// that there is: those that fit are answered, and those that do not would be refused, or keep to no filter.
func TestWhatFitsIsAnsweredAndWhatDoesNotIsRefused(t *testing.T) {
	w := newWorld(t)
	w.parties()
	w.desk.Routes(w.mux)
	fitting, left := 0, 0
	for _, name := range []string{"model", "tool", "task", "site", "path", "country", "actor", "client", "agent", "user_id",
		"status_code", "success", "type", "bot_class", "engaged", "name", "landing_page"} {
		for _, page := range menu() {
			got, _ := w.fitOf(t, page.ID, url.Values{"filter": {name + `!=""`}})
			if got.Problem != "" || len(got.Panels) != len(page.Panels) {
				t.Fatalf("%s by %s: %+v", page.ID, name, got)
			}
			for i, p := range page.Panels {
				if p.verb() == nil || p.As == "trail" || !page.filtered() {
					continue
				}
				target := p.Path + "?" + url.Values{"filter": {strings.Trim(p.Own+";"+name+`!=""`, ";")}}.Encode()
				if less := got.Panels[i].Params; less != nil {
					p.Params = less
				}
				for param, value := range p.Params {
					target += "&" + url.Values{param: {value}}.Encode()
				}
				answer := w.get(target, true)
				ok := answer.Code == http.StatusOK && slices.Contains(p.Takes, "filter") &&
					(p.Part == "" || strings.Contains(answer.Body.String(), `"`+p.Part+`":`))
				if got.Panels[i].Fits != ok {
					t.Errorf("%s, %s by %s: fits %t, is answered %d %.200s", page.ID, p.Title, name, got.Panels[i].Fits, answer.Code, answer.Body)
				}
				if ok {
					fitting++
				} else {
					left++
				}
			}
		}
	}
	if fitting < 200 || left < 200 {
		t.Errorf("%d panels fit, %d do not", fitting, left)
	}
}

func TestOverviewByModelKeepsWhatHasModels(t *testing.T) {
	w := newWorld(t)
	got, page := w.fitOf(t, "overview", url.Values{"filter": {"model==gpt-4o"}})
	for i, p := range page.Panels {
		if want := p.area != Web && p.Title != "Tools"; got.Panels[i].Fits != want {
			t.Errorf("%s: %t", p.Title, got.Panels[i].Fits)
		}
		if less := got.Panels[i]; p.Title == "Agents" && (less.Params["metrics"] != "requests,errors,cost" ||
			!slices.Equal(less.Missing, []string{"agent_tasks"})) {
			t.Errorf("tasks have no model, and of agents fits %+v", less)
		}
	}
}

func TestWhatIsWrongWithAnAddressIsSaidOnce(t *testing.T) {
	w := newWorld(t)
	f := func(name, value, want string) {
		t.Helper()
		if got, _ := w.fitOf(t, "overview", url.Values{name: {value}}); !strings.Contains(got.Problem, want) || got.Problem == "" {
			t.Errorf("%s=%s: %+v", name, value, got)
		}
	}
	f("filter", "modle==gpt-4o", "did you mean model")
	f("filter", "model", "")
	f("filter", "success==maybe", "success")
	f("tz", "Europe/Berln", "is not a time zone")
	f("since", "yesterweek", "yesterweek")
	f("from", "2026-11-21", "the range is empty")
	if got, _ := w.fitOf(t, "overview", nil); got.Problem != "" || got.some(false) {
		t.Errorf("nothing is asked for, and %+v", got)
	}
	if rec := w.get(fitPath+"?page=nothing", true); rec.Code != http.StatusNotFound {
		t.Errorf("%d", rec.Code)
	}
}

// TestAShareLearnsNoMoreOfWhatFits: what a limited share would be refused does not fit.
func TestAShareLearnsNoMoreOfWhatFits(t *testing.T) {
	w := newWorld(t)
	cookie := w.share(auth.NewShare{Pages: []string{"traffic"}})
	rec := w.as(cookie, fitPath+"?page=traffic&filter=user_id==anna", "")
	var got fit
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || got.some(true) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if rec := w.as(cookie, fitPath+"?page=costs", ""); rec.Code != http.StatusForbidden {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if rec := w.get(fitPath+"?page=costs", false); rec.Code != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", rec.Code)
	}
	bound := w.share(auth.NewShare{Bound: auth.Binding{Site: "mine"}})
	rec = w.as(bound, fitPath+"?page=overview&filter=country==DE", "")
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || len(got.Panels) != 4 || got.some(false) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

func TestNamesToFilterByAreThoseOfTheCatalog(t *testing.T) {
	c := catalog.New()
	for _, name := range fields() {
		if _, err := c.Filterable(name); err != nil {
			t.Error(err)
		}
	}
	if !slices.Contains(fields(), "model") || len(seen(auth.Local(store.Default))) != len(pages) {
		t.Errorf("%v", fields())
	}
}

// TestDurationsOfToolsAreOfTools: AI requests have durations, too, and would be taken for them.
func TestDurationsOfToolsAreOfTools(t *testing.T) {
	w := newWorld(t)
	w.desk.Routes(w.mux)
	w.add(event.AIRequest, time.Hour, func(e *event.Event) {
		e.SetText(event.AIModel, []byte("m"))
		e.SetInt(event.AIDurationMS, 80_000_000)
	})
	w.add(event.ToolCall, time.Hour, func(e *event.Event) {
		e.SetText(event.ToolTool, []byte("t"))
		e.SetInt(event.ToolDurationMS, 1_000_000)
	})
	tools := menu()[slices.IndexFunc(menu(), func(p Page) bool { return p.ID == "tools" })]
	n := 0
	for _, p := range tools.Panels {
		var got struct {
			Totals map[string]any `json:"totals"`
		}
		rec := w.get(asked(p), true)
		if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || rec.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", p.Title, rec.Code, rec.Body)
		}
		if d, ok := got.Totals["p95_duration_ms"].(float64); ok {
			if n++; d < 900 || d > 1100 {
				t.Errorf("%s: the tool took 1 s, and p95 is %v ms", p.Title, d)
			}
		}
	}
	if n != 3 {
		t.Errorf("%d panels tell p95", n)
	}
}
