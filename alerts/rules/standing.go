package rules

import "time"

// Label is the value of a dimension: which part of the events is meant.
type Label struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Standing is a rule on a metric and how it is.
type Standing struct {
	Rule
	Says    string    `json:"says"`
	Unit    string    `json:"unit,omitempty"` // of the metric
	State   string    `json:"state"`          // ok, pending, firing, off, or waiting for its first look
	Firing  int       `json:"firing"`
	Pending int       `json:"pending"`
	Left    int       `json:"left_out,omitempty"` // that would fire, beyond the most alerts of the rule
	Looked  time.Time `json:"looked,omitzero"`
	Problem string    `json:"problem,omitempty"` // of the last look
}

// Trial is what a rule would do now.
type Trial struct {
	Rule   Rule         `json:"rule"`
	Checks []TrialCheck `json:"checks"`
}

// TrialCheck is one of the things a rule looks at.
type TrialCheck struct {
	Condition string       `json:"condition"`
	Threshold string       `json:"threshold"`
	From      time.Time    `json:"from"`
	To        time.Time    `json:"to"`
	Groups    []TrialGroup `json:"groups"` // the worst first
	Cut       bool         `json:"cut,omitempty"`
}

// TrialGroup is one group of them.
type TrialGroup struct {
	Group   []Label  `json:"group,omitempty"`
	Value   *float64 `json:"value"` // null where there is none
	Shown   string   `json:"shown"`
	Samples float64  `json:"samples"`
	Fires   bool     `json:"fires"`
	Why     string   `json:"why"`
}
