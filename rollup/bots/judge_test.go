package bots

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"analytics/engine/event"
)

// every is n moments with the same time between them.
func every(n int, gap event.Micros) []event.Micros {
	at := make([]event.Micros, n)
	for i := range at {
		at[i] = event.Micros(i) * gap
	}
	return at
}

// TestEachRuleHoldsAtItsThresholdAndNotBelow gives the facts on both sides of it.
func TestEachRuleHoldsAtItsThresholdAndNotBelow(t *testing.T) {
	chrome := func(v string) string { return "Mozilla/5.0 (X11) Chrome/" + v + ".0.0.0 Safari/537.36" }
	desktop := func(v string) string {
		return "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" + v +
			" Safari/537.36"
	}
	const at2026 = event.Micros(1_795_262_400_000_000) // 21 November
	served := Facts{Served: true, SiteTracked: true, Views: 2}
	seen := func(f Facts, at event.Micros) Facts { f.Seen = at; return f }
	tracked := Facts{Tracked: true, SiteEngages: true, Views: 3}
	cases := map[string][2]Facts{
		Overwhelming:    {{Times: every(31, 300_000)}, {Times: every(30, 300_000)}},
		"many_requests": {{Views: 51}, {Views: 50}},
		"velocity":      {{Times: every(61, 900_000)}, {Times: every(60, 900_000)}},
		"rapid":         {{Times: every(11, 99_000)}, {Times: every(11, 100_000)}},
		"even_timing":   {{Steps: 5, Times: every(10, 1e6)}, {Steps: 4, Times: every(10, 1e6)}},
		"glances": {{Tracked: true, Paths: 3, Engagements: 2, Milliseconds: 15_999},
			{Tracked: true, Paths: 3, Engagements: 2, Milliseconds: 16_000}},
		"old_on_new":    {{UserAgent: desktop("79.0.3945.130")}, {UserAgent: desktop("80.0.3987.87")}},
		"steady_timing": {{Steps: 4, Times: every(5, 4e6)}, {Steps: 4, Times: every(5, 3_900_000)}},
		"no_client_hints": {{Signals: []string{"no_client_hints", "no_sec_fetch"}},
			{Signals: []string{"no_client_hints"}}},
		"hints_hidden": {{Signals: []string{"no_client_hints"}},
			{Signals: []string{"no_client_hints", "no_sec_fetch"}}},
		"no_engagement_once": {{Tracked: true, SiteEngages: true, Views: 2},
			{Tracked: true, SiteEngages: true, Views: 2, Seen: 1}},
		"clockwork": {{Paths: 2, Apart: 0.029}, {Paths: 1, Apart: 0.029}},
		"fleet": {{Alike: 34, AlikeStayed: 1, Others: 20, OthersStayed: 7},
			{Alike: 33, AlikeStayed: 1, Others: 20, OthersStayed: 7}},
		"regular_timing": {{Steps: 5, Times: every(6, 1e6)}, {Steps: 5, Times: []event.Micros{0, 1e6, 2e6, 3e6, 4e6, 6e6}}},
		"fast_pages":     {{Paths: 11, Times: every(11, 12e6)}, {Paths: 11, Times: every(11, 11e6)}},
		"long_session":   {{End: 4*3600e6 + 1}, {End: 4 * 3600e6}},
		"coverage":       {{SitePages: 20, Paths: 13}, {SitePages: 19, Paths: 19}},
		"misses":         {{Missed: 5, Views: 8}, {Missed: 4, Views: 4}},
		"sequential":     {{Steps: 12, Ordered: 11}, {Steps: 11, Ordered: 11}},
		"unlinked":       {{SiteRefers: true, Paths: 3}, {SiteRefers: true, Paths: 3, Referred: 1}},
		"stale_browser": {{Start: at2026, UserAgent: desktop("131.0.0.0")},
			{Start: at2026, UserAgent: desktop("132.0.0.0")}},
		"ancient_agent": {{UserAgent: "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)"},
			{UserAgent: "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80; U; en) Presto/2.12.423 Version/12.16"}},
		"invented_agent":   {{UserAgent: desktop("142.0.7444.175")}, {UserAgent: desktop("142.0.0.0")}},
		"many_pages":       {{Paths: 51}, {Paths: 50}},
		"many_sessions":    {{Sessions: 6}, {Sessions: 5}},
		"outdated_browser": {{UserAgent: chrome("89")}, {UserAgent: chrome("90")}},
		"no_engagement":    {tracked, {Tracked: true, Views: 3}},
		"no_clicks": {{Tracked: true, Paths: 5, Engagements: 1},
			{Tracked: true, Paths: 5, Engagements: 1, Clicks: 1}},
		"no_beacon":      {served, {Served: true, Views: 2}},
		"no_beacon_once": {seen(Facts{Served: true, SiteTracked: true, Views: 1}, 30e6), seen(Facts{Served: true, SiteTracked: true, Views: 1}, 30e6-1)},
		"unlinked_twice": {{SiteRefers: true, Paths: 2}, {SiteRefers: true, Paths: 3}},
		"no_frame":       {{Signals: []string{"no_frame"}}, {Signals: []string{"no_frame", "zero_window"}}},
		"no_input":       {{Signals: []string{"no_input"}, Paths: 2}, {Signals: []string{"no_input"}, Paths: 1}},
		"no_input_once":  {{Signals: []string{"no_input"}, Paths: 1}, {Signals: []string{"no_input"}, Paths: 2}},
		"no_request":     {{Tracked: true, SiteServed: true, Views: 1}, {Tracked: true, Served: true, SiteServed: true, Views: 1}},
	}
	maps.Copy(cases, walks())
	for _, r := range Rules() {
		c, ok := cases[r.Word]
		if !ok {
			c = [2]Facts{{Signals: []string{"other", r.Word}}, {Signals: []string{"other"}}}
		}
		w := Weights{Weights: map[string]int{r.Word: max(r.Points, 1)}} // also of rules that are off
		if v := Judge(c[0], w); !slices.Contains(v.Reasons, r.Word) {
			t.Errorf("%s does not hold for %+v", r.Word, c[0])
		}
		if v := Judge(c[1], w); slices.Contains(v.Reasons, r.Word) {
			t.Errorf("%s holds for %+v", r.Word, c[1])
		}
	}
}

