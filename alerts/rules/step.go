package rules

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

const (
	// Calm is how long a condition has to be over before an incident is: late events and values
	// around the threshold would make it flicker otherwise.
	Calm = 5 * time.Minute
	// MostGap is what time in which nobody looked counts at most.
	MostGap = 5 * time.Minute
	// mostQuiet bounds how long after it last held a group that holds again is still the same story.
	mostQuiet = time.Hour
	// mostBack is how far a clock may go back and still be believed to have been right before.
	mostBack = 2 * time.Hour
	// forget is how long a group that sends nothing any more is remembered by rules on too little.
	forget = 7 * day
	// periodForm is how a period is named: the minute in which it began.
	periodForm = "2006-01-02T15-04Z"
)

// Sample is a group's value in the window that is looked at.
type Sample struct {
	Group  []string // values of By, in order
	Value  float64
	Known  bool    // false where there is no value, such as a rate of nothing
	Enough bool    // as many samples as the rule asks for
	Count  float64 // of samples
}

// State is what a check has to remember from one minute to the next.
type State struct {
	// Seen is the time of the last look, Awake since when there was no gap between looks.
	Seen   time.Time         `json:"seen"`
	Awake  time.Time         `json:"awake"`
	Groups map[string]*Group `json:"groups,omitempty"` // by the values of By
	// Left is how many groups would fire if there were not as many already as the rule allows.
	Left int `json:"left,omitempty"`
	// Known are the groups that ever had events, by when: for checks on too little. Others keep none.
	Known map[string]time.Time `json:"known,omitempty"`
}

// Group is what is remembered of one group. Groups about which nothing is to be said have none.
type Group struct {
	Pending time.Time `json:"pending,omitzero"` // since when the condition holds without firing
	Firing  bool      `json:"firing,omitempty"`
	Held    time.Time `json:"held,omitzero"`    // when it last held while it fired
	Over    time.Time `json:"over,omitzero"`    // since when it does not any more
	Period  string    `json:"period,omitempty"` // of the incident
}

// Turn is what an evaluation says about a group.
type Turn struct {
	Sample
	Fires  bool   // it is, or goes on to be, an incident
	Period string // of the incident
	Over   bool   // the incident is over, because of Why
	Why    string
}

// key is a group's key in the state; values have no zero bytes.
func key(values []string) string { return strings.Join(values, "\x00") }

// Values are the values of By of a key.
func (c *Check) values(key string) []string {
	if len(c.Rule.By) == 0 {
		return nil
	}
	return strings.Split(key, "\x00")
}

// Step is one evaluation: it changes the state and says what follows. cut says that groups are missing
// among the samples, of which nothing is known then. The same step again changes nothing.
func (c *Check) Step(s *State, at time.Time, samples []Sample, cut bool) []Turn {
	s.arrive(at)
	groups := map[string]Sample{}
	for _, x := range samples {
		groups[key(x.Group)] = x
	}
	c.remember(s, at, groups)
	for k := range s.Groups {
		if _, here := groups[k]; !here && !cut {
			groups[k] = c.nothing(k)
		}
	}
	firing := 0
	for _, g := range s.Groups {
		if g.Firing {
			firing++
		}
	}
	var turns []Turn
	s.Left = 0
	for _, k := range c.worstFirst(groups) {
		x := groups[k]
		g := s.Groups[k]
		if g == nil {
			g = &Group{}
		}
		turn, said := c.turn(s, g, x, at, &firing)
		if said {
			turns = append(turns, turn)
		}
		if g.idle(at, c.quiet()) {
			delete(s.Groups, k)
		} else {
			s.Groups[k] = g
		}
	}
	return turns
}

