package tracker

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/tidwall/gjson"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/enrich"
	"analytics/ingest/sites"
	"analytics/ingest/wire"
)

const (
	maxProperties = 30 // as Plausible
	unsaid        = -1 // a number that the sender did not say
	// maxEngagement is the time on a page from which a clock was set, or somebody lies.
	maxEngagement = 30 * 24 * time.Hour
)

// hit is what all formats have in common.
type hit struct {
	kind                 event.Kind
	url, referrer, title string
	language, screen     string
	name, target         string // of a custom event
	id, user, session    string
	content              string
	signals              string // of the browser
	spent                int64  // milliseconds
	depth, clicks        int64
	loaded               bool // a view that a page was loaded for
	properties           map[string]any
	at                   time.Time // of trusted senders; zero is now
	agent, address       string
}

// view is a hit of a page, to be filled in.
func view(url string) *hit {
	return &hit{kind: event.PageView, url: url, spent: unsaid, depth: unsaid, clicks: unsaid}
}

// add writes a hit of a site as a native event.
func (s *sender) add(l *wire.Lines, site *sites.Site, h *hit) error {
	u, ok := enrich.SplitURL([]byte(h.url))
	if !ok || len(u.Host) == 0 {
		return fault.At(fault.Invalid, "invalid_url", "url", "url must be a page's full address, such as https://%s/",
			site.Domain)
	}
	if host := string(u.Host); !site.Owns(host) {
		return fault.At(fault.Invalid, "foreign_url", "url", "a page of %q is none of %s; name its origin with "+
			"`analytics sites add --origin` when the site is registered", web.Clean(host), site.Domain)
	}
	if h.kind == event.PageView && h.loaded && site.Mode == sites.Server && !s.trusted {
		h.kind, h.spent = event.Engagement, 0
	}
	l.Begin(h.kind)
	l.Text(event.EventID, h.id)
	l.Text(event.UserID, h.user)
	l.Text(event.SessionID, h.session)
	if s.trusted && !h.at.IsZero() {
		l.Time(event.Timestamp, h.at)
	}
	l.Properties(h.properties)
	signals := joined(s.signals, h.signals)
	switch h.kind {
	case event.PageView:
		s.page(l, site, h, signals)
	case event.Engagement:
		s.engagement(l, site, h, signals)
	default:
		s.custom(l, site, h, &u, signals)
	}
	l.End()
	return nil
}

func (s *sender) page(l *wire.Lines, site *sites.Site, h *hit, signals string) {
	l.Text(event.PageURL, h.url)
	l.Text(event.PageSite, site.Domain)
	l.Text(event.PageTitle, h.title)
	l.Text(event.PageReferrer, h.referrer)
	l.Text(event.PageLanguage, h.language)
	l.Text(event.PageScreen, h.screen)
	l.Text(event.PageContentID, h.content)
	l.Text(event.PageVia, "tracker")
	l.Text(event.PageSignals, signals)
	s.visitor(l, h, event.PageUserAgent, event.PageClientIP)
}

func (s *sender) engagement(l *wire.Lines, site *sites.Site, h *hit, signals string) {
	l.Text(event.EngagementURL, h.url)
	l.Text(event.EngagementSite, site.Domain)
	if h.spent < maxEngagement.Milliseconds() {
		l.Int(event.EngagementTimeOnPageMS, h.spent)
	}
	l.Int(event.EngagementScrollDepth, min(h.depth, 100))
	l.Int(event.EngagementClicks, h.clicks)
	l.Text(event.EngagementContentID, h.content)
	l.Text(event.EngagementVia, "tracker")
	l.Text(event.EngagementSignals, signals)
	s.visitor(l, h, event.EngagementUserAgent, event.EngagementClientIP)
}

// custom writes a custom event. Its site is the host of its URL, so that must be the domain.
func (s *sender) custom(l *wire.Lines, site *sites.Site, h *hit, u *enrich.URL, signals string) {
	l.Text(event.CustomName, h.name)
	l.Text(event.CustomURL, "https://"+site.Domain+string(u.Path))
	l.Text(event.CustomTarget, target(h.target))
	l.Text(event.CustomVia, "tracker")
	l.Text(event.CustomSignals, signals)
	s.visitor(l, h, event.CustomUserAgent, event.CustomClientIP)
}

