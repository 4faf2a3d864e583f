package query

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"analytics/engine/event"
)

// again asks with what a client kept.
func (w *world) again(target, tag string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	r.Header.Set("If-None-Match", tag)
	rec := httptest.NewRecorder()
	w.mux().ServeHTTP(rec, local(r))
	return rec
}

func TestAPastThatIsOverIsAskedForOnce(t *testing.T) {
	w := newWorld(t, Config{})
	put := func(at time.Time) {
		w.begin(event.AIRequest, at).SetText(event.AIModel, []byte("m"))
		w.add()
		w.commit()
	}
	put(noon.AddDate(0, 0, -3))
	const past = "?since=2026-11-15&until=2026-11-18"
	targets := []string{"/v1/query" + past + "&metrics=requests,users&by=model", "/v1/costs/summary" + past,
		"/v1/requests/list" + past, "/v1/overview" + past, "/v1/costs/trends" + past + "&compare=previous",
		"/v1/requests/list" + past + "&format=csv"}
	tags := map[string]string{}
	for _, target := range targets {
		rec := w.again(target, "")
		tags[target] = rec.Header().Get("Etag")
		if rec.Code != http.StatusOK || tags[target] == "" ||
			rec.Header().Get("Cache-Control") != "private, no-cache" || rec.Header().Get("Vary") == "" {
			t.Errorf("%s: %d %v", target, rec.Code, rec.Header())
		}
	}
	same := func(want bool, why string) {
		t.Helper()
		for _, target := range targets {
			rec := w.again(target, `"other", `+tags[target])
			if kept := rec.Code == http.StatusNotModified; kept != want || kept && rec.Body.Len() > 0 {
				t.Errorf("%s: %s: %d %s", why, target, rec.Code, rec.Body)
			}
		}
	}
	same(true, "at once")
	put(noon.Add(-time.Minute))
	same(true, "after an event of today")
	if w.again(targets[0], tags[targets[1]]).Code != http.StatusOK {
		t.Error("the tag of another answer is taken")
	}
	put(noon.AddDate(0, 0, -4))
	same(false, "after a late event")
	for _, target := range targets {
		tags[target] = w.again(target, "").Header().Get("Etag")
	}
	w.seal(noon.AddDate(0, 0, -1))
	same(false, "after sealing")
}

func TestWhatGoesOnHasNoTag(t *testing.T) {
	w := newWorld(t, Config{})
	for _, target := range []string{"/v1/query?metrics=requests", "/v1/overview", "/v1/sessions/live",
		"/v1/performance/stats?since=2026-11-15&until=2026-11-18", "/v1/costs/summary?since=7d",
		"/v1/costs/summary?since=2026-11-15&until=2026-11-20"} {
		h := w.again(target, "*").Header()
		if h.Get("Etag") != "" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %v", target, h)
		}
	}
}
