package bots

import (
	"math"
	"slices"
	"strings"
	"time"

	"analytics/ingest/enrich"
)

// tier is a source of evidence that does not depend on the others: see doc.go.
type tier uint8

const (
	volume tier = iota
	rhythm
	order
	headers
	protocol
	browser
	client
	hands
	sides
	company
	tiers
)

var tierNames = [tiers]string{"volume", "rhythm", "order", "headers", "protocol", "browser", "client",
	"hands", "sides", "company"}

// Rule is one rule with its points by default.
type Rule struct {
	Word   string `json:"reason"`
	Points int    `json:"points"`
	Tier   string `json:"tier"`
	About  string `json:"about"`
	// Alone rules convict by themselves: no person does that, or the browser says it.
	Alone bool `json:"convicts_alone,omitempty"`
	tier  tier
	holds func(*measured) bool
}

// measured is facts with what several rules need computed once.
type measured struct {
	*Facts
	timing
	agent agent
}

// The thresholds. Where no other source is named, it is the table we promised.
const (
	manyRequests = 50
	manySessions = 5
	coverage     = 0.6
	smallSite    = 20 // pages; on fewer, somebody interested reads 60 %
	pagesAMinute = 5
	fastFor      = 120 * second // below, a dozen tabs opened at once are fast
	orderedShare = 0.9
	orderedSteps = 12 // of random steps, each forward by chance in 1 of 2, 12 are in 1 of 4,096
	regular      = 0.1
	regularGaps  = 5
	even         = 0.35 // people's reading times spread by more than their mean (Weibull, k < 1)
	evenGaps     = 9
	// Reading times are Weibull with k about 0.75: their logarithms spread by 1.7. With four times,
	// theirs spread by less than 0.5 in 3 of 100, and with six by less than 0.6 in 1. Who clicks
	// through options is as even, but not as slow.
	steady, steadyGaps     = 0.5, 4
	steadier, steadierGaps = 0.6, 6
	slow                   = 4 * second // on average

	velocity      = 60 // in a minute; second table
	manyPages     = 50 // second table
	rapidGap      = 100 * time.Millisecond
	rapidGaps     = 10 // a browser restores that many tabs at once
	longSession   = 4 * time.Hour
	beyondTen     = 30  // views in 10 s: Rybbit convicts for it alone
	beyondMinute  = 120 // views in 60 s: the same
	missedViews   = 5
	missedShare   = 0.6
	ghostAfter    = 30 * time.Second
	idleViews     = 3
	clicklessView = 5
	unlinkedPages = 3

	// clockwork is less than two minutes from one hour to the next; of what people do, only a page that
	// is left open and reloads itself comes so, and that is one page.
	clockwork = 0.03
	// As many people as came would stay that seldom by chance in 1 of 10,000, were they as the others: 23
	// where a third of those stay, 13 where half do.
	fleetVisitors, othersVisitors = 8, 20
	fleetStays, fleetChance       = 0.03, 0.0001
	stays                         = 10_000 // milliseconds

	// Nobody waits less than two seconds for a page ten times; but who waits for something to be sold
	// may, so that a blocked script and this are not enough.
	hammered, hammeredGap = 10, float64(2 * second)
	overAndOver, fewPages = 5, 2

	glancedPages, glance = 3, 8_000 // milliseconds
	oldChrome            = 80       // Rybbit; it is of February 2020
)

// signal makes a rule of a word that was put on an event when it came in.
func signal(word string, points int, t tier, about string) Rule {
	return Rule{Word: word, Points: points, tier: t, About: about,
		holds: func(m *measured) bool { return m.signal(word) }}
}

// says makes a rule of a word for what a browser says of itself.
func says(word string, points int, t tier, about string) Rule {
	r := signal(word, points, t, about)
	r.Alone = true
	return r
}

// Overwhelming is the word of the rule that convicts for its pace.
const Overwhelming = "overwhelming_pace"

