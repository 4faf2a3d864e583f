package funnels

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/glob"
)

// Step is one step made ready: which events it is.
type Step struct {
	kind  event.Kind // PageView or Custom
	glob  string
	site  bool // the glob is of site and path
	where []condition
}

// condition is one on a property. A property that is not there is the empty text: it equals "",
// differs from everything else, and is neither smaller nor larger than anything.
type condition struct {
	property, op, value string
	number              float64
	numeric             bool
}

const (
	maxStep       = 512
	maxConditions = 8
)

// operators, the longer ones before those that they begin with.
var operators = []string{"==", "!=", "=~", "<=", ">=", "<", ">"}

// ParseStep reads a step: page:GLOB or event:GLOB, then conditions on properties, each after a
// semicolon: page:/pricing*, page:shop.example.com/*, event:signup;plan==pro. In globs * is any run
// of characters and ? is one.
func ParseStep(text string) (Step, error) {
	kind, rest, ok := strings.Cut(text, ":")
	parts := strings.Split(rest, ";")
	s := Step{glob: strings.TrimSpace(parts[0])}
	switch {
	case !ok || s.glob == "" || len(text) > maxStep || kind != "page" && kind != "event":
		return s, badStep(text, "a step is page:PATH or event:NAME, such as page:/pricing* or event:signup")
	case len(parts)-1 > maxConditions:
		return s, badStep(text, "a step has at most 8 conditions")
	case kind == "page":
		s.kind, s.site = event.PageView, s.glob[0] != '/' && s.glob[0] != '*'
	default:
		s.kind = event.Custom
	}
	for _, part := range parts[1:] {
		c, ok := parseCondition(part)
		if !ok {
			return s, badStep(text, "a condition is PROPERTY==VALUE; the operators are "+
				strings.Join(operators, " "))
		}
		s.where = append(s.where, c)
	}
	return s, nil
}

func badStep(text, why string) error {
	return fault.At(fault.Invalid, "invalid_step", "steps", "step %q: %s", clip(text), why)
}

func parseCondition(text string) (c condition, ok bool) {
	at := strings.IndexAny(text, "=!<>")
	if at < 0 {
		return c, false
	}
	c.property = strings.TrimSpace(text[:at])
	i := slices.IndexFunc(operators, func(op string) bool { return strings.HasPrefix(text[at:], op) })
	if i < 0 || c.property == "" {
		return c, false
	}
	c.op = operators[i]
	c.value = strings.TrimSpace(text[at+len(c.op):])
	n, err := strconv.ParseFloat(c.value, 64)
	c.number, c.numeric = n, err == nil
	return c, true
}

// meets reports whether properties, a JSON object, meet all conditions of the step.
func (s *Step) meets(properties string) bool {
	if len(s.where) == 0 {
		return true
	}
	var all map[string]json.RawMessage
	_ = json.Unmarshal([]byte(properties), &all) // none is no properties
	return !slices.ContainsFunc(s.where, func(c condition) bool { return !c.holds(plain(all[c.property])) })
}

// plain is a JSON value as the text that people write.
func plain(v json.RawMessage) string {
	if len(v) > 0 && v[0] == '"' {
		var s string
		_ = json.Unmarshal(v, &s)
		return s
	}
	return string(v)
}

func (c *condition) holds(v string) bool {
	switch c.op {
	case "=~":
		return glob.Match(c.value, v)
	case "==", "!=":
		same := v == c.value
		if n, err := strconv.ParseFloat(v, 64); err == nil && c.numeric {
			same = n == c.number // 5.0 is 5
		}
		return same == (c.op == "==")
	}
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || !c.numeric {
		return false
	}
	switch c.op {
	case "<":
		return n < c.number
	case "<=":
		return n <= c.number
	case ">":
		return n > c.number
	}
	return n >= c.number
}
