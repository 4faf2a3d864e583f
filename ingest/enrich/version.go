package enrich

import (
	"strconv"
	"strings"

	"github.com/mileusna/useragent"
)

// digits is the number that text begins with, at most three digits: a version has no more, and so
// there are no more than a thousand. Zero is given only if it is all there is.
func digits(text string) string {
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	if n > 3 || n > 1 && text[0] == '0' {
		return ""
	}
	return text[:n]
}

// windows are the versions of Windows by those of its kernel. 10.0 is both 10 and 11.
var windows = map[string]string{
	"5.1": "XP", "5.2": "XP", "6.0": "Vista", "6.1": "7", "6.2": "8", "6.3": "8.1", "10.0": "10+",
}

// systemVersion is the version of the system that a user agent tells, empty where it only pretends:
// browsers say Mac OS X 10.15 and Android 10 whatever it is.
func systemVersion(ua string, p *useragent.UserAgent) string {
	switch p.OS {
	case useragent.Windows:
		return windows[p.OSVersion]
	case useragent.IOS:
		// From 26 on Safari says iOS 18 of the system, and the truth as its own version.
		said, _ := strconv.Atoi(digits(p.OSVersion))
		if own := major(ua, "Version/"); own > said && own < 1000 {
			said = own
		}
		if said > 0 {
			return strconv.Itoa(said)
		}
	case useragent.MacOS:
		if v := digits(p.OSVersion); v != "10" || p.OSVersionNo.Minor < 15 && p.OSVersionNo.Minor > 0 {
			if v == "10" {
				return "10." + strconv.Itoa(p.OSVersionNo.Minor%100)
			}
			return v
		}
	case useragent.Android:
		if !strings.Contains(ua, "Android 10; K)") {
			return digits(p.OSVersion)
		}
	}
	return ""
}

// browserVersion is the first number of a browser's version.
func browserVersion(ua string, p *useragent.UserAgent) string {
	if _, app, ok := strings.Cut(ua, " GSA/"); ok {
		return digits(app)
	}
	if strings.Contains(ua, "; wv)") { // behind the name of the app may be its own
		_, chrome, _ := strings.Cut(ua, "Chrome/")
		return digits(chrome)
	}
	if p.Name != useragent.Safari && p.Name != useragent.MobileSafari {
		return digits(p.Version)
	}
	if v := major(ua, "Version/"); v > 0 && v < 1000 { // behind Safari/ is that of its engine
		return strconv.Itoa(v)
	}
	return ""
}
