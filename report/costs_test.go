package report

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/query"
)

var update = flag.Bool("update", false, "write golden files anew")

// golden compares text with a file under testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// TestCostReportSaysWhatWasWorkedOut compares the report with figures worked out by hand in
// testdata/costs.events.
func TestCostReportSaysWhatWasWorkedOut(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-21T08:00")
	w.play("costs.events")
	r := w.report(CostsName, "")
	golden(t, "costs.md", r.Markdown(""))
	b, err := r.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "costs.json", append(b, '\n'))
}

// section finds a section by its title.
func (r *Report) section(title string) *Section {
	for i := range r.Sections {
		if r.Sections[i].Title == title {
			return &r.Sections[i]
		}
	}
	return nil
}

func TestTooManyUsersAreShownAsFewAndOthers(t *testing.T) {
	w := newWorldWith(t, "UTC", "2026-11-21T08:00", query.Config{MaxGroups: 1200})
	w.add(strings.Fields("2026-11-20T10:00:00 ai_request x1300 model=m user_id=u{n} cost=0.5"))
	w.add(strings.Fields("2026-11-20T10:00:00 ai_request x1 model=m user_id=whale cost=7"))
	s := w.report(CostsName, "2026-11-20").section("By user")
	if s == nil || len(s.Rows) != 11 || s.Rows[0][0] != "whale" ||
		s.Rows[10][0] != "1,291 other users" || s.Rows[10][1] != event.NanoUSD(1291*5e8) {
		t.Errorf("got %+v", s)
	}
	w = newWorldWith(t, "UTC", "2026-11-21T08:00", query.Config{MaxGroups: 50})
	w.add(strings.Fields("2026-11-20T10:00:00 ai_request x60 model=m user_id=u{n} cost=0.5"))
	r := w.report(CostsName, "2026-11-20")
	if r.section("By user") != nil || !slices.Contains(r.Notes,
		"By user is left out: there are too many of them.") {
		t.Errorf("sections %+v, notes %q", r.Sections, r.Notes)
	}
}

// TestLongAndShortDaysAreWhole spends a dollar in every hour of the days around a change of clocks,
// and looks for each dollar in exactly one report.
func TestLongAndShortDaysAreWhole(t *testing.T) {
	f := func(zone, now, first string, hours int, dates map[string]int) {
		t.Helper()
		w := newWorld(t, zone, now)
		day := w.span(Daily, first)
		for h := range hours {
			at := day.From.Add(time.Duration(h) * time.Hour).UTC().Format("2006-01-02T15:04:05Z")
			w.add(strings.Fields(at + " ai_request x1 model=m cost=1"))
			w.add(strings.Fields(at + " page_view x1 path=/ visitor_id=v"))
		}
		sum := 0
		for date, want := range dates {
			sum += want
			costs, traffic := w.report(CostsName, date), w.report(TrafficName, date)
			start := fmt.Sprintf("$%d.00 spent on %d requests", want, want)
			if !strings.HasPrefix(costs.Headline[0], start) {
				t.Errorf("%s in %s: %q, want %s", date, zone, costs.Headline[0], start)
			}
			views := int64(0)
			for _, row := range traffic.section("Hour by hour").Rows {
				views += row[1].(int64)
			}
			if views != int64(want) {
				t.Errorf("%s in %s: the hours have %d views, want %d", date, zone, views, want)
			}
		}
		if sum != hours {
			t.Errorf("%s: the reports have %d of %d", zone, sum, hours)
		}
	}
	f("America/New_York", "2026-03-12T08:00", "2026-03-07", 71,
		map[string]int{"2026-03-07": 24, "2026-03-08": 23, "2026-03-09": 24})
	f("America/New_York", "2026-11-12T08:00", "2026-10-31", 73,
		map[string]int{"2026-10-31": 24, "2026-11-01": 25, "2026-11-02": 24})
	f("Australia/Lord_Howe", "2026-04-12T08:00", "2026-04-04", 72,
		map[string]int{"2026-04-04": 24, "2026-04-05": 25, "2026-04-06": 23})
	f("Asia/Kathmandu", "2026-04-12T08:00", "2026-04-04", 48,
		map[string]int{"2026-04-04": 24, "2026-04-05": 24})
}

func TestDayThatIsNotOverIsComparedWithTheSameHours(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-20T11:30")
	w.play("costs.events")
	r := w.report(CostsName, "today")
	// By 11:30: $8.00 on 400 requests; on Thursday until then $2.00 on 100.
	want := "$8.00 spent on 400 requests, up $6.00 (+300 %) on the day before: more requests (100 → 400)."
	if !r.Partial || r.Headline[0] != want || strings.Contains(strings.Join(r.Headline, ""), "average") {
		t.Errorf("got %q", r.Headline)
	}
	if s := r.section("The month"); len(s.Rows) != 1 || s.Rows[0][1] != event.NanoUSD(13e9) {
		t.Errorf("got %+v", s)
	}
	if text := string(r.Markdown("")); !strings.Contains(text, "**not over yet**: until 11:30, held against the day before until then") {
		t.Errorf("the file does not say so: %s", text)
	}
}

func TestADayIsHeldAgainstTheDaysBefore(t *testing.T) {
	f := func(cost event.NanoUSD, p pace, want string) {
		t.Helper()
		if got := averageLine(cost*1e9, p); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(6, pace{before: 8e9, days: 7}, "The 7 days before cost $8.00 a day on average; this day is 25 % below that.")
	f(10, pace{before: 8e9, days: 7}, "The 7 days before cost $8.00 a day on average; this day is 25 % above that.")
	f(8, pace{before: 8e9, days: 2}, "The 2 days before cost $8.00 a day on average, as this day did.")
	f(8, pace{days: 3}, "The 3 days before cost $0.00 a day on average.")
	f(6, pace{before: 8e9, days: 7, dearest: "Sunday", most: 40e9}, "The 7 days before cost $8.00 a day on average, "+
		"most of it on Sunday ($40.00); this day is 25 % below that.")
}
