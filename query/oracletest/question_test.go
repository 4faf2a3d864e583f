package oracletest

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// question is a random question.
type question struct {
	table       *table
	metrics     []metric
	by          []string
	conditions  []condition
	from, to    time.Time
	interval    string
	zone        *time.Location
	edges       []time.Time // starts of the buckets, and the end
	includeBots bool
	raw         bool
}

// condition is one of a filter, as the product writes it and in SQL.
type condition struct{ field, text, sql string }

// zones have half hours, summer time in both halves of the year, and none.
var zones = []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu",
	"Australia/Lord_Howe", "Pacific/Auckland", "America/St_Johns", "Asia/Tokyo"}

func newQuestion(r *rand.Rand) *question {
	q := &question{table: &tables[r.IntN(len(tables))], includeBots: r.IntN(3) == 0, raw: r.IntN(3) == 0}
	zone, err := time.LoadLocation(some(r, zones))
	if err != nil {
		panic(err)
	}
	q.zone = zone
	q.metrics = []metric{whole(q.table.count, "count(*)")}
	for range r.IntN(5) {
		m := some(r, q.table.metrics)
		if !slices.ContainsFunc(q.metrics, func(o metric) bool { return o.name == m.name }) {
			q.metrics = append(q.metrics, m)
		}
	}
	for range r.IntN(3) {
		if name := some(r, q.table.texts); !slices.Contains(q.by, name) {
			q.by = append(q.by, name)
		}
	}
	q.time(r)
	for range r.IntN(3) {
		q.conditions = append(q.conditions, q.condition(r))
	}
	return q
}

// time picks a range and an interval.
func (q *question) time(r *rand.Rand) {
	span := lastDay.Sub(firstDay)
	step := some(r, []time.Duration{time.Minute, time.Hour, 24 * time.Hour})
	at := func() time.Time {
		return firstDay.Add(time.Duration(r.Int64N(int64(span + 24*time.Hour)))).Truncate(step)
	}
	for !q.from.Before(q.to) {
		q.from, q.to = at(), at()
	}
	q.interval = some(r, []string{"", "", "hour", "day", "week", "month"})
	if q.interval == "hour" && q.to.Sub(q.from) > 100*time.Hour {
		q.to = q.from.Add(100 * time.Hour)
	}
	if q.interval == "" {
		return
	}
	for t := q.start(q.from); t.Before(q.to); t = q.next(t) {
		q.edges = append(q.edges, t)
	}
	q.edges = append(q.edges, q.to)
}

// start is the start of the bucket that a moment is in. Hours are those of the clock on the wall; one
// that comes twice is two.
func (q *question) start(t time.Time) time.Time {
	l := t.In(q.zone)
	y, m, d := l.Date()
	switch q.interval {
	case "hour":
		return l.Add(-time.Duration(l.Minute())*time.Minute - time.Duration(l.Second())*time.Second -
			time.Duration(l.Nanosecond()))
	case "week":
		d -= (int(l.Weekday()) + 6) % 7
	case "month":
		d = 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, q.zone)
}

func (q *question) next(t time.Time) time.Time {
	y, m, d := t.In(q.zone).Date()
	switch q.interval {
	case "hour":
		n := q.start(t.Add(time.Hour))
		for !n.After(t) { // Lord Howe puts its clocks back by half an hour
			n = q.start(t.Add(90 * time.Minute))
		}
		return n
	case "week":
		return time.Date(y, m, d+7, 0, 0, 0, 0, q.zone)
	case "month":
		return time.Date(y, m+1, 1, 0, 0, 0, 0, q.zone)
	}
	return time.Date(y, m, d+1, 0, 0, 0, 0, q.zone)
}

// condition makes one over any field and operator.
func (q *question) condition(r *rand.Rand) condition {
	switch n := r.IntN(10); {
	case n < 2 && len(q.table.numbers) > 0:
		name, op := some(r, q.table.numbers), some(r, []string{"<", "<=", ">", ">=", "==", "!="})
		v := strconv.Itoa(some(r, []int{0, 1, 20, 200, 429, 1000, 4000, 100_000}))
		sql := map[string]string{"==": "=", "!=": "IS DISTINCT FROM"}[op]
		if sql == "" {
			sql = op
		}
		return condition{name, name + op + v, fmt.Sprintf("(%s %s %s)", name, sql, v)}
	case n < 3 && len(q.table.truths) > 0:
		name, v := some(r, q.table.truths), some(r, []string{"true", "false"})
		return condition{name, name + "==" + v, "(" + name + " = " + v + ")"}
	}
	name := some(r, q.table.texts)
	have := "coalesce(" + name + "::VARCHAR, '')"
	value := func() string {
		return some(r, slices.Concat(odd, models, agents, tools, paths, []string{"openai", "human"}))
	}
	switch r.IntN(4) {
	case 0:
		v := value()
		return condition{name, name + "==" + quote(v), "(" + have + " = " + literal(v) + ")"}
	case 1:
		v := value()
		return condition{name, name + "!=" + quote(v), "(" + have + " <> " + literal(v) + ")"}
	case 2:
		glob := some(r, []string{"*", "a*", "*o*", "?pt-4o", "*;*", "/blog/*", "", "*-*-*", "*\"*"})
		return condition{name, name + "=~" + quote(glob), "(" + have + " GLOB " + literal(glob) + ")"}
	}
	v := []string{value(), value(), value()}
	quoted, literals := make([]string, len(v)), make([]string, len(v))
	for i := range v {
		quoted[i], literals[i] = quote(v[i]), literal(v[i])
	}
	return condition{name, name + " in " + strings.Join(quoted, ","),
		"(" + have + " IN (" + strings.Join(literals, ", ") + "))"}
}

// quote is a value as filters have it.
func quote(v string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
}

func (q *question) aboutBots() bool {
	bot := func(name string) bool { return strings.HasPrefix(name, "bot_") }
	return slices.ContainsFunc(q.by, bot) ||
		slices.ContainsFunc(q.conditions, func(c condition) bool { return bot(c.field) })
}

// values is the question as the product takes it.
func (q *question) values() url.Values {
	names := make([]string, len(q.metrics))
	for i, m := range q.metrics {
		names[i] = m.name
	}
	conditions := make([]string, len(q.conditions))
	for i, c := range q.conditions {
		conditions[i] = c.text
	}
	v := url.Values{"metrics": {strings.Join(names, ",")}, "from": {q.from.Format(time.RFC3339)},
		"until": {q.to.Format(time.RFC3339)}, "tz": {q.zone.String()}, "limit": {"10000"}}
	set := func(name, value string, when bool) {
		if when {
			v.Set(name, value)
		}
	}
	set("by", strings.Join(q.by, ","), len(q.by) > 0)
	set("filter", strings.Join(conditions, ";"), len(conditions) > 0)
	set("interval", q.interval, q.interval != "")
	set("include_bots", "true", q.includeBots)
	set("raw", "true", q.raw)
	return v
}
