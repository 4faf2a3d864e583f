package enrich

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"analytics/engine/event"
)

const (
	windowsChrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 " +
		"Safari/537.36"
	phoneChrome = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Mobile " +
		"Safari/537.36"
	iPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
)

func TestVersionsAreTheFirstNumberAndTrue(t *testing.T) {
	l := openLists(t)
	for ua, want := range map[string]string{
		windowsChrome: "Chrome 149 on Windows 10+",
		strings.Replace(windowsChrome, "NT 10.0", "NT 6.1", 1):                                 "Chrome 149 on Windows 7",
		strings.Replace(windowsChrome, "NT 10.0", "NT 6.3", 1):                                 "Chrome 149 on Windows 8.1",
		strings.Replace(windowsChrome, "NT 10.0", "NT 99.7", 1):                                "Chrome 149 on Windows ",
		windowsChrome + " Edg/148.0.0.0":                                                       "Edge 148 on Windows 10+",
		phoneChrome:                                                                            "Chrome 149 on Android ",
		strings.Replace(phoneChrome, "10; K", "15; Pixel 8", 1):                                "Chrome 149 on Android 15",
		iPhone + "Version/18.6 Mobile/15E148 Safari/604.1":                                     "Safari 18 on iOS 18",
		iPhone + "Version/26.1 Mobile/15E148 Safari/604.1":                                     "Safari 26 on iOS 26",
		iPhone + "CriOS/149.0.7500.1 Mobile/15E148 Safari/604.1":                               "Chrome 149 on iOS 18",
		iPhone + "GSA/439.4.980558000 Mobile/15E148 Safari/604.1":                              "Google App 439 on iOS 18",
		iPhone + "Mobile/15E148":                                                               "  on iOS 18",
		firefox:                                                                                "Firefox 152 on Linux ",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:152.0) Gecko/20100101 Firefox/152.0": "Firefox 152 on macOS ",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.2 " +
			"Safari/605.1.15": "Safari 13 on macOS 10.13",
		strings.Replace(windowsChrome, "Chrome/149", "Chrome/99999", 1): "Chrome  on Windows 10+",
	} {
		a := l.Agent(ua)
		if got := a.Browser + " " + a.BrowserVersion + " on " + a.OS + " " + a.OSVersion; got != want {
			t.Errorf("%s\n got %s\nwant %s", ua, got, want)
		}
	}
}

// TestTextBrowsersAreReadByPeople: no browser in a terminal ever said Mozilla.
func TestTextBrowsersAreReadByPeople(t *testing.T) {
	l := openLists(t)
	for ua, want := range map[string]string{
		"Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.7.8": "human desktop Lynx",
		"w3m/0.5.3+git20230121":                          "human desktop w3m",
		"ELinks/0.16.1.1 (textmode; Linux; 80x24-2)":     "human desktop ELinks",
		"Links (2.28; Linux 6.1 x86_64; GNU C 12; text)": "human desktop Links",
		"Links/2.8":                "human desktop Links",
		"edbrowse/3.8.0":           "human desktop edbrowse",
		"NetSurf/3.10 (Linux)":     "human desktop NetSurf",
		"Dillo/3.1.1":              "human desktop Dillo",
		"Linkshare/2.8":            "known_bot bot ",
		"Lynx/2.8.9rel.1 (spider)": "known_bot bot ",
		"w3m/0.5.3 (+https://a.example/about-our-index)": "known_bot bot ",
	} {
		a := l.Agent(ua)
		if got := a.Class + " " + a.Device + " " + a.Browser; got != want {
			t.Errorf("%s\n got %q\nwant %q", ua, got, want)
		}
		if v := l.Classify(Evidence{Agent: []byte(ua)}); v.Class != a.Class {
			t.Errorf("%s is judged %s", ua, v.Class)
		}
	}
}

