package book

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/alerts/rules"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/store/storetest"
)

// desk is a real store with a book, at a moment, and what was audited.
type desk struct {
	*Book
	t     testing.TB
	store *store.Store
	now   time.Time
	audit []string
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)}
	var err error
	d.store, err = store.Open(t.Context(), store.Config{
		Space: storetest.Room,
		Dir:   filepath.Join(t.TempDir(), "store"), MemTableSize: 8 << 20, Now: d.clock, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.store.Close() })
	d.restart()
	return d
}

func (d *desk) clock() time.Time { return d.now }

func (d *desk) restart() {
	d.t.Helper()
	var err error
	d.Book, err = Open(House{Shelf: d.store.Shelf(store.Default, "alerts"), Zone: time.UTC, Now: d.clock,
		Audit: func(_ context.Context, action, by, target string, _ map[string]any) error {
			d.audit = append(d.audit, action+" "+target+" "+by)
			return nil
		}})
	if err != nil {
		d.t.Fatal(err)
	}
}

func rule(name string, threshold float64) rules.Rule {
	return rules.Rule{Name: name, Metric: "requests", Operator: ">", Threshold: &threshold}
}

func (d *desk) set(r rules.Rule) rules.Rule {
	d.t.Helper()
	r, err := d.Set(d.t.Context(), r, "ann")
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

func TestRulesAreKeptWithVersionAndWho(t *testing.T) {
	d := newDesk(t)
	for _, threshold := range []float64{5, 5, 6} {
		d.set(rule("a", threshold))
		d.restart()
	}
	r, err := d.Rule("a")
	if err != nil || r.Version != 2 || *r.Threshold != 6 || r.Who != "ann" || r.Window != rules.Span(5*time.Minute) {
		t.Errorf("got %+v, %v", r, err)
	}
	if err := d.Delete(t.Context(), "a", "bob"); err != nil {
		t.Fatal(err)
	}
	d.restart()
	if _, err := d.Rule("a"); fault.Of(err).Kind != fault.NotFound {
		t.Errorf("got %v", err)
	}
	if got := strings.Join(d.audit, ", "); got != "alert_rule_set a ann, alert_rule_set a ann, alert_rule_delete a bob" {
		t.Errorf("the audit log has %s", got)
	}
}

func TestARuleOfTheConfigurationStandsBeforeOneThatWasSet(t *testing.T) {
	d := newDesk(t)
	d.set(rule("a", 5))
	use := func(all ...rules.Rule) {
		t.Helper()
		if err := d.Use(t.Context(), Config{Rules: all}); err != nil {
			t.Fatal(err)
		}
	}
	use(rule("a", 7))
	if all := d.Rules(); len(all) != 1 || *all[0].Threshold != 7 || all[0].Source != FromConfig {
		t.Errorf("got %+v", all)
	}
	if _, err := d.Set(t.Context(), rule("a", 8), "ann"); fault.Of(err).Kind != fault.Conflict {
		t.Errorf("got %v", err)
	}
	use()
	if all := d.Rules(); len(all) != 1 || *all[0].Threshold != 5 {
		t.Errorf("got %+v", all)
	}
	use(rule("a", 7))
	use(rule("a", 9))
	if r, _ := d.Rule("a"); r.Version != 2 {
		t.Errorf("got version %d", r.Version)
	}
}

func TestThereIsAnEndToRulesAndSilences(t *testing.T) {
	d := newDesk(t)
	for n := range rules.MaxRules {
		d.set(rule(fmt.Sprint("r", n), 1))
	}
	if _, err := d.Set(t.Context(), rule("one-more", 1), "ann"); fault.Of(err).Kind != fault.Limited {
		t.Errorf("got %v", err)
	}
	d.set(rule("r7", 2)) // changing is possible
	s := rules.Silence{Why: "known", Until: d.now.Add(time.Hour)}
	for range maxSilences {
		if _, err := d.Silence(t.Context(), s, "ann"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Silence(t.Context(), s, "ann"); fault.Of(err).Kind != fault.Limited {
		t.Errorf("got %v", err)
	}
	d.now = d.now.Add(keep + 2*time.Hour)
	s.Until = d.now.Add(time.Hour)
	if got, err := d.Silence(t.Context(), s, "ann"); err != nil || got.ID != "s501" || len(d.Silences()) != 1 {
		t.Errorf("got %+v, %v, %d", got, err, len(d.Silences()))
	}
}

func TestAnEndedSilenceIsListedAndQuietsNothing(t *testing.T) {
	d := newDesk(t)
	s := rules.Silence{Scope: rules.Scope{Rule: "err*", Group: map[string]string{"model": "gpt-?"}}, Why: "known",
		From: d.now.Add(time.Minute), Until: d.now.Add(time.Hour)}
	if _, err := d.Silence(t.Context(), s, "ann"); err != nil {
		t.Fatal(err)
	}
	quiet := func(rule, model, want string) {
		t.Helper()
		if got := d.Quiet(rule, map[string]string{"model": model}, d.now); got != want {
			t.Errorf("%s of %s at %s: %q, want %q", rule, model, d.now.Format("15:04"), got, want)
		}
	}
	quiet("errors", "gpt-4", "")
	d.now = d.now.Add(time.Minute)
	d.restart()
	quiet("errors", "gpt-4", "silence s1")
	quiet("errors", "gpt-4o", "")
	quiet("slow", "gpt-4", "")
	if err := d.Unsilence(t.Context(), "s1", "bob"); err != nil {
		t.Fatal(err)
	}
	quiet("errors", "gpt-4", "")
	d.restart()
	if l := d.Quiets(d.now); len(l.Silences) != 1 || l.Silences[0].State != "over" {
		t.Errorf("got %+v", l)
	}
}

func TestWhatCannotBeReadIsNamed(t *testing.T) {
	d := newDesk(t)
	shelf := d.store.Shelf(store.Default, "alerts")
	// A rule of a metric that has no such name any more is kept and not used.
	old := `{"name":"old","metric":"long_gone","operator":">","threshold":1}`
	if err := shelf.Put(t.Context(), rulePrefix+"old", []byte(old)); err != nil {
		t.Fatal(err)
	}
	d.restart()
	if r, err := d.Rule("old"); err != nil || r.On() {
		t.Errorf("got %+v, %v", r, err)
	}
	if err := shelf.Put(t.Context(), rulePrefix+"bad", []byte("{")); err != nil {
		t.Fatal(err)
	}
	_, err := Open(House{Shelf: shelf, Zone: time.UTC, Now: d.clock})
	if fault.Of(err).Kind != fault.Damaged || !strings.Contains(err.Error(), "rule/bad") {
		t.Errorf("got %v", err)
	}
}
