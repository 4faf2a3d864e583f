package report

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"analytics/engine/event"
	"analytics/query"
)

// TestChartsAddUpToTheirTables holds every bar of a report's chart against the row of its table, for scripts
// and for what is made up: with more models than colours, strings of anybody, and spans of every length.
func TestChartsAddUpToTheirTables(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, *formsSeed))
	worlds := map[string]*world{}
	for _, script := range []string{"costs.events", "traffic.events"} {
		worlds[script] = newWorld(t, berlin, "2026-12-01T08:00")
		worlds[script].play(script)
	}
	w := newWorld(t, berlin, "2026-12-01T08:00")
	worlds["made up"] = w
	for range 300 {
		at := fmt.Sprintf("2026-11-%02dT%02d:10:00", 10+rnd.IntN(21), rnd.IntN(24))
		model := fmt.Sprintf("model=m%d", rnd.IntN(12))
		if rnd.IntN(8) == 0 {
			model = "provider=x" // no model at all
		}
		w.add([]string{at, "ai_request", "x1", model, fmt.Sprintf("cost=%d.%09d", rnd.IntN(9), rnd.IntN(1e9))})
		class := "bot_class=human"
		if rnd.IntN(3) == 0 {
			class = "bot_class=scraper"
		}
		w.add([]string{at, "page_view", "x1", "path=/", "visitor_id=v", class})
	}
	drawn := 0
	for name, w := range worlds {
		for _, about := range []Subject{Costs, Traffic} {
			for _, s := range []Span{w.span(Daily, "2026-11-20"), w.span(Weekly, "2026-11-20"), w.span(Monthly, "2026-11")} {
				r := w.of(about, s)
				if r.Chart == nil {
					continue
				}
				drawn++
				rows := timeRows(r)
				if len(rows) != len(r.Chart.Labels) || len(rows) == 0 {
					t.Fatalf("%s: %s of %s: %d bars, %d rows", name, r.Name, s.Key, len(r.Chart.Labels), len(rows))
				}
				everybody := int64(0)
				for i, row := range rows {
					want, got := int64(0), r.Chart.Total(i)
					switch v := row[1].(type) {
					case event.NanoUSD:
						want = int64(v)
					case int64: // of people; bots are over them
						want, got = v, r.Chart.Series[0].Values[i]
					}
					everybody += r.Chart.Total(i)
					if got != want {
						t.Errorf("%s: %s of %s, %s: the chart says %d, the table %d", name, r.Name, s.Key,
							r.Chart.Labels[i], got, want)
					}
				}
				if about == Traffic && everybody != classes(r) {
					t.Errorf("%s: %s of %s: %d page views in the chart, %d in the table of people and bots", name, r.Name,
						s.Key, everybody, classes(r))
				}
				if n := len(r.Chart.Series); n > 7 || about == Costs && name == "made up" && n != 6 && n != 7 {
					t.Errorf("%s: %d colours", name, n)
				}
				if _, err := r.Chart.PNG(); err != nil {
					t.Error(err)
				}
			}
		}
	}
	if drawn < 12 {
		t.Errorf("%d charts", drawn)
	}
}

// timeRows are the rows of the table hour by hour or day by day.
func timeRows(r *Report) [][]any {
	for _, title := range []string{"Day by day", "Hour by hour"} {
		if s := r.section(title); s != nil {
			return s.Rows
		}
	}
	return nil
}

// classes are all page views of the table of people and bots.
func classes(r *Report) (n int64) {
	if s := r.section("Bots and people"); s != nil {
		for _, row := range s.Rows {
			n += row[1].(int64)
		}
	}
	return n
}

func TestAReportOfNothingHasNoChart(t *testing.T) {
	w := newWorld(t, berlin, "2026-11-21T08:00")
	for _, name := range []string{CostsName, TrafficName} {
		if r := w.report(name, ""); r.Chart != nil || len(images(w.press.picture(r))) != 0 {
			t.Errorf("%s has a chart of nothing", name)
		}
	}
	// One request without a price: nothing was spent, as far as is known.
	w.add(strings.Fields("2026-11-20T10:00:00 ai_request x1 model=m cost_source=unpriced"))
	if r := w.report(CostsName, ""); r.Chart != nil || r.Empty {
		t.Error("a chart of no known cost")
	}
	w.add(strings.Fields("2026-11-20T11:00:00 ai_request x1 model=m cost=0.25"))
	r := w.report(CostsName, "")
	if r.Chart == nil || r.Chart.Alt() != "Spend per day, by model: Fri 20 $0.25." {
		t.Errorf("the first day: %+v", r.Chart)
	}
}

func TestManyModelsAreFiveAndOthers(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-21T08:00")
	w.add(strings.Fields("2026-11-20T10:00:00 ai_request x300 model=m{n} cost=0.5"))
	r := w.report(CostsName, "2026-11-20")
	if n := len(r.Chart.Series); n != 6 || r.Chart.Series[5].Name != "others" || r.Chart.Series[5].Values[0] != 295*5e8 {
		t.Errorf("%+v", r.Chart.Series)
	}
	w = newWorldWith(t, "UTC", "2026-11-21T08:00", query.Config{MaxGroups: 50})
	w.add(strings.Fields("2026-11-20T10:00:00 ai_request x60 model=m{n} cost=0.5"))
	if c := w.report(CostsName, "2026-11-20").Chart; len(c.Series) != 6 || c.Total(0) != 30e9 {
		t.Errorf("more models than can be counted: %+v", c)
	}
}
