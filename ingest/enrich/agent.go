package enrich

import (
	"strings"

	"github.com/mileusna/useragent"
)

// Agent is what a user agent says of its sender.
type Agent struct {
	Browser string // "Chrome", "Firefox" …; empty when unknown
	OS      string // "Windows", "iOS" …
	// The versions are the first number, or a name such as XP; empty when unknown or not true.
	BrowserVersion, OSVersion string
	Device                    string // desktop, mobile, tablet or bot
	Class                     string // Human, KnownBot or Scanner
	Bot                       string // the bot's name
	Purpose                   string // of a bot, such as ForSearch
	reason                    string // why it is a bot
}

// The classes of senders.
const (
	Human    = "human"
	KnownBot = "known_bot"
	Scanner  = "scanner"
)

// MaxAgent is how much of a user agent is looked at.
const MaxAgent = 512

// Agent reads a user agent. It takes 5 µs for a browser (measured), of which half are the
// library that names browsers; Enricher keeps the answers of the usual ones.
func (l *Lists) Agent(ua string) Agent {
	if len(ua) > MaxAgent {
		ua = ua[:MaxAgent]
	}
	lower := strings.ToLower(ua)
	if l.tools.any(lower) {
		return Agent{Device: "bot", Class: Scanner, Bot: product(ua), Purpose: ForScanner, reason: AttackTool}
	}
	if bot := l.crawlers.find(ua); bot != nil {
		return Agent{Device: "bot", Class: KnownBot, Bot: bot.name, Purpose: purposeOf(bot.name, bot.tag),
			reason: ListedAgent}
	}
	p := useragent.Parse(ua)
	if name := undeclared(ua, lower, &p); name != "" {
		return Agent{Device: "bot", Class: KnownBot, Bot: name, Purpose: ForOther, reason: AgentForm}
	}
	reads := textBrowser(ua)
	if !reads && l.words.find(lower) {
		return Agent{Device: "bot", Class: KnownBot, Bot: product(ua), Purpose: ForOther, reason: AgentWords}
	}
	a := Agent{Browser: browser(ua, &p), OS: p.OS, Class: Human, Device: "desktop"}
	if a.Browser == "" && reads {
		a.Browser = product(ua)
	}
	if a.OSVersion = systemVersion(ua, &p); a.Browser != "" {
		a.BrowserVersion = browserVersion(ua, &p)
	}
	switch {
	case p.Tablet, p.OS == useragent.Android && !strings.Contains(ua, "Mobile"):
		a.Device = "tablet"
	case p.Mobile, p.OS == useragent.Android:
		a.Device = "mobile"
	}
	if a.OS == useragent.CrOS {
		a.OS = useragent.ChromeOS
	}
	return a
}

// browser corrects two things the library does not see: an app that shows pages in a web view, and
// names that are versions of the same browser.
func browser(ua string, p *useragent.UserAgent) string {
	switch {
	case strings.Contains(ua, "; wv)"):
		return "WebView"
	case strings.Contains(ua, " GSA/"):
		return "Google App"
	case p.Name == useragent.MobileSafari:
		return useragent.Safari
	case len(p.Name) > 64, p.Version == "", strings.HasPrefix(ua, p.Name) && strings.HasPrefix(ua, "Mozilla/"):
		return ""
	}
	return p.Name
}

// undeclared names a bot that is in no list: by the words bots use for themselves, by a contact
// address, or by not looking like any browser, all of which but textBrowsers begin with Mozilla/ or
// Opera/.
func undeclared(ua, lower string, p *useragent.UserAgent) string {
	switch {
	case ua == "":
		return ""
	case strings.Contains(ua, "HeadlessChrome"), strings.Contains(ua, "PhantomJS"):
		return "Headless browser"
	case p.Bot, strings.Contains(lower, "http://"), strings.Contains(lower, "https://"),
		strings.Contains(lower, "bot/"), strings.Contains(lower, "bot;"),
		strings.Contains(lower, "crawler"), strings.Contains(lower, "spider"), isEmail(lower):
		return product(ua)
	case !strings.HasPrefix(ua, "Mozilla/") && !strings.HasPrefix(ua, "Opera/") && !textBrowser(ua):
		return product(ua)
	}
	return ""
}

// isEmail reports whether text holds an address to write to.
func isEmail(text string) bool {
	at := strings.IndexByte(text, '@')
	return at > 0 && at+1 < len(text) && letter(text[at+1]) && // Ecosia says android@150.0
		strings.IndexByte(text[at:], '.') > 1
}

// product is the name under which a sender without a browser's user agent goes: what stands before
// the first slash or space, or behind "compatible;".
func product(ua string) string {
	if _, behind, ok := strings.Cut(ua, "compatible; "); ok {
		ua = behind
	} else if strings.HasPrefix(ua, "Mozilla/") {
		return "Unnamed bot"
	}
	if n := strings.IndexAny(ua, "/ ;()+,"); n >= 0 {
		ua = ua[:n]
	}
	if ua == "" || len(ua) > 64 {
		return "Unnamed bot"
	}
	return ua
}
