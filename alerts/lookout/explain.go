package lookout

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"analytics/query"
	"analytics/query/filter"
)

const (
	// mostExplained bounds the questions of one check: what is found beside is told without them.
	mostExplained = 5
	// mostMoved is how many parts are named.
	mostMoved = 5
	// mostSaid is how many are in the message, which is a line.
	mostSaid = 3
	// perDimension is how many of one dimension.
	perDimension = 2
	// worthSaying is the least share of a change that is named.
	worthSaying = 0.2
	// enoughEvents is how many events a part needs for its rate or latency to mean something.
	enoughEvents = 10
)

// explaining are the dimensions in which a change is explained, of requests and of the web.
var (
	explaining = []string{"model", "agent", "api_key_id", "project", "user_id", "error_type"}
	ofTheWeb   = []string{"site", "channel", "source", "path", "country"}
)

// explanation is what was found out about a subject, kept while it goes on: the same is not asked
// every five minutes.
type explanation struct {
	period string
	moved  []Moved
}

// explain says what moved, and writes the messages.
func (l *Lookout) explain(ctx context.Context, found []Finding, now time.Time) error {
	known := l.explained
	l.explained = map[string]explanation{}
	asked := 0
	for i := range found {
		f := &found[i]
		e, ok := known[f.Subject]
		if !ok || e.period != f.Period {
			e = explanation{period: f.Period}
			if !f.Hour.IsZero() && asked < mostExplained {
				asked++
				var err error
				if e.moved, err = l.moved(ctx, f, now); err != nil {
					return err
				}
			}
		}
		l.explained[f.Subject], f.Moved = e, e.moved
		f.tell(l.desk.Zone())
	}
	return nil
}

// moved are the parts whose numbers moved most between the hour and the same hour a week before, or
// a day before where there was nothing then.
func (l *Lookout) moved(ctx context.Context, f *Finding, now time.Time) ([]Moved, error) {
	to := f.Hour.Add(time.Hour)
	if to.After(now) {
		to = now
	}
	dims := explaining
	if f.panel.measures[0].name == views.name {
		dims = ofTheWeb
	}
	back := 7
	if f.verdict.Hours < 8*24 {
		back = 1
	}
	var all []Moved
	for _, d := range dims {
		if d == f.Dimension || d == "error_type" && f.Metric != "errors" && f.Metric != "error_rate" {
			continue
		}
		is, err := l.parts(ctx, f, d, f.Hour, to)
		if err != nil {
			return nil, err
		}
		was, err := l.parts(ctx, f, d, f.Hour.AddDate(0, 0, -back), to.AddDate(0, 0, -back))
		if err != nil {
			return nil, err
		}
		all = append(all, f.largest(d, is, was)...)
	}
	slices.SortStableFunc(all, func(a, b Moved) int { return cmp.Compare(b.change(), a.change()) })
	return all[:min(len(all), mostMoved)], nil
}

func (m *Moved) change() float64 { return math.Abs(m.Is - m.Was) }

// counted is the metric of a part and how many events it has.
type counted struct{ value, events float64 }

// parts are the values of a dimension. A rate is of failures here, which add up.
func (l *Lookout) parts(
	ctx context.Context, f *Finding, by string, from, to time.Time,
) (map[string]counted, error) {
	metric, events := f.Metric, requests.name
	if metric == errorRate.name {
		metric = failures.name
	}
	if f.panel.measures[0].name == views.name {
		events = views.name
	}
	q := query.Question{
		Metrics: []string{metric, events}, By: []string{by}, Order: "-" + metric, Limit: 100, From: from, To: to,
	}
	if f.Dimension != "" {
		q.Filter = filter.Conditions{}.And(f.Dimension, filter.Equal, f.Value).String()
	}
	a, err := l.ask(ctx, q)
	if err != nil {
		return nil, err
	}
	parts := make(map[string]counted, len(a.Rows))
	for _, cells := range a.Rows {
		r := row{a, cells}
		name, _ := r.cell(by).(string)
		if name != "" && name != others {
			parts[name] = counted{r.number(metric), r.number(events)}
		}
	}
	return parts, nil
}

