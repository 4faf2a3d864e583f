package rules

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/query/catalog"
	"analytics/query/filter"
)

// Operators and Severities are what a rule may say, for messages and completion.
var (
	Operators  = []string{">", ">=", "<", "<=", "==", "!="}
	Severities = []string{"low", "medium", "high", "critical"}
)

var goodName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// counts are the metrics that count the events of a kind.
var counts = map[event.Kind]string{
	event.AIRequest: "requests", event.ToolCall: "tool_calls", event.AgentTask: "agent_tasks",
	event.PageView: "page_views", event.Engagement: "engagements", event.Custom: "custom_events",
	event.Activity: "activities", event.Metric: "samples", event.Session: "sessions",
}

// problems collects what is wrong with a rule. The first one names the field.
type problems struct {
	field string
	all   []string
}

func (p *problems) add(field, format string, args ...any) {
	if p.field == "" {
		p.field = field
	}
	p.all = append(p.all, field+": "+fmt.Sprintf(format, args...))
}

// Complete fills in what was left out and says everything that is wrong.
func (r *Rule) Complete(c *catalog.Catalog) error {
	var p problems
	if !goodName.MatchString(r.Name) {
		p.add("name", "it is made of letters, digits, dots, hyphens and underscores, 63 at most, not %.80q", r.Name)
	}
	r.standards()
	r.checkCondition(&p)
	r.checkTimes(&p)
	if r.Severity == "" {
		r.Severity = "medium"
	}
	if !slices.Contains(Severities, r.Severity) {
		p.add("severity", "%.40q is not one of %s", r.Severity, strings.Join(Severities, ", "))
	}
	if r.Groups < 1 || r.Groups > MaxGroups {
		p.add("groups", "it is a number from 1 to %d, not %d", MaxGroups, r.Groups)
	}
	r.checkQuestion(c, &p)
	if len(p.all) == 0 {
		return nil
	}
	return fault.At(fault.Invalid, "invalid_rule", p.field, "rule %.80q: %s", r.Name, strings.Join(p.all, "; "))
}

// standards fills in what has one.
func (r *Rule) standards() {
	r.Operator, r.Severity = strings.TrimSpace(r.Operator), strings.ToLower(strings.TrimSpace(r.Severity))
	if r.Operator == "" && r.Threshold != nil {
		r.Operator = ">"
	}
	if r.Window == 0 && r.Operator != "" {
		r.Window = Span(stdWindow)
	}
	if r.Groups == 0 {
		r.Groups = stdGroups
	}
	on := r.On()
	r.Enabled = &on
}

func (r *Rule) checkCondition(p *problems) {
	number := func(field string, v *float64) {
		if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
			p.add(field, "it must be a number")
		}
	}
	number("threshold", r.Threshold)
	number("resolve", r.Resolve)
	number("minimum", &r.Minimum)
	switch {
	case r.Operator == "" && r.NoData == 0:
		p.add("operator", "a rule needs an operator (%s) with a threshold, or no_data", strings.Join(Operators, " "))
	case r.Operator != "" && !slices.Contains(Operators, r.Operator):
		p.add("operator", "%.20q is not one of %s", r.Operator, strings.Join(Operators, " "))
	case r.Operator != "" && r.Threshold == nil:
		p.add("threshold", "there is none")
	}
	switch {
	case r.Resolve == nil:
	case r.Threshold == nil || r.Operator == "==" || r.Operator == "!=":
		p.add("resolve", "only the operators > >= < <= have a second threshold")
	case low(r.Operator) && *r.Resolve < *r.Threshold:
		p.add("resolve", "it must be %v or more: the rule fires below that", *r.Threshold)
	case !low(r.Operator) && *r.Resolve > *r.Threshold:
		p.add("resolve", "it must be %v or less: the rule fires above that", *r.Threshold)
	}
	if r.Minimum < 0 {
		p.add("minimum", "it must not be negative")
	}
}

func (r *Rule) checkTimes(p *problems) {
	within := func(field string, s Span, least, most Span) {
		if s < least || s > most {
			p.add(field, "it is %s to %s, not %s", least, most, s)
		}
	}
	if r.Operator != "" {
		within("window", r.Window, Span(minWindow), Span(maxWindow))
	}
	within("for", r.For, 0, Span(maxFor))
	if r.NoData != 0 {
		within("no_data", r.NoData, Span(minWindow), Span(maxWindow))
	}
	if r.Renotify != 0 {
		within("renotify", r.Renotify, Span(minRenotify), Span(maxWindow))
	}
}

// checkQuestion holds the rule against the catalog, and looks up what the metric is.
func (r *Rule) checkQuestion(c *catalog.Catalog, p *problems) {
	if r.Metric == "" {
		p.add("metric", "there is none; GET /v1/catalog lists all metrics")
		return
	}
	metric, err := c.Metric(r.Metric)
	if err != nil {
		p.add("metric", "%s", fault.Of(err).Message)
		return
	}
	if metric.Type == catalog.Time {
		p.add("metric", "%s is a moment and cannot be compared with a threshold", r.Metric)
		return
	}
	calc := metric.Formulas[0].Calc
	r.unit, r.total = metric.Unit, calc == catalog.Total || calc == catalog.Different
	if len(r.By) > maxBy {
		p.add("by", "a rule has at most %d dimensions", maxBy)
		return
	}
	conditions, err := filter.Parse(r.Filter)
	if err == nil {
		err = r.choose(c, conditions)
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		field := f.Field
		if field == "metrics" {
			field = "minimum_metric"
		}
		p.add(field, "%s", f.Message)
	} else if err != nil {
		p.add("filter", "%v", err)
	}
}

// choose finds out of which kind of events the metric is, and so how its samples are counted.
func (r *Rule) choose(c *catalog.Catalog, conditions filter.Conditions) error {
	choices, err := c.Choose([]string{r.Metric}, r.By, conditions)
	if err != nil {
		return err
	}
	r.samples = counts[choices[0].Kinds[0]]
	if choices[0].Metric.Every || r.samples == "" {
		r.samples = "events"
	}
	if r.MinimumMetric == "" {
		r.MinimumMetric = r.samples
		if r.Minimum == 0 {
			r.MinimumMetric = ""
		}
	}
	_, err = c.Choose(r.metrics(), r.By, conditions)
	return err
}

// metrics are what the rule asks for: the metric, what the minimum is of, and the count of samples.
func (r *Rule) metrics() []string {
	all := []string{r.Metric}
	for _, name := range []string{r.samples, r.MinimumMetric} {
		if name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}
