package alerts

import (
	"cmp"
	"context"
	"slices"
	"time"

	"analytics/engine/fault"
)

// Severity is how much an incident matters.
type Severity string

// The severities.
const (
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// severities are all of them, the least first.
var severities = []Severity{Low, Medium, High, Critical}

// rank is 1 for the least, and 0 for what is no severity.
func (s Severity) rank() int { return slices.Index(severities, s) + 1 }

// itself is who changed an incident when nobody did.
const itself = "analytics"

// rollingKey is how the period of a rolling budget is written: the moment it was opened.
const rollingKey = "2006-01-02T15-04-05Z"

// Change is a step in the life of an incident.
type Change struct {
	State State     `json:"state"`
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	Why   string    `json:"why,omitempty"`
}

// severity is critical where requests stop, high for the spend of everything, medium for a percentage
// of a budget.
func (i *Incident) severity() Severity {
	switch {
	case i.Type != Budget && i.Action == PauseRequests:
		return Critical
	case i.Type != Budget || i.Action == PauseRequests:
		return High
	}
	return Medium
}

// complete fills in what follows from the rest: severity, and the history of an incident that is new
// or of before there was one.
func (i *Incident) complete() {
	if i.Severity == "" {
		i.Severity = i.severity()
	}
	if len(i.History) > 0 {
		return
	}
	i.step(Change{State: Open, At: i.Opened, By: itself})
	if !i.Acknowledged.IsZero() {
		i.step(Change{State: Acknowledged, At: i.Acknowledged, By: i.AcknowledgedBy})
	}
	if !i.Resolved.IsZero() {
		i.step(Change{State: Resolved, At: i.Resolved, By: cmp.Or(i.ResolvedBy, itself)})
	}
}

// maxHistory bounds the history: of more steps the first and the last ones are kept.
const maxHistory = 50

// step adds a step to a history of its own: an incident is replaced, never changed.
func (i *Incident) step(c Change) {
	i.History = slices.Clone(i.History)
	if n := len(i.History); n >= maxHistory {
		i.History = slices.Delete(i.History, 1, n-maxHistory+2)
	}
	i.History = append(i.History, c)
}

// Show is one incident.
func (w *Watch) Show(id string) (Incident, error) {
	i, known := w.find(id)
	if !known {
		return Incident{}, unknown(id)
	}
	return i, nil
}

func unknown(id string) error {
	return fault.At(fault.NotFound, "unknown_alert", "id",
		"there is no alert %.80q; `analytics alerts list` shows them", id)
}

// Acknowledge notes that somebody knows. Again, or when it is over, it changes nothing.
func (w *Watch) Acknowledge(ctx context.Context, id, by string) (Incident, error) {
	return w.step(ctx, id, by, Acknowledged)
}

// Resolve ends an incident before its period does. It is not opened again in that period. Again, it
// changes nothing.
func (w *Watch) Resolve(ctx context.Context, id, by string) (Incident, error) {
	return w.step(ctx, id, by, Resolved)
}

// step moves an incident on, and writes an audit row if it moved.
func (w *Watch) step(ctx context.Context, id, by string, to State) (Incident, error) {
	i, moved, err := w.move(ctx, id, by, to)
	if err != nil || !moved {
		return i, err
	}
	return i, w.audit(ctx, "alert_"+string(to), by, id, map[string]any{"rule": i.Rule})
}

func (w *Watch) move(
	ctx context.Context, id, by string, to State,
) (is Incident, moved bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := w.known[id]
	if i == nil {
		return Incident{}, false, unknown(id)
	}
	if i.State == Resolved || i.State == to {
		return *i, false, nil
	}
	next, now := *i, w.desk.Now().UTC()
	next.State = to
	if to == Acknowledged {
		next.Acknowledged, next.AcknowledgedBy = now, by
	} else {
		// A rolling budget has no period that could be done with: it would be opened again at once.
		if _, err := time.Parse(rollingKey, i.Period); err == nil && i.Type == Budget {
			return Incident{}, false, fault.At(fault.Conflict, "rolling_budget", "id",
				"%.80q is of a rolling budget and ends by itself at %s; acknowledge it instead", id,
				i.To.UTC().Format(time.RFC3339))
		}
		next.Resolved, next.ResolvedBy = now, by
	}
	next.step(Change{State: to, At: now, By: by})
	if err := w.save(ctx, &next); err != nil {
		return Incident{}, false, err
	}
	return next, true, nil
}
