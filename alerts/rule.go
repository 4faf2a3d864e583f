package alerts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"analytics/engine/config"
	"analytics/engine/event"
	"analytics/query/answer"
	"analytics/query/when"
)

// Type is what a rule watches.
type Type string

// The types: the spend of a day, and of a month, of the reporting zone.
const (
	DailyCost   Type = "daily_cost"
	MonthlyCost Type = "monthly_cost"
)

// Metric is the type of an incident of a rule on a metric, Anomaly that of something unusual.
const (
	Metric  Type = "rule"
	Anomaly Type = "anomaly"
)

// Action is what a rule asks for when its threshold is passed.
type Action string

// The actions. All of them tell people: e-mail and discord by a channel of that kind, if there is
// one. Pausing is done by a budget (budgets.go). Any other action is the name of a channel, which then is the
// only one that is told.
const (
	Notify        Action = "notify"
	ToDiscord     Action = "discord"
	Email         Action = "email"
	PauseRequests Action = "pause_requests"
)

// Setting is one rule as it is written in the config.
type Setting struct {
	Type      string         `yaml:"type" doc:"daily_cost or monthly_cost."`
	Threshold config.Decimal `yaml:"threshold" doc:"USD. At this much, and above it, the alert fires."`
	Action    string         `yaml:"action" doc:"notify, discord, email, pause_requests, or the name of a channel."`
}

// Settings is the `analytics.alerts:` block.
type Settings []Setting

// Validate says everything that is wrong with the rules.
func (s Settings) Validate() error {
	_, err := s.Rules()
	return err
}

// Rules are the rules of the settings.
func (s Settings) Rules() ([]Rule, error) {
	var rules []Rule
	var all []error
	for i, setting := range s {
		rule, wrong := setting.rule()
		if len(wrong) == 0 && slices.ContainsFunc(rules, func(r Rule) bool { return r.ID == rule.ID }) {
			wrong = append(wrong, errors.New("is there twice"))
		}
		for _, err := range wrong {
			all = append(all, fmt.Errorf("alerts[%d]: %w", i, err))
		}
		if len(wrong) == 0 {
			rules = append(rules, rule)
		}
	}
	return rules, errors.Join(all...)
}

// known reports whether it is an action, and not the name of a channel.
func (a Action) known() bool {
	return a == Notify || a == ToDiscord || a == Email || a == PauseRequests
}

// Check refuses actions that name a channel that is not there. channels are the names of all.
func (s Settings) Check(channels []string) error {
	var all []error
	for i, setting := range s {
		r, wrong := setting.rule()
		if len(wrong) > 0 || r.Action.known() || slices.Contains(channels, string(r.Action)) {
			continue
		}
		there := "there is no channel; report.discord, report.email and report.notify make some"
		if len(channels) > 0 {
			there = "the channels are " + strings.Join(channels, ", ")
		}
		all = append(all, fmt.Errorf("analytics.alerts[%d].action: %q is not one of notify, discord, email, "+
			"pause_requests, and no channel has that name; %s", i, r.Action, there))
	}
	return errors.Join(all...)
}

// Warnings are what a person should hear at the start although the rules are valid.
func (s Settings) Warnings() []string { return nil }

// Rule is a threshold on the spend of a period.
type Rule struct {
	ID        string
	Type      Type
	Threshold event.NanoUSD
	Action    Action
}

// rule is the rule of a setting, or all that is wrong with it.
func (s Setting) rule() (r Rule, wrong []error) {
	r = Rule{Type: Type(strings.TrimSpace(s.Type)), Action: Action(strings.TrimSpace(s.Action))}
	if r.Action == "" {
		r.Action = Notify
	}
	switch r.Type {
	case DailyCost, MonthlyCost:
	default:
		wrong = append(wrong, fmt.Errorf("type %q is not one of daily_cost, monthly_cost", s.Type))
	}
	if !r.Action.known() && !goodID.MatchString(string(r.Action)) {
		wrong = append(wrong, fmt.Errorf("action %q is not one of notify, discord, email, pause_requests, and no "+
			"channel can have that name", s.Action))
	}
	nano, err := s.Threshold.Scaled(9)
	switch {
	case err != nil:
		wrong = append(wrong, fmt.Errorf("threshold: %w", err))
	case nano <= 0:
		wrong = append(wrong, errors.New("threshold must be more than 0"))
	}
	r.Threshold = event.NanoUSD(nano)
	r.ID = fmt.Sprintf("%s-%s-%s", r.Type, answer.AppendMoney(nil, r.Threshold), r.Action)
	return r, wrong
}

// Period is a local day or month: one budget.
type Period struct {
	Key      string // 2026-11-20 or 2026-11
	From, To time.Time
}

// period is the period of the rule's type that holds t.
func (t Type) period(at time.Time, zone *time.Location) Period {
	y, m, d := at.In(zone).Date()
	if t == MonthlyCost {
		return Period{
			Key:  at.In(zone).Format("2006-01"),
			From: when.DayStart(y, m, 1, zone), To: when.DayStart(y, m+1, 1, zone),
		}
	}
	return Period{
		Key:  at.In(zone).Format(time.DateOnly),
		From: when.DayStart(y, m, d, zone), To: when.DayStart(y, m, d+1, zone),
	}
}
