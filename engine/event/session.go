package event

// Field numbers of Session.
const (
	SessionSite = Common + iota
	SessionClient
	SessionVisitorID
	SessionFingerprint
	SessionDurationMS
	SessionPageViewCount
	SessionPageCount
	SessionEventCount
	SessionRequestCount
	SessionToolCallCount
	SessionErrorCount
	SessionClickCount
	SessionTimeOnPageMS
	SessionScrollDepth
	SessionCost
	SessionBounce
	SessionEngaged
	SessionReadingPattern
	SessionLandingPage
	SessionExitPage
	SessionReferrerHost
	SessionSource
	SessionChannel
	SessionMedium
	SessionCampaign
	SessionUTMTerm
	SessionUTMContent
	SessionClickID
	SessionCountry
	SessionRegion
	SessionCity
	SessionNetwork
	SessionLanguage
	SessionDevice
	SessionBrowser
	SessionOS
	SessionUserAgent
	SessionBotClass
	SessionBotName
	SessionBotPurpose
	SessionBotScore
	SessionBotReasons
	SessionClassifier
	SessionBrowserVersion
	SessionOSVersion
	SessionJourney
	SessionEventNames
)

// session is the schema of what is made of a visitor's events in a row: timestamp is its first
// event. Session_id, user_id, project and agent are shared with those events. Senders cannot send
// sessions, so no field is marked as derived.
var session = []Field{
	{Name: "site", Type: String, Max: 253},
	{Name: "client", Type: String, Max: 8}, // web, cli, api or mcp
	{Name: "visitor_id", Type: ID},
	{Name: "fingerprint", Type: ID},
	{Name: "duration_ms", Type: Millis, Unit: "ms"}, // from the first event to the last
	{Name: "page_view_count", Type: Int},
	{Name: "page_count", Type: Int},    // different ones
	{Name: "event_count", Type: Int},   // all of its events, of every kind
	{Name: "request_count", Type: Int}, // calls to models
	{Name: "tool_call_count", Type: Int},
	{Name: "error_count", Type: Int}, // calls that failed
	{Name: "click_count", Type: Int},
	{Name: "time_on_page_ms", Type: Int, Unit: "ms"},             // on all its pages
	{Name: "scroll_depth", Type: Int, Unit: "percent", Max: 100}, // the deepest
	{Name: "cost", Type: Money, Unit: "USD"},
	{Name: "bounce", Type: Bool},
	{Name: "engaged", Type: Bool},
	{Name: "reading_pattern", Type: String, Max: 16}, // bounce, skimmer, scanner, reader or engaged
	{Name: "landing_page", Type: String, Max: 512},
	{Name: "exit_page", Type: String, Max: 512},
	{Name: "referrer_host", Type: String},
	{Name: "source", Type: String, Max: 128},
	{Name: "channel", Type: String},
	{Name: "medium", Type: String, Max: 128},
	{Name: "campaign", Type: String, Max: 256},
	{Name: "utm_term", Type: String, Max: 256},
	{Name: "utm_content", Type: String, Max: 256},
	{Name: "click_id", Type: String, Max: 16},
	{Name: "country", Type: String},
	{Name: "region", Type: String},
	{Name: "city", Type: String},
	{Name: "network", Type: String, Max: 128},
	{Name: "language", Type: String, Max: 64},
	{Name: "device", Type: String},
	{Name: "browser", Type: String},
	{Name: "os", Type: String},
	{Name: "user_agent", Type: Text},
	{Name: "bot_class", Type: String},
	{Name: "bot_name", Type: String},
	{Name: "bot_purpose", Type: String, Max: 32},
	{Name: "bot_score", Type: Int, Max: 100},
	{Name: "bot_reasons", Type: String, Max: 256},
	{Name: "classifier", Type: String, Max: 16},
	{Name: "browser_version", Type: String, Max: 16},
	{Name: "os_version", Type: String, Max: 16},
	{Name: "journey", Type: Text, Max: 4096},       // paths of its page views in order, one a line
	{Name: "event_names", Type: String, Max: 1024}, // of its events of kind event, one a line
}
