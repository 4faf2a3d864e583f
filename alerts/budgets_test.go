package alerts

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"analytics/engine/budget"
	"analytics/engine/event"
	"analytics/engine/store"
)

// guard opens the ledger, as after a start, and gives it to the watch.
func (w *world) guard() *budget.Ledger {
	w.t.Helper()
	l, err := budget.Open(budget.House{Store: w.store, Zone: w.desk.Zone(), Now: w.clock,
		Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Guard(l)
	w.Use(w.rules)
	return l
}

// pay adds a request and has the ledger look at the store again.
func (w *world) pay(nano event.NanoUSD, ago time.Duration) {
	w.spend(nano, ago)
	w.ledger.Doubt()
	w.check()
}

func (w *world) opened(want ...string) {
	w.t.Helper()
	var got []string
	for _, i := range w.List("") {
		got = append(got, i.ID)
	}
	if len(got) != len(want) {
		w.t.Fatalf("got %v, want %v", got, want)
	}
	for _, id := range want {
		if !strings.Contains(strings.Join(got, " ")+" ", id+" ") {
			w.t.Errorf("got %v, want %s", got, id)
		}
	}
}

func TestBudgetThresholdsAreToldOnceAPeriod(t *testing.T) {
	w := newWorld(t, "Europe/Berlin", "2026-11-20T10:00:00")
	set := func(l *budget.Ledger, d budget.Definition) {
		t.Helper()
		if err := l.Set(t.Context(), store.Default, d, "ann"); err != nil {
			t.Fatal(err)
		}
	}
	set(w.guard(), budget.Definition{Name: "team", Limit: 10_000_000_000, Period: "day",
		Action: budget.Pause, At: []int{50, 100}})
	w.pay(4*usd, 0)
	w.opened()
	w.pay(usd, 0)
	w.opened("budget-team-50-2026-11-20")
	for range 3 { // starts, duplicates in the eyes of the check, and late events of yesterday
		w.restart()
		w.guard()
		w.pay(9*usd, 11*time.Hour)
	}
	w.opened("budget-team-50-2026-11-20")
	w.pay(20*usd, 0)
	w.pay(20*usd, 0)
	w.opened("budget-team-50-2026-11-20", "budget-team-100-2026-11-20")
	i, ok := w.find("budget-team-100-2026-11-20")
	if !ok || !strings.Contains(i.Message, "paused until 2026-11-20T23:00:00Z") || !i.Notified {
		t.Errorf("got %+v", i)
	}
	w.now = w.now.Add(14 * time.Hour)
	w.pay(6*usd, 0)
	w.opened("budget-team-50-2026-11-20", "budget-team-100-2026-11-20", "budget-team-50-2026-11-21")
	if i, _ := w.find("budget-team-100-2026-11-20"); i.State != Resolved {
		t.Errorf("yesterday's is %s", i.State)
	}
}

func TestRollingBudgetsAreToldOnceALength(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:00")
	l := w.guard()
	d := budget.Definition{Name: "r", Limit: 1_000_000_000, Period: "6h", By: []string{"model"}}
	if err := l.Set(t.Context(), store.Default, d, "ann"); err != nil {
		t.Fatal(err)
	}
	for range 12 {
		w.pay(usd, 0)
		w.now = w.now.Add(30 * time.Minute)
	}
	if n := len(w.List("")); n != 1 {
		t.Errorf("%d incidents in six hours, want 1", n)
	}
	w.pay(usd, 0)
	if n := len(w.List("")); n != 2 {
		t.Errorf("%d incidents in more than six hours, want 2", n)
	}
	if i := w.List("")[0]; !strings.Contains(i.Message, "r of model gpt-4o @everyone has spent $") ||
		strings.Contains(i.ID, "@") {
		t.Errorf("got %s: %s", i.ID, i.Message)
	}
}

func TestRulesThatPauseAreBudgets(t *testing.T) {
	w := newWorld(t, "Europe/Berlin", "2026-11-20T10:00:00", "daily_cost 5 pause_requests", "daily_cost 3")
	l := w.guard()
	ask := budget.Ask{Tenant: store.Default, Cost: 1, Priced: true}
	w.pay(4*usd, 0)
	if v := l.Check(t.Context(), ask); !v.Allowed {
		t.Errorf("got %+v", v)
	}
	w.pay(4*usd, 0)
	v := l.Check(t.Context(), ask)
	midnight := at(t, "Europe/Berlin", "2026-11-21T00:00:00")
	if v.Allowed || v.Budget != "daily_cost-5-pause_requests" || !v.Resumes.Equal(midnight) {
		t.Errorf("got %+v", v)
	}
	w.opened("daily_cost-3-notify-2026-11-20", "daily_cost-5-pause_requests-2026-11-20")
	if i, _ := w.find("daily_cost-5-pause_requests-2026-11-20"); !strings.Contains(i.Message, "are paused until") {
		t.Errorf("got %s", i.Message)
	}
}