// visitor writes whose visit it is, if the sender may say.
func (s *sender) visitor(l *wire.Lines, h *hit, agent, address int) {
	if s.trusted {
		l.Text(agent, h.agent)
		l.Text(address, h.address)
	}
}

// target is where a link goes, without what identifies somebody.
func target(link string) string {
	if i := strings.IndexAny(link, "?#"); i >= 0 {
		link = link[:i]
	}
	if u, ok := enrich.SplitURL([]byte(link)); ok && strings.Contains(link, "@") && len(u.Host) > 0 {
		return "https://" + string(u.Host) + string(u.Path) // there was a user in it
	}
	return link
}

// routed is the address of a page that is told from others by what stands behind #, which becomes a
// part of the path, as script.js makes it with data-hash.
func routed(url string) string {
	page, route, ok := strings.Cut(url, "#")
	if !ok {
		return url
	}
	page, query, _ := strings.Cut(page, "?")
	route = strings.TrimLeft(strings.TrimPrefix(route, "!"), "/")
	route, _, _ = strings.Cut(route, "?") // as little of anybody's business as a page's query
	page = strings.TrimRight(page, "/") + "/" + route
	if query != "" {
		page += "?" + query
	}
	return page
}

// letters are the signals of the script.
var letters = map[rune]string{'w': enrich.Webdriver, 'h': enrich.Headless, 'z': enrich.ZeroWindow,
	'o': enrich.OddScreen, 'p': enrich.NoPlugins, 'c': enrich.NoChrome, 'g': enrich.SoftwareGL, 'n': enrich.NoInput,
	'j': enrich.JumpingMouse, 'f': enrich.NoFrame}

// named are the signals of letters; others are left out.
func named(text string) string {
	all := ""
	for _, r := range text[:min(len(text), 16)] {
		all = joined(all, letters[r])
	}
	return all
}

// joined is two lists of words as one, each word once.
func joined(a, b string) string {
	words := strings.FieldsFunc(a+","+b, func(r rune) bool { return r == ',' })
	var all []string
	for _, w := range words {
		if !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return strings.Join(all, ",")
}

// properties are the entries of a map that can be kept: texts, numbers and truths. The map may come
// as JSON in a text.
func properties(v gjson.Result) map[string]any {
	if v.Type == gjson.String && gjson.Valid(v.Str) {
		v = gjson.Parse(v.Str)
	}
	if !v.IsObject() {
		return nil
	}
	all := map[string]any{}
	v.ForEach(func(name, value gjson.Result) bool {
		key := spaced(name.String())
		if key == "" || len(key) > 128 {
			return true
		}
		switch value.Type {
		case gjson.String:
			all[key] = cut(spaced(value.Str), 256)
		case gjson.Number:
			if f := value.Float(); !math.IsInf(f, 0) && !math.IsNaN(f) {
				all[key] = f
			}
		case gjson.True, gjson.False:
			all[key] = value.Bool()
		}
		return len(all) < maxProperties
	})
	return all
}

// spaced is text without control characters and what is not UTF-8.
func spaced(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd")))
}

// cut shortens text to whole characters.
func cut(s string, limit int) string { return string(enrich.CutText([]byte(s), limit)) }

// whole is a number of JSON, also one written as text; unsaid if there is none or it is not finite.
func whole(v gjson.Result) int64 {
	if v.Type != gjson.Number && (v.Type != gjson.String || v.Str == "") {
		return unsaid
	}
	f := v.Float()
	if v.Type == gjson.String && f == 0 && strings.Trim(v.Str, "0.") != "" {
		return unsaid
	}
	if math.IsNaN(f) || f < 0 || f > math.MaxInt32*1000 {
		return unsaid
	}
	return int64(math.Round(f))
}
