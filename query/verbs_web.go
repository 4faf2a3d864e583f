package query

import "analytics/engine/event"

const (
	noVisits = "No visits in this range. Put the tracker on a page or send page_view events to POST " +
		"/v1/events, or widen --since."
	noPages = "No page views in this range. Put the tracker on a page or send page_view events to POST " +
		"/v1/events, or widen --since."
	noCampaigns = "No visit in this range came from a campaign: links to your site need utm_campaign=NAME."
	noBots      = "No page views in this range, of bots or people. Widen --since."
	noLinks     = "No click on a link in this range. The tracker sends link_click, outbound_click and " +
		"file_download by itself; widen --since."
	noSessions = "No sessions in this range. Send session_id with events, put the tracker on a page, or " +
		"widen --since."
)

// onSites leaves out sessions with the API; ofBots leaves out people, and who may be one; ofLinks is
// what the tracker says of clicks.
const (
	onSites = `site!=""`
	ofBots  = `bot_class!="";bot_class!=human;bot_class!=ghost`
	ofLinks = `name in link_click,outbound_click,file_download`
)

// visits are what one asks of visits by anything.
var visits = []string{
	"sessions", "visitors", "session_page_views", "pages_per_session", "bounce_rate", "engaged_rate",
	"avg_session_seconds",
}

// visitsBy is the form of visits by dimensions.
func visitsBy(filter string, by ...string) Form {
	return asks(Question{Metrics: visits, By: by, Filter: filter, Order: "-sessions", Limit: 20,
		Share: true})
}

// verbsOfTraffic are about who comes to sites, from where and with what.
var verbsOfTraffic = []Verb{
	{
		Group: "traffic", Name: "sources", Since: "30d", Form: visitsBy(onSites, "source", "channel"),
		Help:    "where visits come from, and how good they are",
		Example: "analytics traffic sources --since 7d --by channel", Empty: noVisits,
	},
	{
		Group: "traffic", Name: "geo", Since: "30d", Form: visitsBy(onSites, "country"),
		Help:    "visits by country; --by country,region,city where a geo database is set up",
		Example: "analytics traffic geo --since 7d", Empty: noVisits,
	},
	{
		Group: "traffic", Name: "devices", Since: "30d",
		Form:    visitsBy(onSites, "device", "browser", "os"),
		Help:    "visits by device, browser and operating system",
		Example: "analytics traffic devices --since 7d --by browser", Empty: noVisits,
	},
	{
		Group: "traffic", Name: "campaigns", Since: "30d",
		Form:    visitsBy(onSites+`;campaign!=""`, "campaign", "source", "medium"),
		Help:    "visits by campaign, from links with utm_campaign",
		Example: "analytics traffic campaigns --since 90d", Empty: noCampaigns,
	},
	{
		Group: "traffic", Name: "links", Since: "30d",
		Help:    "which links are clicked, where they lead and on which pages they are",
		Example: "analytics traffic links --filter name==outbound_click", Empty: noLinks,
		Panels: []Panel{
			{"kinds", "Clicks", asks(Question{Filter: ofLinks, By: []string{"name"},
				Order: "-custom_events", Share: true, Metrics: []string{"custom_events", "visitors"}})},
			{"trend", "Over time", trend(Question{Filter: ofLinks, Metrics: []string{"custom_events"}})},
			{"links", "Links", asks(Question{Filter: ofLinks, By: []string{"target", "name"}, Limit: 20,
				Order: "-custom_events", Metrics: []string{"custom_events", "visitors", "last_seen"}})},
			{"pages", "Pages they are on", asks(Question{Filter: ofLinks, By: []string{"path"},
				Limit: 10, Order: "-custom_events", Metrics: []string{"custom_events", "visitors"}})},
		},
	},
	{
		Group: "traffic", Name: "transitions", Since: "7d", Own: ofTransitions, Form: Form{Table: transitions, Kept: true},
		Help:    "from which page people go to which; the share is of all who saw the first",
		Example: "analytics traffic transitions --since 30d --limit 50",
		Empty:   "Nobody went from one page to another in this range; widen --since.",
	},
	{
		Group: "traffic", Name: "quality", Since: "30d", Form: Form{Table: quality, Kept: true}, Own: ofQuality,
		Help: "how good visits are by source: 100 x (0.35 engaged + 0.25 depth + 0.15 return + 0.25 " +
			"conversion), from 30 sessions on",
		Example: "analytics traffic quality --since 90d --goal signup", Empty: noVisits,
	},
	{
		Group: "traffic", Name: "diagnose", Since: "7d", Form: Form{Table: diagnose, Kept: true}, Own: ofDiagnosis,
		Help:    "are visitors inflated: user agents, requests, fingerprints, with verdicts and reasons",
		Example: "analytics traffic diagnose --since 30d", Empty: noVisits,
	},
	{
		Group: "traffic", Name: "bots", Since: "7d",
		Help:    "what is left out of the numbers of people, and why",
		Example: "analytics traffic bots --since 24h", Empty: noBots,
		Panels: []Panel{
			{"classes", "Who views pages (empty and ghost count as people)", asks(Question{
				By: []string{"bot_class"}, Order: "-page_views", Share: true,
				Metrics: []string{"page_views", "visitors"}})},
			{"trend", "Left out over time", trend(Question{Filter: ofBots,
				Metrics: []string{"page_views"}})},
			{"bots", "Left out: which", asks(Question{Filter: ofBots, Limit: 20, Order: "-page_views",
				By:      []string{"bot_class", "bot_name", "bot_purpose"},
				Metrics: []string{"page_views", "visitors", "last_seen"}})},
			{"reasons", "Left out: why", asks(Question{Filter: ofBots, Limit: 20, Order: "-page_views",
				By:      []string{"bot_class", "bot_reasons", "classifier"},
				Metrics: []string{"page_views", "visitors"}})},
			{"pages", "Left out: what they asked for", asks(Question{Filter: ofBots, Limit: 10,
				Order: "-page_views", By: []string{"path"}, Metrics: []string{"page_views", "visitors"}})},
			{"suspects", "Counted, though something was odd", asks(Question{
				Filter: `bot_reasons!="";bot_class in "",human,ghost`, Limit: 10, Order: "-page_views",
				By: []string{"bot_reasons"}, Metrics: []string{"page_views", "visitors"}})},
		},
	},
}