// rules is the table.
var rules = []Rule{
	{Word: Overwhelming, Points: 100, tier: rhythm, Alone: true,
		About: "more than 30 page views in 10 seconds or 120 in a minute; convicts alone",
		holds: func(m *measured) bool { return m.inTen > beyondTen || m.inMinute > beyondMinute }},
	{Word: "many_requests", Points: 30, tier: volume, About: "more than 50 page views",
		holds: func(m *measured) bool { return m.Views > manyRequests }},
	{Word: "velocity", Points: 25, tier: rhythm, About: "more than 60 page views in some minute",
		holds: func(m *measured) bool { return m.inMinute > velocity }},
	{Word: "rapid", Points: 25, tier: rhythm,
		About: "less than 100 ms between more than ten page views, on average",
		holds: func(m *measured) bool { return m.gaps >= rapidGaps && m.mean < float64(rapidGap.Microseconds()) }},
	{Word: "even_timing", Points: 30, tier: rhythm,
		About: "times between ten page views spread by less than 35 % of their mean",
		holds: func(m *measured) bool { return m.moves() && m.gaps >= evenGaps && m.spread < even }},
	{Word: "steady_timing", Points: 20, tier: rhythm,
		About: "times between five page views of one scale: all seconds, or all minutes",
		holds: func(m *measured) bool {
			return m.moves() && m.mean >= float64(slow) && (m.gaps < evenGaps || m.spread >= even) &&
				(m.gaps >= steadyGaps && m.scales < steady || m.gaps >= steadierGaps && m.scales < steadier)
		}},
	{Word: "clockwork", Points: 35, tier: rhythm,
		About: "five or more sessions of a visitor, with the same time between them, of two pages or more",
		holds: func(m *measured) bool { return m.Apart > 0 && m.Apart < clockwork && m.Paths > 1 }},
	{Word: "replayed", Points: 35, tier: rhythm,
		About: "three or more pages, and then the same again with the same pauses",
		holds: func(m *measured) bool { return (m.gaps < evenGaps || m.spread >= even) && m.replayed() }},
	{Word: "hammered", Points: 20, tier: rhythm,
		About: "ten or more views of one page or two, less than two seconds after each other on average",
		holds: func(m *measured) bool {
			return m.Views >= hammered && m.Paths <= fewPages && m.mean < hammeredGap
		}},
	{Word: "regular_timing", Points: 15, tier: rhythm,
		About: "times between six page views spread by less than 10 % of their mean",
		holds: func(m *measured) bool { return m.moves() && m.gaps >= regularGaps && m.spread < regular }},
	{Word: "fast_pages", Points: 15, tier: volume, About: "more than 5 pages a minute, for two minutes",
		holds: func(m *measured) bool { return m.total >= fastFor && m.aMinute > pagesAMinute }},
	{Word: "long_session", Points: 10, tier: volume, About: "longer than 4 hours",
		holds: func(m *measured) bool { return int64(m.End-m.Start) > longSession.Microseconds() }},
	{Word: "coverage", Points: 25, tier: volume,
		About: "more than 60 % of a site that has at least 20 pages",
		holds: func(m *measured) bool {
			return m.SitePages >= smallSite && float64(m.Paths) > coverage*float64(m.SitePages)
		}},
	{Word: "misses", Points: 25, tier: order, About: "most of five or more pages were not there",
		holds: func(m *measured) bool {
			return m.Missed >= missedViews && float64(m.Missed) >= missedShare*float64(m.Views)
		}},
	{Word: "sequential", Points: 20, tier: order, About: "went through pages in their order",
		holds: func(m *measured) bool {
			return m.Steps >= orderedSteps && float64(m.Ordered) >= orderedShare*float64(m.Steps)
		}},
	{Word: "unlinked", Points: 20, tier: order,
		About: "three or more pages, and none of the site's pages led to any of them",
		holds: func(m *measured) bool { return m.SiteRefers && m.Paths >= unlinkedPages && m.Referred == 0 }},
	{Word: "unlinked_twice", Points: 10, tier: order, About: "two pages, and none of the site's pages led to the other",
		holds: func(m *measured) bool { return m.SiteRefers && m.Paths == 2 && m.Referred == 0 }},
	{Word: "many_pages", Points: 15, tier: volume, About: "more than 50 different pages",
		holds: func(m *measured) bool { return m.Paths > manyPages }},
	{Word: "many_sessions", Points: 20, tier: volume, About: "more than 5 sessions of a visitor in a day",
		holds: func(m *measured) bool { return m.Sessions > manySessions }},
	{Word: "from_nowhere", Points: 10, tier: order,
		About: "began on another page than the site's first, and nothing led there",
		holds: func(m *measured) bool {
			return m.SiteRefers && m.Direct && m.Sessions <= 1 && m.claims() &&
				(m.Paths == 1 || m.Referred > 0) // else it is unlinked
		}},
	{Word: "over_and_over", Points: 10, tier: order,
		About: "five or more views of one page or two, and the script on them never ran",
		holds: func(m *measured) bool { return m.Views >= overAndOver && m.Paths <= fewPages && m.unseen() }},
	signal("no_accept_language", 10, headers, "no Accept-Language header"),
	signal("no_accept", 5, headers, "no Accept header"),
	signal("no_html", 25, headers, "asked for a page and not for HTML"),
	signal("http10", 15, protocol, "HTTP/1.0 from a modern browser"),
	signal("no_http2", 10, protocol, "HTTP/1.1 from a browser where browsers speak HTTP/2"),
	signal("no_encoding", 10, protocol, "a browser that takes no compressed answer"),
	signal("no_brotli", 5, protocol, "a browser that takes compressed answers, but not as browsers do"),
	signal("ua_mismatch", 35, browser, "client hints name another browser than the user agent"),
	signal("no_sec_fetch", 10, browser, "no Sec-Fetch headers from a browser that sends them"),
	{Word: "no_client_hints", Points: 25, tier: browser,
		About: "neither client hints nor Sec-Fetch headers from a browser that sends them",
		holds: func(m *measured) bool { return m.signal(enrich.NoClientHints) && m.signal(enrich.NoSecFetch) }},
	{Word: "hints_hidden", Points: 0, tier: browser,
		About: "no client hints from a browser that sends them, which some hide",
		holds: func(m *measured) bool { return m.signal(enrich.NoClientHints) && !m.signal(enrich.NoSecFetch) }},
	{Word: "outdated_browser", Points: 10, tier: browser, About: "Chrome before 90 or Firefox before 88",
		holds: func(m *measured) bool { return m.agent.outdated() }},
	signal("no_upgrade", 10, browser, "asked for a page without the wish for https that browsers send"),
	{Word: "stale_browser", Points: 10, tier: browser, About: "a Chrome that was two years old",
		holds: func(m *measured) bool { return m.agent.stale(m.Start) }},
	{Word: "old_on_new", Points: 15, tier: browser, About: "a Chrome before 80 on a system that had newer ones",
		holds: func(m *measured) bool { return m.agent.version < oldChrome && m.agent.plain && m.agent.current }},
	{Word: "ancient_agent", Points: 25, tier: browser, About: "a browser too old to open today's https",
		holds: func(m *measured) bool { return m.agent.ancient }},
	{Word: "invented_agent", Points: 20, tier: browser, About: "a user agent that no version of Chrome had",
		holds: func(m *measured) bool { return m.agent.invented }},
	says("webdriver", 100, client, "the browser says that a program drives it; convicts alone"),
	says("headless", 100, client, "the browser says that it has no window; convicts alone"),
	signal("zero_window", 20, client, "a window without size"),
	signal("odd_screen", 15, client, "a screen of a size that virtual machines have"),
	signal("no_plugins", 5, client, "a desktop browser without plugins"),
	{Word: "no_frame", Points: 20, tier: client, About: "a window on a desk that is no higher than the page in it",
		holds: func(m *measured) bool { return m.signal(enrich.NoFrame) && !m.signal(enrich.ZeroWindow) }},
	signal("no_chrome", 25, client, "a Chrome on a desk without the object that is its name"),
	signal("software_gl", 25, client, "a desktop browser whose pages the processor draws, not a graphics card"),
	{Word: "no_input", Points: 40, tier: hands,
		About: "two or more pages, and neither mouse, wheel, finger nor key touched any",
		holds: func(m *measured) bool { return m.signal(enrich.NoInput) && m.Paths > 1 && m.moves() }},
	{Word: "no_input_once", Points: 20, tier: hands, About: "the same for a single page",
		holds: func(m *measured) bool { return m.signal(enrich.NoInput) && (m.Paths <= 1 || !m.moves()) }},
	signal("jumping_mouse", 20, hands, "a mouse that is pressed here and there, and never goes there"),
	{Word: "no_engagement", Points: 30, tier: hands,
		About: "of three or more page views, less than a third was left the way people leave pages",
		holds: func(m *measured) bool {
			return m.Tracked && m.SiteEngages && m.Views >= idleViews && 3*m.Engagements < m.Views
		}},
	{Word: "no_engagement_once", Points: 20, tier: hands,
		About: "one or two page views, and none was left the way people leave pages",
		holds: func(m *measured) bool {
			return m.Tracked && m.SiteEngages && m.Views > 0 && m.Views < idleViews && m.Engagements == 0 && m.Seen == 0
		}},
	{Word: "glances", Points: 20, tier: hands,
		About: "three or more pages, each looked at for less than eight seconds on average, and no click",
		holds: func(m *measured) bool {
			return m.Tracked && m.Paths >= glancedPages && m.Engagements >= 2 && m.Clicks == 0 &&
				m.Milliseconds < glance*int64(m.Engagements)
		}},
	{Word: "no_clicks", Points: 5, tier: hands,
		About: "five or more pages of the site without a click on any",
		holds: func(m *measured) bool {
			return m.Tracked && m.Engagements > 0 && m.Paths >= clicklessView && m.Clicks == 0
		}},
	{Word: "no_beacon", Points: 25, tier: sides,
		About: "two or more pages fetched, and the script on them never ran",
		holds: func(m *measured) bool { return m.unseen() && m.Views >= 2 }},
	{Word: "no_beacon_once", Points: 25, tier: sides, About: "the same for a single page",
		holds: func(m *measured) bool { return m.unseen() && m.Views == 1 }},
	{Word: "no_subresources", Points: 20, tier: sides,
		About: "pages fetched without any of their images, styles or scripts, and no script ran on them",
		holds: func(m *measured) bool { return m.signal(enrich.NoSubresources) && !m.Tracked && m.claims() }},
	{Word: "fleet", Points: 20, tier: company,
		About: "neither clicked nor stayed, with the browser, language and screen of many who did neither the day before",
		holds: func(m *measured) bool { return m.Clicks == 0 && m.Milliseconds < stays && m.fleet() }},
	{Word: "copied", Points: 25, tier: company,
		About: "three or more pages with the same pauses as other visitors had between the same pages",
		holds: func(m *measured) bool { return m.copied() }},
	{Word: "no_request", Points: 15, tier: sides,
		About: "the script told of pages that no server was asked for",
		holds: func(m *measured) bool { return m.Tracked && !m.Served && m.SiteServed && m.Views > 0 }},
}

