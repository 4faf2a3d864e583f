package alerts

import (
	"encoding/json"
	"strings"
	"testing"

	"analytics/engine/event"
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
	err := settings(t, "weekly_cost 0 shout", "daily_cost 0.0000000001 email", "daily_cost -5 email",
		"daily_cost 5 email", "daily_cost 5.0 email", "daily_cost 1e30 email").Validate()
	if err == nil {
		t.Fatal("all of it is taken")
	}
	for _, want := range []string{
		`alerts[0]: type "weekly_cost"`, `action "shout"`, "alerts[1]: threshold", "alerts[2]: threshold",
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
