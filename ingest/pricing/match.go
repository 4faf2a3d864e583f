package pricing

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// matcher is a pattern for a lower-case name: a leaf with a text, or a list of matchers.
type matcher struct {
	op   string // eq pre suf has re, or and not
	text string
	re   *regexp.Regexp
	list []matcher
}

// UnmarshalJSON reads the form ["op", argument...].
func (m *matcher) UnmarshalJSON(b []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	if len(parts) < 2 {
		return fmt.Errorf("pattern %s has no argument", b)
	}
	if err := json.Unmarshal(parts[0], &m.op); err != nil {
		return err
	}
	switch m.op {
	case "or", "and", "not":
		m.list = make([]matcher, len(parts)-1)
		for i := range m.list {
			if err := m.list[i].UnmarshalJSON(parts[i+1]); err != nil {
				return err
			}
		}
		return nil
	case "eq", "pre", "suf", "has", "re":
		err := json.Unmarshal(parts[1], &m.text)
		if err == nil && m.op == "re" {
			m.re, err = regexp.Compile(m.text)
		}
		return err
	}
	return fmt.Errorf("pattern %s has an unknown operator", b)
}

// matches reports whether the pattern fits the name, which is in lower case.
func (m *matcher) matches(name string) bool {
	switch m.op {
	case "eq":
		return name == m.text
	case "pre":
		return strings.HasPrefix(name, m.text)
	case "suf":
		return strings.HasSuffix(name, m.text)
	case "has":
		return strings.Contains(name, m.text)
	case "re":
		return m.re.MatchString(name)
	case "or":
		for i := range m.list {
			if m.list[i].matches(name) {
				return true
			}
		}
		return false
	case "and":
		for i := range m.list {
			if !m.list[i].matches(name) {
				return false
			}
		}
		return true
	}
	return !m.list[0].matches(name) // "not": decoding lets no other through
}

// exact calls f for the names the pattern fits by plain equality, and reports whether those are
// all it fits.
func (m *matcher) exact(f func(name string)) bool {
	switch m.op {
	case "eq":
		f(m.text)
		return true
	case "or":
		all := true
		for i := range m.list {
			all = m.list[i].exact(f) && all
		}
		return all
	}
	return false
}
