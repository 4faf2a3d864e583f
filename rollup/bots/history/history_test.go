package history_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/rollup/bots"
	"analytics/rollup/bots/history"
)

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
	inhouse = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36 Inhouse"
)

// scope is the last 30 days.
func (h *house) scope() history.Scope {
	return history.Scope{Tenant: store.Default, From: h.now.AddDate(0, 0, -30), To: h.now.Add(time.Hour)}
}

func none(int, int) {}

// filled has two days of visits, sealed and not, with their sessions.
func filled(t *testing.T) *house {
	h := newHouse(t)
	h.now = noon.Add(-30 * time.Hour)
	h.visit("198.51.100.1", firefox, h.now.Add(-time.Hour), 4, 20*time.Second)
	h.visit("198.51.100.2", inhouse, h.now.Add(-time.Hour), 3, 20*time.Second)
	_, err := h.store.Seal(t.Context(), 0, true)
	check(t, err)
	h.now = noon
	h.visit("198.51.100.1", firefox, h.now.Add(-time.Hour), 5, 30*time.Second)
	h.visit("198.51.100.3", inhouse, h.now.Add(-time.Hour), 2, 30*time.Second)
	h.close()
	return h
}

// TestFlagIsTakenBackCompletely: a rule changes events and sessions of the past once, and without it
// they are what they were, byte by byte.
func TestFlagIsTakenBackCompletely(t *testing.T) {
	h := filled(t)
	before, was := h.rows(everything...), h.classes()
	want := map[string]int{"page_view human": 14, "engagement human": 4, "event human": 4, "session human": 4}
	if !maps.Equal(was, want) {
		t.Fatalf("filled with %v, want %v", was, want)
	}
	rule := history.Rule{UserAgent: "%INHOUSE%"}
	s := h.scope()
	s.DryRun = true
	r, err := h.history.Flag(t.Context(), rule, s, none)
	check(t, err)
	if r.Changed != 9 || r.Events != 22 || !slices.Equal(h.rows(everything...), before) || len(h.history.Rules()) != 0 {
		t.Fatalf("dry run: %+v, or something changed", r)
	}
	if got := (history.Count{Class: bots.KnownBot, After: 2}); !slices.Contains(r.Sessions, got) {
		t.Errorf("a dry run says %v of sessions", r.Sessions)
	}
	s.DryRun = false
	r, err = h.history.Flag(t.Context(), rule, s, none)
	check(t, err)
	want = map[string]int{"page_view human": 9, "page_view known_bot": 5, "engagement human": 2,
		"engagement known_bot": 2, "event human": 2, "event known_bot": 2, "session human": 2, "session known_bot": 2}
	if got := h.classes(); r.Changed != 9 || !maps.Equal(got, want) {
		t.Fatalf("%+v; classes %v, want %v", r, got, want)
	}
	if len(h.used) != 1 || h.used[0].Agent != "%INHOUSE%" {
		t.Errorf("rules in use are %v", h.used)
	}
	h.sound()
	h.reopen()
	if r, err = h.history.Reclassify(t.Context(), h.scope(), none); err != nil || r.Changed != 0 {
		t.Errorf("the second time %+v, %v", r, err)
	}
	r, err = h.history.Unflag(t.Context(), h.history.Rules()[0].ID, h.scope(), none)
	check(t, err)
	if r.Changed != 9 || !maps.Equal(h.classes(), was) {
		t.Errorf("%+v; classes %v, want %v", r, h.classes(), was)
	}
	if !slices.Equal(h.rows(everything...), before) {
		t.Error("rows are not what they were")
	}
	h.sound()
	audit := strings.Join(h.told, "\n")
	for _, word := range []string{`"action":"bots_flag"`, `"action":"bots_unflag"`, `"outcome":"started"`,
		`"outcome":"success"`, `"user_agent":"%INHOUSE%"`, `"changed":9`} {
		if !strings.Contains(audit, word) {
			t.Errorf("the audit trail lacks %s", word)
		}
	}
}

// TestFingerprintRuleReachesEventsWithoutOne by the visitor.
func TestFingerprintRuleReachesEventsWithoutOne(t *testing.T) {
	h := filled(t)
	all, err := h.history.Reputations(t.Context(), store.Default, h.now.AddDate(0, 0, -30), h.now, "")
	check(t, err)
	if len(all) != 2 || all[0].Sessions != 2 || all[0].Humans != 2 {
		t.Fatalf("reputations are %+v", all)
	}
	at := slices.IndexFunc(all, func(r history.Reputation) bool { return r.UserAgent == inhouse })
	_, err = h.history.Flag(t.Context(), history.Rule{Fingerprint: all[at].Fingerprint, Site: "a.example"}, h.scope(), none)
	check(t, err)
	if c := h.classes(); c["page_view known_bot"] != 5 || c["event known_bot"] != 2 || c["session known_bot"] != 2 {
		t.Errorf("classes are %v", c)
	}
	one, err := h.history.Reputations(t.Context(), store.Default, h.now.AddDate(0, 0, -30), h.now, all[at].Fingerprint)
	check(t, err)
	if len(one) != 1 || one[0].Bots != 2 || !slices.Contains(one[0].Flags, "flagged") ||
		!one[0].First.Equal(noon.Add(-31*time.Hour)) || !one[0].Last.Equal(noon.Add(-time.Hour)) {
		t.Errorf("reputation is %+v", one)
	}
}

