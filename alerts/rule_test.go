package alerts

import (
	"encoding/json"
	"strings"
	"testing"

	"analytics/engine/event"
	"analytics/report/discord"
	"analytics/report/discord/double"
	"analytics/report/outbox"
)

func TestRulesAreReadExactly(t *testing.T) {
	f := func(line, id string, nano event.NanoUSD) {
		t.Helper()
		rules, err := settings(t, line).Rules()
		if err != nil || len(rules) != 1 || rules[0].ID != id || rules[0].Threshold != nano {
			t.Errorf("%q: %+v, %v", line, rules, err)
		}
	}
	f("daily_cost 100.00 email", "daily_cost-100-email", 100_000_000_000)
	f("monthly_cost 1000 pause_requests", "monthly_cost-1000-pause_requests", 1_000_000_000_000)
	f("daily_cost 0.1", "daily_cost-0.1-notify", 100_000_000)
	f("daily_cost 0.000000001 discord", "daily_cost-0.000000001-discord", 1)
	f("daily_cost 1e3 notify", "daily_cost-1000-notify", 1_000_000_000_000)
}

func TestAllProblemsOfRulesAreSaid(t *testing.T) {
	err := settings(t, "weekly_cost 0 shout!", "daily_cost 0.0000000001 email", "daily_cost -5 email",
		"daily_cost 5 email", "daily_cost 5.0 email", "daily_cost 1e30 email").Validate()
	if err == nil {
		t.Fatal("all of it is taken")
	}
	for _, want := range []string{
		`alerts[0]: type "weekly_cost"`, `action "shout!"`, "alerts[1]: threshold", "alerts[2]: threshold",
		"alerts[4]: is there twice", "alerts[5]: threshold", "more than 0",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not said: %v", want, err)
		}
	}
	if w := settings(t, "daily_cost 1 email", "daily_cost 1 pause_requests", "daily_cost 1").Warnings(); len(w) != 0 {
		t.Errorf("warnings: %q", w)
	}
}

// TestAnActionMayNameAChannel and nothing else that is not there.
func TestAnActionMayNameAChannel(t *testing.T) {
	rules := settings(t, "daily_cost 1 ops", "monthly_cost 1 email", "daily_cost 2 boss")
	if err := rules.Validate(); err != nil {
		t.Fatal(err)
	}
	f := func(want string, channels ...string) {
		t.Helper()
		if err := rules.Check(channels); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v; want %q", channels, err, want)
		}
	}
	f("", "boss", "discord", "ops")
	f(`analytics.alerts[2].action: "boss" is not one of notify, discord, email, pause_requests, and no channel has `+
		"that name; the channels are discord, ops", "discord", "ops")
	f("there is no channel; report.discord, report.email and report.notify make some")
}

func TestMoneyInJSONIsExact(t *testing.T) {
	for _, nano := range []int64{0, 1, 100_000_000_000, 9_007_199_254_740_993, -5} {
		b, err := json.Marshal(USD(nano))
		if err != nil {
			t.Fatal(err)
		}
		var back USD
		if err := json.Unmarshal(b, &back); err != nil || int64(back) != nano {
			t.Errorf("%d went through %s to %d, %v", nano, b, back, err)
		}
	}
}

func FuzzIncident(f *testing.F) {
	f.Add("a", []byte(`{"id":"a","state":"open","threshold":1.5}`))
	f.Add("a", []byte(`{"id":"b","state":"odd"}`))
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		i, err := decodeIncident(key, value)
		if err == nil && i.ID != key {
			t.Errorf("incident %q under %q", i.ID, key)
		}
	})
}

// TestARuleTellsTheChannelItNames alone; once that is gone, all: better there than nowhere.
func TestARuleTellsTheChannelItNames(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T12:00:00", "daily_cost 1 ops", "daily_cost 2 gone", "daily_cost 3")
	c, err := discord.NewClient(double.New(t).URL, double.Allow())
	if err != nil {
		t.Fatal(err)
	}
	w.outbox.Use(outbox.Channel{Name: "discord", Kind: "discord", Sender: c},
		outbox.Channel{Name: "ops", Kind: "discord", Topics: []string{outbox.Reports}, Sender: c})
	w.spend(5_000_000_000, 0)
	if err := w.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, e := range w.outbox.Entries("", "") {
		got[e.Period+" to "+e.Channel] = true
	}
	want := []string{"daily_cost-1-ops-2026-11-20 to ops", "daily_cost-2-gone-2026-11-20 to discord",
		"daily_cost-3-notify-2026-11-20 to discord"}
	for _, w := range want {
		if !got[w] || len(got) != len(want) {
			t.Errorf("got %v, want %s", got, w)
		}
	}
}