func (m *measured) signal(word string) bool { return slices.Contains(m.Signals, word) }

// claims reports that it says it is a browser that shows pages as they are meant: browsers of text, and
// those whose pages a server makes smaller, give other names.
func (m *measured) claims() bool { return strings.HasPrefix(m.UserAgent, "Mozilla/") }

// hands reports that somebody clicked, and left most pages the way people leave them. Then much is
// no evidence any more: it was many people behind one address, or one who does a lot. What programs click
// in a page was clicked by no hand.
func (m *measured) hands() bool {
	return m.Clicks > 0 && 2*m.Engagements >= m.Views && !m.signal(enrich.NoInput)
}

// fleet reports that many came with the same browser the day before, none of whom clicked or stayed,
// and that others did.
func (m *measured) fleet() bool {
	if m.Alike < fleetVisitors || m.Others < othersVisitors || float64(m.AlikeStayed) > fleetStays*float64(m.Alike) {
		return false
	}
	leave := 1 - float64(m.OthersStayed)/float64(m.Others)
	return math.Pow(leave, float64(m.Alike)) < fleetChance
}

// moves reports that most views are of another page than the one before. A page that loads itself anew
// comes as evenly as any program.
func (m *measured) moves() bool { return m.gaps <= 2*m.Steps }

// unseen reports whether servers saw pages and the script on them did not run.
func (m *measured) unseen() bool {
	if !m.Served || m.Tracked || !m.SiteTracked || m.Engagements > 0 {
		return false
	}
	return m.Seen == 0 || int64(m.Seen-m.End) >= ghostAfter.Microseconds()
}

// Rules is the table of rules with the points by default.
func Rules() []Rule {
	all := slices.Clone(rules)
	for i := range all {
		all[i].Tier = tierNames[all[i].tier]
	}
	return all
}
