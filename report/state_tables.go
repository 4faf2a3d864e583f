package report

import (
	"cmp"
	"context"
	"slices"
	"time"

	"analytics/engine/budget"
	"analytics/engine/event"
)

func (s State) standings(ctx context.Context) ([]budget.Standing, error) {
	if s.Budgets == nil {
		return nil, nil
	}
	return s.Budgets(ctx)
}

func (s State) incidents(from, to time.Time) []Incident {
	if s.Incidents == nil {
		return nil
	}
	return s.Incidents(from, to)
}

// budgetTable is what budgets have left now, those that are nearest to their limit first.
func budgetTable(all []budget.Standing) Section {
	s := Section{Title: "Budgets", Note: "As they stand when the report is written.", Card: 5, Columns: []Column{
		text("budget", "Budget"), number("spent", "Spent").carded(), number("limit", "Limit").carded(),
		number("share", "Used"), text("state", "State"),
	}}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b budget.Standing) int { return cmp.Compare(b.Percent(), a.Percent()) })
	for _, b := range all[:min(len(all), topRows)] {
		name := b.Name
		if of := b.Of(); of != "" {
			name += " (" + of + ")"
		}
		used := any(nil)
		if b.Limit > 0 {
			used = Share(float64(b.Spent) / float64(b.Limit))
		}
		s.Rows = append(s.Rows, []any{name, event.NanoUSD(b.Spent), event.NanoUSD(b.Limit), used, b.State})
	}
	return s
}

// incidentTable is what fired in the span.
func incidentTable(span Span, all []Incident) Section {
	s := Section{Title: "Alerts and anomalies", Card: 5, Columns: []Column{
		text("opened", "Since"), text("severity", "Severity"), text("title", "What"), text("state", "State"),
	}}
	for _, i := range all[max(0, len(all)-topRows):] {
		state := "open"
		switch {
		case !i.Resolved.IsZero():
			state = "over since " + i.Resolved.In(span.Zone).Format("2 Jan 15:04")
		case i.Acknowledged:
			state = "acknowledged"
		}
		s.Rows = append(s.Rows, []any{i.Opened.In(span.Zone).Format("2 Jan 15:04"), i.Severity, i.Title, state})
	}
	return s
}
