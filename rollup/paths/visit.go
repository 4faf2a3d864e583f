package paths

import (
	"bytes"
	"slices"

	"analytics/engine/event"
	"analytics/rollup/sessions"
)

// Other is where things are counted that there are too many different ones of.
const Other = sessions.Other

// Entry and Exit stand for what was before the first page of a session and after its last.
const (
	Entry = "(entry)"
	Exit  = "(exit)"
)

// Fields are the fields of a session that are read here.
func Fields() []int {
	return []int{event.Timestamp, event.UserID, event.SessionSite, event.SessionVisitorID,
		event.SessionFingerprint, event.SessionUserAgent, event.SessionSource, event.SessionChannel,
		event.SessionPageViewCount, event.SessionPageCount, event.SessionClickCount, event.SessionEngaged,
		event.SessionJourney, event.SessionEventNames}
}

// counts says whether a session is on a site.
func counts(s *event.Event) bool { return len(s.Text(event.SessionSite)) > 0 }

// lines calls f for each line of a list until it is false: the pages of a journey, or names.
func lines(list []byte, f func(line []byte) bool) {
	for more := len(list) > 0; more; {
		var line []byte
		if line, list, more = bytes.Cut(list, []byte("\n")); !f(line) {
			return
		}
	}
}

// whoOf is the person of a session, as far as one is known: a user, or else a visitor, who lasts a day.
func whoOf(s *event.Event) string {
	if user := s.Text(event.UserID); len(user) > 0 {
		return "u" + string(user)
	}
	if visitor := s.Text(event.SessionVisitorID); len(visitor) > 1 {
		return "v" + string(visitor)
	}
	return ""
}

// isOneOf reports whether a name is among names.
func isOneOf(names []string, name []byte) bool {
	return slices.ContainsFunc(names, func(n string) bool { return n == string(name) })
}

func share(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}
