package dashboard

import (
	"context"
	"fmt"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/query"
	"analytics/query/when"
	"analytics/report"
)

const (
	days  = 14 // of the chart of spend
	hours = 24 // of the chart of requests
	top   = 8  // rows of a table
)

// view is what the page shows.
type view struct {
	Date, Zone, AsOf string
	Style            string
	Base             string // where this server is, for the example
	Empty            bool   // no event in the days of the chart
	Alerts           []Alert
	Trouble          string // of the outbox
	Tiles            []tile
	Spend, Requests  chart
	Models, Pages    table
}

// tile is one figure.
type tile struct {
	Label, Value, Note string
	Bad                bool
}

// table is a small table: a name and figures.
type table struct {
	Title  string
	Labels []string
	Rows   []row
}

type row struct {
	Name  string
	Cells []string
	Share int // of the largest, in percent, for the bar behind the name
}

// look asks the questions of the page.
func (d *Dashboard) look(ctx context.Context, t store.Tenant) (*view, error) {
	now, zone := d.desk.Now().In(d.desk.Zone()), d.desk.Zone()
	y, m, day := now.Date()
	today := when.DayStart(y, m, day, zone)
	since := when.DayStart(y, m, day-days+1, zone)
	week := when.DayStart(y, m, day-6, zone)
	lastHours := when.Start(now.Add(-(hours-1)*time.Hour), when.Hour, zone)
	var err error
	ask := func(from time.Time, q query.Question) *query.Answer {
		if err != nil {
			return nil
		}
		q.From, q.To, q.TZ = from, now, zone.String()
		var a *query.Answer
		a, err = d.desk.Answer(ctx, t, q)
		return a
	}
	ai := ask(today, query.Question{Compare: "previous", Metrics: []string{
		"cost", "requests", "errors", "error_rate", "total_tokens", "unpriced_requests"}})
	web := ask(today, query.Question{Compare: "previous", Metrics: []string{"page_views", "visitors"}})
	spend := ask(since, query.Question{Interval: "day", Metrics: []string{"cost", "requests"}})
	asked := ask(lastHours, query.Question{Interval: "hour", Metrics: []string{"requests", "errors"}})
	models := ask(week, query.Question{By: []string{"model"}, Order: "-cost", Limit: top,
		Metrics: []string{"cost", "requests", "errors", "unpriced_requests"}})
	pages := ask(week, query.Question{By: []string{"path"}, Order: "-page_views", Limit: top,
		Metrics: []string{"page_views", "visitors"}})
	events := ask(since, query.Question{Metrics: []string{"events"}, IncludeBots: true})
	if err != nil {
		return nil, fmt.Errorf("overview page: %w", err)
	}
	return &view{
		Date: today.Format("Monday 2 January 2006"), Zone: zone.String(),
		AsOf: now.Format("15:04:05"), Style: stylePath, Empty: count(events.Totals["events"]) == 0,
		Tiles:    tiles(ai, web),
		Spend:    spendChart(spend),
		Requests: requestChart(asked),
		Models:   modelTable(models),
		Pages:    pageTable(pages),
	}, nil
}

func count(cell any) int64 {
	n, _ := cell.(int64)
	return n
}

func money(cell any) event.NanoUSD {
	n, _ := cell.(event.NanoUSD)
	return n
}

// tiles are the figures of today, each against yesterday until the same time of day.
func tiles(ai, web *query.Answer) []tile {
	of := func(a *query.Answer, label, metric string) tile {
		t := tile{Label: label, Value: report.Show(a.Totals[metric]), Note: "yesterday by now: none"}
		now, was := a.Totals[metric], a.Totals[metric+"_previous"]
		if change, ok := a.Totals[metric+"_change"].(float64); ok {
			t.Note = report.Show(report.Change(change)) + " on yesterday by now"
			if change == 0 {
				t.Note = "as yesterday by now"
			}
		} else if count(was)+count(now) == 0 && money(was)+money(now) == 0 {
			t.Note = "none yesterday either"
		}
		return t
	}
	spent := of(ai, "Spent today", "cost")
	if n := count(ai.Totals["unpriced_requests"]); n > 0 {
		spent.Note += fmt.Sprintf("; %s without a price", plural(n, "request"))
	}
	failed := of(ai, "Failed requests", "errors")
	if rate, ok := ai.Totals["error_rate"].(float64); ok {
		failed.Note = report.Show(report.Share(rate)) + " of requests"
		failed.Bad = rate >= 0.05
	}
	return []tile{
		spent, of(ai, "AI requests", "requests"), failed, of(ai, "Tokens", "total_tokens"),
		of(web, "Page views", "page_views"), of(web, "Visitors", "visitors"),
	}
}

func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return report.Show(n) + " " + one + "s"
}

func modelTable(a *query.Answer) table {
	t := table{Title: "Models, last 7 days", Labels: []string{"Model", "Cost", "Requests", "Failed"}}
	most := event.NanoUSD(0)
	for _, cells := range a.Rows {
		most = max(most, money(cells[a.Column("cost")]))
	}
	for _, cells := range a.Rows {
		cost, n := cells[a.Column("cost")], count(cells[a.Column("requests")])
		r := row{Name: name(cells[a.Column("model")]), Cells: []string{report.Show(cost),
			report.Show(n), report.Show(cells[a.Column("errors")])}}
		if count(cells[a.Column("unpriced_requests")]) == n {
			r.Cells[0] = "no price"
		}
		if most > 0 {
			r.Share = int(money(cost) * 100 / most)
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

func pageTable(a *query.Answer) table {
	t := table{Title: "Pages, last 7 days", Labels: []string{"Page", "Views", "Visitors"}}
	most := int64(0)
	for _, cells := range a.Rows {
		most = max(most, count(cells[a.Column("page_views")]))
	}
	for _, cells := range a.Rows {
		n := count(cells[a.Column("page_views")])
		t.Rows = append(t.Rows, row{Name: name(cells[a.Column("path")]), Share: int(n * 100 / max(most, 1)),
			Cells: []string{report.Show(n), report.Show(cells[a.Column("visitors")])}})
	}
	return t
}

func name(cell any) string {
	if s, ok := cell.(string); ok {
		return s
	}
	return "(none)"
}
