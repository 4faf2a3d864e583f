package middleware

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"analytics/ingest/enrich"
)

func TestTheClientIsSeenThroughTrustedProxiesOnly(t *testing.T) {
	f := func(remote, forwarded, want string) {
		t.Helper()
		r := &http.Request{RemoteAddr: remote, Header: http.Header{}}
		for line := range strings.SplitSeq(forwarded, "|") {
			r.Header.Add("X-Forwarded-For", line)
		}
		if got, _, _ := client(r, proxies); got != netip.MustParseAddr(want) {
			t.Errorf("%s, X-Forwarded-For %s: got %s, want %s", remote, forwarded, got, want)
		}
	}
	f("203.0.113.7:1", "1.2.3.4", "203.0.113.7") // it may say what it likes
	f("10.0.0.1:1", "1.2.3.4, 203.0.113.7", "203.0.113.7")
	f("10.0.0.1:1", "203.0.113.7, 10.0.0.2", "203.0.113.7")
	f("10.0.0.1:1", "1.1.1.1|203.0.113.7|10.9.9.9", "203.0.113.7")
	f("10.0.0.1:1", "1.2.3.4, nonsense, 10.0.0.2", "10.0.0.2")
	f("10.0.0.1:1", "", "10.0.0.1")
	f("[::ffff:10.0.0.1]:1", "[2001:db8::1]:443", "2001:db8::1")
	f("10.0.0.1:1", strings.Repeat("10.0.0.3,", 100), "10.0.0.1")
}

