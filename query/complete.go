package query

import (
	"fmt"
	"io"
	"strings"

	"analytics/engine/event"
	"analytics/query/catalog"
	"analytics/query/when"
	"analytics/rollup/funnels"
)

// complete writes the values that a shell may offer for the last word of a command line, one a line;
// false if that word is no flag of the verb, or one that takes any value.
func (v *Verb) complete(w io.Writer, last string) bool {
	if !strings.HasPrefix(last, "--") {
		return false
	}
	name := canonical(strings.TrimPrefix(last, "--"), v.Params())
	values := v.values(name)
	for _, text := range values {
		_, _ = fmt.Fprintln(w, text)
	}
	return len(values) > 0
}

// values are the values of a parameter that are known beforehand.
func (v *Verb) values(param string) []string {
	c := catalog.New()
	var names []string
	switch param {
	case "by", "filter":
		switch {
		case v.Group == "funnels":
			return funnels.Dimensions()
		case v.Name == "popular":
			return contentFields
		}
		for _, d := range c.Dimensions {
			if (d.Group || param == "filter") && (v.Table == nil || d.Has(event.Session)) {
				names = append(names, d.Name)
			}
		}
	case "metrics", "order":
		for _, m := range c.Metrics {
			names = append(names, m.Name)
		}
	case "interval":
		names = when.Intervals()
	case "compare":
		names = []string{"previous", "year"}
	case "type":
		names = typeNames(event.Kinds())
	case "since", "until", "from":
		names = []string{"1h", "24h", "7d", "30d", "90d", "today"}
	case "trend":
		names = []string{"up", "down", "stable"}
	case "per":
		names = []string{"visitor", "session"}
	case "panel":
		for _, p := range v.Panels {
			names = append(names, p.Name)
		}
	case "severity":
		names = []string{"low", "medium", "high", "critical"}
	case "client":
		names = []string{"web", "cli", "api", "mcp"}
	}
	return names
}
