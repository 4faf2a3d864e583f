package budget

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
)

func TestLedgerIsTheSumOfTheRowsAfterEachStart(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t, daily(dollar, Notify),
		Definition{Name: "r", Limit: dollar, Period: "2h"}, Definition{Name: "m", Limit: dollar, Period: "month"})
	from := w.now.Add(-12 * time.Hour)
	for i := range 200 {
		switch random.IntN(20) {
		case 0:
			w.restart()
		case 1:
			if _, err := w.store.Seal(t.Context(), 0, true); err != nil {
				t.Fatal(err)
			}
		case 2: // a body of which half was there before
			a := row("x", w.now, 7, "m", "k")
			b := row(fmt.Sprintf("y%d", i), w.now, 11, "m", "k")
			w.take(a, b)
		default:
			w.spend(event.NanoUSD(random.Int64N(1e7)), time.Duration(random.Int64N(int64(13*time.Hour))))
		}
		if got, want := event.NanoUSD(w.standing("d").Spent), w.rows(from); got != want {
			t.Fatalf("step %d: the day has spent %d, its rows %d", i, got, want)
		}
		r := w.standing("r")
		if got, want := event.NanoUSD(r.Spent), w.rows(r.From); got != want {
			t.Fatalf("step %d: two hours have spent %d, their rows %d", i, got, want)
		}
	}
	if got, want := event.NanoUSD(w.standing("m").Spent), w.rows(from.AddDate(0, 0, -20)); got != want {
		t.Errorf("the month has spent %d, its rows %d", got, want)
	}
}

func TestDuplicatesAndLateEventsCountWhereTheyBelong(t *testing.T) {
	w := newWorld(t, daily(dollar, Pause))
	e := row("one", w.now, 2*dollar, "gpt-4o", "k1")
	late := row("late", w.now.Add(-13*time.Hour), 5*dollar, "gpt-4o", "k1")
	w.take(late)
	if v := w.ask("a", 1); !v.Allowed {
		t.Errorf("what was spent yesterday pauses today: %s", v.Reason)
	}
	for range 3 {
		w.take(e)
		w.take(e, row("one", w.now, 2*dollar, "gpt-4o", "k1"))
	}
	if got := w.standing("d"); got.Spent != 2*dollar || got.State != Paused {
		t.Errorf("got %s, %s", got.Spent, got.State)
	}
	w.now = w.now.Add(12 * time.Hour)
	if got := w.standing("d"); got.Spent != 0 || got.State != Within {
		t.Errorf("the next day: got %s, %s", got.Spent, got.State)
	}
}

func TestReservationsHoldUntilTheirRowIsCounted(t *testing.T) {
	w := newWorld(t, daily(dollar, Pause))
	if v := w.ask("00000000-0000-7000-8000-000000000001", 0.6*dollar); !v.Allowed {
		t.Fatal(v.Reason)
	}
	v := w.ask("00000000-0000-7000-8000-000000000002", 0.6*dollar)
	if v.Allowed || v.Code != CodeReserved || v.Final || v.Wait == 0 {
		t.Errorf("two calls of $0.60 got into $1: %+v", v)
	}
	if s := w.standing("d"); s.Reserved != 0.6*dollar || s.Left != 0.4*dollar {
		t.Errorf("got %s reserved, %s left", s.Reserved, s.Left)
	}
	w.sum() // does not forget it
	w.take(row("00000000-0000-7000-8000-000000000001", w.now, 0.1*dollar, "gpt-4o", "k1"))
	if s := w.standing("d"); s.Reserved != 0 || s.Spent != 0.1*dollar {
		t.Errorf("got %s reserved, %s spent", s.Reserved, s.Spent)
	}
	if v := w.ask("3", 0.95*dollar); v.Code != CodeExceeded || !v.Final {
		t.Errorf("a call of $0.95 into $0.90: %+v", v)
	}
	if v := w.ask("4", 0.9*dollar); !v.Allowed {
		t.Errorf("a call of $0.90 into $0.90: %s", v.Reason)
	}
	w.Ended(store.Default, "4") // and its row never comes
	w.now = w.now.Add(untilStored + sweepEvery)
	if v := w.ask("5", 0.9*dollar); !v.Allowed {
		t.Errorf("a reservation leaked: %s", v.Reason)
	}
	w.restart()
	if s := w.standing("d"); s.Reserved != 0 || s.Spent != 0.1*dollar {
		t.Errorf("after a restart: got %s reserved, %s spent", s.Reserved, s.Spent)
	}
}

