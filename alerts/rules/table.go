package rules

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"analytics/engine/web"
)

// Table writes rows under a head, with texts of anybody made inert.
func Table(out io.Writer, head []string, rows [][]string) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(head, "\t"))
	for _, row := range rows {
		for i := range row {
			row[i] = cmp.Or(web.Clean(row[i]), "-")
		}
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	return t.Flush()
}

// Moment is a time in a table.
func Moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// Labels is a group in a table.
func Labels(group []Label) string {
	var parts []string
	for _, l := range group {
		parts = append(parts, l.Name+" "+cmp.Or(l.Value, "(none)"))
	}
	return cmp.Or(strings.Join(parts, ", "), "all")
}

// Events says of which events a rule is.
func (r *Rule) Events() string {
	var parts []string
	if len(r.By) > 0 {
		parts = append(parts, "each "+strings.Join(r.By, ", "))
	}
	if r.Filter != "" {
		parts = append(parts, r.Filter)
	}
	return cmp.Or(strings.Join(parts, " where "), "all")
}

// printRule prints all there is of one rule.
func printRule(out io.Writer, r Standing) error {
	minimum := ""
	if r.Minimum > 0 {
		minimum = r.MinimumMetric + " >= " + Figure("", "", r.Minimum)
	}
	resolve := ""
	if r.Resolve != nil {
		resolve = Figure(r.Metric, r.Unit, *r.Resolve)
	}
	span := func(s Span) string {
		if s == 0 {
			return ""
		}
		return s.String()
	}
	who := r.Source
	if r.Who != "" {
		who += " by " + r.Who
	}
	rows := [][]string{
		{"fires when", r.Says}, {"of", r.Events()}, {"smallest sample", minimum}, {"over beyond", resolve},
		{"severity", r.Severity}, {"told again after", span(r.Renotify)}, {"most alerts", strconv.Itoa(r.Groups)},
		{"state", r.State}, {"version", fmt.Sprintf("%d, %s, %s", r.Version, Moment(r.Changed), who)},
		{"problem", r.Problem},
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s\n", web.Clean(r.Name))
	for _, row := range rows {
		if row[1] != "" {
			fmt.Fprintf(t, "  %s\t%s\n", row[0], web.Clean(row[1]))
		}
	}
	return t.Flush()
}

// printTrial prints the value of each group, the threshold, whether it would fire, and why.
func printTrial(out io.Writer, t Trial) error {
	for n, c := range t.Checks {
		if n > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "%s, %s to %s\n", web.Clean(c.Condition), Moment(c.From), Moment(c.To))
		if len(c.Groups) == 0 {
			fmt.Fprintln(out, "No events in that time: nothing would fire.")
			continue
		}
		var rows [][]string
		for _, g := range c.Groups {
			fires := "no"
			if g.Fires {
				fires = "yes"
			}
			rows = append(rows, []string{Labels(g.Group), g.Shown, c.Threshold, Figure("", "", g.Samples),
				fires, g.Why})
		}
		if err := Table(out, []string{"GROUP", "VALUE", "THRESHOLD", "SAMPLES", "FIRES", "WHY"}, rows); err != nil {
			return err
		}
		if c.Cut {
			fmt.Fprintf(out, "There are more groups than the %d worst ones that a rule looks at.\n", MaxRead)
		}
	}
	return nil
}
