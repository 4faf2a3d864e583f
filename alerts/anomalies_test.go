package alerts

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"analytics/alerts/lookout"
	"analytics/engine/event"
	"analytics/engine/store"
)

// burst adds n requests of an agent within the hour before the world's time, less ago.
func (w *world) burst(r *rand.Rand, n int, agent string, ago time.Duration) {
	w.t.Helper()
	var e event.Event
	var batch event.Batch
	for range n {
		w.n++
		e.Reset(event.AIRequest)
		e.SetInt(event.Timestamp, int64(event.MicrosOf(w.now.Add(-ago-time.Duration(r.Float64()*float64(time.Hour))))))
		e.SetID(event.EventID, fmt.Appendf(nil, "event-%08d", w.n))
		e.SetText(event.AIModel, []byte("gpt-4o"))
		e.SetText(event.Agent, []byte(agent))
		e.SetInt(event.AICost, int64(usd/100))
		batch.Add(&e)
	}
	if _, err := w.store.Append(w.t.Context(), store.Default, &batch); err != nil {
		w.t.Fatal(err)
	}
}

// look runs the job and gives the incidents, as "subject state", the newest first.
func (w *world) look() string {
	w.t.Helper()
	if err := w.CheckAnomalies(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, i := range w.List("") {
		all = append(all, i.Subject+" "+string(i.State))
	}
	return strings.Join(all, "; ")
}

func TestAnAnomalyIsToldOnceAnEpisode(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T14:30:00")
	r := rand.New(rand.NewPCG(1, 2))
	for h := range 4 * 7 * 24 {
		w.burst(r, 30, "support", time.Duration(h)*time.Hour)
	}
	use := func(on bool) {
		t.Helper()
		cfg := DefaultConfig()
		cfg.Anomalies.Enabled = on
		if err := w.Reload(nil, cfg); err != nil {
			t.Fatal(err)
		}
	}
	step := func(want string) {
		t.Helper()
		if got := w.look(); got != want {
			t.Errorf("at %v there is %q, want %q", w.now, got, want)
		}
	}
	use(true)
	step("")
	w.burst(r, 600, "crawler", -time.Hour) // in the hour to come
	w.now = w.now.Add(30 * time.Minute)
	step("cost high open")
	i := w.List("")[0]
	if i.ID == "" || i.Type != Anomaly || i.Severity != Critical || i.Heading != "Cost is far above usual" ||
		i.Reading.Metric != "cost" || i.Reading.Value < 3 || i.Reading.Threshold > 0.5 || len(i.Moved) != 1 ||
		i.Moved[0].Value != "crawler" || !strings.Contains(i.Message, "as many requests, each") {
		t.Errorf("got %+v, %+v", i, i.Reading)
	}
	w.restart() // a new process comes to the same
	use(true)
	w.now = w.now.Add(5 * time.Minute)
	step("cost high open")
	if _, err := w.Resolve(t.Context(), i.ID, "ann"); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(5 * time.Minute)
	step("cost high resolved")
	for range 4 {
		w.now = w.now.Add(time.Hour)
		w.burst(r, 30, "support", 0)
	}
	step("cost high resolved")
	w.now = w.now.Add(45 * time.Minute)
	w.burst(r, 500, "crawler", 0)
	step("cost high open; cost high resolved")
	for range 4 {
		w.now = w.now.Add(time.Hour)
		w.burst(r, 30, "support", 0)
	}
	step("cost high resolved; cost high resolved")
	if why := w.List("")[0].History; why[len(why)-1].Why != "it is as usual again" {
		t.Errorf("its history is %+v", why)
	}
	w.now = w.now.Add(50 * time.Minute)
	w.burst(r, 900, "crawler", 0)
	step("cost high open; cost high resolved; cost high resolved")
	use(false)
	step("cost high resolved; cost high resolved; cost high resolved")
}

func TestFindingsBecomeIncidentsAsTheyAre(t *testing.T) {
	f := fromLookout(&lookout.Finding{
		Subject: "requests low agent=a", Period: "2026-11-20T14", Severity: "high", Metric: "requests", Is: 1, Expected: 90,
		Dimension: "agent", Value: "a", Moved: []lookout.Moved{{Name: "model", Value: "m", Was: 80, Is: 1}},
	})
	if f.Reading.Operator != "<" || f.Group[0] != (Label{Name: "agent", Value: "a"}) || f.Moved[0].Was != 80 {
		t.Errorf("got %+v", f)
	}
	if err := f.check(); err != nil {
		t.Error(err)
	}
}

func TestAnomaliesAreShownInTheShell(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T14:30:00")
	f := func(line string, want ...string) {
		t.Helper()
		out, err := w.shell(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		for _, part := range want {
			if !strings.Contains(out, part) {
				t.Errorf("%s: no %q in\n%s", line, part, out)
			}
		}
	}
	f("anomalies", "Anomalies are not watched: alerts.anomalies.enabled is false.")
	if err := w.Reload(nil, DefaultConfig()); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for h := range 5 * 24 {
		w.burst(r, 30, "support\x1b[31m", time.Duration(h)*time.Hour)
	}
	f("anomalies", "requests", "agent support", "hour of day", "series are warming up: the hour of the week needs 21 "+
		"days with data, and there are 5 at most.", "… and 9 more; --all")
	f("anomalies --metric cost --dimension model --value gpt-4o", "cost", "model gpt-4o", "$0.3")
	f("anomalies --json --metric requests", `"enabled": true`, `"basis": "hour of day"`, `"total": `)
	if out, _ := w.shell("anomalies"); strings.Contains(out, "\x1b") {
		t.Error("a name can colour the terminal")
	}
	rec := httptest.NewRecorder()
	w.mux().ServeHTTP(rec, httptest.NewRequest("GET", "/v1/alerts/anomalies", nil))
	if rec.Code != http.StatusUnauthorized {
		t.Errorf("without a key: %d", rec.Code)
	}
}
