package enrich

import (
	"net/http/httptest"
	"strings"
	"testing"
)

const chromeUA = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
	"Chrome/153.0.0.0 Safari/537.36"

func TestSignalsContradictBrowsersOnly(t *testing.T) {
	full := "Accept=*/*|Accept-Language=de|Accept-Encoding=gzip, br|Sec-Fetch-Site=same-origin|" +
		`Sec-Ch-Ua="Chromium";v="153", "Google Chrome";v="153"|Sec-Ch-Ua-Platform="Windows"`
	swap := func(from, to string) string { return strings.Replace(full, from, to, 1) }
	for _, c := range []struct{ agent, headers, want string }{
		{chromeUA, full, ""},
		{"curl/8.5", "", ""},
		{"", "", "no_agent"},
		{"", full, "no_agent"},
		{chromeUA, "", "no_accept_language,no_accept,no_encoding,no_sec_fetch,no_client_hints"},
		{chromeUA, "X-Forwarded-For=192.0.2.1", "no_accept_language,no_accept,no_sec_fetch,no_client_hints"},
		{chromeUA, swap(`v="153"`, `v="140"`), "ua_mismatch"},
		{chromeUA, swap(`"Windows"`, `"macOS"`), "ua_mismatch"},
		{chromeUA, swap(`"Google Chrome"`, `"HeadlessChrome"`), "headless"},
		{firefox, full, "ua_mismatch"},
		{firefox, "Accept=*/*|Accept-Language=de|Accept-Encoding=gzip, br|Sec-Fetch-Site=none", ""},
		{"Mozilla/5.0 (Linux; Android 14; K; wv) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36",
			"Accept=*/*|Accept-Language=de|Accept-Encoding=gzip, br|Sec-Fetch-Site=none", ""},
	} {
		r := httptest.NewRequest("GET", "https://a.example/", nil)
		r.Header.Set("User-Agent", c.agent)
		for line := range strings.SplitSeq(c.headers, "|") {
			if name, value, ok := strings.Cut(line, "="); ok {
				r.Header.Set(name, value)
			}
		}
		if got := RequestSignals(r); got != c.want {
			t.Errorf("%.30s with %q: got %q, want %q", c.agent, c.headers, got, c.want)
		}
	}
}

// TestOnlyPagesAreAskedForAsHTML: a script of a page asks for data, and not for https.
func TestOnlyPagesAreAskedForAsHTML(t *testing.T) {
	h := Headers{Agent: chromeUA, Language: true, Accept: true, Encoding: true, SecFetch: true, Secure: true,
		Hints: `"Chromium";v="153"`}
	f := func(want string) {
		t.Helper()
		if got := strings.Join(h.Signals(), ","); got != want {
			t.Errorf("%+v: got %q, want %q", h, got, want)
		}
	}
	f("no_brotli")
	h.Proxied = true
	f("")
	h.Page = true
	f("no_html,no_upgrade")
	h.HTML, h.Upgrade = true, true
	f("")
	h.HTML, h.Upgrade, h.Secure = false, false, false
	f("")
}

func TestOverPlainHTTPBrowsersSayLess(t *testing.T) {
	r := httptest.NewRequest("GET", "http://a.example/", nil)
	r.Header.Set("User-Agent", chromeUA)
	r.ProtoMinor = 0
	want := "no_accept_language,no_accept,no_encoding,http10"
	if got := RequestSignals(r); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
