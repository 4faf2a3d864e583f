package enrich

import (
	"compress/gzip"
	"os"
	"strings"
	"testing"
)

func openLists(t testing.TB) *Lists {
	t.Helper()
	l, err := OpenLists()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestSplitURL(t *testing.T) {
	for _, c := range []struct{ in, host, path, query string }{
		{"https://Example.COM", "example.com", "/", ""},
		{"https://example.com/", "example.com", "/", ""},
		{" https://user:pw@Example.com:8443/a/B?x=1&y=2#frag ", "example.com", "/a/B", "x=1&y=2"},
		{"https://example.com./p#a?b", "example.com", "/p", ""},
		{"https://example.com?utm_source=x", "example.com", "/", "utm_source=x"},
		{"HTTP://[2001:db8::1]:80/x", "[2001:db8::1]", "/x", ""},
		{"//cdn.example/x", "cdn.example", "/x", ""},
		{"/pricing?plan=a#top", "", "/pricing", "plan=a"},
		{"/", "", "/", ""},
		{"/a://b", "", "/a://b", ""},
		{"android-app://com.google.android.gm/", "com.google.android.gm", "/", ""},
		{"https://münchen.example/straße", "münchen.example", "/straße", ""},
	} {
		u, ok := SplitURL([]byte(c.in))
		if !ok || string(u.Host) != c.host || string(u.Path) != c.path ||
			string(u.Query) != c.query {
			t.Errorf("%q: got %q %q %q, %v", c.in, u.Host, u.Path, u.Query, ok)
		}
	}
	for _, in := range []string{"", "x", "example.com/x", "data:text/html,x", "javascript://x",
		"file:///etc/passwd", "https://", "https:///x", "https://a b/", "https://<script>/", "#", "?"} {
		if u, ok := SplitURL([]byte(in)); ok {
			t.Errorf("%q: got %q %q, want none", in, u.Host, u.Path)
		}
	}
}

func TestVisitsComeFromSomewhere(t *testing.T) {
	l := openLists(t)
	for _, c := range []struct{ url, referrer, source, channel, medium, campaign string }{
		{"https://a.example/", "", "Direct", Direct, "", ""},
		{"https://a.example/?q=1&session=secret", "", "Direct", Direct, "", ""},
		{"https://a.example/x", "https://a.example/", "Internal", Internal, "", ""},
		{"https://www.a.example/x", "https://a.example/", "Internal", Internal, "", ""},
		{"https://a.example/", "https://b.a.example/", "b.a.example", Referral, "referral", ""},
		{"https://a.example/", "https://www.google.com/", "Google", OrganicSearch, "organic", ""},
		{"https://a.example/", "https://google.co.uk/", "Google", OrganicSearch, "organic", ""},
		{"https://a.example/", "https://duckduckgo.com/", "DuckDuckGo", OrganicSearch, "organic", ""},
		{"https://a.example/", "https://kagi.com/search", "Kagi", OrganicSearch, "organic", ""},
		{"https://a.example/", "https://docs.google.com/d/1", "docs.google.com", Referral,
			"referral", ""},
		{"https://a.example/", "https://mail.google.com/", "Gmail", Email, "email", ""},
		{"https://a.example/", "https://t.co/abc", "Twitter", OrganicSocial, "social", ""},
		{"https://a.example/", "https://x.com/", "Twitter", OrganicSocial, "social", ""},
		{"https://a.example/", "https://www.microsoft.com/", "microsoft.com", Referral, "referral", ""},
		{"https://a.example/", "https://netflix.com/", "netflix.com", Referral, "referral", ""},
		{"https://a.example/", "https://dropbox.com/", "dropbox.com", Referral, "referral", ""},
		{"https://a.example/", "https://old.reddit.com/r/x", "Reddit", OrganicSocial, "social", ""},
		{"https://a.example/", "https://news.ycombinator.com/", "Hacker News", OrganicSocial,
			"social", ""},
		{"https://a.example/", "https://m.youtube.com/watch", "YouTube", OrganicVideo, "video", ""},
		{"https://a.example/", "https://chatgpt.com/", "ChatGPT", AIAssistant, "ai", ""},
		{"https://a.example/", "https://www.perplexity.ai/", "Perplexity", AIAssistant, "ai", ""},
		{"https://a.example/", "https://gemini.google.com/app", "Gemini", AIAssistant, "ai", ""},
		{"https://a.example/", "https://claude.ai/chat/1", "Claude", AIAssistant, "ai", ""},
		{"https://a.example/?utm_source=chatgpt.com", "", "ChatGPT", AIAssistant, "ai", ""},
		{"https://a.example/", "android-app://com.google.android.gm/", "Gmail", Email, "email", ""},
		{"https://a.example/", "android-app://com.reddit.frontpage", "Reddit", OrganicSocial,
			"social", ""},
		{"https://a.example/", "https://blog.example/", "blog.example", Referral, "referral", ""},
		{"https://a.example/?utm_source=google&utm_medium=cpc&utm_campaign=Spring%20Sale", "",
			"Google", PaidSearch, "cpc", "Spring Sale"},
		{"https://a.example/?gclid=1", "https://www.google.com/", "Google", PaidSearch, "cpc", ""},
		{"https://a.example/?gclid=1", "", "Google", PaidSearch, "cpc", ""},
		{"https://a.example/?utm_source=fb&utm_medium=paid_social", "", "Facebook",
			PaidSocial, "paid_social", ""},
		{"https://a.example/?utm_source=newsletter&utm_medium=email", "https://www.google.com/",
			"newsletter", Email, "email", ""},
		{"https://a.example/?utm_medium=display&utm_source=x1", "", "x1", Display, "display", ""},
		{"https://a.example/?utm_source=tcp-talk&utm_medium=tcp-talk", "", "tcp-talk",
			Referral, "tcp-talk", ""},
		{"https://a.example/?utm_source=readme&utm_medium=readme", "", "readme", Referral,
			"readme", ""},
		{"https://a.example/?utm_source=p&utm_medium=podcast", "", "p", Referral, "podcast", ""},
		{"https://a.example/?utm_medium=affiliate&utm_source=joe", "", "joe", Affiliates, "affiliate",
			""},
		{"https://a.example/?utm_campaign=cross-network&utm_source=google", "", "Google", CrossNetwork,
			"", "cross-network"},
		{"https://a.example/?ref=producthunt", "", "Product Hunt", OrganicSocial, "social", ""},
		{"https://a.example/?ref=x&utm_source=y", "", "y", Referral, "referral", ""},
		{"https://a.example/?utm_source=https://www.bing.com/", "", "Bing", OrganicSearch, "organic", ""},
		{"https://a.example/?utm_source=%ff%fe", "", "Direct", Direct, "", ""},
		{"https://a.example/?utm_source=a%0Ab", "", "a b", Referral, "referral", ""},
		{"/x", "https://a.example/", "a.example", Referral, "referral", ""},
	} {
		u, _ := SplitURL([]byte(c.url))
		v := l.Visit(u, []byte(c.referrer))
		if v.Source != c.source || v.Channel != c.channel || v.Medium != c.medium ||
			v.Campaign != c.campaign {
			t.Errorf("%s from %q: got %q %s %q %q\nwant %q %s %q %q", c.url, c.referrer,
				v.Source, v.Channel, v.Medium, v.Campaign,
				c.source, c.channel, c.medium, c.campaign)
		}
	}
}

func TestAgentsOfPeople(t *testing.T) {
	l := openLists(t)
	const kit = "AppleWebKit/537.36 (KHTML, like Gecko) "
	const apple = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
	for _, c := range []struct{ ua, browser, os, device string }{
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + kit + "Chrome/149.0.0.0 Safari/537.36",
			"Chrome", "Windows", "desktop"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + kit +
			"Chrome/149.0.0.0 Safari/537.36 Edg/149.0.0.0", "Edge", "Windows", "desktop"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:152.0) Gecko/20100101 Firefox/152.0",
			"Firefox", "macOS", "desktop"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) " + apple +
			"Safari/605.1.15", "Safari", "macOS", "desktop"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) " + apple +
			"Mobile/15E148 Safari/604.1", "Safari", "iOS", "mobile"},
		{"Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) " + apple +
			"Mobile/15E148 Safari/604.1", "Safari", "iOS", "tablet"},
		{"Mozilla/5.0 (Linux; Android 10; K) " + kit + "Chrome/149.0.0.0 Mobile Safari/537.36",
			"Chrome", "Android", "mobile"},
		{"Mozilla/5.0 (Linux; Android 14; SM-X910) " + kit + "Chrome/149.0.0.0 Safari/537.36",
			"Chrome", "Android", "tablet"},
		{"Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) " + kit +
			"Version/4.0 Chrome/149.0.0.0 Mobile Safari/537.36", "WebView", "Android", "mobile"},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0",
			"Firefox", "Linux", "desktop"},
		{"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) " + kit + "Chrome/149.0.0.0 Safari/537.36",
			"Chrome", "ChromeOS", "desktop"},
	} {
		a := l.Agent(c.ua)
		if a.Browser != c.browser || a.OS != c.os || a.Device != c.device ||
			a.Class != Human {
			t.Errorf("%s\n got %+v\nwant %s %s %s", c.ua, a, c.browser, c.os, c.device)
		}
	}
}

