package budget

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/engine/fault"
)

// Action is what happens when a budget is used up. People are told in any case.
type Action string

// The actions.
const (
	Notify   Action = "notify"
	Throttle Action = "throttle"       // calls through the gateway go on slowly
	Pause    Action = "pause_requests" // they stop until the period ends
)

// Definition is a budget as people write it.
type Definition struct {
	Name   string `json:"name"`
	Limit  USD    `json:"limit"`
	Period string `json:"period"`
	Action Action `json:"action"`
	// Scope says which requests count, by field; a star stands for any text.
	Scope map[string]string `json:"scope,omitempty"`
	// By gives each value of these fields a budget of its own.
	By []string `json:"by,omitempty"`
	// At are the percentages of the limit at which people are told.
	At []int `json:"at"`
	// Timezone is whose calendar counts, the reports' unless set; WeekStart a day's name, monday
	// unless set.
	Timezone  string `json:"timezone,omitempty"`
	WeekStart string `json:"week_start,omitempty"`
	// Source is set, config or alerts: who may change it.
	Source string `json:"source,omitempty"`
	// Quiet says that somebody else tells people.
	Quiet bool `json:"-"`
}

// The sources of definitions.
const (
	fromSet    = "set"
	fromConfig = "config"
)

// maxThresholds bounds At, maxScope the length of a pattern.
const (
	maxThresholds = 10
	maxScope      = 256
)

// dimensions are what a budget can be of, with the field of an ai_request that has it.
var dimensions = [...]struct {
	name  string
	field int
}{
	{"project", event.Project}, {"user_id", event.UserID}, {"agent", event.Agent},
	{"api_key_id", event.AIAPIKeyID}, {"model", event.AIModel}, {"provider", event.AIProvider},
}

const dimensionNames = "project, user_id, agent, api_key_id, model, provider"

// Labels are a call's values of the dimensions, in their order.
type Labels [6]string

// LabelsOf puts the values in order.
func LabelsOf(project, user, agent, key, model, provider string) Labels {
	return Labels{project, user, agent, key, model, provider}
}

func dimension(name string) int {
	for i, d := range dimensions {
		if d.name == name {
			return i
		}
	}
	return -1
}

var goodName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// complete fills in what was left out and checks the rest.
func (d *Definition) complete(standard *time.Location) (Period, error) {
	bad := func(field, format string, args ...any) error {
		return fault.At(fault.Invalid, "invalid_budget", field, "budget %.80q: "+format,
			append([]any{d.Name}, args...)...)
	}
	if !goodName.MatchString(d.Name) {
		return Period{}, bad("name", "a name is made of letters, digits, dots, hyphens and underscores, 63 at most")
	}
	if d.Action == "" {
		d.Action = Notify
	}
	if d.Period == "" {
		d.Period = "month"
	}
	if len(d.At) == 0 {
		d.At = []int{100}
	}
	d.At = slices.Compact(slices.Sorted(slices.Values(d.At)))
	switch {
	case d.Limit <= 0:
		return Period{}, bad("limit", "the limit must be more than 0 USD")
	case d.Action != Notify && d.Action != Throttle && d.Action != Pause:
		return Period{}, bad("action", "the action is notify, throttle or pause_requests, not %.40q", d.Action)
	case len(d.At) > maxThresholds || d.At[0] < 1 || d.At[len(d.At)-1] > 1000:
		return Period{}, bad("at", "thresholds are %d percentages from 1 to 1000 at most", maxThresholds)
	}
	for name, pattern := range d.Scope {
		if dimension(name) < 0 {
			return Period{}, bad("scope", "%.40q is not one of %s", name, dimensionNames)
		}
		if pattern == "" || len(pattern) > maxScope {
			return Period{}, bad("scope", "the pattern of %s has 1 to %d bytes", name, maxScope)
		}
	}
	for i, name := range d.By {
		if dimension(name) < 0 {
			return Period{}, bad("by", "%.40q is not one of %s", name, dimensionNames)
		}
		if slices.Contains(d.By[:i], name) {
			return Period{}, bad("by", "%s is there twice", name)
		}
	}
	p, err := parsePeriod(d.Period, d.Timezone, d.WeekStart, standard)
	if err != nil {
		return p, bad("period", "%v", err)
	}
	return p, nil
}

// matches reports whether a text fits a pattern, in which a star stands for any text.
func matches(pattern, text string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, head)
	if !ok {
		return false
	}
	for {
		part, more, star := strings.Cut(rest, "*")
		if !star {
			return strings.HasSuffix(text, part)
		}
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text, rest = text[at+len(part):], more
	}
}

// Scopes reads "model=gpt-4o" words, as the command line has them.
func Scopes(words []string) (map[string]string, error) {
	all := map[string]string{}
	for _, word := range words {
		name, pattern, ok := strings.Cut(word, "=")
		if _, twice := all[name]; !ok || twice {
			return nil, errors.New("a scope is like model=gpt-4o or user_id=ann, each field once")
		}
		all[name] = pattern
	}
	return all, nil
}
