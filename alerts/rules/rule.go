package rules

import (
	"slices"
	"strings"
	"time"
)

// Rule is what somebody wants to hear of, as it is written in the configuration and in JSON.
type Rule struct {
	Name string `json:"name" yaml:"name" doc:"Letters, digits, dots, hyphens and underscores."`
	// Metric is one of the catalog, Filter and By are as in any question.
	Metric string   `json:"metric" yaml:"metric" doc:"A metric of the catalog, such as error_rate."`
	Filter string   `json:"filter,omitempty" yaml:"filter" doc:"Conditions, such as provider==openai."`
	By     []string `json:"by,omitempty" yaml:"by" doc:"Dimensions: an incident for each of their values."`
	// Operator and Threshold are what fires; a rule with no_data alone has neither.
	Operator  string   `json:"operator,omitempty" yaml:"operator" doc:"> >= < <= == or !=."`
	Threshold *float64 `json:"threshold,omitempty" yaml:"threshold" doc:"In the metric's unit; 0.05 is 5 %."`
	Window    Span     `json:"window,omitempty" yaml:"window" doc:"5m to 30d."`
	// For is how long the condition has to hold, Resolve the threshold at which it is over again.
	For     Span     `json:"for,omitempty" yaml:"for" doc:"How long it has to hold before it fires."`
	Resolve *float64 `json:"resolve,omitempty" yaml:"resolve" doc:"It is over beyond this, not at the threshold."`
	// Minimum is of how much of MinimumMetric a group has to have to be looked at.
	Minimum       float64 `json:"minimum,omitempty" yaml:"minimum" doc:"Groups with less are not looked at."`
	MinimumMetric string  `json:"minimum_metric,omitempty" yaml:"minimum_metric" doc:"Of what; events, if empty."`
	NoData        Span    `json:"no_data,omitempty" yaml:"no_data" doc:"It fires when no event came for so long."`
	Severity      string  `json:"severity,omitempty" yaml:"severity" doc:"low, medium, high or critical."`
	Renotify      Span    `json:"renotify,omitempty" yaml:"renotify" doc:"It is told again after so long."`
	Groups        int     `json:"groups,omitempty" yaml:"groups" doc:"Most incidents that are open at once."`
	IncludeBots   bool    `json:"include_bots,omitempty" yaml:"include_bots" doc:"Count what bots do."`
	Enabled       *bool   `json:"enabled,omitempty" yaml:"enabled" doc:"false keeps it without using it."`

	// Source is set or config: who may change it. Version counts its changes.
	Source  string    `json:"source,omitempty" yaml:"-"`
	Version int       `json:"version,omitempty" yaml:"-"`
	Changed time.Time `json:"changed,omitzero" yaml:"-"`
	Who     string    `json:"changed_by,omitempty" yaml:"-"`

	unit    string // of the metric
	total   bool   // the metric counts or adds up: of no events it is 0, and not unknown
	samples string // the metric that counts the events of Metric
}

// The limits of a rule.
const (
	MaxRules    = 200
	MaxGroups   = 100
	stdGroups   = 20
	maxBy       = 3
	minWindow   = 5 * time.Minute
	maxWindow   = 30 * day
	stdWindow   = 5 * time.Minute
	maxFor      = 7 * day
	minRenotify = 5 * time.Minute
	// MaxRead is how many groups of a rule are looked at, the worst first.
	MaxRead = 500
)

// On reports whether the rule is used.
func (r *Rule) On() bool { return r.Enabled == nil || *r.Enabled }

// low reports whether the rule fires on too little.
func low(operator string) bool { return strings.HasPrefix(operator, "<") }

// holds compares.
func holds(operator string, value, threshold float64) bool {
	switch operator {
	case ">":
		return value > threshold
	case ">=":
		return value >= threshold
	case "<":
		return value < threshold
	case "<=":
		return value <= threshold
	case "==":
		return value == threshold
	case "!=":
		return value != threshold
	}
	return false
}

// Same reports whether two rules watch the same events for the same thing: then what one knows of its
// groups, the other may go on with.
func (r *Rule) Same(other *Rule) bool {
	return r.Metric == other.Metric && r.Filter == other.Filter && slices.Equal(r.By, other.By) &&
		r.Operator == other.Operator && r.IncludeBots == other.IncludeBots && (r.NoData > 0) == (other.NoData > 0)
}

// Equal reports whether two rules say the same, whoever set them when.
func (r *Rule) Equal(other *Rule) bool {
	return r.Same(other) && r.Name == other.Name && equal(r.Threshold, other.Threshold) &&
		equal(r.Resolve, other.Resolve) && r.Window == other.Window && r.For == other.For &&
		r.Minimum == other.Minimum && r.MinimumMetric == other.MinimumMetric && r.NoData == other.NoData &&
		r.Severity == other.Severity && r.Renotify == other.Renotify && r.Groups == other.Groups &&
		r.On() == other.On()
}

func equal(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// Says is what the rule fires on, in words.
func (r *Rule) Says() string {
	var all []string
	for _, c := range r.Checks() {
		text := c.Condition()
		if !c.Absence {
			text += " in " + r.Window.String()
		}
		if r.For > 0 {
			text += " for " + r.For.String()
		}
		all = append(all, text)
	}
	return strings.Join(all, ", or ")
}
