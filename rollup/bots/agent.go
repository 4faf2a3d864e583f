package bots

import (
	"strconv"
	"strings"

	"analytics/engine/event"
)

// agent is the browser and main version of a user agent, as far as age can be told by it.
type agent struct {
	browser string
	version int
	// plain is a Chrome on a desktop, which keeps itself new; invented, that no browser ever said so;
	// ancient, one that knows no TLS that servers still speak.
	plain, invented, ancient bool
	// current is a system that newest browsers run on.
	current bool
}

func agentOf(ua string) agent {
	for _, name := range [...]string{"Chrome/", "Firefox/"} {
		_, rest, ok := strings.Cut(ua, name)
		if !ok {
			continue
		}
		n := digits([]byte(rest[:min(len(rest), 4)]))
		v, _ := strconv.Atoi(rest[:n])
		a := agent{browser: strings.TrimSuffix(name, "/"), version: v}
		a.plain = a.browser == "Chrome" && plain(ua, rest)
		a.current = strings.Contains(ua, "Windows NT 10.0") || strings.Contains(ua, "Mac OS X 10_15")
		a.ancient = a.version > 0 && a.version < 49 && (a.browser == "Chrome" || a.version < 45)
		a.invented = a.plain && a.contradicts(ua, rest)
		return a
	}
	return agent{ancient: ancient(ua)}
}

// ancient reports Internet Explorer before 11, and Opera by its old engine; what Opera Mini shows is
// fetched by servers, and some keep an Explorer's compatibility.
func ancient(ua string) bool {
	return strings.HasPrefix(ua, "Mozilla/4.0 (compatible; MSIE ") ||
		strings.HasPrefix(ua, "Mozilla/5.0 (compatible; MSIE ") ||
		strings.HasPrefix(ua, "Opera/") && !strings.Contains(ua, "Opera Mini") && !strings.Contains(ua, "Opera Mobi")
}

// outdated is what the table we promised says. Both are of April 2021.
func (a agent) outdated() bool {
	return a.version > 0 && (a.browser == "Chrome" && a.version < 90 ||
		a.browser == "Firefox" && a.version < 88)
}

// plain reports the user agent of a Chrome on a desktop, and of no other browser made of it: those add
// words, and keep to rules of their own.
func plain(ua, version string) bool {
	_, behind, _ := strings.Cut(version, " ")
	return behind == "Safari/537.36" && !strings.Contains(ua, "Android") &&
		strings.Contains(ua, ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/")
}

const (
	// reduced is the version from which on Chrome says 0.0.0 in place of the rest, and frozen that from
	// which on it says the same system for all versions of it.
	reduced, frozen = 101, 107
	// lastOnSeven is the last version for Windows 7 and 8.
	lastOnSeven = 109
)

// contradicts reports a version that goes with no such text.
func (a agent) contradicts(ua, version string) bool {
	version, _, _ = strings.Cut(version, " ")
	short := strings.HasSuffix(version, ".0.0.0")
	return short && a.version < reduced || !short && a.version >= frozen ||
		a.version > lastOnSeven && strings.Contains(ua, "(Windows NT 6.") ||
		a.version >= frozen && strings.Contains(ua, "Mac OS X 1") && !strings.Contains(ua, "Mac OS X 10_15_7)")
}

// Chrome 100 was released on 29 March 2022, and since then not more than one version in 31 days, up to
// 2026. Should they come faster, an old one is taken for younger than it is.
const (
	chrome100   = event.Micros(1_648_512_000_000_000)
	chromeEvery = 31 * 24 * hour
	staleAfter  = 2 * 365 * 24 * hour
	hour        = 3600 * second
)

// stale reports a browser that keeps itself new and was two years old when it came. One in a hundred
// people has one, and many programs, whose authors wrote it down once. One that is outdated is not also stale.
func (a agent) stale(at event.Micros) bool {
	return at > 0 && a.plain && !a.outdated() && !a.invented &&
		at > chrome100+event.Micros(a.version-100)*chromeEvery+staleAfter
}