func TestARowThatARebuildFindsSettlesItsReservation(t *testing.T) {
	w := newWorld(t, daily(dollar, Pause))
	if v := w.ask("mine", 0.5*dollar); !v.Allowed {
		t.Fatal(v.Reason)
	}
	// One of two is a duplicate, so nobody knows which before the sums are made again.
	w.take(row("known", w.now, 1, "m", "k"))
	w.take(row("known", w.now, 1, "m", "k"), row("mine", w.now, 0.2*dollar, "gpt-4o", "k1"))
	if s := w.standing("d"); s.Reserved != 0 || s.Spent != 0.2*dollar+1 {
		t.Errorf("got %s reserved, %s spent", s.Reserved, s.Spent)
	}
}

func TestScopeAndBy(t *testing.T) {
	w := newWorld(t, Definition{Name: "k", Limit: dollar, Period: "day", Action: Pause, By: []string{"api_key_id"},
		Scope: map[string]string{"model": "gpt-*"}})
	w.take(row("1", w.now, dollar, "gpt-4o", "k1"), row("2", w.now, dollar/2, "gpt-4o", "k2"),
		row("3", w.now, 9*dollar, "claude", "k2"))
	all, err := w.Standings(t.Context(), store.Default, "k")
	if err != nil || len(all) != 2 || all[0].Group[0] != "k1" || all[0].Spent != dollar || all[1].Spent != dollar/2 {
		t.Fatalf("got %+v, %v", all, err)
	}
	f := func(key, model string, want bool) {
		t.Helper()
		v := w.Check(t.Context(), Ask{Tenant: store.Default, Cost: 1, Priced: true,
			Labels: LabelsOf("", "", "", key, model, "")})
		if v.Allowed != want {
			t.Errorf("%s with %s: got %v, %s", key, model, v.Allowed, v.Reason)
		}
	}
	f("k1", "gpt-4o", false)
	f("k2", "gpt-4o", true)
	f("k1", "claude", true)
	f("k3", "gpt-4o-mini", true)
}

func TestFreeModelsGoOnAndUnknownPricesFollowTheSetting(t *testing.T) {
	w := newWorld(t, daily(dollar, Pause))
	f := func(setting string, a Ask, want string) {
		t.Helper()
		w.cfg.UnknownPrice = setting
		if err := w.Use(w.cfg); err != nil {
			t.Fatal(err)
		}
		a.Tenant = store.Default
		if v := w.Check(t.Context(), a); v.Code != want || v.Allowed != (want == "") {
			t.Errorf("%s %+v: got %q, want %q", setting, a, v.Code, want)
		}
	}
	f(block, Ask{}, CodeUnknown)
	f(assume, Ask{}, "")
	f(warn, Ask{}, "")
	w.spend(0.97*dollar, 0)
	f(assume, Ask{}, CodeExceeded)
	f(warn, Ask{}, "")
	w.spend(dollar, 0)
	f(warn, Ask{}, CodePaused)
	f(assume, Ask{Priced: true, Cost: 1}, CodePaused)
	f(assume, Ask{Priced: true, Free: true}, "")
}

