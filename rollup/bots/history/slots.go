package history

import (
	"analytics/engine/event"
)

// slots are the fields that a verdict is in and depends on, which kinds have under different numbers.
type slots struct {
	site, agent, visitor                          int
	class, name, purpose, score, reasons, version int
}

var kinds = map[event.Kind]slots{
	event.PageView: {event.PageSite, event.PageUserAgent, event.PageVisitorID, event.PageBotClass,
		event.PageBotName, event.PageBotPurpose, event.PageBotScore, event.PageBotReasons,
		event.PageClassifier},
	event.Engagement: {event.EngagementSite, event.EngagementUserAgent, event.EngagementVisitorID,
		event.EngagementBotClass, event.EngagementBotName, event.EngagementBotPurpose,
		event.EngagementBotScore, event.EngagementBotReasons, event.EngagementClassifier},
	event.Custom: {event.CustomSite, event.CustomUserAgent, event.CustomVisitorID, event.CustomBotClass,
		event.CustomBotName, event.CustomBotPurpose, event.CustomBotScore, event.CustomBotReasons,
		event.CustomClassifier},
	event.Session: {event.SessionSite, event.SessionUserAgent, event.SessionVisitorID,
		event.SessionBotClass, event.SessionBotName, event.SessionBotPurpose, event.SessionBotScore,
		event.SessionBotReasons, event.SessionClassifier},
}

// order is the kinds whose events are changed, page views first.
var order = []event.Kind{event.PageView, event.Engagement, event.Custom}

// verdict is what an event says of its sender.
type verdict struct {
	class, name, purpose, reasons, version string
	score                                  int64
}

func (s *slots) read(e *event.Event) verdict {
	return verdict{class: string(e.Text(s.class)), name: string(e.Text(s.name)),
		purpose: string(e.Text(s.purpose)), reasons: string(e.Text(s.reasons)),
		version: string(e.Text(s.version)), score: e.Int(s.score)}
}

func (s *slots) write(e *event.Event, v verdict) {
	for _, f := range [...]struct {
		field int
		text  string
	}{{s.class, v.class}, {s.name, v.name}, {s.purpose, v.purpose}, {s.reasons, v.reasons},
		{s.version, v.version}} {
		if e.Clear(f.field); f.text != "" {
			e.SetText(f.field, []byte(f.text))
		}
	}
	if e.Clear(s.score); v.score > 0 {
		e.SetInt(s.score, v.score)
	}
}
