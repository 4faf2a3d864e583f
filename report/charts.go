package report

import (
	"cmp"
	"slices"
	"time"

	"analytics/engine/event"
	"analytics/query"
	"analytics/report/chart"
	"analytics/report/outbox"
)

// The picture of a report is drawn of the answers behind its tables: what is left of a total is
// subtracted from it, so that the bars add up to what the table says, to the last digit.

// chartModels is how many models have a colour of their own before the rest is one.
const chartModels = 5

// costChart is the spend of each day of the table "Day by day", split by model. models is that spend by
// model; without it the bars are whole.
func costChart(span Span, days, models *query.Answer) *chart.Chart {
	rows := sinceFirst(days)
	c := &chart.Chart{Title: "Spend per day", Show: func(v int64) string { return Money(event.NanoUSD(v)) }}
	rest := chart.Series{Name: "all models", Rest: true}
	place := map[int64]int{}
	for i, l := range rows {
		c.Labels = append(c.Labels, dayLabel(span, l.time()))
		rest.Values = append(rest.Values, int64(l.money("cost")))
		place[l.time().UnixNano()] = i
	}
	by := map[string]*chart.Series{}
	for _, l := range lines(models) {
		name := l.name("model")
		if by[name] == nil {
			by[name] = &chart.Series{Name: outbox.Clean(name), Values: make([]int64, len(rows))}
		}
		if i, ok := place[l.time().UnixNano()]; ok {
			by[name].Values[i] += int64(l.money("cost"))
			rest.Values[i] -= int64(l.money("cost"))
		}
	}
	if len(by) == 0 {
		rest.Rest = false
	} else {
		c.Title += ", by model"
		rest.Name = "others"
	}
	for _, s := range by {
		c.Series = append(c.Series, *s)
	}
	slices.SortFunc(c.Series, func(a, b chart.Series) int {
		return cmp.Or(cmp.Compare(sum(b.Values), sum(a.Values)), cmp.Compare(a.Name, b.Name))
	})
	c.Series = append(c.Series, rest)
	if c.Empty() {
		return nil
	}
	return c
}

func sum(values []int64) (n int64) {
	for _, v := range values {
		n += v
	}
	return n
}

// dayLabel is a day along the bottom of a chart.
func dayLabel(span Span, at time.Time) string {
	if span.Unit == Monthly {
		return at.Format("2 Jan")
	}
	return at.Format("Mon 2")
}

// trafficChart is the page views of each hour of a day, or each day of a longer span: people as in the
// table, and bots, which are what is left of everybody's.
func trafficChart(span Span, people, everybody *query.Answer) *chart.Chart {
	c := &chart.Chart{Title: "Page views per hour, of people and bots", Show: grouped}
	if span.Unit != Daily {
		c.Title = "Page views per day, of people and bots"
	}
	views := chart.Series{Name: "people"}
	bots := chart.Series{Name: "bots", Rest: true}
	all := map[int64]int64{}
	for _, l := range lines(everybody) {
		all[l.time().UnixNano()] = l.count("page_views")
	}
	for _, l := range lines(people) {
		label := l.time().Format("15:04")
		if span.Unit != Daily {
			label = dayLabel(span, l.time())
		}
		n := l.count("page_views")
		c.Labels = append(c.Labels, label)
		views.Values = append(views.Values, n)
		bots.Values = append(bots.Values, max(0, all[l.time().UnixNano()]-n))
	}
	c.Series = []chart.Series{views, bots}
	if c.Empty() {
		return nil
	}
	return c
}
