package report

import (
	"context"
	"time"

	"analytics/engine/budget"
)

// State is what the cost report says of budgets and incidents, which rooms to the right know. What is nil
// is left out.
type State struct {
	Budgets   func(ctx context.Context) ([]budget.Standing, error)
	Incidents func(from, to time.Time) []Incident // that were open in the span, the newest last
}

// Incident is an alert that fired, as reports and pages show it.
type Incident struct {
	Title, Message string
	Severity       string // low, medium, high or critical
	Opened         time.Time
	Resolved       time.Time // zero while it is open
	Acknowledged   bool
}