func TestHintsSayMore(t *testing.T) {
	l := openLists(t)
	const chromium = `"Chromium";v="149", "Not)A;Brand";v="24"`
	for _, c := range []struct{ ua, brands, mobile, platform, version, want string }{
		{windowsChrome, chromium + `, "Google Chrome";v="149"`, "?0", `"Windows"`, `"15.0.0"`,
			"Chrome 149 Windows 11 desktop"},
		{windowsChrome, chromium + `, "Google Chrome";v="149"`, "?0", `"Windows"`, `"10.0.0"`,
			"Chrome 149 Windows 10 desktop"},
		{windowsChrome, chromium, "?0", `"Windows"`, `"0.3"`, "Chrome 149 Windows 8.1 desktop"},
		{windowsChrome, chromium + `, "Brave";v="149"`, "?0", `"Windows"`, "", "Brave 149 Windows 10+ desktop"},
		{windowsChrome, chromium + `, "Made Up";v="7"`, "?0", `"Amiga"`, `"3.1"`, "Chrome 149 Windows 10+ desktop"},
		{windowsChrome, "", "", "", "", "Chrome 149 Windows 10+ desktop"},
		{phoneChrome, chromium + `, "Samsung Internet";v="30.0"`, "?1", `"Android"`, `"16.0.0"`,
			"Samsung Browser 30 Android 16 mobile"},
		{phoneChrome, chromium, "?0", `"Android"`, "", "Chrome 149 Android  tablet"},
		{strings.Replace(windowsChrome, "Windows NT 10.0; Win64; x64", "X11; Linux x86_64", 1), chromium, "?1",
			`"Android"`, `"15"`, "Chrome 149 Android 15 mobile"},
		{"curl/8.5", chromium + `, "Google Chrome";v="149"`, "?0", `"Windows"`, `"15.0.0"`, "    bot"},
		{windowsChrome, `|"`, "?|", `"|"`, `x`, "Chrome 149 Windows 10+ desktop"},
	} {
		h := http.Header{}
		for name, text := range map[string]string{"Sec-CH-UA": c.brands, "Sec-CH-UA-Mobile": c.mobile,
			"Sec-CH-UA-Platform": c.platform, "Sec-CH-UA-Platform-Version": c.version} {
			if text != "" {
				h.Set(name, text)
			}
		}
		a := l.Agent(c.ua).hinted([]byte(HintsOf(h)))
		got := strings.Join([]string{a.Browser, a.BrowserVersion, a.OS, a.OSVersion, a.Device}, " ")
		if got != c.want {
			t.Errorf("%s %s\n got %q\nwant %q", c.ua, HintsOf(h), got, c.want)
		}
	}
}

func TestPageViewsHaveVersions(t *testing.T) {
	n, _ := newEnricher(t)
	e := make1(event.PageView, noon, map[string]string{"url": "https://a.example/", "user_agent": windowsChrome,
		"client_hints": `?0|"Windows"|"15.0.0"|"Google Chrome";v="149"`})
	var s Scratch
	if err := n.Event(t.Context(), e, noon, &s); err != nil {
		t.Fatal(err)
	}
	if got := derived(e); !strings.Contains(got, "browser_version=149 os_version=11") {
		t.Errorf("got %s", got)
	}
}

// FuzzHints holds that names are known ones, and versions few.
func FuzzHints(f *testing.F) {
	f.Add(windowsChrome, `?0|"Windows"|"15.0.0"|"Google Chrome";v="149"`)
	f.Add(phoneChrome, `?1|"Android"|""|"x";v=, "Opera";v="\"`)
	l := openLists(f)
	f.Fuzz(func(t *testing.T, ua, hints string) {
		plain := l.Agent(ua)
		a := plain.hinted([]byte(hints))
		if a.Browser != plain.Browser && !slices.Contains([]string{"Chrome", "Edge", "Opera", "Brave", "Vivaldi",
			"Samsung Browser", "Yandex Browser", "DuckDuckGo", "WebView"}, a.Browser) {
			t.Errorf("browser %q", a.Browser)
		}
		if len(a.BrowserVersion) > 3 || len(a.OSVersion) > 5 || len(a.Browser) > 64 {
			t.Errorf("%+v", a)
		}
	})
}
