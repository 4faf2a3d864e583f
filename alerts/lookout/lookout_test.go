package lookout

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"analytics/alerts/anomaly"
)

// subjects are the findings as "subject severity".
func subjects(r Result) string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, f.Subject+" "+f.Severity)
	}
	return strings.Join(all, "; ")
}

func TestASpikeIsOneFindingThatSaysWhatMoved(t *testing.T) {
	w := newWorld(t)
	w.weeks(5, 60)
	r := w.check()
	if subjects(r) != "" {
		t.Fatalf("usual work shows %s", subjects(r))
	}
	for range 900 { // one agent asks one model, fifteen times what is usual
		w.add(w.now.Add(-time.Duration(w.r.IntN(900))*time.Second), call{
			model: "gpt-4o", agent: "crawler", key: "key-1", cost: 10_000_000, input: 900, took: time.Second,
		})
	}
	r = w.check()
	if subjects(r) != "cost high critical" {
		t.Fatalf("a spike shows %q", subjects(r))
	}
	f := r.Findings[0]
	moved := ""
	for _, m := range f.Moved {
		moved += m.Name + "=" + m.Value + " "
	}
	if moved != "model=gpt-4o agent=crawler " && moved != "agent=crawler model=gpt-4o " {
		t.Errorf("what moved is %q", moved)
	}
	if !strings.Contains(f.Message, "Cost: $9.") || !strings.Contains(f.Message, "each 0.9") &&
		!strings.Contains(f.Message, "each 1") || f.Period != "2026-11-20T13" {
		t.Errorf("of %s it says %s", f.Period, f.Message)
	}
	if len(r.GoingOn) < 6 { // by model, by agent, by key, and the requests and tokens of each
		t.Errorf("these go on: %q", r.GoingOn)
	}
	w.now = w.now.Add(20 * time.Minute)
	if again := w.check(); again.Findings[0].Period != f.Period || again.Questions > 10 {
		t.Errorf("later it is %+v, after %d questions", again.Findings[0], again.Questions)
	}
	for range 3 { // two usual hours, and the five minutes in which events may still come
		w.now = w.now.Add(time.Hour)
		w.work(w.now.Truncate(time.Hour).Add(-time.Hour), 1, 60)
		r = w.check()
	}
	if subjects(r) != "" || len(r.GoingOn) > 0 {
		t.Errorf("when it is over there is %s, %q", subjects(r), r.GoingOn)
	}
}

func TestADropIsSeenWhenItsHourIsOver(t *testing.T) {
	w := newWorld(t)
	w.weeks(5, 60)
	w.now = friday.Add(44 * time.Minute) // nothing came since 14:20
	if r := w.check(); subjects(r) != "" {
		t.Errorf("the hour is not over: %s", subjects(r))
	}
	w.now = friday.Add(46 * time.Minute)
	if r := w.check(); subjects(r) != "requests low high" || r.Findings[0].Is != 20 {
		t.Errorf("an hour with a third of its events shows %q", subjects(r))
	}
	w.now = friday.Add(46*time.Minute + time.Hour)
	if r := w.check(); subjects(r) != "requests low high" || !strings.Contains(r.Findings[0].Message, "Requests: 0 in") {
		t.Errorf("an empty hour shows %q", subjects(r))
	}
}

func TestFailuresAndSlownessAreTheirOwn(t *testing.T) {
	w := newWorld(t)
	w.weeks(5, 60)
	for range 30 {
		w.add(w.now.Add(-time.Minute), call{
			model: "claude", agent: "support", key: "key-1", cost: 5_000_000, failed: "overloaded", took: 30 * time.Second,
		})
	}
	r := w.check()
	found := map[string]Finding{}
	for _, f := range r.Findings {
		found[f.Subject] = f
	}
	if f, ok := found["error_rate high"]; !ok || !strings.Contains(f.Message, "error overloaded 0 → 30 errors") {
		t.Errorf("%s; of errors it says %s", subjects(r), f.Message)
	}
	if f, ok := found["p95_duration_ms high"]; !ok || !strings.Contains(f.Message, "p95 latency") &&
		!strings.Contains(f.Message, "P95 latency") {
		t.Errorf("%s; of latency it says %s", subjects(r), f.Message)
	}
}

func TestWarmUpIsSaid(t *testing.T) {
	w := newWorld(t)
	w.now = w.now.Add(-2 * time.Hour)
	w.weeks(1, 60)
	r := w.check()
	for _, s := range r.Standings {
		if s.Metric == "requests" && s.Dimension == "" &&
			(s.Warm || s.Basis != anomaly.HourOfDay || !strings.Contains(s.Reason, "the hour of the week needs 21")) {
			t.Errorf("got %+v", s)
		}
	}
}

