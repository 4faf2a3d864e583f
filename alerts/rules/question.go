package rules

import (
	"time"

	"analytics/engine/event"
	"analytics/query"
)

// Check is one of the two things a rule may ask for: that a value holds, or that no data came.
type Check struct {
	Rule    *Rule
	Absence bool // no data

	window time.Duration
	counts bool // a group without events has the value 0, and not none
}

// Checks are the checks of a rule.
func (r *Rule) Checks() []*Check {
	var all []*Check
	if r.Operator != "" {
		all = append(all, &Check{Rule: r, window: r.Window.Long(), counts: r.total})
	}
	if r.NoData > 0 {
		all = append(all, &Check{Rule: r, Absence: true, window: r.NoData.Long(), counts: true})
	}
	return all
}

// Name tells the checks of all rules apart.
func (c *Check) Name() string {
	if c.Absence {
		return c.Rule.Name + "/no_data"
	}
	return c.Rule.Name
}

// Subject names a group of the check for incidents.
func (c *Check) Subject(group []string) string {
	if len(group) == 0 {
		return c.Name()
	}
	return c.Name() + "\x00" + key(group)
}

// low reports whether the check is about too little.
func (c *Check) low() bool { return c.Absence || low(c.Rule.Operator) }

func (c *Check) holds(v float64) bool {
	if c.Absence {
		return v == 0
	}
	return holds(c.Rule.Operator, v, *c.Rule.Threshold)
}

// near reports whether a value is still on the side of the second threshold that keeps an incident
// open.
func (c *Check) near(v float64) bool {
	r := c.Rule
	switch {
	case c.Absence || r.Resolve == nil:
		return false
	case low(r.Operator):
		return v < *r.Resolve
	}
	return v > *r.Resolve
}

// quiet is how long after it last held a group that holds again is still the same story.
func (c *Check) quiet() time.Duration { return min(max(c.window, 2*Calm), mostQuiet) }

// settle is how long a check on too little watches before it fires.
func (c *Check) settle() time.Duration {
	if c.Absence {
		return c.window
	}
	return min(c.window, mostQuiet)
}

// Moment is the time that an evaluation at now is of: the end of its window.
func (c *Check) Moment(now time.Time) time.Time {
	m := now.UTC().Truncate(time.Minute)
	if op := c.Rule.Operator; !c.Absence && (op == ">" || op == ">=") {
		m = m.Add(time.Minute)
	}
	return m
}

// Question is what the check asks at a moment, the worst groups first.
func (c *Check) Question(at time.Time) query.Question {
	r := c.Rule
	q := query.Question{
		Metrics: r.metrics(), By: r.By, Filter: r.Filter, From: at.Add(-c.window), To: at,
		IncludeBots: r.IncludeBots,
	}
	if c.Absence {
		q.Metrics = []string{r.samples}
	}
	if len(r.By) > 0 {
		q.Order, q.Limit = "-"+q.Metrics[0], MaxRead
		if c.low() && !c.Absence {
			q.Order = "+" + q.Metrics[0]
		}
	}
	return q
}

// Samples reads an answer. cut says that there are more groups.
func (c *Check) Samples(a *query.Answer) (all []Sample, cut bool) {
	metric := c.Rule.Metric
	if c.Absence {
		metric = c.Rule.samples
	}
	value, count, least := a.Column(metric), a.Column(c.Rule.samples), a.Column(c.Rule.MinimumMetric)
	for _, row := range a.Rows {
		var x Sample
		for _, name := range c.Rule.By {
			x.Group = append(x.Group, text(row[a.Column(name)]))
		}
		x.Value, x.Known = amount(row[value])
		if !x.Known && c.counts {
			x.Known = true
		}
		x.Count, _ = amount(row[count])
		x.Enough = true
		if c.Rule.Minimum > 0 && !c.Absence {
			n, _ := amount(row[least])
			x.Enough = n >= c.Rule.Minimum
		}
		all = append(all, x)
	}
	return all, a.Meta.Groups > len(a.Rows)
}

// amount is a cell as a number; ok is false for one that is not known. Money is exact up to nine
// million dollars: the quotient of two whole numbers is rounded once, as the threshold was.
func amount(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case event.NanoUSD:
		return float64(v) / 1e9, true
	}
	return 0, false
}

// Unit is the unit of the check's values.
func (c *Check) Unit() string {
	if c.Absence {
		return ""
	}
	return c.Rule.unit
}

// Unit is the unit of the rule's metric.
func (r *Rule) Unit() string { return r.unit }
