package middleware

import (
	"net/http"
	"strconv"
	"strings"
)

// signals are words, joined by commas, for what no browser of that name would send, as ingest/enrich
// has them; its lists of megabytes stay out of the application, and a test holds the two together. Only who says
// to be a browser can contradict itself: the others are named by their user agent, or send none.
func signals(r *http.Request, secure, proxied bool) string {
	h, ua := r.Header, r.UserAgent()
	switch {
	case ua == "":
		return "no_agent"
	case !strings.HasPrefix(ua, "Mozilla/5.0"):
		return ""
	}
	var words []string
	odd := func(is bool, word string) {
		if is {
			words = append(words, word)
		}
	}
	hints, platform := h.Get("Sec-CH-UA"), strings.Trim(h.Get("Sec-CH-UA-Platform"), `"`)
	chrome := major(ua, "Chrome/")
	odd(h.Get("Accept-Language") == "", "no_accept_language")
	odd(h.Get("Accept") == "", "no_accept")
	odd(h.Get("Accept-Encoding") == "" && !proxied, "no_encoding")
	// Browsers send these to https only, and to this very machine.
	modern := chrome >= 80 || major(ua, "Firefox/") >= 90 || strings.Contains(ua, "Safari/") && major(ua, "Version/") >= 17
	odd(secure && modern && h.Get("Sec-Fetch-Site") == "", "no_sec_fetch")
	odd(secure && chrome >= 90 && hints == "" && !strings.Contains(ua, "; wv)"), "no_client_hints")
	odd(r.ProtoMajor == 1 && r.ProtoMinor == 0 && !proxied, "http10") // nginx asks so by default
	odd(hints != "" && contradicts(ua, hints, platform, chrome), "ua_mismatch")
	accept, encoding := h.Get("Accept"), h.Get("Accept-Encoding")
	odd(secure && accept != "" && !strings.Contains(accept, "text/html"), "no_html")
	odd(secure && modern && encoding != "" && !strings.Contains(encoding, "br") && !proxied, "no_brotli")
	odd(secure && modern && h.Get("Upgrade-Insecure-Requests") == "", "no_upgrade")
	odd(strings.Contains(ua, "HeadlessChrome") || strings.Contains(hints, "HeadlessChrome"), "headless")
	return strings.Join(words, ",")
}

// platforms are what a user agent says where Sec-CH-UA-Platform has the name. Android tablets and
// Chrome OS pretend to be others on wish, so they are not here.
var platforms = map[string]string{"Windows": "Windows NT", "macOS": "Macintosh", "iOS": "like Mac OS X"}

// contradicts reports client hints of another browser or system than the user agent's.
func contradicts(ua, hints, platform string, chrome int) bool {
	if chrome > 0 && strings.Contains(hints, "Chromium") {
		if v := major(hints, `"Chromium";v="`); v > 0 && v != chrome {
			return true
		}
	}
	says, known := platforms[platform]
	return chrome == 0 && strings.Contains(ua, "Firefox/") || known && !strings.Contains(ua, says)
}

// major is the number behind a word of a text, or 0.
func major(text, behind string) int {
	_, rest, ok := strings.Cut(text, behind)
	if !ok {
		return 0
	}
	end := 0
	for end < len(rest) && end < 4 && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	n, _ := strconv.Atoi(rest[:end])
	return n
}

// clientHints are the client hints of a request in one text, as ingest/enrich.HintsOf has them: they
// tell Windows 11 from 10, for which the application has to ask browsers by
// Accept-CH: Sec-CH-UA-Platform-Version.
func clientHints(h http.Header) string {
	parts := []string{h.Get("Sec-CH-UA-Mobile"), h.Get("Sec-CH-UA-Platform"), h.Get("Sec-CH-UA-Platform-Version"),
		h.Get("Sec-CH-UA")}
	for i, p := range parts[:3] {
		if len(p) > 32 || strings.Contains(p, "|") {
			parts[i] = ""
		}
	}
	if text := strings.Join(parts, "|"); text != "|||" {
		return text
	}
	return ""
}
