package sessions

import (
	"bytes"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"analytics/engine/event"
	"analytics/ingest/enrich"
	"analytics/rollup/bots"
)

// begin starts the session of a key with an event, which is added after that.
func begin(key string, e *event.Event) *Session {
	s := &Session{ID: idOf(key, e.Time()), Start: e.Time(), key: key}
	site, owner, _ := strings.Cut(key, "\x00")
	s.Site = site
	if owner[0] == 's' {
		s.SessionID = owner[1:]
	} else {
		s.Visitor = []byte(owner[1:])
	}
	return s
}

// add takes one of the session's events in.
func (s *Session) add(e *event.Event) {
	s.End = e.Time()
	s.Events++
	s.take(&s.UserID, e, event.UserID)
	s.take(&s.Project, e, event.Project)
	s.take(&s.Agent, e, event.Agent)
	s.take(&s.Conversation, e, event.ConversationID)
	if w, ok := webs[e.Kind]; ok {
		s.addWeb(e, &w)
	}
	switch e.Kind {
	case event.AIRequest:
		s.Requests++
		s.failed(e, event.AISuccess)
		if e.Has(event.AICost) {
			s.Cost, s.Priced = s.Cost+event.NanoUSD(e.Int(event.AICost)), true
		}
		s.bag.mcp = s.bag.mcp || e.Bool(event.AIMCPEnabled)
		s.take(&s.UserAgent, e, event.AIUserAgent)
		s.take(&s.Country, e, event.AICountry)
	case event.ToolCall:
		s.ToolCalls++
		s.failed(e, event.ToolSuccess)
		s.bag.mcp = s.bag.mcp || len(e.Text(event.ToolServer)) > 0
	case event.AgentTask:
		s.failed(e, event.TaskSuccess)
	case event.PageView:
		s.view(e)
	case event.Engagement:
		s.Engagements++
		s.TimeOnPageMS += e.Int(event.EngagementTimeOnPageMS)
		s.Scroll = max(s.Scroll, e.Int(event.EngagementScrollDepth))
		s.Clicks += e.Int(event.EngagementClicks)
		s.take(&s.UserAgent, e, event.EngagementUserAgent)
	case event.Custom:
		s.Custom++
		s.bag.names.add(e.Text(event.CustomName))
		s.take(&s.UserAgent, e, event.CustomUserAgent)
	}
}

// take keeps the first text that a field of the session's events has.
func (s *Session) take(to *string, e *event.Event, field int) {
	if *to == "" {
		*to = string(e.Text(field))
	}
}

func (s *Session) failed(e *event.Event, field int) {
	if e.Has(field) && !e.Bool(field) {
		s.Errors++
	}
}

func (s *Session) addWeb(e *event.Event, w *web) {
	s.bag.web = true
	if v := e.Text(w.visitor); len(s.Visitor) == 0 && len(v) > 1 {
		s.Visitor = bytes.Clone(v)
	}
	via := string(e.Text(w.via))
	switch via {
	case "tracker":
		s.bag.byTracker = true
	case "server", "log":
		s.bag.byServer = true
	}
	var words []string
	if signals := e.Text(w.signals); len(signals) > 0 {
		words = strings.Split(string(signals), ",")
	}
	if e.Kind == event.Custom && slices.Contains(words, enrich.Passive) {
		s.bag.passive++
	}
	if e.Kind == event.Engagement {
		s.bag.signals.Left(via, e.Int(event.EngagementTimeOnPageMS), words)
	} else {
		s.bag.signals.Add(via, words)
	}
	v := Verdict{Class: classOf(e, w), Score: int(e.Int(w.score))}
	if r := rankOf(v.Class) - rankOf(s.Bot.Class); r > 0 || r == 0 && v.Score > s.Bot.Score {
		v.Name, v.Purpose = string(e.Text(w.name)), string(e.Text(w.purpose))
		v.Reasons = string(e.Text(w.reasons))
		s.Bot = v
	}
}

// classOf is the class that an event got when it was taken in. Those that sessions give to their
// events later are of people as far as intake knew: a session is judged without its own verdict.
func classOf(e *event.Event, w *web) string {
	switch class := string(e.Text(w.class)); class {
	case bots.Ghost, bots.BehavioralBot:
		return bots.Human
	default:
		return class
	}
}

// rankOf orders those classes, the strongest last.
func rankOf(class string) int {
	switch class {
	case "":
		return 0
	case bots.Human:
		return 1
	case bots.KnownBot:
		return 3
	}
	return 2 // scanner
}

func (s *Session) view(e *event.Event) {
	if s.first == nil {
		s.first = e.AppendRow(nil)
		s.take(&s.UserAgent, e, event.PageUserAgent)
		s.Fingerprint = bytes.Clone(e.Text(event.PageFingerprint))
		s.Landing = string(e.Text(event.PagePath))
		s.bag.direct = string(e.Text(event.PageChannel)) == enrich.Direct
	}
	if i := sideOf(e.Text(event.PageVia)); s.bag.prints[i] == 0 {
		s.bag.prints[i] = printOf(e)
	}
	path := e.Text(event.PagePath)
	s.Exit = string(path)
	switch string(e.Text(event.PageVia)) {
	case "server", "log":
		s.bag.served.add(e)
	default:
		s.bag.tracked.add(e)
	}
	switch e.Int(event.PageStatusCode) {
	case 403, 404, 410:
		s.bag.missed++
	}
	if s.bag.paths == nil {
		s.bag.paths = map[uint64]struct{}{}
	}
	s.bag.paths[xxhash.Sum64(path)] = struct{}{}
}

// finish makes the numbers that need all events.
func (s *Session) finish(open bool) {
	s.Open = open
	s.Pages = int64(len(s.bag.paths))
	seen := &s.bag.tracked
	if seen.views == 0 {
		seen = &s.bag.served
	}
	s.Views, s.Journey = seen.views, seen.journey.text
	s.Pattern = s.pattern()
	switch {
	case s.bag.web:
		s.Client = "web"
	case s.bag.mcp:
		s.Client = "mcp"
	case isShell(s.UserAgent):
		s.Client = "cli"
	default:
		s.Client = "api"
	}
}
