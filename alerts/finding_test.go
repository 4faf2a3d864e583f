package alerts

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func finding(model string, value float64) Finding {
	return Finding{
		Type: Anomaly, Rule: "spike", Subject: "cost of model " + model, Period: "2026-11-20T10Z",
		Title: "Cost is unusual", Message: model + " costs more than usual", Severity: High,
		Group:   []Label{{Name: "model", Value: model}},
		Reading: Reading{Metric: "cost", Unit: "USD", Operator: ">", Value: value, Threshold: 1},
		Moved:   []Moved{{Name: "user_id", Value: "ann", Was: 0.5, Is: 7}},
	}
}

func (w *world) raise(found ...Finding) []Incident {
	w.t.Helper()
	opened, err := w.Raise(w.t.Context(), found...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.check()
	return opened
}

func TestFindingsAreToldOnceASubjectAndPeriod(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00")
	for n := range 3 {
		opened := w.raise(finding("gpt-4o", float64(2+n)))
		if len(opened) != 0 == (n != 0) || len(w.List("")) != 1 {
			t.Errorf("%d: opened %d of %d", n, len(opened), len(w.List("")))
		}
		w.restart()
		w.now = w.now.Add(time.Minute)
	}
	i := w.List(Open)[0]
	w.has(1, i.ID+" open")
	if i.Reading.Value != 2 || i.Reading.Worst != 4 || i.Severity != High || i.Told != 1 {
		t.Errorf("got %+v, %+v", i, i.Reading)
	}
	if m := w.d.Messages()[0].Embeds[0]; !strings.Contains(fmt.Sprint(m.Fields), "$7.00") {
		t.Errorf("got %+v", m)
	}
	over := func() {
		t.Helper()
		if err := w.Clear(t.Context(), Anomaly, i.Subject, "as usual again"); err != nil {
			t.Fatal(err)
		}
		w.check()
		w.has(1, i.ID+" resolved")
	}
	over()
	w.raise(finding("gpt-4o", 3)) // the same period: it goes on, and nobody is told
	w.has(1, i.ID+" open")
	over()
	f := finding("gpt-4o", 3)
	f.Period = "2026-11-20T11Z"
	w.now = w.now.Add(time.Hour)
	if opened := w.raise(f); len(opened) != 1 || len(w.d.Requests()) != 2 {
		t.Errorf("the next period: %d opened, %d messages", len(opened), len(w.d.Requests()))
	}
}

func TestWhatSomebodyResolvedStaysResolved(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00")
	id := w.raise(finding("gpt-4o", 2))[0].ID
	if _, err := w.Resolve(t.Context(), id, "ann"); err != nil {
		t.Fatal(err)
	}
	w.raise(finding("gpt-4o", 9))
	w.has(1, id+" resolved")
}

func TestFindingsOfOneCallAreToldTogether(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00")
	var all []Finding
	for n := range 14 {
		all = append(all, finding(fmt.Sprintf("model-%02d", n), float64(2+n)))
	}
	if opened := w.raise(append(all, all[3])...); len(opened) != 14 {
		t.Fatalf("%d opened", len(opened))
	}
	w.restart()
	w.check()
	if n := len(w.d.Requests()); n != 1 {
		t.Fatalf("%d messages", n)
	}
	m := w.d.Messages()[0].Embeds[0]
	if m.Title != "Cost is unusual, and 13 more" || !strings.Contains(m.Description, "And 4 more") {
		t.Errorf("%q: %q", m.Title, m.Description)
	}
}

func TestAFindingEndsAtItsEnd(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00")
	f := finding("gpt-4o", 2)
	f.To = w.now.Add(time.Hour)
	id := w.raise(f)[0].ID
	w.now = f.To
	w.check()
	w.has(1, id+" resolved")
	if h := w.List("")[0].History; h[len(h)-1].Why == "" {
		t.Errorf("%+v says not why", h)
	}
}
