package rules

import (
	"fmt"
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/engine/glob"
)

// Scope says which incidents are meant: by the name of their rule and by their group, with stars for
// any text. An empty scope is all of them.
type Scope struct {
	Rule  string            `json:"rule,omitempty" yaml:"rule" doc:"Which rules, such as errors-*; all if empty."`
	Group map[string]string `json:"group,omitempty" yaml:"group" doc:"Which groups, such as model: gpt-*."`
}

// Matches reports whether an incident of that rule and group is meant.
func (s *Scope) Matches(rule string, group map[string]string) bool {
	if s.Rule != "" && !glob.Match(s.Rule, rule) {
		return false
	}
	for name, pattern := range s.Group {
		if value, has := group[name]; !has || !glob.Match(pattern, value) {
			return false
		}
	}
	return true
}

// String is the scope in words.
func (s *Scope) String() string {
	var parts []string
	if s.Rule != "" && s.Rule != "*" {
		parts = append(parts, "rule "+s.Rule)
	}
	for _, name := range sorted(s.Group) {
		parts = append(parts, name+" "+s.Group[name])
	}
	if len(parts) == 0 {
		return "everything"
	}
	return strings.Join(parts, ", ")
}

const maxPattern = 256

func (s *Scope) check() error {
	if len(s.Rule) > maxPattern {
		return fmt.Errorf("rule: a pattern has %d bytes at most", maxPattern)
	}
	for name, pattern := range s.Group {
		if name == "" || pattern == "" || len(pattern) > maxPattern {
			return fmt.Errorf("group: it is DIMENSION=PATTERN, the pattern of 1 to %d bytes", maxPattern)
		}
	}
	return nil
}

// Silence keeps messages back for a while. What opens meanwhile is listed, and told when the silence
// is over if it still goes on then.
type Silence struct {
	ID string `json:"id"`
	Scope
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	Who     string    `json:"who"`
	Why     string    `json:"why"`
	Created time.Time `json:"created"`
}

// MaxSilence is the longest silence: what should be quiet for longer should not be a rule.
const MaxSilence = 366 * day

// Active reports whether the silence holds.
func (s *Silence) Active(at time.Time) bool { return !at.Before(s.From) && at.Before(s.Until) }

// State is waiting, active or over.
func (s *Silence) State(at time.Time) string {
	switch {
	case at.Before(s.From):
		return "waiting"
	case at.Before(s.Until):
		return "active"
	}
	return "over"
}

// Check says what is wrong with a silence.
func (s *Silence) Check(now time.Time) error {
	bad := func(field, format string, args ...any) error {
		return fault.At(fault.Invalid, "invalid_silence", field, "silence: "+field+": "+format, args...)
	}
	switch {
	case s.Until.IsZero():
		return bad("until", "say when it ends, or for how long it is")
	case !s.Until.After(s.From):
		return bad("until", "it ends at %s, before it begins", s.Until.UTC().Format(time.RFC3339))
	case !s.Until.After(now):
		return bad("until", "it is over already at %s", s.Until.UTC().Format(time.RFC3339))
	case s.Until.Sub(s.From) > MaxSilence:
		return bad("until", "it is longer than %s; disable the rule instead", Span(MaxSilence))
	case strings.TrimSpace(s.Why) == "":
		return bad("why", "say why: who wonders later wants to know")
	case len(s.Why) > 500:
		return bad("why", "it is longer than 500 bytes")
	}
	if err := s.check(); err != nil {
		field, text, _ := strings.Cut(err.Error(), ": ")
		return bad(field, "%s", text)
	}
	return nil
}
