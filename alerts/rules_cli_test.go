package alerts

import (
	"strings"
	"testing"

	"analytics/engine/fault"
)

// words splits a line as a shell does, with single quotes.
func words(line string) (all []string) {
	for n, part := range strings.Split(line, "'") {
		if n%2 == 1 {
			all = append(all, part)
		} else {
			all = append(all, strings.Fields(part)...)
		}
	}
	return all
}

func TestVerbsOfRulesAndSilences(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:20", "daily_cost 5 notify")
	f := func(line string, want ...string) {
		t.Helper()
		out, err := w.shellWords(words(line)...)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		for _, part := range want {
			if !strings.Contains(out, part) {
				t.Errorf("%s: no %q in\n%s", line, part, out)
			}
		}
	}
	f("rules set failing --when 'error_rate > 5%' --by model --window 15m --min 3 --severity high --renotify 1h",
		"failing", "error_rate > 5 % in 15m", "each model", "requests >= 3", "1, 2026-11-20 10:00:20Z, set by local")
	f("rules set failing --when 'error_rate > 5%' --by model --window 15m --min 3 --severity high --renotify 1h",
		"version  ", "1, 2026") // the same again is no change
	f("rules", "daily_cost", "$5.00", "failing", "waiting", "each model", "v1")
	for n := range 4 {
		w.calls(call{model: "gpt-4o", fails: n == 0}, call{model: "haiku"})
	}
	w.calls(call{model: "rare", fails: true})
	f("rules test failing", "model gpt-4o  25 %", "yes", "25 % > 5 %", "model haiku", "0 % is not > 5 %",
		"there are fewer than 3 requests")
	f("rules test --when 'requests >= 100' --window 1h", "requests >= 100", "9", "9 is not >= 100")
	f("rules test --metric requests --no-data 30m --filter model==gone", "no requests for 30m", "0s only")
	w.heard(0) // a test has no effect
	w.tick()
	w.heard(1, "failing gpt-4o open")
	f("list --rule 'fail*' --since 1h", "model gpt-4o", "25 %", "5 %", "high", "yes")
	f("list --rule other", "No alerts")
	id := w.List("")[0].ID
	f("show "+id, "version 1", "25 % at the worst", "open by analytics")
	f("silence add 'fail*' --group 'model=gpt-*' --for 2h --why 'provider is down'", "s1: rule fail*, model gpt-*")
	f("silence list", "s1", "active", "provider is down", "local")
	f("show "+id, "kept back by silence s1")
	f("silence remove s1", "is over")
	f("silence list", "s1  over")
	f("rules disable failing", "off")
	w.tick()
	w.heard(1, "failing gpt-4o resolved")
	f("rules enable failing", "version", "3, 2026")
	f("rules show failing --json", `"operator": ">"`, `"version": 3`, `"state": "waiting"`)
	f("rules delete failing", "deleted")
}

func TestMistakesInRulesAndSilencesAreNamed(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-20T10:00:20")
	for line, want := range map[string]string{
		"rules set a --when 'eror_rate > 5%'":                   "did you mean error_rate",
		"rules set a --when 'requests ~ 5'":                     "one of > >=",
		"rules set a --when 'requests => 5'":                    "METRIC OPERATOR NUMBER",
		"rules set a --when 'requests > 5' --by modle":          "did you mean model",
		"rules set a --when 'requests > 5' --filter odd":        "filter",
		"rules set a --when 'requests > 5' --window 1m":         "window: it is 5m to 30d, not 1m",
		"rules set a --when 'requests > 5' --severity odd":      "low, medium, high, critical",
		"rules set a --when 'requests > 5' --resolve 9":         "resolve: it must be 5 or less",
		"rules set a --when 'page_views > 5' --by model":        "cannot be counted by model",
		"rules set a --when 'last_seen > 5'":                    "is a moment",
		"rules set a --metric requests":                         "needs an operator",
		"rules set ../a --when 'requests > 5'":                  "name",
		"rules set a --when 'requests > 5' --min 'odd >= 3'":    "minimum_metric: there is no metric",
		"rules set a --when 'requests > 5' --groups 999":        "from 1 to 100",
		"rules set a --when 'requests > 5' --for 1x":            "--for is a length",
		"rules show nonsense":                                   "there is no rule",
		"rules nonsense":                                        "there is no verb",
		"silence add x --for 2h":                                "why",
		"silence add x --why y":                                 "until: say when it ends",
		"silence add x --for 9000d --why y":                     "--for is",
		"silence add x --until 2026-01-01T00:00:00Z --why late": "before it begins",
		"silence remove s99":                                    "there is no silence",
		"list --since nonsense":                                 "is not a time",
	} {
		out, err := w.shellWords(words(line)...)
		if fault.ExitCode(err) < 2 || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q\n%s", line, err, want, out)
		}
	}
}