// walks are the facts of rules for the way that somebody takes.
func walks() map[string][2]Facts {
	return map[string][2]Facts{
		"replayed": {walked(3, 0, 9, 20, 4, 9, 20, 4), walked(3, 0, 9, 20, 4, 9, 23, 4)},
		"hammered": {{Views: 10, Paths: 2, Times: every(10, 1_999_999)}, {Views: 10, Paths: 2, Times: every(10, 2e6)}},
		"over_and_over": {{Views: 5, Paths: 2, Served: true, SiteTracked: true},
			{Views: 5, Paths: 2, Served: true, SiteTracked: true, Tracked: true}},
		"from_nowhere": {{UserAgent: "Mozilla/5.0", SiteRefers: true, Direct: true, Paths: 2, Referred: 1},
			{UserAgent: "Mozilla/5.0", SiteRefers: true, Direct: true, Paths: 2, Referred: 1, Sessions: 2}},
		"no_subresources": {{UserAgent: "Mozilla/5.0", Signals: []string{"no_subresources"}},
			{UserAgent: "Mozilla/5.0", Signals: []string{"no_subresources"}, Tracked: true}},
		"copied": {copies(walked(0, 0, 9, 20, 4), 1, 1), copies(walked(0, 0, 9, 20, 4), 3, 1)},
	}
}

// TestNobodyIsThereOnlyIfPagesChange: a page that loads itself is one, however often.
func TestNobodyIsThereOnlyIfPagesChange(t *testing.T) {
	for views, want := range map[int]string{2: "no_input", 3: "no_input", 4: "no_input_once"} {
		f := Facts{Signals: []string{"no_input"}, Paths: 2, Steps: 1, Times: every(views, 1e6)}
		if v := Judge(f, Weights{}); !slices.Contains(v.Reasons, want) {
			t.Errorf("%d views of two pages: %v, want %s", views, v.Reasons, want)
		}
	}
}