func TestAgentsOfBots(t *testing.T) {
	l := openLists(t)
	const kit = "AppleWebKit/537.36 (KHTML, like Gecko"
	for _, c := range []struct{ ua, name, tag string }{
		{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
			"Googlebot", ForSearch},
		{"Googlebot-Image/1.0", "Googlebot-Image", ForSearch},
		{"Mozilla/5.0 " + kit + "; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
			"GPTBot", ForAI},
		{"Mozilla/5.0 " + kit + "; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
			"ClaudeBot", ForAI},
		{"curl/8.5.0", "curl", ForLibrary},
		{"python-requests/2.32", "python-requests", ForLibrary},
		{"Mozilla/5.0 (X11; Linux x86_64) " + kit + ") HeadlessChrome/149.0.0.0 Safari/537.36",
			"HeadlessChrome", ForOther},
		{"my-monitor/1.0", "my-monitor", ForOther},
		{"Mozilla/5.0 (compatible; SomethingNew/0.1; https://something.example)", "SomethingNew", ForOther},
		{"Mozilla/5.0 (contact me@example.org)", "Unnamed bot", ForOther},
		{"x", "x", ForOther},
	} {
		a := l.Agent(c.ua)
		if a.Class != KnownBot || a.Device != "bot" || a.Bot != c.name || a.Purpose != c.tag {
			t.Errorf("%s\n got %+v\nwant %s %q", c.ua, a, c.name, c.tag)
		}
	}
}

