package bots

import (
	"strconv"
	"strings"
)

// agent is the browser and main version of a user agent, as far as age can be told by it.
type agent struct {
	browser string
	version int
}

func agentOf(ua string) agent {
	for _, name := range [...]string{"Chrome/", "Firefox/"} {
		_, rest, ok := strings.Cut(ua, name)
		if !ok {
			continue
		}
		n := digits([]byte(rest[:min(len(rest), 4)]))
		v, _ := strconv.Atoi(rest[:n])
		return agent{strings.TrimSuffix(name, "/"), v}
	}
	return agent{}
}

// outdated is what the table we promised says. Both are of April 2021.
func (a agent) outdated() bool {
	return a.version > 0 && (a.browser == "Chrome" && a.version < 90 ||
		a.browser == "Firefox" && a.version < 88)
}
