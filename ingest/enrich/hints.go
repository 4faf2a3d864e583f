package enrich

import (
	"net/http"
	"strconv"
	"strings"
)

// HintsOf is the client hints of a request as an event has them in client_hints: mobile, platform,
// platform version and brands as the headers have them, with | between. It is empty where there are
// none. Browsers send the version of the platform only to who asked for it by Accept-CH.
func HintsOf(h http.Header) string {
	return JoinHints(h.Get("Sec-Ch-Ua-Mobile"), h.Get("Sec-Ch-Ua-Platform"),
		h.Get("Sec-Ch-Ua-Platform-Version"), h.Get("Sec-Ch-Ua"))
}

// JoinHints is HintsOf for the headers Sec-CH-UA-Mobile, -Platform, -Platform-Version and Sec-CH-UA.
func JoinHints(mobile, platform, version, brands string) string {
	parts := [4]string{mobile, platform, version, brands}
	for i, p := range parts[:3] {
		if len(p) > 32 || strings.Contains(p, "|") {
			parts[i] = ""
		}
	}
	if parts == [4]string{} {
		return ""
	}
	return string(CutText([]byte(strings.Join(parts[:], "|")), 512))
}

// brands are the names of browsers in client hints that are other browsers than their user agent
// says, or the same under another name. Chromium is what they are all made of.
var brands = map[string]string{
	"Google Chrome": "Chrome", "Microsoft Edge": "Edge", "Opera": "Opera", "Brave": "Brave", "Vivaldi": "Vivaldi",
	"Samsung Internet": "Samsung Browser", "YaBrowser": "Yandex Browser", "DuckDuckGo": "DuckDuckGo",
	"Android WebView": "WebView", "Microsoft Edge WebView2": "WebView",
}

// systems are the names of platforms in client hints.
var systems = map[string]string{
	"Windows": "Windows", "macOS": "macOS", "Android": "Android", "Linux": "Linux", "iOS": "iOS",
	"Chrome OS": "ChromeOS", "Chromium OS": "ChromeOS",
}

// hinted is what a user agent says, corrected by client hints, which say more: the user agents of
// Chrome and its like are frozen. Only names that are known count, so that nobody makes new ones up.
func (a Agent) hinted(hints []byte) Agent {
	parts := strings.SplitN(string(hints), "|", 4)
	if len(parts) != 4 || a.Class != Human {
		return a
	}
	mobile, platform, version := parts[0], strings.Trim(parts[1], `"`), strings.Trim(parts[2], `"`)
	for brand := range strings.SplitSeq(parts[3], ", ") {
		name, number, _ := strings.Cut(strings.TrimSpace(brand), ";v=")
		if b := brands[strings.Trim(name, `"`)]; b != "" {
			a.Browser, a.BrowserVersion = b, digits(strings.TrimPrefix(number, `"`))
		}
	}
	if system := systems[platform]; system != "" {
		if system != a.OS {
			a.OS, a.OSVersion = system, ""
		}
		if v := platformVersion(system, version); v != "" {
			a.OSVersion = v
		}
	}
	switch {
	case mobile == "?1" && a.Device == "desktop":
		a.Device = "mobile"
	case mobile == "?0" && a.Device == "mobile" && a.OS == "Android":
		a.Device = "tablet"
	}
	return a
}

// platformVersion is what people call the version that a hint gives; empty where that means nothing
// to them, as the kernel's of Linux.
func platformVersion(system, hint string) string {
	n := digits(hint)
	switch system {
	case "Windows": // https://learn.microsoft.com/microsoft-edge/web-platform/how-to-detect-win11
		major, err := strconv.Atoi(n)
		switch {
		case err != nil:
			return ""
		case major == 0:
			return map[string]string{"0.1": "7", "0.2": "8", "0.3": "8.1"}[hint[:min(len(hint), 3)]]
		case major < 13:
			return "10"
		}
		return "11"
	case "macOS", "Android", "iOS":
		return n
	}
	return ""
}
