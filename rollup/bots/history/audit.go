package history

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// begin writes down that history is about to change: in the audit trail, and on the shelf, so that
// the next start can say that it was cut short.
func (y *History) begin(ctx context.Context, s Scope, action string) error {
	text, err := json.Marshal(map[string]string{"action": action, "since": s.From.Format(time.RFC3339),
		"until": s.To.Format(time.RFC3339)})
	if err != nil {
		return err
	}
	if err := y.audit(ctx, s, action, "started", nil); err != nil {
		return err
	}
	return y.shelf.Put(ctx, runKey, text)
}

// end writes down what became of it.
func (y *History) end(ctx context.Context, s Scope, action string, r *Report, failure error) error {
	if failure != nil {
		return y.audit(ctx, s, action, "failure", r)
	}
	return errors.Join(y.shelf.Delete(ctx, runKey), y.audit(ctx, s, action, "success", r))
}

// audit records an activity.
func (y *History) audit(ctx context.Context, s Scope, action, outcome string, r *Report) error {
	properties := map[string]any{"since": s.From.Format(time.RFC3339), "until": s.To.Format(time.RFC3339)}
	if s.Rule != nil {
		properties["rule"], properties["class"] = s.Rule.ID, s.Rule.Class
		for name, value := range map[string]string{"user_agent": s.Rule.UserAgent,
			"fingerprint": s.Rule.Fingerprint, "site": s.Rule.Site} {
			if value != "" {
				properties[name] = value
			}
		}
	}
	if r != nil {
		properties["events"], properties["changed"] = r.Events, r.Changed
	}
	e := map[string]any{"type": "activity", "category": "administration", "action": action,
		"target": "bots", "outcome": outcome, "severity": "medium", "properties": properties}
	if s.Actor != "" {
		e["actor"] = s.Actor
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return y.house.Record(ctx, s.Tenant, text)
}
