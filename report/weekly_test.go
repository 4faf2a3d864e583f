package report

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/budget"
	"analytics/engine/jobs"
	"analytics/engine/store"
)

// TestReportsOfAWeekAndAMonth compares them with figures worked out by hand in the scripts, and with what
// other rooms say of budgets and alerts.
func TestReportsOfAWeekAndAMonth(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-23T08:00")
	w.play("traffic.events")
	golden(t, "traffic.week.md", w.of(Traffic, w.span(Weekly, "")).Markdown(""))

	w = newWorld(t, berlin, "2026-12-01T08:00")
	w.play("costs.events")
	var asked []time.Duration
	w.press.state = State{
		Budgets: func(context.Context) ([]budget.Standing, error) {
			team := budget.Standing{Definition: budget.Definition{Name: "team"}, Spent: 5e9, State: "ok"}
			user := budget.Standing{Definition: budget.Definition{Name: "each"}, Group: []string{"ann|x"},
				Spent: 3e9, State: "paused"}
			team.Limit, user.Limit = 20e9, 3e9
			return []budget.Standing{team, user}, nil
		},
		Incidents: func(from, to time.Time) []Incident {
			asked = append(asked, to.Sub(from))
			return []Incident{
				{Title: "Cost of <b>gpt-4o</b> is up", Severity: "high", Opened: from.Add(30 * time.Hour),
					Resolved: from.Add(32 * time.Hour)},
				{Title: "Errors", Severity: "critical", Opened: to.Add(-time.Hour), Acknowledged: true},
				{Title: "Quiet", Severity: "low", Opened: to.Add(-time.Minute)},
			}
		},
	}
	golden(t, "costs.month.md", w.of(Costs, w.span(Monthly, "2026-11")).Markdown(""))
	golden(t, "costs.week.md", w.of(Costs, w.span(Weekly, "2026-11-20")).Markdown(""))
	if !slices.Equal(asked, []time.Duration{30 * 24 * time.Hour, 7 * 24 * time.Hour}) {
		t.Errorf("incidents were asked for over %v", asked)
	}
}

// TestWeeksAndMonthsAreSentOnce: the day after they are over, also when the program was down then, and not
// when nothing happened.
func TestWeeksAndMonthsAreSentOnce(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-23T08:00") // a Monday
	w.play("costs.events")
	run := func(day string) {
		t.Helper()
		for _, j := range w.press.Jobs() {
			if strings.HasSuffix(j.Name, "ly_reports") {
				if err := j.Run(t.Context(), jobs.Period{Key: day}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	f := func(want ...string) {
		t.Helper()
		files, err := os.ReadDir(filepath.Join(w.dir, "reports"))
		var got []string
		for _, file := range files {
			if filepath.Ext(file.Name()) == ".md" {
				got = append(got, file.Name())
			}
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("files %v, %v; want %v", got, err, want)
		}
	}
	run("2026-11-21")
	f() // the week before: nothing happened
	run("2026-11-22")
	f("2026-W47-weekly_cost_report.md")
	path := filepath.Join(w.dir, "reports", "2026-W47-weekly_cost_report.md")
	if err := os.WriteFile(path, []byte("written before"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.AddDate(0, 0, 10) // the program was down on the first of December
	run("2026-12-02")
	f("2026-11-monthly_cost_report.md", "2026-W47-weekly_cost_report.md", "2026-W48-weekly_cost_report.md")
	if text, err := os.ReadFile(path); err != nil || string(text) != "written before" {
		t.Errorf("the week was written again: %v", err)
	}
}

// TestOtherTenantsSeeNoBudgets: what other rooms know is of the default tenant.
func TestOtherTenantsSeeNoBudgets(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-21T08:00")
	w.press.state.Incidents = func(_, _ time.Time) []Incident {
		t.Error("another tenant's report asks for incidents")
		return nil
	}
	r, err := w.press.Write(t.Context(), store.Tenant{'o'}, Costs, w.span(Daily, ""))
	if err != nil || !r.Empty {
		t.Errorf("%+v, %v", r, err)
	}
}
