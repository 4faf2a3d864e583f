package report

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"analytics/engine/fault"
	"analytics/query"
)

// TrafficName is the name of the daily traffic report: of its job, its files and its messages.
const TrafficName = "daily_traffic_report"

// trafficName is the name of the traffic report of a unit.
func trafficName(u Unit) string {
	return map[Unit]string{
		Daily: TrafficName, Weekly: "weekly_traffic_report", Monthly: "monthly_traffic_report"}[u]
}

// spans are the windows that end with the day, the longest first.
var spans = []struct {
	label string
	hours int
	days  int // local days, where hours is 0
}{
	{"12 hours", 12, 0}, {"24 hours", 24, 0}, {"3 days", 0, 3}, {"7 days", 0, 7},
}

// trafficAnswers are what the traffic report is made of.
type trafficAnswers struct {
	span        Span
	day         *query.Answer   // people, compared with the span before
	moved       []*query.Answer // page views by what moves them, compared
	classes     *query.Answer   // everybody, by class of bot
	spans       []*query.Answer
	spanBots    []*query.Answer // of the same windows, with bots
	engagement  *query.Answer
	pages       *query.Answer // views by path
	read        *query.Answer // engagement by path
	patterns    patternAnswers
	countries   []*query.Answer // by country: the span; of a day also 3 days, 7 days
	channels    *query.Answer
	sources     *query.Answer
	referrers   *query.Answer
	devices     *query.Answer
	browsers    *query.Answer
	systems     *query.Answer
	hours       *query.Answer // by hour of a day, else by day
	hoursAll    *query.Answer // the same, with bots
	transitions *query.Answer
}

// patternAnswers count engagement reports by how far and how long was read.
type patternAnswers struct {
	all, engaged, reader, scanner, scannerAndReader, bounce *query.Answer
}

// trafficQuestions asks all of it.
func trafficQuestions(ask askFunc, verb verbFunc, day Span, now time.Time) (a trafficAnswers, err error) {
	to := day.until(now)
	one := func(q query.Question) *query.Answer {
		if err != nil {
			return nil
		}
		q.To, q.TZ = to, day.Zone.String()
		if q.From.IsZero() {
			q.From = day.From
		}
		got, failed := ask(q)
		if failed != nil && !cannot(failed) {
			err = fmt.Errorf("%s of %s: %w", trafficName(day.Unit), day.Key, failed)
		}
		return got
	}
	a.span = day
	a.day = visits(one, query.Question{Compare: "previous"}, "pages_per_session", "bounce_rate", "avg_session_seconds")
	a.moved = viewQuestions(one)
	a.classes = visits(one, query.Question{By: []string{"bot_class"}, IncludeBots: true})
	if day.Unit == Daily {
		a.spans, a.spanBots = spanQuestions(one, day, to)
	}
	engagement := []string{"engagements", "avg_time_on_page_seconds", "avg_scroll_depth", "clicks"}
	a.engagement = one(query.Question{Compare: "previous",
		Metrics: append(engagement[:4:4], "tracked_sessions")})
	top := func(by, metric string, limit int, metrics ...string) *query.Answer {
		return one(query.Question{By: []string{by}, Metrics: metrics, Order: "-" + metric, Limit: limit})
	}
	a.pages = top("path", "page_views", 500, "page_views", "visitors")
	a.read = top("path", "engagements", 500, engagement...)
	a.patterns = patternQuestions(one)
	starts := []time.Time{day.From}
	if day.Unit == Daily {
		starts = append(starts, day.ago(2), day.ago(6))
	}
	for _, from := range starts {
		a.countries = append(a.countries, one(query.Question{From: from, Limit: 500,
			By: []string{"country"}, Metrics: []string{"page_views", "visitors"}, Order: "-page_views"}))
	}
	a.channels = top("channel", "page_views", topRows, "page_views", "visitors")
	a.sources = top("source", "page_views", topRows, "page_views", "visitors")
	a.referrers = top("referrer_host", "page_views", topRows, "page_views", "visitors")
	a.devices = top("device", "page_views", topRows, "page_views", "visitors")
	a.browsers = top("browser", "page_views", topRows, "page_views", "visitors")
	a.systems = top("os", "page_views", topRows, "page_views", "visitors")
	interval := "hour"
	if day.Unit != Daily {
		interval = "day"
	}
	a.hours = one(query.Question{Interval: interval, Metrics: []string{"page_views", "visitors"}})
	a.hoursAll = one(query.Question{Interval: interval, Metrics: []string{"page_views"}, IncludeBots: true})
	if err != nil {
		return a, err
	}
	a.transitions, err = verb("traffic", "transitions", url.Values{"since": {day.From.Format(time.RFC3339)},
		"until": {to.Format(time.RFC3339)}, "tz": {day.Zone.String()}, "limit": {strconv.Itoa(topRows)}})
	if err != nil && cannot(err) {
		err = nil
	}
	return a, err
}

