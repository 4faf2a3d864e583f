package sessions

import (
	"analytics/engine/event"
	"analytics/rollup/bots"
)

// Event fills e with the session as an event of kind session. The same session gives the same row.
func (s *Session) Event(e *event.Event) {
	e.Reset(event.Session)
	e.Timed, e.Named = true, true
	e.SetInt(event.Timestamp, int64(s.Start))
	e.SetText(event.EventID, event.AppendUUID(nil, s.ID))
	text := func(field int, v string) {
		if v != "" {
			e.SetText(field, []byte(v))
		}
	}
	text(event.SessionID, s.SessionID)
	text(event.UserID, s.UserID)
	text(event.Project, s.Project)
	text(event.Agent, s.Agent)
	text(event.ConversationID, s.Conversation)
	text(event.SessionSite, s.Site)
	text(event.SessionClient, s.Client)
	text(event.SessionUserAgent, s.UserAgent)
	text(event.SessionCountry, s.Country)
	if len(s.Visitor) > 1 {
		e.SetText(event.SessionVisitorID, s.Visitor)
	}
	e.SetInt(event.SessionDurationMS, int64(s.End-s.Start))
	e.SetInt(event.SessionEventCount, s.Events)
	s.work(e)
	if s.bag.web {
		s.visit(e, text)
	}
}

// work sets what the session did with the API.
func (s *Session) work(e *event.Event) {
	if s.Requests+s.ToolCalls+s.Errors == 0 && s.bag.web {
		return // of a visit that is nothing to say
	}
	e.SetInt(event.SessionRequestCount, s.Requests)
	e.SetInt(event.SessionToolCallCount, s.ToolCalls)
	e.SetInt(event.SessionErrorCount, s.Errors)
	if s.Priced {
		e.SetInt(event.SessionCost, int64(s.Cost))
	}
}

// visit sets what the session did on a site.
func (s *Session) visit(e *event.Event, text func(int, string)) {
	e.SetInt(event.SessionPageViewCount, s.Views)
	e.SetInt(event.SessionPageCount, s.Pages)
	if s.Engagements > 0 {
		e.SetInt(event.SessionClickCount, s.Clicks)
		e.SetInt(event.SessionTimeOnPageMS, s.TimeOnPageMS)
		e.SetInt(event.SessionScrollDepth, s.Scroll)
	}
	e.SetBool(event.SessionBounce, s.Bounced())
	e.SetBool(event.SessionEngaged, s.Engaged())
	text(event.SessionReadingPattern, s.Pattern)
	text(event.SessionJourney, string(s.Journey))
	text(event.SessionEventNames, string(s.bag.names.text))
	text(event.SessionLandingPage, s.Landing)
	text(event.SessionExitPage, s.Exit)
	if s.first != nil {
		var view event.Event
		if view.DecodeRow(event.PageView, s.first) == nil {
			for from, to := range firsts {
				if view.Has(from) {
					e.SetText(to, view.Text(from))
				}
			}
		}
	}
	text(event.SessionClassifier, bots.Version)
	text(event.SessionBotClass, s.Bot.Class)
	text(event.SessionBotName, s.Bot.Name)
	text(event.SessionBotPurpose, s.Bot.Purpose)
	text(event.SessionBotReasons, s.Bot.Reasons)
	if s.Bot.Score > 0 {
		e.SetInt(event.SessionBotScore, int64(s.Bot.Score))
	}
}
