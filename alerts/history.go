package alerts

import (
	"context"
	"slices"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
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

// itself is who changed an incident when nobody did.
const itself = "analytics"

// rollingKey is how the period of a rolling budget is written: the moment it was opened.
const rollingKey = "2006-01-02T15-04-05Z"

// Change is a step in the life of an incident.
type Change struct {
	State State     `json:"state"`
	At    time.Time `json:"at"`
	By    string    `json:"by"`
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

// complete fills in what follows from the rest: severity and history. It reads incidents of before
// there was a history as well.
func (i *Incident) complete() {
	if i.Severity == "" {
		i.Severity = i.severity()
	}
	i.History = slices.Clone(i.History) // an incident is replaced, never changed
	i.note(Change{Open, i.Opened, itself})
	if !i.Acknowledged.IsZero() {
		i.note(Change{Acknowledged, i.Acknowledged, i.AcknowledgedBy})
	}
	if !i.Resolved.IsZero() {
		by := i.ResolvedBy
		if by == "" {
			by = itself
		}
		i.note(Change{Resolved, i.Resolved, by})
	}
}

// note adds a step once: no incident takes a step twice.
func (i *Incident) note(c Change) {
	if !slices.ContainsFunc(i.History, func(h Change) bool { return h.State == c.State }) {
		i.History = append(i.History, c)
	}
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
	if err != nil || !moved || w.ledger == nil {
		return i, err
	}
	return i, w.ledger.Audit(ctx, store.Default, "alert_"+string(to), id, map[string]any{"by": by})
}

func (w *Watch) move(
	ctx context.Context, id, by string, to State,
) (now Incident, moved bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := w.known[id]
	if i == nil {
		return Incident{}, false, unknown(id)
	}
	if i.State == Resolved || i.State == to {
		return *i, false, nil
	}
	next := *i
	next.State = to
	if to == Acknowledged {
		next.Acknowledged, next.AcknowledgedBy = w.desk.Now().UTC(), by
	} else {
		// A rolling budget has no period that could be done with: it would be opened again at once.
		if _, err := time.Parse(rollingKey, i.Period); err == nil {
			return Incident{}, false, fault.At(fault.Conflict, "rolling_budget", "id",
				"%.80q is of a rolling budget and ends by itself at %s; acknowledge it instead", id,
				i.To.UTC().Format(time.RFC3339))
		}
		next.Resolved, next.ResolvedBy = w.desk.Now().UTC(), by
	}
	if err := w.save(ctx, &next); err != nil {
		return Incident{}, false, err
	}
	return next, true, nil
}