// visits asks for page views and visitors, and for sessions of browsers beside them: programs that use the
// API have sessions, too, and visit nothing. A page view does not say what its session was.
func visits(one func(query.Question) *query.Answer, q query.Question, more ...string) *query.Answer {
	q.Metrics = []string{"page_views", "visitors"}
	if len(q.By) > 0 {
		q.Order = "-page_views"
	}
	views := one(q)
	q.Metrics, q.Order, q.Filter = append([]string{"sessions"}, more...), "", "client==web"
	return beside(views, one(q))
}

// beside is an answer with the metrics of another that was asked by the same dimension, or by none.
func beside(a, b *query.Answer) *query.Answer {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	out := *a
	out.Totals = maps.Clone(a.Totals)
	maps.Copy(out.Totals, b.Totals)
	of := len(a.Columns) - metrics(a)
	out.Columns = append(slices.Clip(a.Columns), b.Columns[of:]...)
	out.Rows = nil
	for _, row := range a.Rows {
		more := make([]any, len(b.Columns)-of)
		for _, other := range b.Rows {
			if slices.Equal(row[:of], other[:of]) {
				more = other[of:]
			}
		}
		out.Rows = append(out.Rows, append(slices.Clip(row), more...))
	}
	return &out
}

// metrics is how many columns of an answer are metrics, which come last.
func metrics(a *query.Answer) (n int) {
	for _, c := range a.Columns {
		if c.Kind == "metric" {
			n++
		}
	}
	return n
}

// spanQuestions asks for the windows that end with the day, of people and of everybody.
func spanQuestions(
	one func(query.Question) *query.Answer, day Span, to time.Time,
) (people, all []*query.Answer) {
	for _, s := range spans {
		from := day.ago(s.days - 1)
		if s.hours > 0 {
			from = to.Add(-time.Duration(s.hours) * time.Hour)
		}
		people = append(people, visits(one, query.Question{From: from}))
		all = append(all, one(query.Question{From: from, Metrics: []string{"page_views"}, IncludeBots: true}))
	}
	return people, all
}

// cannot reports whether a question cannot be answered from what is recorded. Its section is left
// out then; any other error is one.
func cannot(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return false
	}
	switch f.Code {
	case "unknown_metric", "unknown_dimension", "invalid_combination", "invalid_filter":
		return true
	}
	return tooMany(err)
}

// patternQuestions asks for the pieces of the five reading patterns. A report of a page that was
// scrolled over 50 % and looked at for between 15 and 20 seconds fits two of them, and is the
// reader's.
func patternQuestions(one func(query.Question) *query.Answer) patternAnswers {
	count := func(filter string) *query.Answer {
		return one(query.Question{Metrics: []string{"engagements"}, Filter: filter})
	}
	return patternAnswers{
		all:              count(""),
		engaged:          count("scroll_depth>75;time_on_page_ms>30000"),
		reader:           count("scroll_depth>50;time_on_page_ms>15000"),
		scanner:          count("scroll_depth>30;time_on_page_ms<20000"),
		scannerAndReader: count("scroll_depth>50;time_on_page_ms>15000;time_on_page_ms<20000"),
		bounce:           count("scroll_depth<25;time_on_page_ms<10000"),
	}
}