func TestPausesByHandAreKeptAndAudited(t *testing.T) {
	w := newWorld(t, daily(dollar, Pause))
	ctx := t.Context()
	if err := w.Pause(ctx, store.Default, "d", w.now.Add(time.Hour), "ann"); err != nil {
		t.Fatal(err)
	}
	w.restart()
	if v := w.ask("1", 1); v.Code != CodePaused || !v.Resumes.Equal(w.now.Add(time.Hour)) {
		t.Errorf("got %+v", v)
	}
	w.now = w.now.Add(time.Hour)
	if v := w.ask("2", 1); !v.Allowed {
		t.Errorf("the pause did not end: %s", v.Reason)
	}
	w.spend(3*dollar, 0)
	if v := w.ask("3", 1); v.Code != CodePaused || v.Resumes.Hour() != 0 {
		t.Errorf("got %+v", v)
	}
	if err := w.Unpause(ctx, store.Default, "d", "bob"); err != nil {
		t.Fatal(err)
	}
	if v := w.ask("4", 1); !v.Allowed {
		t.Errorf("it is still paused: %s", v.Reason)
	}
	if s := w.standing("d"); s.State != Lifted || s.Switch.By != "bob" {
		t.Errorf("got %s", s.State)
	}
	if err := w.Delete(ctx, store.Default, "d", "ann"); err != nil {
		t.Fatal(err)
	}
	if err := w.Delete(ctx, store.Default, "d", "ann"); fault.Of(err).Kind != fault.NotFound {
		t.Errorf("deleting twice: %v", err)
	}
	var actions []string
	for _, text := range w.audited {
		var e struct{ Action, Actor, Target string }
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			t.Fatal(err)
		}
		actions = append(actions, e.Actor+" "+e.Action+" "+e.Target)
	}
	want := "ann budget_set d, ann budget_pause d, bob budget_unpause d, ann budget_delete d"
	if got := strings.Join(actions, ", "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestClocksThatJumpChangeNothing(t *testing.T) {
	w := newWorld(t, daily(dollar, Pause))
	w.spend(dollar/2, 24*time.Hour)
	w.spend(2*dollar, 0)
	f := func(jump time.Duration, code string, spent USD) {
		t.Helper()
		w.now = w.now.Add(jump)
		defer func() { w.now = w.now.Add(-jump) }()
		if s := w.standing("d"); s.Spent != spent {
			t.Errorf("%s: got %s, want %s", jump, s.Spent, spent)
		}
		if v := w.ask("a", 1); v.Code != code {
			t.Errorf("%s: got %+v", jump, v)
		}
	}
	f(0, CodePaused, 2*dollar)
	f(-24*time.Hour, "", dollar/2) // it is yesterday again
	f(0, CodePaused, 2*dollar)
	f(365*24*time.Hour, "", 0)
	f(0, CodePaused, 2*dollar)
	w.sum()
	w.now = w.now.Add(-24 * time.Hour)
	if v := w.ask("b", 1); v.Code != CodeCounting {
		t.Errorf("before yesterday is added up again: got %+v", v)
	}
}

func TestThrottledBudgetsLetSomeThrough(t *testing.T) {
	w := newWorld(t, daily(dollar, Throttle))
	w.spend(dollar, 0)
	passed := 0
	for range 60 {
		v := w.ask("x", 1)
		if v.Allowed {
			passed++
		} else if v.Code != CodeThrottled || v.Final || v.Wait <= 0 {
			t.Fatalf("got %+v", v)
		}
		w.now = w.now.Add(time.Second)
	}
	if passed != 6 {
		t.Errorf("%d calls passed in a minute, want 6", passed)
	}
}

func TestWhatIsNotKnownFailsAsTheSettingSays(t *testing.T) {
	w := newWorld(t, daily(dollar, Pause))
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.open() // a new process that has not counted yet
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // nobody waits
	a := Ask{Tenant: store.Default, Cost: 1, Priced: true}
	if v := w.Check(ctx, a); v.Code != CodeCounting || v.Final {
		t.Errorf("closed: got %+v", v)
	}
	w.cfg.Fail = open
	if err := w.Use(w.cfg); err != nil {
		t.Fatal(err)
	}
	if v := w.Check(ctx, a); !v.Allowed {
		t.Errorf("open: got %+v", v)
	}
}

func TestConfiguredBudgetsCannotBeChangedByHand(t *testing.T) {
	w := newWorld(t)
	w.Rule([]Definition{{Name: "rule", Limit: dollar, Period: "month", Action: Pause, Source: "alerts"}})
	err := w.Set(t.Context(), store.Default, Definition{Name: "rule", Limit: 1}, "ann")
	if fault.Of(err).Kind != fault.Conflict {
		t.Errorf("set: %v", err)
	}
	if err := w.Delete(t.Context(), store.Default, "rule", "ann"); fault.Of(err).Kind != fault.Conflict {
		t.Errorf("delete: %v", err)
	}
	if got := w.Definitions(store.Default); len(got) != 1 || got[0].Source != "alerts" {
		t.Errorf("got %+v", got)
	}
}

func TestMoneyIsExactInWords(t *testing.T) {
	f := func(nano USD, asJSON, text string) {
		t.Helper()
		b, err := json.Marshal(nano)
		if err != nil || string(b) != asJSON || nano.String() != text {
			t.Errorf("%d: got %s and %s, %v", nano, b, nano, err)
		}
		var back USD
		if err := json.Unmarshal(b, &back); err != nil || back != nano {
			t.Errorf("%d: came back as %d, %v", nano, back, err)
		}
	}
	f(0, "0", "$0.00")
	f(dollar, "1", "$1.00")
	f(1, "0.000000001", "$0.000000001")
	f(104_200_000_000, "104.2", "$104.20")
	f(-1_500_000_000, "-1.5", "$-1.50")
	f(1<<63-1, "9223372036.854775807", "$9223372036.854775807")
}
