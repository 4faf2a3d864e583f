package enrich

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"analytics/engine/event"
)

// people is the user agents of real browsers, with how often each was seen: 10,000 visits
// as the npm package user-agents 2.1.198 (BSD-2-Clause, Intoli) has them, and the 100
// most frequent ones by top-user-agents 2.1.138 (MIT).
func people(t testing.TB) (agents []string, seen []int) {
	packed, err := os.ReadFile("testdata/people.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		n, ua, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		count, err := strconv.Atoi(n)
		if err != nil {
			t.Fatal(err)
		}
		agents, seen = append(agents, ua), append(seen, count)
	}
	return agents, seen
}

func TestFewBrowsersOfPeopleAreTakenForBots(t *testing.T) {
	l := openLists(t)
	agents, seen := people(t)
	visits, wrong, kinds := 0, 0, 0
	for i, ua := range agents {
		visits += seen[i]
		if a := l.Agent(ua); a.Class != Human {
			wrong += seen[i]
			kinds++
			t.Logf("%s (%s): %s", a.Bot, a.reason, ua)
		}
	}
	t.Logf("%d of %d visits (%.2f %%), %d of %d user agents (%.2f %%)", wrong, visits,
		100*float64(wrong)/float64(visits), kinds, len(agents), 100*float64(kinds)/float64(len(agents)))
	if wrong*200 > visits || kinds*200 > len(agents) {
		t.Errorf("more than 0.5 %%")
	}
}

func TestVerdicts(t *testing.T) {
	l := openLists(t)
	const seven = "headless,webdriver,ua_mismatch,no_accept,no_accept_language,zero_window,odd_screen"
	for _, c := range []struct {
		agent, path, signals string
		status               int64
		want                 string
	}{
		{"", "/", "", 0, " 0 "},
		{"", "/", "no_agent", 200, "known_bot Unnamed bot other 80 no_agent"},
		{"", "/.env", "no_agent", 404, "scanner Unnamed bot scanner 100 no_agent,probe_path"},
		{chromeUA, "/", "no_agent", 200, "human 0 "},
		{chromeUA, "/", "", 0, "human 0 "},
		{"Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1", "/", "", 0, "human 0 "},
		{"w3m/0.5.3+git20230121", "/.env", "", 0, "scanner scanner 100 probe_path"},
		{chromeUA, "/", "no_accept", 0, "human 10 no_accept"},
		{chromeUA, "/", seven, 200, "human 49 " +
			"headless,no_accept,no_accept_language,odd_screen,ua_mismatch,webdriver,zero_window"},
		{chromeUA, "/", "unheard_of,listed_agent,admin_path", 200, "human 0 "},
		{chromeUA, "/.env", "", 0, "scanner scanner 100 probe_path"},
		{chromeUA, "/%2eENV", "", 0, "scanner scanner 100 probe_path"},
		{chromeUA, "/%252egit/config", "", 0, "scanner scanner 100 probe_path"},
		{chromeUA, "/a/..%2f..%5cetc/passwd", "", 0, "scanner scanner 100 probe_path"},
		{"", "/phpinfo.php", "", 0, "scanner scanner 100 probe_path"},
		{chromeUA, "/.well-known/security.txt", "", 404, "human 0 "},
		{chromeUA, "/blog/dot.env.html", "", 404, "human 0 "},
		{chromeUA, "/wp-admin/", "", 200, "human 20 admin_path"},
		{chromeUA, "/wp-admin/", "", 0, "human 20 admin_path"},
		{chromeUA, "/wp-admin/", "", 404, "scanner scanner 60 missing_path"},
		{chromeUA, "/phpMyAdmin/index.php", "http10,no_accept,no_accept_language", 200,
			"scanner scanner 55 admin_path,http10,no_accept,no_accept_language"},
		{"sqlmap/1.8#stable (https://sqlmap.org)", "/", "", 200, "scanner sqlmap scanner 100 attack_tool"},
		{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "/wp-admin/", "", 404,
			"known_bot Googlebot search 100 listed_agent,missing_path"},
		{"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot",
			"/", "", 200, "known_bot ChatGPT-User ai_assistant 100 listed_agent"},
		{"my-monitor/1.0", "/", "", 200, "known_bot my-monitor other 90 agent_form"},
		{"Mozilla/5.0 (X11) WebSite Grabber 3", "/", "", 200, "known_bot Unnamed bot other 80 agent_words"},
	} {
		v := l.Classify(Evidence{[]byte(c.agent), []byte(c.path), []byte(c.signals), c.status})
		parts := []string{v.Class}
		for _, p := range []string{v.Name, v.Purpose} {
			if p != "" {
				parts = append(parts, p)
			}
		}
		got := strings.Join(append(parts, strconv.Itoa(v.Score), v.Reasons), " ")
		if got != c.want {
			t.Errorf("%.40s %s %s %d\n got %s\nwant %s", c.agent, c.path, c.signals, c.status, got, c.want)
		}
	}
}

func TestHistoryIsJudgedAsWhatComesIn(t *testing.T) {
	n, _ := newEnricher(t)
	for _, ua := range []string{"", firefox, "curl/8.5", "sqlmap/1.8"} {
		for _, path := range []string{"/", "/.env"} {
			var s Scratch
			fields := map[string]string{"url": "https://a.example" + path, "signals": "no_accept"}
			if ua != "" {
				fields["user_agent"] = ua
			}
			e := make1(event.PageView, noon, fields)
			if err := n.Event(t.Context(), e, noon, &s); err != nil {
				t.Fatal(err)
			}
			before := derived(e)
			if n.lists.Reclassify(e) {
				t.Errorf("%s %s: changed from %s to %s", ua, path, before, derived(e))
			}
			e.SetText(event.PageBotClass, []byte("known_bot"))
			e.SetText(event.PageBotName, []byte("Wrong"))
			if !n.lists.Reclassify(e) || derived(e) != before || n.lists.Reclassify(e) {
				t.Errorf("%s %s: got %s, want %s", ua, path, derived(e), before)
			}
		}
	}
}

func TestHistoryKeepsWhatVisitsSaid(t *testing.T) {
	l := openLists(t)
	e := make1(event.PageView, noon, map[string]string{"user_agent": firefox, "path": "/", "bot_class": "ghost"})
	if l.Reclassify(e) || string(e.Text(event.PageBotClass)) != "ghost" {
		t.Errorf("got %s", derived(e))
	}
	if e = make1(event.Metric, noon, map[string]string{"name": "m"}); l.Reclassify(e) {
		t.Error("a metric has a verdict")
	}
}

func FuzzClassify(f *testing.F) {
	f.Add(chromeUA, "/%2e%2e/%", "no_accept,,x")
	f.Add("\xff\xfe", "/\\..;/\x00", ",")
	l := openLists(f)
	f.Fuzz(func(t *testing.T, agent, path, signals string) {
		v := l.Classify(Evidence{[]byte(agent), []byte(path), []byte(signals), 404})
		if v.Score < 0 || v.Score > 100 || len(v.Reasons) > 256 || len(v.Name) > 64 {
			t.Fatalf("%+v", v)
		}
		if bot := v.Class == KnownBot || v.Class == Scanner; bot != (v.Score >= threshold) {
			t.Fatalf("%+v", v)
		}
	})
}
