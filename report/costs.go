package report

import (
	"errors"
	"fmt"
	"time"

	"analytics/engine/budget"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/query"
)

// CostsName is the name of the daily cost report: of its job, its files and its messages.
const CostsName = "daily_cost_report"

// costsName is the name of the cost report of a unit.
func costsName(u Unit) string {
	return map[Unit]string{Daily: CostsName, Weekly: "weekly_cost_report", Monthly: "monthly_cost_report"}[u]
}

// costDimensions are what spend is counted by, with the word for one of them.
var costDimensions = []struct {
	name, title, one string
	card             int // rows on the card; providers would only repeat models there
}{
	{"model", "By model", "model", 5},
	{"provider", "By provider", "provider", 0},
	{"agent", "By agent", "agent", 5},
	{"project", "By project", "project", 5},
	{"user_id", "By user", "user", 5},
}

// costAnswers are what the cost report is made of.
type costAnswers struct {
	span     Span
	day      *query.Answer            // totals, compared with the span before
	week     *query.Answer            // by day: the seven days before and the day, or the days of the span
	models   *query.Answer            // by day and model, those that cost most in these days
	month    *query.Answer            // from its beginning to the end of the day
	by       map[string]*query.Answer // by dimension, compared with the span before
	failures *query.Answer            // failed requests by type of error
	unpriced *query.Answer            // requests without a price by model and provider
	left     []string                 // what is left out, and why

	budgets   []budget.Standing // as they are now
	incidents []Incident        // of the span
}

// costQuestions asks all of it.
func costQuestions(ask askFunc, day Span, now time.Time) (a costAnswers, err error) {
	to := day.until(now)
	one := func(q query.Question) *query.Answer {
		if err != nil {
			return nil
		}
		q.To, q.TZ = to, day.Zone.String()
		var got *query.Answer
		if got, err = ask(q); err != nil {
			err = fmt.Errorf("%s of %s: %w", costsName(day.Unit), day.Key, err)
		}
		return got
	}
	a.day = one(query.Question{From: day.From, Compare: "previous", Metrics: []string{
		"cost", "requests", "errors", "error_rate", "input_tokens", "output_tokens",
		"cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "cache_hit_rate",
		"unpriced_requests", "p95_duration_ms",
	}})
	a.span = day
	from := day.From
	if day.Unit == Daily {
		from = day.ago(7)
	}
	a.week = one(query.Question{From: from, Interval: "day", Metrics: []string{"cost", "requests"}})
	if a.models = modelsByDay(one, from); tooMany(err) {
		err = nil // the chart's bars are whole then
	}
	begin, _ := day.month()
	a.month = one(query.Question{From: begin, Metrics: []string{"cost"}})
	a.by = map[string]*query.Answer{}
	for _, d := range costDimensions {
		q := query.Question{
			From: day.From, By: []string{d.name}, Compare: "previous", Order: "-cost",
			Metrics: []string{"cost", "requests", "total_tokens", "errors", "unpriced_requests"},
		}
		a.by[d.name] = one(q)
		if tooMany(err) { // of users, most likely: the largest will do
			err, q.Limit = nil, mostGroups
			a.by[d.name] = one(q)
		}
		if tooMany(err) {
			err = nil
			a.left = append(a.left, fmt.Sprintf("%s is left out: there are too many of them.", d.title))
		}
	}
	a.failures = one(query.Question{From: day.From, By: []string{"error_type"}, Order: "-requests",
		Filter: "success==false", Metrics: []string{"requests"}, Limit: topRows})
	a.unpriced = one(query.Question{From: day.From, By: []string{"model", "provider"}, Limit: topRows,
		Order: "-requests", Filter: "cost_source==unpriced",
		Metrics: []string{"requests", "total_tokens"}})
	return a, err
}

// modelsByDay asks for the models that cost most, and what they cost each day.
func modelsByDay(one func(query.Question) *query.Answer, from time.Time) *query.Answer {
	q := query.Question{From: from, Interval: "day", By: []string{"model"}, Order: "-cost", Metrics: []string{"cost"},
		Limit: chartModels + 1}
	a := one(q)
	if a != nil && a.Meta.Groups > q.Limit {
		q.Limit = chartModels // the last colour is for the others
		a = one(q)
	}
	return a
}

// mostGroups is how many values of a dimension are asked for where there are too many for all.
const mostGroups = 1000

// tooMany reports whether a question was refused because it has too many groups.
func tooMany(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && f.Code == "too_many_groups"
}

// topRows is how many rows a table shows before the rest is one line.
const topRows = 10

// costReport writes the report. It is pure: the same answers give the same report.
func costReport(day Span, now time.Time, a costAnswers) Report {
	r := Report{
		Name: costsName(day.Unit), Title: day.title() + " cost report", Span: day, Written: now,
		Partial: now.Before(day.To),
	}
	cost, requests := asMoney(total(a.day, "cost")), asCount(total(a.day, "requests"))
	pace := paceOf(a)
	if requests == 0 && asCount(total(a.day, "requests_previous")) == 0 {
		r.Headline = []string{"No AI requests were recorded " + day.now() + ", nor " + day.in() + "."}
		r.Empty = true
	} else {
		r.Headline = costHeadline(a, pace, r.Partial)
		r.Mood = costMood(a, pace)
		r.add(moversTable(a))
		r.add(costSummary(day, a.day))
		r.Chart = costChart(day, a.week, a.models)
	}
	r.add(budgetTable(a.budgets))
	r.add(incidentTable(day, a.incidents))
	for _, d := range costDimensions {
		s := costBreakdown(day, d.name, d.title, d.one, a.by[d.name], cost)
		s.Card = d.card
		r.add(s)
	}
	r.add(failureTable(a.failures))
	r.add(unpricedTable(a.unpriced))
	r.add(monthTable(day, a, pace, r.Partial))
	r.add(weekTable(a.week))
	if n := asCount(total(a.day, "unpriced_requests")); n > 0 {
		r.say(fmt.Sprintf("%s had no price, so their cost is not in these figures. "+
			"Prices for them go into analytics.costs.custom_pricing.", plural(n, "request")))
	}
	for _, text := range a.left {
		r.say(text)
	}
	r.note(a.day, a.week, a.month, a.failures, a.unpriced)
	for _, d := range costDimensions {
		r.note(a.by[d.name])
	}
	return r
}

