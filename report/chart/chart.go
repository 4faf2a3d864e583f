package chart

import (
	"fmt"
	"slices"
	"strings"
)

// Chart is what is drawn: for each place along the bottom a bar, made of a part of each series.
type Chart struct {
	Title  string
	Labels []string // of the places, such as days or hours
	Series []Series // the first is at the bottom
	// Show is how a value is written. It is the report's, so that picture and tables agree.
	Show func(int64) string
}

// Series is one colour. A place it has no value for is zero.
type Series struct {
	Name   string
	Values []int64
	Rest   bool // of everything else: it is drawn in grey
}

// Picture is a chart for people who see it and people who do not.
type Picture struct {
	Name string // of the file
	Alt  string
	PNG  []byte
}

// Total is the sum of a place over all series.
func (c *Chart) Total(place int) int64 {
	sum := int64(0)
	for _, s := range c.Series {
		sum += s.at(place)
	}
	return sum
}

func (s *Series) at(place int) int64 {
	if place >= len(s.Values) {
		return 0
	}
	return s.Values[place]
}

// Empty reports that there is nothing to see: no value, or only zeros.
func (c *Chart) Empty() bool {
	for i := range c.Labels {
		for _, s := range c.Series {
			if s.at(i) != 0 {
				return false
			}
		}
	}
	return true
}

// spoken is up to how many places a description names them all.
const spoken = 8

// Alt says in a sentence what the chart shows: every bar of a few, of many the highest.
func (c *Chart) Alt() string {
	if c.Empty() {
		return c.Title + ": nothing."
	}
	var parts []string
	if len(c.Labels) <= spoken {
		for i, label := range c.Labels {
			parts = append(parts, label+" "+c.Show(c.Total(i)))
		}
		return c.Title + ": " + strings.Join(parts, ", ") + "."
	}
	most := 0
	for i := range c.Labels {
		if c.Total(i) > c.Total(most) {
			most = i
		}
	}
	var of []string
	for _, s := range c.Series {
		if len(c.Series) > 1 && s.at(most) != 0 {
			of = append(of, s.Name+" "+c.Show(s.at(most)))
		}
	}
	text := fmt.Sprintf("%s, %s to %s: most at %s, %s", c.Title, c.Labels[0], c.Labels[len(c.Labels)-1],
		c.Labels[most], c.Show(c.Total(most)))
	if len(of) > 0 {
		text += " (" + strings.Join(of, ", ") + ")"
	}
	return text + "."
}

// shown are the series that have something to show, and one at least.
func (c *Chart) shown() []Series {
	all := slices.DeleteFunc(slices.Clone(c.Series), func(s Series) bool {
		return !slices.ContainsFunc(s.Values[:min(len(s.Values), len(c.Labels))], func(v int64) bool { return v != 0 })
	})
	if len(all) == 0 {
		all = []Series{{}}
	}
	return all
}
