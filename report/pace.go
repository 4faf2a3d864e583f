package report

import (
	"fmt"

	"analytics/engine/event"
	"analytics/query"
)

// pace is what a day costs of late.
type pace struct {
	before event.NanoUSD // mean of the days before, of up to seven
	days   int           // how many those are: days before the first event are no cheap days
	recent event.NanoUSD // mean of the day and the days before it, of up to seven together

	dearest string // of the days before, the one that cost as much as all others together, if there is one
	most    event.NanoUSD
}

// paceOf reads the answer by day: the seven days before, and then the day. Of a week or a month it is what
// the last days cost; there is no day to hold against it.
func paceOf(a costAnswers) pace {
	rows := sinceFirst(a.week)
	var p pace
	if len(rows) == 0 {
		return p
	}
	if a.span.Unit != Daily {
		p.recent = mean(rows[max(0, len(rows)-7):])
		return p
	}
	before := rows[:len(rows)-1]
	p.days = len(before)
	p.before = mean(before)
	p.recent = mean(rows[max(0, len(rows)-7):])
	sum := event.NanoUSD(0)
	for _, l := range before {
		sum += l.money("cost")
	}
	for _, l := range before {
		if cost := l.money("cost"); len(before) > 2 && 2*cost >= sum && cost > 0 {
			p.dearest, p.most = l.time().Format("Monday"), cost
		}
	}
	return p
}

// sinceFirst are the days of an answer from the first with a request on.
func sinceFirst(a *query.Answer) []line {
	rows := lines(a)
	for len(rows) > 0 && rows[0].count("requests") == 0 {
		rows = rows[1:]
	}
	return rows
}

func mean(rows []line) event.NanoUSD {
	if len(rows) == 0 {
		return 0
	}
	sum := event.NanoUSD(0)
	for _, l := range rows {
		sum += l.money("cost")
	}
	n := event.NanoUSD(len(rows))
	return (sum + n/2) / n
}

// monthTable is the month to the end of the day, and what it comes to if the days that are left
// cost what the last seven did.
// A day that is not over has no pace yet.
func monthTable(day Span, a costAnswers, p pace, partial bool) Section {
	spent := asMoney(total(a.month, "cost"))
	if spent == 0 || day.Unit == Monthly {
		return Section{}
	}
	begin, _ := day.month()
	s := Section{Title: "The month", Card: 3, Columns: []Column{
		text("what", ""), number("cost", "Cost").carded(),
	}}
	s.Rows = append(s.Rows, []any{begin.Format("January 2006") + " so far", spent})
	if left := day.left(); left > 0 && !partial {
		s.Note = fmt.Sprintf("The projection is an estimate: what is spent, and %s at the mean of "+
			"the last days, at most seven.", plural(int64(left), "more day"))
		s.Rows = append(s.Rows, []any{"A day of late", p.recent},
			[]any{"By the end of the month, at that pace", projected(spent, p, left)})
	}
	return s
}

func projected(spent event.NanoUSD, p pace, left int) event.NanoUSD {
	return spent + p.recent*event.NanoUSD(left)
}

// costMood is bad when a day costs twice the days before it, or a week the week before it, notable from
// half as much again or when every tenth request fails.
func costMood(a costAnswers, p pace) Mood {
	cost := asMoney(total(a.day, "cost"))
	failed, _ := total(a.day, "error_rate").(float64)
	before := p.before
	if a.span.Unit != Daily {
		before = asMoney(total(a.day, "cost_previous"))
	}
	switch {
	case before > 0 && cost >= 2*before:
		return Bad
	case before > 0 && cost*2 >= 3*before, failed >= 0.1:
		return Notable
	}
	return Calm
}
