package alerts

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/alerts/book"
	"analytics/alerts/rules"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/query/catalog"
)

// rule sets a rule, given as JSON.
func (w *world) rule(text string) {
	w.t.Helper()
	var r rules.Rule
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.book.Set(w.t.Context(), r, "ann"); err != nil {
		w.t.Fatal(err)
	}
}

// call is an AI request as the tests of rules need it.
type call struct {
	id    string
	model string
	fails bool
	cost  event.NanoUSD
	ms    int64
	at    time.Time
}

// calls adds requests in one commit.
func (w *world) calls(all ...call) {
	w.t.Helper()
	var batch event.Batch
	for _, c := range all {
		var e event.Event
		e.Reset(event.AIRequest)
		w.n++
		e.Named, e.Timed = c.id != "", true
		if c.id == "" {
			c.id = fmt.Sprintf("call-%08d", w.n)
		}
		if c.at.IsZero() {
			c.at = w.now
		}
		e.SetInt(event.Timestamp, int64(event.MicrosOf(c.at)))
		e.SetID(event.EventID, []byte(c.id))
		e.SetText(event.AIModel, []byte(c.model))
		e.SetBool(event.AISuccess, !c.fails)
		e.SetInt(event.AICost, int64(c.cost))
		e.SetInt(event.AIDurationMS, c.ms*1000)
		batch.Add(&e)
	}
	if _, err := w.store.Append(w.t.Context(), store.Default, &batch); err != nil {
		w.t.Fatal(err)
	}
}

// tick evaluates the rules, and goes on by a minute.
func (w *world) tick() {
	w.t.Helper()
	if err := w.CheckRules(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.outbox.Deliver(w.t.Context())
	w.now = w.now.Add(time.Minute)
}

// ticks lets minutes pass.
func (w *world) ticks(n int) {
	w.t.Helper()
	for range n {
		w.tick()
	}
}

// heard compares the rules, groups and states of all incidents, and the count of messages.
func (w *world) heard(messages int, want ...string) {
	w.t.Helper()
	var got []string
	for _, i := range w.List("") {
		got = append([]string{i.Rule + strings.TrimSuffix(" "+labels(i), " ") + " " + string(i.State)}, got...)
	}
	slices.Sort(got)
	slices.Sort(want)
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		w.t.Errorf("at %s the incidents are %q, want %q", w.now.Format("15:04"), got, want)
	}
	if n := len(w.d.Requests()); n != messages {
		w.t.Errorf("at %s %d messages were sent, want %d", w.now.Format("15:04"), n, messages)
	}
}

func labels(i Incident) string {
	var all []string
	for _, l := range i.Group {
		all = append(all, l.Value)
	}
	return strings.Join(all, ",")
}

func TestARuleFiresWithinAMinuteAndIsOverByItself(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:20")
	w.rule(`{"name":"slow","metric":"p95_duration_ms","threshold":1000,"by":["model"],"minimum":3,
		"severity":"high"}`)
	w.tick()
	w.heard(0)
	for range 3 {
		w.calls(call{model: "gpt-4o", ms: 2500}, call{model: "haiku", ms: 100})
	}
	w.calls(call{model: "rare", ms: 9000}, call{model: "rare", ms: 9000})
	w.tick()
	w.heard(1, "slow gpt-4o open")
	i := w.List("")[0]
	if i.Message != "p95_duration_ms of model gpt-4o was 2.5 s in the 5m before 10:02Z; the rule asks for > 1 s "+
		"(3 requests)." || i.Title() != "slow: p95_duration_ms > 1 s" || i.Version != 1 || i.Severity != High {
		t.Errorf("%q %q %+v", i.Title(), i.Message, i)
	}
	w.restart()
	w.ticks(3)
	w.heard(1, "slow gpt-4o open")
	w.calls(call{model: "gpt-4o", ms: 9000}, call{model: "gpt-4o", ms: 9000})
	w.tick()
	if i := w.List("")[0]; i.Reading.Worst < 8900 || i.Reading.Value > 2600 {
		t.Errorf("got %+v", i.Reading)
	}
	w.ticks(5)
	w.heard(1, "slow gpt-4o open") // the window is empty, but not for long
	w.ticks(5)
	w.heard(1, "slow gpt-4o resolved")
	if h := w.List("")[0].History; h[1].Why != "there is no p95_duration_ms any more" {
		t.Errorf("got %+v", h)
	}
}

func TestManyGroupsAreToldInOneMessage(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00")
	w.rule(`{"name":"errors","metric":"errors","operator":">=","threshold":2,"by":["model"],"groups":5}`)
	for n := range 8 {
		for range 2 + n {
			w.calls(call{model: fmt.Sprint("m", n), fails: true})
		}
	}
	w.tick()
	if n := len(w.List(Open)); n != 5 || len(w.d.Requests()) != 1 {
		t.Errorf("%d incidents in %d messages", n, len(w.d.Requests()))
	}
	m := w.d.Messages()[0].Embeds[0]
	if !strings.Contains(m.Title, "and 4 more") || !strings.Contains(m.Description, "model m7 was 9") ||
		!strings.Contains(m.Description, "3 more would fire, if the rule had more than 5 groups.") {
		t.Errorf("%q: %q", m.Title, m.Description)
	}
	if s := w.RuleStandings()[0]; s.Firing != 5 || s.Pending != 0 || s.Left != 3 {
		t.Errorf("got %+v", s)
	}
	w.restart()
	w.ticks(3)
	if n := len(w.d.Requests()); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestRulesOfTheConfigurationHaveVersionsToo(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00")
	threshold := 5.0
	use := func() {
		t.Helper()
		r := rules.Rule{Name: "a", Metric: "requests", Threshold: &threshold}
		if err := w.Reload(nil, Config{Config: book.Config{Rules: []rules.Rule{r}}}); err != nil {
			t.Fatal(err)
		}
	}
	version := func(want int) {
		t.Helper()
		if r, err := w.book.Rule("a"); err != nil || r.Version != want || r.Source != book.FromConfig {
			t.Errorf("got %+v, %v, want version %d", r, err, want)
		}
	}
	use()
	version(1)
	w.restart()
	use()
	version(1)
	threshold = 6
	use()
	version(2)
	if err := w.book.Delete(t.Context(), "a", "ann"); err == nil {
		t.Error("deleted what stands in the configuration")
	}
}

func TestEveryMetricOfTheCatalogCanBeARule(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00")
	w.calls(call{model: "a", ms: 5, cost: usd})
	zero := 0.0
	for _, m := range catalog.New().Metrics {
		for _, operator := range rules.Operators {
			r := rules.Rule{Name: "x", Metric: m.Name, Operator: operator, Threshold: &zero, Window: rules.Span(time.Hour),
				NoData: rules.Span(time.Hour), Minimum: 1}
			_, err := w.Try(t.Context(), r)
			if (m.Type == catalog.Time) != (err != nil) {
				t.Errorf("%s %s 0: %v", m.Name, operator, err)
			}
		}
	}
}
