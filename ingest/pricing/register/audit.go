package register

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// begin writes down that history is about to change: in the audit trail, and on the shelf, so that
// the next start can say that it was cut short.
func (r *Register) begin(ctx context.Context, s Scope) error {
	text, err := json.Marshal(map[string]string{"from": s.From.Format(time.RFC3339),
		"to": s.To.Format(time.RFC3339), "model": s.Model})
	if err != nil {
		return err
	}
	if err := r.audit(ctx, s, "started", nil); err != nil {
		return err
	}
	return r.shelf.Put(ctx, runKey, text)
}

// end writes down what became of it.
func (r *Register) end(ctx context.Context, t *tally, failure error) error {
	report := t.finish()
	if failure != nil {
		return r.audit(ctx, t.scope, "failure", report)
	}
	return errors.Join(r.shelf.Delete(ctx, runKey), r.audit(ctx, t.scope, "success", report))
}

// audit records an activity.
func (r *Register) audit(ctx context.Context, s Scope, outcome string, report *Report) error {
	properties := map[string]any{"from": s.From.Format(time.RFC3339), "to": s.To.Format(time.RFC3339)}
	if s.Model != "" {
		properties["model"] = s.Model
	}
	if report != nil {
		properties["requests"], properties["rows"] = report.Requests, report.Changed
		properties["delta_usd"] = report.Delta.String()
		properties["price_version"] = report.Version
	}
	e := map[string]any{"type": "activity", "category": "administration", "action": "reprice",
		"target": "costs", "outcome": outcome, "severity": "medium", "properties": properties}
	if s.Actor != "" {
		e["actor"] = s.Actor
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return r.house.Record(ctx, s.Tenant, text)
}