// pages are what one asks of pages.
var pages = []string{
	"page_views", "visitors", "avg_time_on_page_seconds", "avg_scroll_depth", "clicks",
}

// verbsOfContent are about what is read.
var verbsOfContent = []Verb{
	{
		Group: "content", Name: "stats", Since: "7d",
		Help:    "reading in numbers: views, visitors, time, scrolling, clicks",
		Example: "analytics content stats --since 30d --by site", Empty: noPages,
		Form: asks(Question{Order: "-page_views", Metrics: append(pages[:len(pages):len(pages)],
			"engagements")}),
	},
	{
		Group: "content", Name: "top", Since: "7d",
		Help:    "pages by views, with time and scrolling",
		Example: "analytics content top --since 30d --order -avg_time_on_page_seconds", Empty: noPages,
		Form: asks(Question{By: []string{"path"}, Order: "-page_views", Limit: 20, Share: true,
			Metrics: pages}),
	},
	{
		Group: "content", Name: "trends", Since: "30d",
		Help:    "reading over time",
		Example: "analytics content trends --filter path==/pricing --group-by week", Empty: noPages,
		Form: trend(Question{Metrics: pages}),
	},
	{
		Group: "content", Name: "journey", Since: "7d", Operand: "path", Own: ofJourney,
		Form:    Form{Table: journey, Kept: true},
		Help:    "what people see before and after a page",
		Example: "analytics content journey /pricing --since 30d --depth 2",
		Empty:   "No visit in this range saw that page; widen --since.",
	},
	{
		Group: "content", Name: "popular", Since: "30d", Fixed: true, Own: ofPopular, Form: Form{Table: popular, Kept: true},
		Help:    "content of the last 7 and 30 days: what goes up or down, and how well it is read",
		Example: "analytics content popular --trend up",
		Empty: "No content is known yet: it is gathered every quarter of an hour (analytics jobs run " +
			"content_analytics_aggregation does it now).",
	},
}

// verbsOfSessions are about visits and sessions with the API alike.
var verbsOfSessions = []Verb{
	{
		Group: "sessions", Name: "stats", Since: "7d",
		Help:    "sessions in numbers; --by client tells web, cli, api and mcp apart",
		Example: "analytics sessions stats --since 30d --by client", Empty: noSessions,
		Form: asks(Question{Order: "-sessions", Metrics: []string{
			"sessions", "visitors", "users", "session_page_views", "pages_per_session", "bounce_rate",
			"engaged_rate", "avg_session_seconds", "p50_session_seconds", "p95_session_seconds",
			"session_requests", "session_tool_calls", "session_errors", "session_cost",
		}}),
	},
	{
		Group: "sessions", Name: "list", Since: "7d", Form: listed(event.Session),
		Help:    "single sessions, newest first",
		Example: "analytics sessions list --filter 'client==web;engaged==true' --limit 20",
		Empty:   noSessions,
	},
	{
		Group: "sessions", Name: "trends", Since: "30d",
		Help:    "sessions over time",
		Example: "analytics sessions trends --days 30 --filter client==web", Empty: noSessions,
		Form: trend(Question{Metrics: []string{"sessions", "visitors", "session_page_views",
			"bounce_rate", "engaged_rate", "avg_session_seconds"}}),
	},
	{
		Group: "sessions", Name: "live", Since: "5m", Fixed: true, Own: ofLive,
		Help:    "who is here now: sessions with an event in the last minutes",
		Example: "analytics sessions live --within 30m",
		Empty:   "Nobody is here: no session had an event in the last minutes; --within looks back up to 30m.",
		Form:    Form{Table: live, Kept: true},
	},
	{
		Group: "sessions", Name: "show", Since: "30d", Operand: "id",
		Own:     []Param{{Name: "id", Word: "ID", Required: true, Help: "id or session_id of the session"}},
		Help:    "one session with all its events",
		Example: "analytics sessions show 550e8400-e29b-41d4-a716-446655440000",
		Panels: []Panel{
			{"session", "Session", Form{Table: oneSession, One: true, Kept: true}},
			{"events", "Events, newest first", Form{Table: eventsOfSession, Kept: true}},
		},
	},
}
