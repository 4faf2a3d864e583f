package alerts

import (
	"fmt"
	"io"
	"time"

	"analytics/alerts/rules"
	"analytics/engine/web"
)

// printRules prints rules on spend and rules on metrics, each kind if there are such.
func printRules(out io.Writer, all ruleList) error {
	if len(all.Spend)+len(all.Metric) == 0 {
		fmt.Fprintln(out, "No rules. `analytics alerts rules set NAME --when 'error_rate > 5%'` makes one; those on "+
			"spend are set in analytics.yaml, under analytics.alerts.")
		return nil
	}
	var rows [][]string
	for _, r := range all.Spend {
		rows = append(rows, []string{string(r.Type), dollars(r.Threshold), string(r.Action), r.Period,
			dollars(r.Spent), dollars(r.Left), r.Incident})
	}
	if len(rows) > 0 {
		head := []string{"RULE", "THRESHOLD", "ACTION", "PERIOD", "SPENT", "LEFT", "ALERT"}
		if err := rules.Table(out, head, rows); err != nil || len(all.Metric) == 0 {
			return err
		}
		fmt.Fprintln(out)
	}
	rows = nil
	for _, r := range all.Metric {
		state := r.State
		if r.Firing > 0 && len(r.By) > 0 {
			state = fmt.Sprintf("firing (%d)", r.Firing)
		}
		if r.Left > 0 {
			state = fmt.Sprintf("firing (%d of %d)", r.Firing, r.Firing+r.Left)
		}
		looked := ""
		if !r.Looked.IsZero() {
			looked = r.Looked.UTC().Format("15:04Z")
		}
		rows = append(rows, []string{r.Name, r.Says, r.Events(), r.Severity, state,
			looked, fmt.Sprint("v", r.Version), r.Source})
	}
	if err := rules.Table(out, []string{"RULE", "FIRES WHEN", "OF", "SEVERITY", "STATE", "LOOKED", "VERSION", "SOURCE"},
		rows); err != nil {
		return err
	}
	for _, r := range all.Metric {
		if r.Problem != "" {
			fmt.Fprintf(out, "%s could not be evaluated: %s\n", web.Clean(r.Name), web.Clean(r.Problem))
		}
	}
	return nil
}

// printIncident prints all there is of one incident.
func printIncident(out io.Writer, i *Incident) {
	fmt.Fprintf(out, "%s is %s, severity %s.\n%s\n", web.Clean(i.ID), i.State, i.Severity, web.Clean(i.Message))
	if r := i.Reading; r != nil {
		rule := i.Rule
		if i.Version > 0 {
			rule += fmt.Sprintf(", version %d", i.Version)
		}
		fmt.Fprintf(out, "rule %s: %s when it was opened, %s at the worst, threshold %s\n", web.Clean(rule),
			figure(r, r.Value), figure(r, r.Worst), figure(r, r.Threshold))
		for _, m := range i.Moved {
			fmt.Fprintf(out, "%s %s: %s, and %s before\n", web.Clean(m.Name), web.Clean(m.Value), figure(r, m.Is),
				figure(r, m.Was))
		}
	}
	if i.Silenced != "" {
		fmt.Fprintf(out, "Its message is kept back by %s.\n", web.Clean(i.Silenced))
	}
	if i.Told > 1 {
		fmt.Fprintf(out, "It was told %d times, last at %s.\n", i.Told, rules.Moment(i.LastTold))
	}
	for _, h := range i.History {
		why := ""
		if h.Why != "" {
			why = ": " + web.Clean(h.Why)
		}
		fmt.Fprintf(out, "%s  %s by %s%s\n", h.At.UTC().Format(time.RFC3339), h.State, web.Clean(h.By), why)
	}
}