func costSummary(span Span, a *query.Answer) Section {
	s := Section{Title: "The " + string(span.Unit) + " in figures", Columns: []Column{
		text("what", ""), number(string(span.Unit), upper(string(span.Unit))).carded(), number("before", upper(span.before())),
		number("change", "Change"),
	}}
	row := func(label, metric string, read func(any) any) {
		now, was := total(a, metric), total(a, metric+"_previous")
		if now == nil && was == nil {
			return
		}
		now, was = read(now), read(was)
		s.Rows = append(s.Rows, []any{label, now, was, changeOf(now, was)})
	}
	same := func(v any) any { return v }
	row("Cost", "cost", same)
	row("Requests", "requests", same)
	row("Failed requests", "errors", same)
	row("Share failed", "error_rate", as[Share])
	row("Requests without a price", "unpriced_requests", same)
	row("Input tokens", "input_tokens", same)
	row("of these read from cache", "cache_read_tokens", same)
	row("of these written to cache", "cache_write_tokens", same)
	row("Cache hit rate", "cache_hit_rate", as[Share])
	row("Output tokens", "output_tokens", same)
	row("of these reasoning", "reasoning_tokens", same)
	row("95 % of requests took at most about", "p95_duration_ms", as[Millis])
	return s
}

// costBreakdown is the spend by one dimension: the largest, and the others together. A dimension
// nobody sends is left out.
func costBreakdown(span Span, name, title, one string, a *query.Answer, all event.NanoUSD) Section {
	s := Section{Title: title, Columns: []Column{
		text(name, upper(one)), number("cost", "Cost").carded(), number("share", "Share"),
		number("change", upper(span.on())).carded(), number("requests", "Requests"),
		number("tokens", "Tokens"), number("errors", "Failed"),
	}}
	rows := lines(a)
	if len(rows) == 0 || len(rows) == 1 && rows[0].cell(name) == nil {
		return Section{}
	}
	rest := spend{
		asMoney(total(a, "cost")), asMoney(total(a, "cost_previous")), asCount(total(a, "requests")),
		asCount(total(a, "total_tokens")), asCount(total(a, "errors")),
		asCount(total(a, "unpriced_requests")),
	}
	// One more than the top is shown rather than called "1 other".
	shown := rows
	if len(rows) > topRows+1 {
		shown = rows[:topRows]
	}
	for _, l := range shown {
		own := spend{
			l.money("cost"), l.money("cost_previous"), l.count("requests"), l.count("total_tokens"),
			l.count("errors"), l.count("unpriced_requests"),
		}
		s.Rows = append(s.Rows, own.row(l.name(name), all))
		rest = rest.less(own)
	}
	if others := groups(a) - len(shown); others > 0 {
		s.Rows = append(s.Rows, rest.row(plural(int64(others), "other "+one), all))
	}
	return s
}

// spend is a row of a breakdown.
type spend struct {
	cost, was                          event.NanoUSD
	requests, tokens, errors, unpriced int64
}

func (s spend) less(o spend) spend {
	return spend{s.cost - o.cost, s.was - o.was, s.requests - o.requests, s.tokens - o.tokens,
		s.errors - o.errors, s.unpriced - o.unpriced}
}

// row lays it out. Where no request had a price the cost is not known, which is not zero.
func (s spend) row(label string, all event.NanoUSD) []any {
	row := []any{label, nil, nil, nil, s.requests, s.tokens, s.errors}
	if s.unpriced == s.requests && s.requests > 0 {
		return row
	}
	row[1], row[3] = s.cost, MoneyChange(s.cost-s.was)
	if all != 0 {
		row[2] = Share(float64(s.cost) / float64(all))
	}
	return row
}

// groups is how many groups an answer found, more than it shows where a limit cut it.
func groups(a *query.Answer) int { return max(a.Meta.Groups, len(a.Rows)) }

func failureTable(a *query.Answer) Section {
	s := Section{Title: "Failures", Card: 5, Columns: []Column{
		text("error_type", "Error"), number("requests", "Requests").carded(),
	}}
	for _, l := range lines(a) {
		if n := l.count("requests"); n > 0 {
			s.Rows = append(s.Rows, []any{l.name("error_type"), n})
		}
	}
	return s
}

func unpricedTable(a *query.Answer) Section {
	s := Section{Title: "Models without a price", Card: 5, Columns: []Column{
		text("model", "Model"), text("provider", "Provider"),
		number("requests", "Requests").carded(), number("tokens", "Tokens"),
	}}
	for _, l := range lines(a) {
		if n := l.count("requests"); n > 0 {
			s.Rows = append(s.Rows,
				[]any{l.name("model"), l.name("provider"), n, l.count("total_tokens")})
		}
	}
	return s
}

func weekTable(a *query.Answer) Section {
	s := Section{Title: "Day by day", Bar: "requests", Columns: []Column{
		text("date", "Day"), number("cost", "Cost"), number("requests", "Requests"),
	}}
	for _, l := range sinceFirst(a) {
		s.Rows = append(s.Rows,
			[]any{l.time().Format("Mon 2006-01-02"), l.money("cost"), l.count("requests")})
	}
	return s
}
