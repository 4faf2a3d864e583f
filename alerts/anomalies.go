package alerts

import (
	"context"
	"slices"

	"analytics/alerts/lookout"
)

// anomalyVersion is that of the detector: incidents say which one found them.
const anomalyVersion = 1

// CheckAnomalies opens an incident for what is not as usual, and resolves those of what is again. One
// that somebody resolved stays resolved until its episode is over.
func (w *Watch) CheckAnomalies(ctx context.Context) error {
	var told []string
	for _, i := range w.Active() {
		if i.Type == Anomaly {
			told = append(told, i.Subject)
		}
	}
	r, err := w.lookout.Check(ctx, told...)
	if err != nil {
		return err
	}
	found := make([]Finding, len(r.Findings))
	for i := range r.Findings {
		found[i] = fromLookout(&r.Findings[i])
	}
	if _, err := w.Raise(ctx, found...); err != nil {
		return err
	}
	why := "it is as usual again"
	if !r.Enabled {
		why = "anomalies are not watched any more"
	}
	for _, subject := range told {
		if !slices.Contains(r.GoingOn, subject) {
			if err := w.Clear(ctx, Anomaly, subject, why); err != nil {
				return err
			}
		}
	}
	return nil
}

// fromLookout is a finding in the words of incidents.
func fromLookout(f *lookout.Finding) Finding {
	operator := ">"
	if !f.Up {
		operator = "<"
	}
	out := Finding{
		Type: Anomaly, Rule: "anomaly-" + f.Metric, Version: anomalyVersion, Subject: f.Subject, Period: f.Period,
		From: f.From, Title: f.Title, Message: f.Message, Severity: Severity(f.Severity),
		Reading: Reading{
			Metric: f.Metric, Unit: f.Unit, Operator: operator, Value: f.Is, Threshold: f.Expected, Samples: f.Events,
		},
	}
	if f.Dimension != "" {
		out.Group = []Label{{Name: f.Dimension, Value: f.Value}}
	}
	for _, m := range f.Moved {
		out.Moved = append(out.Moved, Moved(m))
	}
	return out
}