// TestEveryListedBotIsFound asks about the sample user agents that the list of crawlers has of each
// bot; gen/samples.mjs made the file.
func TestEveryListedBotIsFound(t *testing.T) {
	packed, err := os.ReadFile("testdata/crawlers.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := table(packed, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 2000 {
		t.Errorf("only %d user agents", len(rows))
	}
	l := openLists(t)
	for _, row := range rows {
		if build.MatchString(strings.ReplaceAll(row[0], `\.`, ".")) {
			continue // a version of Android is no bot
		}
		if l.crawlers.find(row[1]) == nil {
			t.Errorf("%s: %q is not found", row[0], row[1])
		}
		if a := l.Agent(row[1]); a.Class != KnownBot && a.Class != Scanner || a.Bot == "" || a.Purpose == "" {
			t.Errorf("%q: got %+v", row[1], a)
		}
	}
}

func TestListsAreIntact(t *testing.T) {
	for name, packed := range map[string]string{"crawlers": "data/crawlers.txt.gz",
		"referrers": "data/referrers.txt.gz"} {
		f, err := os.Open(packed)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := gzip.NewReader(f); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	l := openLists(t)
	if len(l.crawlers.list) < 1500 || len(l.places) < 1500 {
		t.Errorf("got %d crawlers, %d hosts", len(l.crawlers.list), len(l.places))
	}
	for alias := range aliases {
		if l.names[alias] == nil {
			t.Errorf("the alias %q means nothing", alias)
		}
	}
}

func BenchmarkAgent(b *testing.B) {
	l := openLists(b)
	ua := "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Chrome/149.0.0.0 Safari/537.36"
	b.Run("crawlers", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if l.crawlers.find(ua) != nil {
				b.Fatal("a browser is no bot")
			}
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			l.Agent(ua)
		}
	})
	b.Run("cached", func(b *testing.B) {
		n := New(l, nil)
		b.ReportAllocs()
		for b.Loop() {
			n.agent([]byte(ua))
		}
	})
}
