package query

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"analytics/engine/event"
	"analytics/query/catalog"
	"analytics/query/filter"
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
		for i := range c.Dimensions {
			if d := &c.Dimensions[i]; v.takes(c, d.Name, param) {
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

// takes reports whether the verb can be counted by the dimension, or filtered by it: others would be refused.
func (v *Verb) takes(c *catalog.Catalog, dimension, param string) bool {
	d, err := c.Filterable(dimension)
	if err != nil || param == "by" && !d.Group {
		return false
	}
	if v.Table != nil {
		return d.Has(event.Session)
	}
	return v.some(func(f *Form) bool {
		if param == "filter" || f.List || len(f.Question.Metrics) == 0 {
			return shorthand{field: dimension}.fits(c, f)
		}
		own, err := filter.Parse(f.Question.Filter)
		if err == nil {
			_, err = c.Choose(f.Question.Metrics, []string{dimension}, own)
		}
		return err == nil && !slices.Contains(f.Question.Metrics, dimension) // no column is there twice
	})
}
