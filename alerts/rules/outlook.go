package rules

import (
	"fmt"
	"maps"
	"time"
)

// Outlook is what a rule says about a group, with the reason.
type Outlook struct {
	Sample
	Fires bool
	Why   string
}

// Clone is a state that can be taken on without the other.
func (s *State) Clone() State {
	next := State{Seen: s.Seen, Awake: s.Awake, Known: maps.Clone(s.Known), Groups: map[string]*Group{}}
	for k, g := range s.Groups {
		own := *g
		next.Groups[k] = &own
	}
	return next
}

// Outlook is what would follow from the samples now, for each group, the worst first. It takes the
// state as it is of now.
func (c *Check) Outlook(s State, at time.Time, samples []Sample, cut bool) []Outlook {
	turns := map[string]Turn{}
	for _, t := range c.Step(&s, at, samples, cut) {
		turns[key(t.Group)] = t
	}
	groups := map[string]Sample{}
	for _, x := range samples {
		groups[key(x.Group)] = x
	}
	for k := range s.Groups {
		if _, here := groups[k]; !here {
			groups[k] = c.nothing(k)
		}
	}
	c.remember(&s, at, groups)
	var all []Outlook
	for _, k := range c.worstFirst(groups) {
		x := groups[k]
		t, said := turns[k]
		all = append(all, Outlook{Sample: x, Fires: said && t.Fires, Why: c.why(&s, s.Groups[k], x, at)})
	}
	return all
}

// why is the reason in words.
func (c *Check) why(s *State, g *Group, x Sample, at time.Time) string {
	r := c.Rule
	compared := fmt.Sprintf("%s is not %s %s", c.Value(x), r.Operator, c.shown())
	met := x.Known && x.Enough && c.holds(x.Value)
	switch {
	case !x.Known:
		return "there is no " + r.Metric
	case !x.Enough:
		return fmt.Sprintf("there are fewer than %s %s", Figure("", "", r.Minimum), r.MinimumMetric)
	case met && c.Absence:
		compared = "nothing came"
	case c.Absence:
		compared = "events came"
	case met:
		compared = fmt.Sprintf("%s %s %s", c.Value(x), r.Operator, c.shown())
	}
	switch {
	case !met && g != nil && g.Firing && c.near(x.Value) && x.Enough:
		return compared + fmt.Sprintf(", but not beyond %s either, where it would be over",
			Figure(r.Metric, r.unit, *r.Resolve))
	case !met && g != nil && g.Firing:
		return compared + ", and over once that was so for " + Span(Calm).String()
	case !met || g != nil && g.Firing:
		return compared
	case c.low() && at.Sub(s.Awake) < c.settle():
		return fmt.Sprintf("%s, but it is watched for %s only, and fires after %s", compared,
			Span(at.Sub(s.Awake)), Span(c.settle()))
	case g != nil && at.Sub(g.Pending) < r.For.Long():
		return fmt.Sprintf("%s, but for %s only, and fires after %s", compared, Span(at.Sub(g.Pending)), r.For)
	}
	return fmt.Sprintf("%s, but %d groups fire already", compared, r.Groups)
}

// shown is the threshold of a check that has one.
func (c *Check) shown() string {
	if c.Absence {
		return ""
	}
	return c.Threshold()
}