func TestOnlyTheCampaignOfAQueryIsReported(t *testing.T) {
	f := func(query, want string) {
		t.Helper()
		if got := campaign(query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	f("", "")
	f("q=secret&email=a%40b.example", "")
	f("utm_source=a%20b&x=1&utm_medium=cpc", "utm_source=a%20b&utm_medium=cpc")
	f("gclid=Cj0KC&ref=hn&utm_term=", "gclid=1&ref=hn")
}

func TestSignalsContradictBrowsersOnly(t *testing.T) {
	f := func(want string, headers ...string) {
		t.Helper()
		if got := signals(request("GET", "http://example.com/", headers...), true, false); got != want {
			t.Errorf("%v: got %q, want %q", headers, got, want)
		}
	}
	f("")
	f("", "User-Agent", "Googlebot/2.1", "Accept", "", "Accept-Language", "", "Sec-CH-UA", "")
	f("no_html", "Accept", "*/*")
	f("no_brotli,no_upgrade", "Accept-Encoding", "gzip, deflate", "Upgrade-Insecure-Requests", "")
	f("no_accept_language,no_accept,no_encoding,no_sec_fetch,no_client_hints", "Accept", "",
		"Accept-Language", "", "Accept-Encoding", "", "Sec-Fetch-Site", "", "Sec-CH-UA", "", "Sec-CH-UA-Platform", "")
	f("headless", "Sec-CH-UA", `"HeadlessChrome";v="141", "Chromium";v="141"`)
	f("ua_mismatch", "Sec-CH-UA-Platform", `"macOS"`)
	f("ua_mismatch", "Sec-CH-UA", `"Chromium";v="120"`)
	// Firefox and Safari send no hints, and an old Safari no Sec-Fetch.
	none := []string{"Sec-CH-UA", "", "Sec-CH-UA-Platform", ""}
	f("", append(none, "User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")...)
	f("", append(none, "Sec-Fetch-Site", "", "User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 15_8 like Mac OS X) "+
		"AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.6 Mobile/15E148 Safari/604.1")...)
	old := request("GET", "http://example.com/")
	old.ProtoMajor, old.ProtoMinor = 1, 0
	if a, b := signals(old, true, false), signals(old, true, true); a != "http10" || b != "" {
		t.Errorf("HTTP/1.0: %q, from a proxy %q", a, b)
	}
}

// TestSignalsAreTheHouses holds the rules here against those of the house, over all requests that
// some headers can make: an application is spared the house's lists, but must not judge otherwise.
func TestSignalsAreTheHouses(t *testing.T) {
	agents := []string{chrome, strings.Replace(chrome, "Chrome/141", "HeadlessChrome/141", 1), "curl/8.5.0", "Mozilla/5.0", "",
		strings.Replace(chrome, "141", "79", 1), "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
		"Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/141.0.0.0 Mobile Safari/537.36"}
	hints := []string{"", `"Chromium";v="141"`, `"Chromium";v="79"`, `"HeadlessChrome";v="141"`, `"Not;A"`}
	n := 0
	for _, agent := range agents {
		for _, hint := range hints {
			for _, platform := range []string{"", `"Windows"`, `"macOS"`, `"Linux"`} {
				for bits := range 1 << 9 {
					r := request("GET", "http://example.com/", "User-Agent", agent, "Sec-CH-UA", hint, "Sec-CH-UA-Platform", platform)
					for i, name := range []string{"Accept-Language", "Accept", "Accept-Encoding", "Sec-Fetch-Site"} {
						if bits>>i&1 == 1 {
							r.Header.Del(name)
						}
					}
					switch bits >> 7 {
					case 1:
						r.Header.Del("Upgrade-Insecure-Requests")
					case 2:
						r.Header.Set("Accept", "*/*")
					case 3:
						r.Header.Set("Accept-Encoding", "gzip, deflate")
					}
					secure, proxied := bits>>4&1 == 1, bits>>5&1 == 1
					if bits>>6&1 == 1 {
						r.ProtoMajor, r.ProtoMinor = 1, 0
					}
					house := enrich.HeadersOf(r)
					house.Page, house.Secure, house.Proxied = true, secure, proxied
					if got, want := signals(r, secure, proxied), strings.Join(house.Signals(), ","); got != want {
						t.Fatalf("%v, secure %t, proxied %t: got %q, the house says %q", r.Header, secure, proxied, got, want)
					}
					n++
				}
			}
		}
	}
	t.Logf("%d requests", n)
}

func TestClientHintsAreTheHouses(t *testing.T) {
	for _, of := range [][4]string{
		{}, {"?0", `"Windows"`, `"15.0.0"`, `"Chromium";v="141", "Google Chrome";v="141"`}, {"?1"}, {"", "", "", `"x|y"`},
		{"?0|", `"` + strings.Repeat("w", 40) + `"`, "|"}, {"", "", "", strings.Repeat(`"Brand";v="1", `, 60)},
	} {
		h := http.Header{}
		for i, name := range []string{"Sec-CH-UA-Mobile", "Sec-CH-UA-Platform", "Sec-CH-UA-Platform-Version", "Sec-CH-UA"} {
			if of[i] != "" {
				h.Set(name, of[i])
			}
		}
		if got, want := cut(clientHints(h), maxText), enrich.HintsOf(h); got != want {
			t.Errorf("%v: got %q, the house says %q", of, got, want)
		}
	}
}

func FuzzView(f *testing.F) {
	f.Add("example.com", "/a%20b", "utm_source=x&gclid=y", "https://a.example/?q", chrome, "de", "1.2.3.4, 5.6.7.8:9")
	f.Add("\xff", "/\xff"+strings.Repeat("x", 5000), "&&==", "\x00", "Mozilla/5.0 Chrome/", "\xc3", ",,[::1%eth0],")
	w := &Watch{}
	f.Fuzz(func(t *testing.T, host, path, query, referrer, agent, language, forwarded string) {
		r := &http.Request{Method: "GET", Host: host, URL: &url.URL{Path: path, RawQuery: query},
			RemoteAddr: "10.0.0.1:1", Header: http.Header{"User-Agent": {agent}, "Referer": {referrer},
				"Accept-Language": {language}, "X-Forwarded-For": {forwarded}, "Sec-Ch-Ua": {agent}}}
		ip, secure, proxied := client(r, proxies)
		var lines bytes.Buffer
		w.write(&lines, view{at: time.Unix(1, 0), host: host, path: r.URL.EscapedPath(), query: query,
			referrer: referrer, agent: agent, language: language, ip: ip, signals: signals(r, secure, proxied)})
		var p page
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil || !utf8.Valid(lines.Bytes()) ||
			bytes.Count(lines.Bytes(), []byte("\n")) != 1 {
			t.Fatalf("%q: %v", lines.Bytes(), err)
		}
		if len(p.ID) != 36 || p.ID[14] != '7' {
			t.Errorf("id %q", p.ID)
		}
		_ = probed(path)
		_ = ending(path)
	})
}