// TestCutShortIsFinishedByTheSame: a run that ends after its first day, and a restart.
func TestCutShortIsFinishedByTheSame(t *testing.T) {
	h := filled(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := h.history.Flag(ctx, history.Rule{UserAgent: "%inhouse"}, h.scope(), func(int, int) { cancel() })
	if err == nil {
		t.Fatal("a run without its context was finished")
	}
	if c := h.classes(); c["page_view known_bot"] != 3 {
		t.Fatalf("after one day: %v", c)
	}
	h.reopen()
	r, err := h.history.Reclassify(t.Context(), h.scope(), none)
	check(t, err)
	if c := h.classes(); r.Changed != 4 || c["page_view known_bot"] != 5 || c["session known_bot"] != 2 {
		t.Errorf("%+v; %v", r, c)
	}
	h.sound()
}

// TestEventsGetTheVerdictOfTheirSession, once; a late event of it does, too; and sessions stay.
func TestEventsGetTheVerdictOfTheirSession(t *testing.T) {
	h := newHouse(t)
	h.visit("198.51.100.1", firefox, h.now.Add(-time.Hour), 200, 50*time.Millisecond)
	h.visit("198.51.100.2", inhouse, h.now.Add(-time.Hour), 3, 20*time.Second)
	h.close()
	sessions := h.rows(everything[3])
	check(t, h.history.Mark(t.Context()))
	want := map[string]int{"page_view human": 3, "page_view behavioral_bot": 200, "engagement human": 1,
		"engagement behavioral_bot": 1, "event human": 1, "event behavioral_bot": 1, "session human": 1,
		"session behavioral_bot": 1}
	if got := h.classes(); !maps.Equal(got, want) {
		t.Fatalf("classes are %v, want %v", got, want)
	}
	marked := h.rows(everything...)
	for range 2 {
		check(t, h.history.Mark(t.Context()))
		check(t, h.mill.CloseSessions(t.Context()))
		check(t, h.mill.RemakeSessions(t.Context(), store.Default, 0, 1<<31))
	}
	if !slices.Equal(h.rows(everything...), marked) || !slices.Equal(h.rows(everything[3]), sessions) {
		t.Error("marking or making sessions again changes something")
	}
	r, err := h.history.Reclassify(t.Context(), h.scope(), none)
	if err != nil || r.Changed != 0 || !slices.Equal(h.rows(everything...), marked) {
		t.Errorf("classifying again changes marked events: %+v, %v", r, err)
	}
	h.sound()
	h.visit("198.51.100.1", firefox, noon.Add(-time.Hour+time.Second), 5, 50*time.Millisecond)
	h.close()
	check(t, h.history.Mark(t.Context()))
	if got := h.classes(); got["page_view behavioral_bot"] != 205 || got["page_view human"] != 3 {
		t.Errorf("after late events classes are %v", got)
	}
}

// TestMarksEndWithTheirSessions: events that stay longer keep their verdict.
func TestMarksEndWithTheirSessions(t *testing.T) {
	h := newHouse(t)
	h.visit("198.51.100.1", firefox, h.now.Add(-50*time.Hour), 200, 50*time.Millisecond)
	h.visit("198.51.100.1", firefox, h.now.Add(-time.Hour), 200, 50*time.Millisecond)
	h.close()
	check(t, h.history.Mark(t.Context()))
	all, before := h.classes(), h.kept("mark/")
	if len(before) != 4 || all["page_view behavioral_bot"] != 400 {
		t.Fatalf("marked are %v, classes are %v", before, all)
	}
	_, err := h.store.Drop(t.Context(), store.Default, event.Session, 0, event.MicrosOf(h.now).Hour()/24*24)
	check(t, err)
	for range 2 {
		check(t, h.history.Mark(t.Context()))
		if got := h.kept("mark/"); !slices.Equal(got, before[2:]) {
			t.Errorf("marked are %v, want %v", got, before[2:])
		}
		if c := h.classes(); c["page_view behavioral_bot"] != 400 {
			t.Errorf("classes are %v", c)
		}
	}
}

// TestRulesReachWhatComesLater, also by a door that does not know them.
func TestRulesReachWhatComesLater(t *testing.T) {
	h := filled(t)
	_, err := h.history.Flag(t.Context(), history.Rule{UserAgent: "%inhouse", Class: bots.Scanner}, h.scope(), none)
	check(t, err)
	h.visit("198.51.100.9", inhouse, h.now.Add(-time.Hour), 4, 20*time.Second)
	h.close()
	if c := h.classes(); c["page_view scanner"] != 5 {
		t.Fatalf("classes are %v", c)
	}
	for range 2 {
		check(t, h.history.Apply(t.Context()))
		check(t, h.history.Mark(t.Context()))
		c := h.classes()
		if c["page_view scanner"] != 9 || c["session scanner"] != 3 || c["session human"] != 2 {
			t.Errorf("classes are %v", c)
		}
	}
	h.sound()
}

// TestWhatRulesWereAppliedToEndsWithItsEvents, with all of them and with the rules.
func TestWhatRulesWereAppliedToEndsWithItsEvents(t *testing.T) {
	h := filled(t)
	r, err := h.history.Flag(t.Context(), history.Rule{UserAgent: "%inhouse", Class: bots.Scanner}, h.scope(), none)
	check(t, err)
	f := func(when string, want ...string) {
		t.Helper()
		for range 2 {
			check(t, h.history.Apply(t.Context()))
			if got := h.kept("ruled/"); !slices.Equal(got, want) {
				t.Errorf("%s rules were applied to %v, want %v", when, got, want)
			}
		}
	}
	f("at first", "ruled/2026-11-19", "ruled/2026-11-20")
	today := event.MicrosOf(h.now).Hour() / 24 * 24
	for _, kind := range []event.Kind{event.PageView, event.Engagement} {
		_, err = h.store.Drop(t.Context(), store.Default, kind, 0, today)
		check(t, err)
	}
	f("with some events of the first day", "ruled/2026-11-19", "ruled/2026-11-20")
	_, err = h.store.Drop(t.Context(), store.Default, event.Custom, 0, today)
	check(t, err)
	f("without any", "ruled/2026-11-20")
	h.visit("198.51.100.7", inhouse, today.Start().Time().Add(-time.Hour), 2, time.Second)
	f("with late ones", "ruled/2026-11-19", "ruled/2026-11-20")
	_, err = h.history.Unflag(t.Context(), r.Rule.ID, h.scope(), none)
	check(t, err)
	f("without a rule")
}

// TestDoorsAreForAdministrators and refuse what they do not understand.
func TestDoorsAreForAdministrators(t *testing.T) {
	h := filled(t)
	for _, target := range []string{"POST /v1/bots/flag", "POST /v1/bots/unflag", "POST /v1/bots/reclassify",
		"GET /v1/bots/rules", "GET /v1/bots/reputation"} {
		method, path, _ := strings.Cut(target, " ")
		if status, _ := h.ask(auth.Query, method, path); status != 403 {
			t.Errorf("%s gives %d without the scope admin", target, status)
		}
	}
	f := func(want, target string) {
		t.Helper()
		if status, text := h.ask(auth.Admin, "POST", "/v1/bots/"+target); status < 400 || !strings.Contains(text, want) {
			t.Errorf("%s gives %d %s, want %s", target, status, text, want)
		}
	}
	f("unknown_parameter", "flag?user_agent=x&since=30d&dryrun=true")
	f("addresses are never kept", "flag?ip=198.51.100.1&since=30d")
	f("missing_value", "flag?user_agent=x")
	f("fits everybody", "flag?user_agent=%25&since=30d")
	f("needs a user_agent", "flag?site=a.example&since=30d")
	f("class must be", "flag?user_agent=x&class=human&since=30d")
	f("invalid_time", "reclassify?since=yesteryear")
	f("invalid_range", "reclassify?since=1d&until=2d")
	f("unknown_rule", "unflag?id=12345678")
	f("must be true or false", "reclassify?since=1d&progress=often")
	for _, yes := range []string{"1", "true", "True"} { // all that is a yes
		_, text := h.ask(auth.Admin, "POST", "/v1/bots/reclassify?since=1d&dry_run=1&progress="+yes)
		if !strings.Contains(text, `"done":`) || !strings.Contains(text, `"report":{`) {
			t.Errorf("progress=%s gives %s", yes, text)
		}
	}
}

// TestEventsAgreeWithTheirSessionsAtOnce: what a rule did is taken back, and then counts what the
// session says, not only within the hour.
func TestEventsAgreeWithTheirSessionsAtOnce(t *testing.T) {
	h := newHouse(t)
	h.visit("198.51.100.9", inhouse, h.now.Add(-time.Hour), 200, 50*time.Millisecond)
	h.close()
	_, err := h.history.Flag(t.Context(), history.Rule{UserAgent: "%inhouse%"}, h.scope(), none)
	check(t, err)
	if c := h.classes(); c["page_view known_bot"] != 200 || c["session known_bot"] != 1 {
		t.Errorf("flagged: %v", c)
	}
	_, err = h.history.Unflag(t.Context(), h.history.Rules()[0].ID, h.scope(), none)
	check(t, err)
	if c := h.classes(); c["page_view behavioral_bot"] != 200 || c["session behavioral_bot"] != 1 {
		t.Errorf("taken back: %v", c)
	}
	h.sound()
}
