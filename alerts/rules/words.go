package rules

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/query/answer"
	"analytics/query/show"
)

// text is a cell of a dimension as a part of a group; one without a value is empty.
func text(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return fmt.Sprint(cell)
}

// Figure is a value of a metric as people read it.
func Figure(metric, unit string, v float64) string {
	c := answer.Column{Name: metric, Kind: answer.KindMetric, Unit: unit}
	switch {
	case unit == "USD":
		return show.Human(c, event.NanoUSD(math.Round(v*1e9)), "")
	case v == math.Trunc(v) && math.Abs(v) < 1<<53 && unit != "ratio":
		return show.Human(c, int64(v), "")
	}
	return show.Human(c, v, "")
}

// Of says which group it is, in the words "of model gpt-4o", and nothing where there is only one.
func (r *Rule) Of(group []string) string {
	if len(group) == 0 {
		return ""
	}
	parts := make([]string, len(group))
	for i, v := range group {
		if v == "" {
			v = "(none)"
		}
		parts[i] = r.By[i] + " " + v
	}
	return " of " + strings.Join(parts, ", ")
}

// Condition is what fires, in words: "error_rate > 5 %".
func (c *Check) Condition() string {
	if c.Absence {
		return "no " + c.Rule.samples + " for " + c.Rule.NoData.String()
	}
	return c.Rule.Metric + " " + c.Rule.Operator + " " + c.Threshold()
}

// Threshold is the threshold as people read it.
func (c *Check) Threshold() string {
	if c.Absence {
		return c.Rule.NoData.String()
	}
	return Figure(c.Rule.Metric, c.Rule.unit, *c.Rule.Threshold)
}

// Value is a value as people read it.
func (c *Check) Value(x Sample) string {
	switch {
	case !x.Known:
		return "-"
	case c.Absence:
		return Figure(c.Rule.samples, "", x.Value)
	}
	return Figure(c.Rule.Metric, c.Rule.unit, x.Value)
}

// Title is what happened in a few words.
func (c *Check) Title() string { return c.Rule.Name + ": " + c.Condition() }

// Message is what happened in one line.
func (c *Check) Message(x Sample, at time.Time) string {
	r := c.Rule
	if c.Absence {
		return fmt.Sprintf("No %s%s came in the %s before %s.", r.samples, r.Of(x.Group), r.NoData, clock(at))
	}
	told := fmt.Sprintf("%s%s was %s in the %s before %s; the rule asks for %s %s", r.Metric, r.Of(x.Group),
		c.Value(x), r.Window, clock(at), r.Operator, c.Threshold())
	if r.For > 0 {
		told += " for " + r.For.String()
	}
	if r.samples != r.Metric {
		told += fmt.Sprintf(" (%s %s)", Figure("", "", x.Count), strings.ReplaceAll(r.samples, "_", " "))
	}
	return told + "."
}

func clock(at time.Time) string { return at.UTC().Format("15:04Z") }

// whyOver says why an incident ends.
func (c *Check) whyOver(x Sample) string {
	r := c.Rule
	switch {
	case c.Absence:
		return "events came again"
	case !x.Known:
		return "there is no " + r.Metric + " any more"
	case !x.Enough:
		return fmt.Sprintf("there are fewer than %s %s", Figure("", "", r.Minimum), r.MinimumMetric)
	}
	return r.Metric + " is " + c.Value(x)
}