// TestNoBrowserSaidThat: versions and systems that go together are nobody's invention.
func TestNoBrowserSaidThat(t *testing.T) {
	f := func(want bool, system, version string) {
		t.Helper()
		ua := "Mozilla/5.0 (" + system + ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" + version
		if got := agentOf(ua).invented; got != want {
			t.Errorf("%s: %v, want %v", ua, got, want)
		}
	}
	const windows, mac = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7"
	f(false, windows, "150.0.0.0 Safari/537.36")
	f(false, mac, "150.0.0.0 Safari/537.36")
	f(false, windows, "91.0.4472.124 Safari/537.36")
	f(false, "Windows NT 6.1", "109.0.0.0 Safari/537.36")
	f(false, "Macintosh; Intel Mac OS X 10_13_6", "87.0.4280.141 Safari/537.36")
	f(false, windows, "142.0.7444.265 Electron/39.5.1 Safari/537.36")
	f(false, "Linux; Android 14; SM-A546B Build/UP1A; wv", "141.0.7390.122 Mobile Safari/537.36")
	f(false, windows, "150.0.7871.119 YaBrowser/26.8 Safari/537.36")
	f(true, windows, "150.0.7871.119 Safari/537.36")
	f(true, windows, "91.0.0.0 Safari/537.36")
	f(true, "Windows NT 6.1; Win64; x64", "140.0.0.0 Safari/537.36")
	f(true, "Macintosh; Intel Mac OS X 14_6", "150.0.0.0 Safari/537.36")
	f(true, windows, "124.0 Safari/537.36")
}

// TestOneTierNeverConvicts whatever it adds up to, but a pace beyond people and what a browser says.
func TestOneTierNeverConvicts(t *testing.T) {
	f := Facts{Class: Human, Signals: []string{"ua_mismatch", "no_sec_fetch", "no_client_hints", "no_upgrade"},
		UserAgent: "Mozilla/5.0 (X11) Chrome/80.0.0.0 Safari/537.36"}
	if v := Judge(f, Weights{}); v.Class != Human || v.Score != 90 {
		t.Errorf("one tier: %+v, want a human with 90 points", v)
	}
	f.Signals = append(f.Signals, "no_accept_language")
	if v := Judge(f, Weights{}); v.Class != BehavioralBot {
		t.Errorf("two tiers: %+v, want a bot", v)
	}
	f = Facts{Class: Human, Signals: []string{"webdriver"}, Clicks: 9, Engagements: 9, Views: 9}
	if v := Judge(f, Weights{}); v.Class != BehavioralBot {
		t.Errorf("a browser that says who drives it: %+v", v)
	}
	f = Facts{Class: Human, Times: every(200, 100_000), Views: 200}
	if v := Judge(f, Weights{}); v.Class != BehavioralBot || v.Reasons[0] != Overwhelming {
		t.Errorf("200 views in 20 seconds: %+v", v)
	}
}

// TestSmallSitesDoNotConvictTheirReaders: all pages of a site of eight, in order and quickly.
func TestSmallSitesDoNotConvictTheirReaders(t *testing.T) {
	f := Facts{Class: Human, SitePages: 8, Paths: 8, Views: 8, Steps: 7, Ordered: 7,
		Times: []event.Micros{0, 5e6, 8e6, 20e6, 25e6, 26e6, 40e6, 50e6}}
	if v := Judge(f, Weights{}); v.Class != Human {
		t.Errorf("somebody who read a small site is %+v", v)
	}
}

// TestMuchIsNoEvidenceWhereHandsWereSeen: an office behind one address does much, and clicks.
func TestMuchIsNoEvidenceWhereHandsWereSeen(t *testing.T) {
	f := Facts{Class: Human, Tracked: true, Views: 90, Paths: 60, Sessions: 20, Signals: []string{"no_sec_fetch", "no_client_hints"},
		Engagements: 60, Clicks: 40}
	if v := Judge(f, Weights{}); v.Class != Human || v.Score != 15 {
		t.Errorf("an office: %+v", v)
	}
	f.Clicks, f.Milliseconds = 0, 8_000*60
	if v := Judge(f, Weights{}); v.Class != Human || v.Score != 45 {
		t.Errorf("the same without a click: %+v", v) // much is not the second kind of evidence
	}
}

