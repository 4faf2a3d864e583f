package sessions

import (
	"analytics/engine/event"
	"analytics/rollup/bots"
)

// Session is what somebody did in a row. Its numbers are of the events up to End; Open says that
// more may come.
type Session struct {
	ID         [16]byte
	Start, End event.Micros
	Open       bool
	// Site is empty for sessions of the API.
	Site, Client string
	// SessionID is what the sender said; Visitor the visitor's identifier in compact form, of web
	// sessions. One of them is there.
	SessionID            string
	Visitor, Fingerprint []byte
	// Pattern is how somebody read, empty where nothing was reported of that.
	Pattern string

	UserID, Project, Agent, Conversation, UserAgent, Country string

	// Views are page views; of a site that both its server and its tracker report, the tracker's.
	Views, Pages, Events, Custom int64
	Requests, ToolCalls, Errors  int64
	Clicks, TimeOnPageMS, Scroll int64
	Engagements                  int64
	Cost                         event.NanoUSD
	Priced                       bool // some request has a cost
	Landing, Exit                string

	// Bot is the verdict of rollup/bots, of sessions on a site.
	Bot Verdict

	// Journey is the paths of its page views in order, one a line, of the same side as Views: see trail.
	Journey []byte

	key   string
	first []byte // the row of the first page view
	bag   bag
}

// Verdict is what is thought of who it was.
type Verdict struct {
	Class, Name, Purpose, Reasons string
	Score                         int
}

// bag is what a session gathers only to be judged and finished.
type bag struct {
	paths           map[uint64]struct{} // hashes: a crawler sees a million
	tracked, served side                // page views that a tracker or nobody knows who saw, and the others
	web, mcp        bool
	byTracker       bool // a tracker told of it
	byServer        bool // a server or log did
	signals         bots.Tally
	passive         int64 // custom events that nobody did
	missed          int   // views that were answered with 403, 404 or 410
	visits          visits
	names           names     // of events of kind event
	prints          [2]uint64 // of the first view of a server and of a tracker
	direct          bool      // nothing led to its first view
	of              *track    // its events
}

// maxTimes is how many moments of page views are kept for judging; a person views fewer.
const maxTimes = 256

// Bounced and Engaged are what doc.go says. They mean something for sessions on a site only.
func (s *Session) Bounced() bool {
	all := s.Views + s.Custom
	return all > 0 && all-s.bag.passive <= 1 && s.TimeOnPageMS < engagedAfter
}

// Engaged is the opposite for most sessions, but not for one that has a single custom event.
func (s *Session) Engaged() bool {
	return s.TimeOnPageMS >= engagedAfter || s.Views >= 2 || s.Custom > s.bag.passive
}

// firsts are the fields that a session has from its first page view, by their place there.
var firsts = map[int]int{
	event.PageReferrerHost:   event.SessionReferrerHost,
	event.PageSource:         event.SessionSource,
	event.PageChannel:        event.SessionChannel,
	event.PageMedium:         event.SessionMedium,
	event.PageCampaign:       event.SessionCampaign,
	event.PageUTMTerm:        event.SessionUTMTerm,
	event.PageUTMContent:     event.SessionUTMContent,
	event.PageClickID:        event.SessionClickID,
	event.PageCountry:        event.SessionCountry,
	event.PageRegion:         event.SessionRegion,
	event.PageCity:           event.SessionCity,
	event.PageNetwork:        event.SessionNetwork,
	event.PageLanguage:       event.SessionLanguage,
	event.PageDevice:         event.SessionDevice,
	event.PageBrowser:        event.SessionBrowser,
	event.PageOS:             event.SessionOS,
	event.PageBrowserVersion: event.SessionBrowserVersion,
	event.PageOSVersion:      event.SessionOSVersion,
	event.PageFingerprint:    event.SessionFingerprint,
	event.PageUserAgent:      event.SessionUserAgent,
}
