package alerts

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/alerts/book"
	"analytics/alerts/rules"
	"analytics/engine/store"
)

func TestNoDataFiresAfterItsTimeAndIsOverWhenEventsCome(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:30")
	w.rule(`{"name":"silent","metric":"requests","no_data":"10m"}`)
	w.rule(`{"name":"gone","metric":"cost","no_data":"10m","by":["model"],"groups":2}`)
	w.ticks(10)
	w.heard(0) // there was never any, but nobody watched for ten minutes yet
	w.tick()
	w.heard(1, "silent open")
	w.calls(call{model: "a"}, call{model: "b"})
	w.ticks(8)
	w.heard(1, "silent resolved")
	for range 10 {
		w.calls(call{model: "b"})
		w.tick()
	}
	w.heard(2, "silent resolved", "gone a open")
	if m := w.List(Open)[0].Message; m != "No requests of model a came in the 10m before 10:22Z." {
		t.Errorf("got %s", m)
	}
	w.restart() // after two hours in which nobody could send anything
	w.now = w.now.Add(2 * time.Hour)
	w.ticks(9)
	w.heard(2, "silent resolved", "gone a open")
	w.ticks(2)
	if n := len(w.List(Open)); n != 3 { // silent again, and of b
		t.Errorf("%d are open: %+v", n, w.List(Open))
	}
}

func TestForDurationGoesOnOverRestarts(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:30")
	w.rule(`{"name":"busy","metric":"requests","operator":">=","threshold":3,"window":"5m","for":"10m"}`)
	for n := range 10 {
		w.calls(call{model: "a"}, call{model: "a"}, call{model: "a"})
		w.tick()
		w.restart()
		w.heard(0)
		if n == 5 {
			if s := w.RuleStandings()[0]; s.State != "pending" || s.Pending != 1 {
				t.Errorf("got %+v", s)
			}
		}
	}
	w.calls(call{model: "a"}, call{model: "a"}, call{model: "a"})
	w.tick()
	w.heard(1, "busy open")
}

