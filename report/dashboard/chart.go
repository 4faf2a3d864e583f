package dashboard

import (
	"time"

	"analytics/query"
	"analytics/report"
)

// The size of a chart's coordinates. The picture is stretched to the width of the page; texts stand
// beside it as HTML, so they are not.
const (
	slot   = 10  // of one bar with its gap
	bar    = 7   // of the bar
	height = 100 // of the largest
)

// chart is bars over time. The same figures are in Rows, for who does not see the picture.
type chart struct {
	Title      string
	Label      string // what it shows in one sentence
	Most       string // the largest figure
	Legend     string // what the second colour is
	First, Mid string // moments below the picture
	Last       string
	Width      int
	Bars       []barOf
	Labels     []string
	Rows       []row
	Nothing    bool
}

// barOf is one bar, in the coordinates of the picture. Part is the lower part of it that is bad
// news.
type barOf struct {
	X, Y, H       int
	PartY, PartH  int
	Text          string
	Width, Height int
}

// point is one figure of a chart before it is drawn.
type point struct {
	at           string
	value, part  int64
	shown, extra string
}

// draw lays out the bars. What is not nothing can be seen: it is one unit high at least.
func draw(points []point) (bars []barOf, most int64) {
	for _, p := range points {
		most = max(most, p.value)
	}
	scale := func(v int64) int {
		if v <= 0 || most == 0 {
			return 0
		}
		return max(1, int(float64(v)/float64(most)*height))
	}
	for i, p := range points {
		h, part := scale(p.value), 0
		if p.part > 0 {
			part = max(2, scale(min(p.part, p.value)))
		}
		bars = append(bars, barOf{
			X: i*slot + (slot-bar)/2, Y: height - h, H: h, Width: bar, Height: height,
			PartY: height - part, PartH: part, Text: p.at + ": " + p.shown + p.extra,
		})
	}
	return bars, most
}

func (c *chart) fill(points []point) {
	var most int64
	c.Bars, most = draw(points)
	c.Width, c.Nothing = slot*len(points), most == 0
	for _, p := range points {
		if p.value == most {
			c.Most = p.shown
		}
		c.Rows = append(c.Rows, row{Name: p.at, Cells: []string{p.shown + p.extra}})
	}
	if n := len(points); n > 0 {
		c.First, c.Mid, c.Last = points[0].at, points[n/2].at, points[n-1].at
	}
}

func spendChart(a *query.Answer) chart {
	c := chart{
		Title: "Spend, last 14 days", Label: "Bars of the spend of each of the last 14 days",
		Labels: []string{"Day", "Cost and requests"},
	}
	var points []point
	for _, cells := range a.Rows {
		cost, n := cells[a.Column("cost")], count(cells[a.Column("requests")])
		points = append(points, point{
			at: moment(cells[0], "2 Jan"), value: int64(money(cost)), shown: report.Show(cost),
			extra: ", " + plural(n, "request"),
		})
	}
	c.fill(points)
	return c
}

func requestChart(a *query.Answer) chart {
	c := chart{
		Title: "AI requests, last 24 hours", Label: "Bars of the AI requests of each of the last 24 hours",
		Labels: []string{"Hour", "Requests"},
	}
	var points []point
	for _, cells := range a.Rows {
		n, failed := count(cells[a.Column("requests")]), count(cells[a.Column("errors")])
		p := point{at: moment(cells[0], "15:04"), value: n, part: failed, shown: plural(n, "request")}
		if failed > 0 {
			c.Legend = "red: failed"
			p.extra = ", " + report.Show(failed) + " failed"
		}
		points = append(points, p)
	}
	c.fill(points)
	return c
}

func moment(cell any, layout string) string {
	t, _ := cell.(time.Time)
	return t.Format(layout)
}