// largest are the parts of one dimension that moved most, in the direction of the whole. One that is
// all there is explains nothing.
func (f *Finding) largest(by string, is, was map[string]counted) []Moved {
	names := map[string]bool{}
	for n := range is {
		names[n] = true
	}
	for n := range was {
		names[n] = true
	}
	if len(names) < 2 && by != "error_type" { // there, the others are those without an error
		return nil
	}
	whole := f.size()
	if f.Metric == errorRate.name {
		whole *= float64(f.Events)
	}
	var all []Moved
	for n := range names {
		m := Moved{Name: by, Value: n, Is: is[n].value, Was: was[n].value}
		if (m.Is > m.Was) != f.Up || m.Is == m.Was {
			continue
		}
		switch {
		case f.Unit == latency.unit:
			if min(is[n].events, was[n].events) < enoughEvents || m.change() < whole*worthSaying {
				continue
			}
		case m.change() < whole*worthSaying:
			continue
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Moved) int {
		return cmp.Or(cmp.Compare(b.change(), a.change()), strings.Compare(a.Value, b.Value))
	})
	return all[:min(len(all), perDimension)]
}

// tell writes the title and the message.
func (f *Finding) tell(zone *time.Location) {
	way := "far below usual"
	if f.Up {
		way = "far above usual"
	}
	f.Title = upper(f.of()) + " is " + way
	switch f.Kind {
	case "threshold":
		f.Title = upper(f.of()) + " passed its threshold"
		f.Message = upper(f.reason) + ", over the last hour."
		return
	case "drift":
		f.Title = upper(f.of()) + " drifts"
		f.Message = fmt.Sprintf("%s: %s in seven days, where the weeks before usually had %s: %s as much, day by day.",
			upper(f.of()), show(f.Is, f.Unit), show(f.Expected, f.Unit), factor(f.verdict.Factor))
		return
	}
	v := &f.verdict
	text := fmt.Sprintf("%s: %s in the hour from %s, where %s is usual (%s to %s, by %s)", upper(f.of()),
		show(f.Is, f.Unit), f.Hour.In(zone).Format("Mon 15:04"), show(f.Expected, f.Unit), show(v.Low, f.Unit),
		show(v.High, f.Unit), v.Basis)
	if f.Expected > 0 {
		text += ", " + factor(v.Factor) + " as much"
	}
	if f.Metric == cost.name && f.requests > 0 && f.Expected > 0 {
		text += fmt.Sprintf(": %s as many requests, each %s as dear", factor(f.requests), factor(v.Factor/f.requests))
	}
	text += "."
	if len(f.Moved) > 0 {
		text += " What moved: " + f.movedText() + "."
	}
	if !v.Warm() {
		text += fmt.Sprintf(" There are only %d days of data to compare with.", v.Hours/24)
	}
	f.Message = text
}

func (f *Finding) movedText() string {
	unit := f.Unit
	if f.Metric == errorRate.name {
		unit = ""
	}
	words := make([]string, 0, len(f.Moved))
	for i := range f.Moved[:min(len(f.Moved), mostSaid)] {
		m := &f.Moved[i]
		text := fmt.Sprintf("%s %.80s %s → %s", wordsOf(m.Name), m.Value, show(m.Was, unit), show(m.Is, unit))
		if f.Metric == errorRate.name {
			text += " errors"
		}
		words = append(words, text)
	}
	return strings.Join(words, ", ")
}

func wordsOf(dimension string) string {
	switch dimension {
	case "user_id":
		return "user"
	case "error_type":
		return "error"
	}
	return words(dimension)
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func factor(v float64) string {
	switch {
	case v == 0:
		return "0 times"
	case v < 10:
		return fmt.Sprintf("%.2g times", v)
	}
	return fmt.Sprintf("%.0f times", v)
}

// show is a number for people, rounded to what one reads.
func show(v float64, unit string) string {
	switch unit {
	case "USD":
		if v != 0 && math.Abs(v) < 1 {
			return fmt.Sprintf("$%.3g", v)
		}
		return fmt.Sprintf("$%.2f", v)
	case "ratio":
		return fmt.Sprintf("%.3g %%", v*100)
	case "ms":
		return fmt.Sprintf("%.0f ms", v)
	}
	if v < 100 {
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprintf("%.0f", v)
}