func TestOpenIncidentsAreToldAgainUntilSomebodyKnows(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:30")
	w.rule(`{"name":"many","metric":"requests","threshold":1,"window":"1d","by":["model"],"renotify":"10m"}`)
	w.calls(call{model: "a"}, call{model: "a"}, call{model: "b"}, call{model: "b"})
	w.tick()
	w.heard(1, "many b open", "many a open")
	w.ticks(9)
	w.restart()
	w.heard(1, "many b open", "many a open")
	w.ticks(1)
	w.heard(2, "many b open", "many a open") // both in one message
	w.restart()
	for _, i := range w.List(Open) {
		if i.Told != 2 {
			t.Errorf("told %d times", i.Told)
		}
		if labels(i) == "a" {
			if _, err := w.Acknowledge(t.Context(), i.ID, "ann"); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.ticks(11)
	w.heard(3, "many b open", "many a acknowledged")
	if m := w.d.Messages()[2].Embeds[0]; strings.Contains(m.Title, "more") {
		t.Errorf("what is acknowledged is told again: %s", m.Title)
	}
}

func TestSilencesKeepMessagesBackUntilTheyEnd(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:30")
	w.rule(`{"name":"many","metric":"requests","threshold":1,"window":"30m","by":["model"]}`)
	s := rules.Silence{Scope: rules.Scope{Rule: "ma*", Group: map[string]string{"model": "a*"}}, Why: "known",
		Until: w.now.Add(10 * time.Minute)}
	if _, err := w.book.Silence(t.Context(), s, "ann"); err != nil {
		t.Fatal(err)
	}
	for _, m := range []string{"a1", "a2", "b"} {
		w.calls(call{model: m}, call{model: m})
	}
	w.tick()
	w.heard(1, "many b open", "many a2 open", "many a1 open")
	for _, i := range w.List(Open) {
		if (i.Silenced == "silence s1") != strings.HasPrefix(labels(i), "a") || i.Notified == (i.Silenced != "") {
			t.Errorf("got %+v", i)
		}
	}
	w.restart()
	w.ticks(9)
	w.heard(1, "many b open", "many a2 open", "many a1 open")
	w.tick()
	w.heard(3, "many b open", "many a2 open", "many a1 open") // what goes on is told when it ends
	s.Until, s.Group["model"] = w.now.Add(time.Hour), "c"
	if _, err := w.book.Silence(t.Context(), s, "ann"); err != nil {
		t.Fatal(err)
	}
	w.calls(call{model: "c"}, call{model: "c"})
	w.ticks(70)
	if i := w.List("")[0]; labels(i) != "c" || i.State != Resolved || i.Notified {
		t.Errorf("got %+v", i)
	}
	w.heard(3, "many b resolved", "many a2 resolved", "many a1 resolved", "many c resolved")
}

func TestWhatIsOverWhenItsSilenceEndsIsNoNews(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:30")
	w.rule(`{"name":"many","metric":"requests","threshold":1,"window":"5m"}`)
	s := rules.Silence{Why: "known", Until: w.now.Add(7 * time.Minute)}
	if _, err := w.book.Silence(t.Context(), s, "ann"); err != nil {
		t.Fatal(err)
	}
	w.calls(call{model: "a"}, call{model: "a"})
	w.ticks(9)
	w.heard(0, "many open") // it does not hold any more, and may come again
	w.ticks(10)
	w.heard(0, "many resolved")
}

// TestMaintenanceIsQuietThroughTheNightOfTheClocks has clocks in Berlin go back at 01:00 UTC in a window
// from 02:30 to 02:45 local time, which therefore lasts 75 minutes.
func TestMaintenanceIsQuietThroughTheNightOfTheClocks(t *testing.T) {
	w := newWorld(t, "Europe/Berlin", "2026-10-25T01:20:30")
	w.now = w.now.Add(time.Hour) // 02:20 of summer time
	m := rules.Maintenance{Name: "night", From: "02:30", To: "02:45"}
	if err := w.Reload(nil, Config{Config: book.Config{Maintenance: []rules.Maintenance{m}}}); err != nil {
		t.Fatal(err)
	}
	w.rule(`{"name":"many","metric":"requests","threshold":1,"window":"3h","by":["model"]}`)
	w.calls(call{model: "before"}, call{model: "before"})
	w.tick()
	w.heard(1, "many before open")
	w.ticks(10)
	w.calls(call{model: "in"}, call{model: "in"})
	w.ticks(74) // 02:45 of winter time is next
	w.heard(1, "many before open", "many in open")
	w.tick()
	w.heard(2, "many before open", "many in open")
}

func TestARuleThatWatchesSomethingElseStartsAnew(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:30")
	w.rule(`{"name":"many","metric":"requests","threshold":1,"window":"1d"}`)
	w.calls(call{model: "a", cost: usd}, call{model: "a", cost: usd})
	w.tick()
	w.heard(1, "many open")
	w.rule(`{"name":"many","metric":"requests","threshold":1,"window":"1d","severity":"critical"}`)
	w.tick()
	w.heard(1, "many open")
	if i := w.List("")[0]; i.Severity != Critical || i.Version != 1 {
		t.Errorf("got %+v", i)
	}
	w.rule(`{"name":"many","metric":"cost","threshold":5,"window":"1d"}`)
	w.tick()
	w.heard(1, "many resolved")
	w.rule(`{"name":"many","metric":"cost","threshold":1.5,"window":"1d"}`)
	w.tick()
	w.heard(2, "many resolved", "many open")
	if err := w.book.Delete(t.Context(), "many", "ann"); err != nil {
		t.Fatal(err)
	}
	w.tick()
	w.heard(2, "many resolved", "many resolved")
}

// TestEveryOrderOfEventsAndStartsTellsOnce sends bursts of failures of some models, an hour apart, in
// any order within the window, twice and with starts in between: each burst of each model is exactly one
// message, and models without a burst none.
func TestEveryOrderOfEventsAndStartsTellsOnce(t *testing.T) {
	seed := rand.Uint64()
	if text := os.Getenv("ANALYTICS_SEED"); text != "" {
		if _, err := fmt.Sscan(text, &seed); err != nil {
			t.Fatal(err)
		}
	}
	for round := range 2 {
		r := rand.New(rand.NewPCG(seed, uint64(round)))
		w := newWorld(t, "UTC", "2026-11-20T10:00:30")
		w.rule(`{"name":"failing","metric":"errors","operator":">=","threshold":5,"window":"20m","by":["model"]}`)
		type delivery struct {
			call
			minute int // at which it comes
		}
		var all []delivery
		want := map[string]int{}
		for burst := range 3 {
			for model := range 4 {
				name, n := fmt.Sprint("m", model), r.IntN(5)
				if r.IntN(2) == 0 {
					n = 5 + r.IntN(6)
					want[name]++
				}
				for k := range n {
					minute := burst*90 + r.IntN(8)
					d := delivery{call{id: fmt.Sprint(burst, name, k), model: name, fails: true,
						at: w.now.Add(time.Duration(minute) * time.Minute)}, minute + r.IntN(6)}
					all = append(all, d)
					if r.IntN(3) == 0 { // once more, later
						d.minute += r.IntN(6)
						all = append(all, d)
					}
				}
			}
		}
		for minute := range 270 {
			for _, k := range r.Perm(len(all)) {
				if all[k].minute == minute {
					w.calls(all[k].call)
				}
			}
			if r.IntN(10) == 0 {
				w.restart()
			}
			if r.IntN(12) > 0 || minute%90 > 10 && minute%90 < 20 { // some minutes nobody looks
				w.tick()
			} else {
				w.now = w.now.Add(time.Minute)
			}
		}
		got := map[string]int{}
		for _, i := range w.List("") {
			if i.Told != 1 || !i.Notified {
				t.Errorf("ANALYTICS_SEED=%d: %s was told %d times", seed, i.ID, i.Told)
			}
			got[labels(i)]++
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("ANALYTICS_SEED=%d, round %d: incidents %v, want %v", seed, round, got, want)
		}
	}
}

// TestClocksAndForgedEventsFlipNothing is S31: a clock that jumps a day ahead and back, or an hour back,
// repeated, late and future events never open or tell an incident of a rule or budget twice.
func TestClocksAndForgedEventsFlipNothing(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:30", "daily_cost 5 notify")
	w.rule(`{"name":"failing","metric":"error_rate","threshold":0.2,"window":"15m","minimum":5}`)
	w.rule(`{"name":"few","metric":"requests","operator":"<","threshold":1,"window":"30m"}`)
	bad := func(ago time.Duration) {
		for n := range 6 {
			w.calls(call{id: fmt.Sprint("bad", n), model: "a", fails: true, cost: usd, at: w.now.Add(-ago)})
		}
	}
	tick := func(n int) {
		t.Helper()
		for range n {
			w.check()
			w.tick()
		}
	}
	for n := range 40 {
		w.calls(call{id: fmt.Sprint("good", n), model: "a"})
		tick(1)
	}
	w.heard(0)
	began := w.now
	bad(0)
	tick(2)
	want := []string{"daily_cost-5-notify open", "failing open"}
	w.heard(2, want...)
	for _, jump := range []time.Duration{24 * time.Hour, -24 * time.Hour, -time.Hour, time.Hour} {
		w.now = w.now.Add(jump)
		bad(w.now.Sub(began)) // the same again, of then
		tick(3)
		w.restart()
		tick(3)
	}
	w.calls(call{model: "a", fails: true, at: w.now.Add(9 * time.Minute)}) // of a clock that runs ahead
	for range 30 {
		w.calls(call{model: "a"})
		tick(1)
	}
	byRule := map[string]int{}
	for _, i := range w.List("") {
		byRule[i.Rule]++
		if i.Told > 1 {
			t.Errorf("%s was told %d times", i.ID, i.Told)
		}
	}
	if byRule["failing"] != 1 || byRule["daily_cost-5-notify"] != 1 || byRule["few"] != 0 || len(w.d.Requests()) != 2 {
		t.Errorf("incidents %v in %d messages", byRule, len(w.d.Requests()))
	}
}

// BenchmarkEvaluate is a look at 200 rules of 100 groups each, of which two thirds have ten that fire.
func BenchmarkEvaluate(b *testing.B) {
	for _, window := range []string{"5m", "1d", "30d"} {
		b.Run(window, func(b *testing.B) {
			w := newWorld(b, "UTC", "2026-11-20T10:00:30")
			for n := range rules.MaxRules {
				w.rule(fmt.Sprintf(`{"name":"r%d","metric":"requests","operator":">","threshold":%d,"window":%q,`+
					`"by":["model"],"groups":10,"filter":"status_code!=%d"}`, n, (n+1)%3*150, window, 600+n))
			}
			var all []call
			for n := range 20_000 {
				all = append(all, call{model: fmt.Sprint("model-", n%100), at: w.now.Add(-time.Duration(n) * time.Millisecond)})
			}
			w.calls(all...)
			for b.Loop() {
				if err := w.CheckRules(b.Context()); err != nil {
					b.Fatal(err)
				}
				w.now = w.now.Add(time.Second)
			}
		})
	}
}

func TestACrashBetweenIncidentAndStateTellsOnce(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:30")
	w.rule(`{"name":"now","metric":"requests","threshold":1,"window":"1h","by":["model"]}`)
	w.rule(`{"name":"later","metric":"requests","threshold":1,"window":"1h","for":"3m"}`)
	w.calls(call{model: "a"}, call{model: "a"})
	shelf := w.store.Shelf(store.Default, "alerts")
	for minute := range 6 {
		before := map[string][]byte{}
		err := shelf.Each(statePrefix, func(key string, value []byte) error {
			before[key] = slices.Clone(value)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.tick()
		for _, name := range []string{"now", "later"} { // the process died before it wrote this
			if value := before[statePrefix+name]; value != nil && minute != 1 && minute != 2 {
				err = shelf.Put(t.Context(), statePrefix+name, value)
			} else if minute == 0 {
				err = shelf.Delete(t.Context(), statePrefix+name)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		w.restart()
	}
	w.ticks(3)
	w.heard(2, "now a open", "later open")
	for _, i := range w.List("") {
		_, group, _ := strings.Cut(i.Subject, "\x00")
		if got := w.states[i.Rule].State.Groups[group].Period; got != i.Period {
			t.Errorf("%s goes on as %s", i.ID, got)
		}
	}
}
