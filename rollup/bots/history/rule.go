package history

import (
	"bytes"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/ingest/enrich"
	"analytics/rollup/bots"
)

// Rule says that whoever is like this is a machine. Of what is set all must fit.
type Rule struct {
	ID string `json:"id"`
	// UserAgent is a pattern as SQL's LIKE has it: % stands for any text, _ for one character. Upper
	// and lower case are the same.
	UserAgent string `json:"user_agent,omitempty"`
	// Fingerprint is 16 hexadecimal digits, as page views and sessions have them.
	Fingerprint string `json:"fingerprint,omitempty"`
	Site        string `json:"site,omitempty"`
	Class       string `json:"class"` // known_bot or scanner
	Name        string `json:"name"`
	// Since is from which events on it counts.
	Since time.Time `json:"since"`
	Set   time.Time `json:"set"`
	By    string    `json:"by,omitempty"`
}

// Flagged is the reason that events get by a rule.
const Flagged = enrich.Flagged

// taken is the rules as those take them who give events their first verdict.
func taken(rules []Rule) []enrich.Rule {
	all := make([]enrich.Rule, 0, len(rules))
	for _, r := range rules {
		all = append(all, enrich.Rule{Agent: r.UserAgent, Fingerprint: r.Fingerprint, Site: r.Site,
			Class: r.Class, Name: r.Name, Since: event.MicrosOf(r.Since)})
	}
	return all
}

// maxPattern bounds a pattern: user agents have 512 bytes.
const maxPattern = 512

// check says what is wrong with a rule.
func (r *Rule) check() error {
	bad := func(field, format string, args ...any) error {
		return fault.At(fault.Invalid, "invalid_rule", field, format, args...)
	}
	switch {
	case r.UserAgent == "" && r.Fingerprint == "":
		return bad("user_agent", "a rule needs a user_agent such as %%python-httpx%%, or a fingerprint")
	case strings.Trim(r.UserAgent, "%_ ") == "" && r.UserAgent != "":
		return bad("user_agent", "%s fits everybody; name some of the user agent's text", r.UserAgent)
	case len(r.UserAgent) > maxPattern:
		return bad("user_agent", "the pattern has %d bytes, over %d", len(r.UserAgent), maxPattern)
	case r.Class != bots.KnownBot && r.Class != bots.Scanner:
		return bad("class", "class must be %s or %s", bots.KnownBot, bots.Scanner)
	}
	if r.Fingerprint != "" && (len(r.Fingerprint) > 64 || strings.ContainsAny(r.Fingerprint, " %\n")) {
		return bad("fingerprint", "a fingerprint is what `analytics bots reputation` lists, without wildcards")
	}
	return nil
}

// fits reports whether the rule is about an event, which has a fingerprint or whose visitor has it.
func (r *Rule) fits(e *event.Event, s *slots, of visitors) bool {
	if e.Time() < event.MicrosOf(r.Since) {
		return false
	}
	if r.Site != "" && !strings.EqualFold(r.Site, string(e.Text(s.site))) {
		return false
	}
	if r.UserAgent != "" && !enrich.Like(r.UserAgent, e.Text(s.agent)) {
		return false
	}
	if r.Fingerprint == "" {
		return e.Has(s.agent)
	}
	compact := event.AppendID(nil, []byte(r.Fingerprint))
	switch e.Kind {
	case event.PageView:
		return bytes.Equal(e.Text(event.PageFingerprint), compact)
	case event.Session:
		return bytes.Equal(e.Text(event.SessionFingerprint), compact)
	}
	return of[r.Fingerprint][string(e.Text(s.visitor))]
}

// visitors are the visitors of a day that have a fingerprint, for kinds of events that have none.
type visitors map[string]map[string]bool
