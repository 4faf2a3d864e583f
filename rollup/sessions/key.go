package sessions

import (
	"crypto/sha256"
	"encoding/binary"

	"analytics/engine/event"
)

// web is where a kind of web event has what sessions need.
type web struct {
	site, path, visitor, via, signals, class, name, purpose, score, reasons int
}

var webs = map[event.Kind]web{
	event.PageView: {event.PageSite, event.PagePath, event.PageVisitorID, event.PageVia,
		event.PageSignals, event.PageBotClass, event.PageBotName, event.PageBotPurpose,
		event.PageBotScore, event.PageBotReasons},
	event.Engagement: {event.EngagementSite, event.EngagementPath, event.EngagementVisitorID,
		event.EngagementVia, event.EngagementSignals, event.EngagementBotClass,
		event.EngagementBotName, event.EngagementBotPurpose, event.EngagementBotScore,
		event.EngagementBotReasons},
	event.Custom: {event.CustomSite, event.CustomPath, event.CustomVisitorID, event.CustomVia,
		event.CustomSignals, event.CustomBotClass, event.CustomBotName, event.CustomBotPurpose,
		event.CustomBotScore, event.CustomBotReasons},
}

// OnlyNamed reports whether events of the kind belong to a session only if they name one.
func OnlyNamed(kind event.Kind) bool {
	return kind == event.AIRequest || kind == event.ToolCall || kind == event.AgentTask
}

// appendKey appends the key of the session that an event belongs to: the site, a zero byte, and
// "s" with the session_id or "v" with the visitor. Nothing if it belongs to none.
func appendKey(dst []byte, e *event.Event) []byte {
	w, isWeb := webs[e.Kind]
	session := e.Text(event.SessionID)
	if isWeb {
		visitor := e.Text(w.visitor)
		if len(session) == 0 && len(visitor) <= 1 { // one byte is the form of no identifier
			return dst
		}
		dst = append(append(dst, e.Text(w.site)...), 0)
		if len(session) == 0 {
			return append(append(dst, 'v'), visitor...)
		}
		return append(append(dst, 's'), session...)
	}
	if len(session) == 0 {
		return dst
	}
	return append(append(dst, 0, 's'), session...)
}

// idOf is the identifier of the session of a key that starts at a moment: a UUID of version 8.
func idOf(key string, start event.Micros) [16]byte {
	b := binary.BigEndian.AppendUint64([]byte(key), uint64(start))
	sum := sha256.Sum256(b)
	id := [16]byte(sum[:16])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// Fields lists the fields of a kind that sessions are made of. With known, only those that events
// before the first session that is made must have.
func Fields(kind event.Kind, known bool) []int {
	fields := []int{event.Timestamp, event.EventID, event.SessionID}
	if w, ok := webs[kind]; ok {
		fields = append(fields, w.site, w.path, w.visitor, w.via, w.class)
		if !known {
			fields = append(fields, w.signals, w.name, w.purpose, w.score, w.reasons)
		}
		switch kind { // that others on the site are judged by, too: see sites
		case event.PageView:
			fields = append(fields, event.PageChannel, event.PageFingerprint, event.PageScreen)
		case event.Engagement:
			fields = append(fields, event.EngagementClicks)
		}
	}
	if known {
		return fields
	}
	fields = append(fields, event.Project, event.UserID, event.Agent, event.ConversationID)
	switch kind {
	case event.AIRequest:
		return append(fields, event.AISuccess, event.AICost, event.AIUserAgent, event.AIMCPEnabled,
			event.AICountry)
	case event.ToolCall:
		return append(fields, event.ToolSuccess, event.ToolServer)
	case event.AgentTask:
		return append(fields, event.TaskSuccess)
	case event.Engagement:
		return append(fields, event.EngagementTimeOnPageMS, event.EngagementScrollDepth,
			event.EngagementUserAgent)
	case event.Custom:
		return append(fields, event.CustomName, event.CustomUserAgent)
	}
	for from := range firsts {
		if from != event.PageChannel && from != event.PageFingerprint {
			fields = append(fields, from)
		}
	}
	return append(fields, event.PageStatusCode)
}