// arrive takes the state to a moment. Time in which nobody looked is taken out of what lasts, and what
// a wrong clock left in the future is set right.
func (s *State) arrive(at time.Time) {
	if s.Groups == nil {
		s.Groups = map[string]*Group{}
	}
	if s.Awake.IsZero() {
		s.Awake = at
	}
	gap := at.Sub(s.Seen)
	switch {
	case s.Seen.IsZero():
	case gap > MostGap:
		s.Awake = at
		for _, g := range s.Groups {
			g.Pending, g.Over = later(g.Pending, gap-MostGap), later(g.Over, gap-MostGap)
			g.Held = later(g.Held, gap-MostGap)
		}
	case gap < -mostBack:
		s.Awake = at
		for _, g := range s.Groups {
			g.Held = earliest(g.Held, at)
		}
		for k, t := range s.Known {
			s.Known[k] = earliest(t, at)
		}
	}
	s.Awake = earliest(s.Awake, at)
	for _, g := range s.Groups {
		g.Pending, g.Over = earliest(g.Pending, at), earliest(g.Over, at)
	}
	s.Seen = at
}

func later(t time.Time, by time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(by)
}

func earliest(a, b time.Time) time.Time {
	if a.After(b) {
		return b
	}
	return a
}

// remember notes which groups have events, where the check is about too little, and has those that
// have none any more looked at as well.
func (c *Check) remember(s *State, at time.Time, groups map[string]Sample) {
	if !c.low() {
		s.Known = nil
		return
	}
	if len(c.Rule.By) == 0 {
		if len(groups) == 0 {
			groups[""] = c.nothing("")
		}
		return
	}
	if s.Known == nil {
		s.Known = map[string]time.Time{}
	}
	for k, x := range groups {
		if _, known := s.Known[k]; x.Count > 0 && (known || len(s.Known) < MaxRead) {
			s.Known[k] = at
		}
	}
	maps.DeleteFunc(s.Known, func(k string, last time.Time) bool { return at.Sub(last) > forget+c.window })
	for k := range s.Known {
		if _, here := groups[k]; !here {
			groups[k] = c.nothing(k)
		}
	}
}

// nothing is the sample of a group that has no events in the window.
func (c *Check) nothing(key string) Sample {
	return Sample{Group: c.values(key), Known: c.counts, Enough: c.Rule.Minimum <= 0 || c.Absence}
}

// turn moves one group on.
func (c *Check) turn(s *State, g *Group, x Sample, at time.Time, firing *int) (Turn, bool) {
	t := Turn{Sample: x}
	met := x.Known && x.Enough && c.holds(x.Value)
	if g.Firing {
		t.Period = g.Period
		if met || x.Known && x.Enough && c.near(x.Value) {
			g.Held, g.Over, t.Fires = at, time.Time{}, true
			return t, true
		}
		if g.Over.IsZero() {
			g.Over = at
		}
		if at.Sub(g.Over) < Calm {
			return t, false
		}
		*g = Group{Held: g.Held, Period: g.Period}
		*firing--
		t.Over, t.Why = true, c.whyOver(x)
		return t, true
	}
	if !met || c.low() && at.Sub(s.Awake) < c.settle() {
		g.Pending = time.Time{}
		return t, false
	}
	if g.Pending.IsZero() {
		g.Pending = at
	}
	if at.Sub(g.Pending) < c.Rule.For.Long() {
		return t, false
	}
	if *firing >= c.Rule.Groups {
		s.Left++
		return t, false
	}
	if g.Period == "" || at.Sub(g.Held) > c.quiet() {
		g.Period = at.UTC().Format(periodForm)
	}
	g.Pending, g.Firing, g.Held = time.Time{}, true, at
	*firing++
	t.Fires, t.Period = true, g.Period
	return t, true
}

// Belong says to which incident a group that fires belongs.
func (s *State) Belong(group []string, period string) {
	if g := s.Groups[key(group)]; g != nil && g.Firing {
		g.Period = period
	}
}

// idle reports whether there is nothing to remember of a group.
// What was told is remembered for as long as a clock may go back.
func (g *Group) idle(at time.Time, quiet time.Duration) bool {
	return !g.Firing && g.Pending.IsZero() && (g.Held.IsZero() || at.Sub(g.Held) > max(quiet, mostBack))
}

// worstFirst are the keys in the order in which they may fire.
func (c *Check) worstFirst(groups map[string]Sample) []string {
	return slices.SortedFunc(maps.Keys(groups), func(a, b string) int {
		by := cmp.Compare(groups[b].Value, groups[a].Value)
		if c.low() {
			by = -by
		}
		return cmp.Or(by, strings.Compare(a, b))
	})
}