func TestAnEmptyStoreIsNoError(t *testing.T) {
	w := newWorld(t)
	r := w.check()
	if len(r.Findings) > 0 || len(r.Standings) == 0 || r.Standings[0].State != anomaly.Unknown {
		t.Errorf("got %+v", r)
	}
}

func TestALoopIsFoundWithItsConversation(t *testing.T) {
	w := newWorld(t)
	for i := range 60 {
		at := w.now.Add(-4 * time.Minute).Add(time.Duration(i) * 2 * time.Second)
		w.add(at, call{tool: "search", conversation: "c-1", agent: "crawler", size: 800})
		w.add(at, call{tool: []string{"read", "grep", "edit"}[w.r.IntN(3)], conversation: "c-2", agent: "coder",
			size: w.r.Int64N(5000)})
		if i%2 == 0 {
			w.add(at, call{model: "claude", conversation: "c-1", agent: "crawler", cost: 1_000_000,
				input: int64(1000 + 100*i)})
		}
	}
	for i := range 12 {
		w.add(w.now.Add(time.Duration(i-20)*time.Second), call{tool: "api", agent: "cron", failed: "401"})
	}
	r := w.check()
	if len(r.Loops) != 2 || r.Loops[0].Value != "c-1" || r.Loops[1].Value != "cron" {
		t.Fatalf("got %+v", r.Loops)
	}
	want := "Agent crawler, conversation c-1: search was called 60 times in a row in 2.0 minutes, with answers of like " +
		"size; its input grew from 1000 to 6800 tokens in 30 calls of claude; 45 calls in a minute. 90 calls since " +
		"14:16:00, $0.03."
	if got := r.Findings[0].Message; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if r.Findings[0].Subject != "loop conversation_id=c-1" || r.Findings[0].Severity != "high" {
		t.Errorf("got %+v", r.Findings[0])
	}
}

func TestThresholdsAreHeldAgainstTheLastHour(t *testing.T) {
	w := newWorld(t)
	cfg := DefaultConfig()
	cfg.Thresholds = map[string]anomaly.Threshold{"error_rate": {Warning: .1, Critical: .25}, "cost": {Warning: 1e6}}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	w.Use(cfg)
	for i := range 10 {
		c := call{model: "claude", cost: 1e9}
		if i < 2 {
			c.failed = "timeout"
		}
		w.add(w.now.Add(-time.Minute), c)
	}
	r := w.check()
	if got := fmt.Sprint(r.Checks); subjects(r) != "error_rate threshold medium" ||
		got != "[{cost 10 normal below its thresholds} "+
			"{error_rate 0.2 warning error_rate is 0.2: the warning threshold is 0.1}]" {
		t.Errorf("%s: %s", subjects(r), got)
	}
}

func TestSettingsAreChecked(t *testing.T) {
	f := func(change func(*Config), says string) {
		t.Helper()
		cfg := DefaultConfig()
		change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %s", err, says)
		}
	}
	f(func(c *Config) { c.Sensitivity = "extreme" }, `sensitivity: "extreme" is not one of low, medium, high`)
	f(func(c *Config) { c.MinimumVolume = 0 }, "minimum_volume")
	f(func(c *Config) { c.Top = 1000 }, "top: it must be 1 to 100")
	f(func(c *Config) { c.Thresholds = map[string]anomaly.Threshold{"csot": {Warning: 1}} }, "did you mean cost?")
	f(func(c *Config) { c.Thresholds = map[string]anomaly.Threshold{"cost": {}} }, "give a warning")
}

func TestFindingsOfOneCauseAreOne(t *testing.T) {
	of := func(metric, dimension, value string, size float64, severity string) Finding {
		s := series{measure: measure{name: metric}, by: dimension, name: value}
		f := s.finding("high", nil)
		f.Up, f.Is, f.Severity = true, size, severity
		return f
	}
	f := func(told, want string, found ...Finding) {
		t.Helper()
		var got []string
		for _, x := range fold(found, map[string]bool{told: true}) {
			got = append(got, x.Subject+" "+x.Severity)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("told of %q it is %q, want %q", told, got, want)
		}
	}
	cost, asked := of("cost", "", "", 9, "medium"), of("requests", "", "", 900, "critical")
	model, agent := of("cost", "model", "m", 9, "high"), of("cost", "agent", "a", 8, "medium")
	asks, small := of("requests", "agent", "a", 800, "medium"), of("cost", "agent", "b", 1, "medium")
	f("", "cost high critical", asked, cost, model, agent, asks, small)
	f("", "cost high model=m high; cost high agent=b medium", agent, model, asks, small)
	f("requests high", "requests high critical", asked, cost)
	f("cost high agent=a", "cost high agent=a high", model, agent, asks)
	f("cost high agent=a", "cost high agent=a high", cost, model, agent)
	f("x", "", []Finding{}...)
}