// TestWhatAProgramClicksIsNoHand: a click without any input was made in the page; a mouse that jumps may be
// a finger on an old panel, of which an office may have one, too.
func TestWhatAProgramClicksIsNoHand(t *testing.T) {
	f := Facts{Class: Human, Tracked: true, Views: 90, Paths: 60, Sessions: 20, Engagements: 60, Clicks: 40}
	for signal, want := range map[string]int{"no_input": 45, "jumping_mouse": 20} {
		f.Signals, f.Steps, f.Times = []string{signal}, 1, every(2, 1e6)
		if v := Judge(f, Weights{}); v.Score != want {
			t.Errorf("%s: %+v, want %d points", signal, v, want)
		}
	}
}

// TestGhostsAreNoBots: a page request without a beacon is shown as a ghost; known bots stay what
// they are.
func TestGhostsAreNoBots(t *testing.T) {
	f := Facts{Class: Human, Served: true, SiteTracked: true, Views: 1}
	v := Judge(f, Weights{})
	if v.Class != Ghost || v.Bot() || v.Score != 25 {
		t.Errorf("%+v, want a ghost", v)
	}
	f.Signals = []string{"no_client_hints", "no_sec_fetch"}
	if v := Judge(f, Weights{}); v.Class != BehavioralBot {
		t.Errorf("%+v, want a bot", v)
	}
	f.Class, f.Name, f.Reasons, f.Score = KnownBot, "Googlebot", "list,agent", 100
	if v := Judge(f, Weights{}); v.Class != KnownBot || v.Name != "Googlebot" || len(v.Reasons) != 2 {
		t.Errorf("%+v, want Googlebot", v)
	}
}

// TestReasonsFitTheirField: the words of a verdict, joined, whatever holds.
func TestReasonsFitTheirField(t *testing.T) {
	var longest []int
	for _, r := range rules {
		longest = append(longest, len(r.Word)+1)
	}
	slices.Sort(longest)
	n := 0
	for _, l := range longest[len(longest)-maxReasons:] {
		n += l
	}
	if n > 256 {
		t.Errorf("reasons may have %d bytes, over the 256 of bot_reasons", n)
	}
}

// TestTableIsDocumented: doc.go has each rule with its points.
func TestTableIsDocumented(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if line := fmt.Sprintf("//	%-20s %6d  ", r.Word, r.Points); !strings.Contains(string(text), line) {
			t.Errorf("doc.go lacks %q", line)
		}
	}
}

// BenchmarkJudge is a visit of 40 pages.
func BenchmarkJudge(b *testing.B) {
	f := Facts{Class: Human, Times: every(40, 7e6), Views: 40, Paths: 30, SitePages: 90, Tracked: true,
		Signals: []string{"no_accept", "odd_screen"}, UserAgent: "Mozilla/5.0 (X11) Chrome/149.0.0.0 Safari/537.36"}
	for i := range f.Times {
		f.Pages = append(f.Pages, uint32(i%30))
	}
	b.ReportAllocs()
	for b.Loop() {
		Judge(f, Weights{})
	}
}

// TestSettingsAreChecked all at once, and points of the settings count.
func TestSettingsAreChecked(t *testing.T) {
	err := Weights{Threshold: 101, Weights: map[string]int{"coverge": 1, "coverage": -1}}.Validate()
	for _, want := range []string{"bots.threshold", "bots.weights.coverge", "bots.weights.coverage"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	if err := DefaultWeights().Validate(); err != nil {
		t.Error(err)
	}
	w := Weights{Weights: map[string]int{"no_accept": 0}}
	if v := Judge(Facts{Signals: []string{"no_accept"}}, w); v.Score != 0 {
		t.Errorf("a rule that is off gives %d points", v.Score)
	}
}

// TestSequenceKnowsNumbersAndTheAlphabet.
func TestSequenceKnowsNumbersAndTheAlphabet(t *testing.T) {
	f := func(steps, ordered int, paths ...string) {
		t.Helper()
		var s Sequence
		for _, p := range paths {
			s.Add([]byte(p))
		}
		if s.Steps != steps || s.Ordered != ordered {
			t.Errorf("%v: %d of %d, want %d of %d", paths, s.Ordered, s.Steps, ordered, steps)
		}
	}
	f(0, 0)
	f(0, 0, "/a", "/a")
	f(3, 3, "/", "/a", "/b", "/b/c")
	f(3, 3, "/item/8", "/item/9", "/item/10", "/item/011")
	f(3, 1, "/b", "/a", "/c", "/")
}
