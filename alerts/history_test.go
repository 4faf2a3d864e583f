package alerts

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestIncidentsKeepWhoDidWhatWhen(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00", "daily_cost 5 notify")
	w.spend(7*usd, 0)
	w.check()
	id := w.List("")[0].ID
	w.now = w.now.Add(time.Minute)
	if _, err := w.Acknowledge(t.Context(), id, "ann"); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Minute)
	for _, who := range []string{"bob", "eve"} {
		if i, err := w.Resolve(t.Context(), id, who); err != nil || i.ResolvedBy != "bob" {
			t.Errorf("%+v, %v", i, err)
		}
	}
	if i, err := w.Acknowledge(t.Context(), id, "eve"); err != nil || i.State != Resolved {
		t.Errorf("%+v, %v: what is over was acknowledged", i, err)
	}
	w.now = w.now.Add(-time.Hour) // a clock that goes back, and more of the same spend
	w.restart()
	w.spend(7*usd, 0)
	w.check()
	w.has(1, id+" resolved")
	i, err := w.Show(id)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range i.History {
		got = append(got, string(h.State)+" "+h.By+" "+h.At.Format("15:04"))
	}
	want := "open analytics 10:00, acknowledged ann 10:01, resolved bob 10:02"
	if strings.Join(got, ", ") != want || i.Severity != High {
		t.Errorf("%s, %v; want %s", i.Severity, got, want)
	}
}

func TestIncidentsOfBeforeHaveAHistory(t *testing.T) {
	i, err := decodeIncident("a", []byte(`{"id":"a","type":"monthly_cost","action":"pause_requests",`+
		`"state":"resolved","opened":"2026-11-20T10:00:00Z","resolved":"2026-12-01T00:00:00Z"}`))
	if err != nil || len(i.History) != 2 || i.History[1].By != itself || i.Severity != Critical {
		t.Errorf("%+v, %v", i, err)
	}
}

func TestRollingBudgetsAreNotResolvedByHand(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00")
	w.mu.Lock()
	err := w.save(t.Context(), &Incident{ID: "r", Type: Budget, State: Open, Opened: w.now,
		Period: w.now.Format(rollingKey), To: w.now.Add(time.Hour)})
	w.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Resolve(t.Context(), "r", "ann"); err == nil {
		t.Error("resolved: the next check would open it again")
	}
	if i, err := w.Show("r"); err != nil || i.State != Open {
		t.Errorf("%+v, %v", i, err)
	}
}

func TestVerbsOfOneAlert(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00", "daily_cost 5 notify")
	w.spend(7*usd, 0)
	w.check()
	id := w.List("")[0].ID
	for _, c := range []struct{ line, want string }{
		{"list --severity high", id}, {"list --severity low", "No alerts"},
		{"show " + id, "open by analytics"}, {"resolve " + id, id + " is resolved by local"},
		{"show " + id, "resolved by local"},
	} {
		if out, err := w.shell(c.line); err != nil || !strings.Contains(out, c.want) {
			t.Errorf("%s: no %q in %s, %v", c.line, c.want, out, err)
		}
	}
	for _, line := range []string{"show", "show nonsense", "resolve", "list --severity odd"} {
		if _, err := w.shell(line); err == nil {
			t.Errorf("%s: no error", line)
		}
	}
	for _, door := range []string{"GET /v1/analytics/alerts?severity=high&limit=10",
		"POST /v1/analytics/alerts/" + id + "/acknowledge", "POST /v1/alerts/" + id + "/resolve"} {
		method, path, _ := strings.Cut(door, " ")
		rec := httptest.NewRecorder()
		w.mux().ServeHTTP(rec, httptest.NewRequest(method, path, nil))
		if rec.Code != http.StatusUnauthorized {
			t.Errorf("%s without a key: %d", door, rec.Code)
		}
	}
}
