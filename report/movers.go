package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"analytics/engine/event"
	"analytics/query"
)

// mover is one value of a dimension whose spend changed.
type mover struct {
	one       string // "model"
	name      string
	cost, was event.NanoUSD
	requests  int64
	earlier   int64 // requests of the span before
	span      Span
}

func (m mover) moved() event.NanoUSD { return m.cost - m.was }

func (m mover) size() event.NanoUSD { return max(m.moved(), -m.moved()) }

// explaining are the dimensions in which a change is explained. Providers would only repeat models.
var explaining = []struct{ name, one string }{
	{"model", "model"}, {"project", "project"}, {"agent", "agent"}, {"user_id", "user"},
}

const (
	// perDimension is how many movers of a dimension are shown.
	perDimension = 3
	// worthSaying is the least change that is one: a twentieth of the day, and a cent.
	worthSaying = 20
	cent        = event.NanoUSD(10_000_000)
)

// movers are the values whose spend changed most, by dimension, the largest first. A dimension with
// only one value explains nothing, and where there was nothing before, nothing changed.
func movers(a costAnswers) [][]mover {
	if asCount(total(a.day, "requests_previous")) == 0 {
		return nil
	}
	return shifts(a)
}

// shifts is movers, with all as one where there was nothing before.
func shifts(a costAnswers) [][]mover {
	largest := max(asMoney(total(a.day, "cost")), asMoney(total(a.day, "cost_previous")))
	least := max(cent, largest/worthSaying)
	var all [][]mover
	for _, d := range explaining {
		rows := lines(a.by[d.name])
		if len(rows) < 2 {
			continue
		}
		var own []mover
		for _, l := range rows {
			m := mover{
				one: d.one, name: l.name(d.name), cost: l.money("cost"), was: l.money("cost_previous"),
				requests: l.count("requests"), earlier: l.count("requests_previous"), span: a.span,
			}
			if l.cell(d.name) != nil && m.size() >= least {
				own = append(own, m)
			}
		}
		slices.SortStableFunc(own, func(a, b mover) int { return cmp.Compare(b.size(), a.size()) })
		if len(own) > 0 {
			all = append(all, own[:min(len(own), perDimension)])
		}
	}
	return all
}

// why says what a change of spend is made of: the number of requests, or what each of them cost.
// The change is split into requests added at the old cost, and the cost added to the requests of
// now.
func (m mover) why() string {
	switch {
	case m.earlier == 0 && m.requests == 0:
		return ""
	case m.earlier == 0:
		return "none " + m.span.in()
	case m.requests == 0:
		return "no requests any more"
	}
	volume := float64(m.requests-m.earlier) * float64(m.was) / float64(m.earlier)
	price := float64(m.moved()) - volume
	each := fmt.Sprintf("(%s → %s)", Money(m.was/event.NanoUSD(m.earlier)),
		Money(m.cost/event.NanoUSD(m.requests)))
	count := fmt.Sprintf("(%s → %s)", grouped(m.earlier), grouped(m.requests))
	much := word(volume, "more requests ", "fewer requests ") + count
	dear := word(price, "each costlier ", "each cheaper ") + each
	switch all := math.Abs(volume) + math.Abs(price); {
	case all == 0:
		return "no change"
	case math.Abs(volume) >= all*0.75:
		return much
	case math.Abs(price) >= all*0.75:
		return dear
	}
	return much + ", " + dear
}

func word(v float64, up, down string) string {
	if v < 0 {
		return down
	}
	return up
}

func moversTable(a costAnswers) Section {
	s := Section{
		Title: "What changed", Note: "The largest changes of spend against " + a.span.than() + ".",
		Columns: []Column{
			text("dimension", ""), text("name", "Name"), number("before", upper(a.span.before())),
			number(string(a.span.Unit), upper(string(a.span.Unit))), number("change", "Change"), text("why", "Why"),
		}}
	for _, own := range movers(a) {
		for _, m := range own {
			s.Rows = append(s.Rows,
				[]any{m.one, m.name, m.was, m.cost, MoneyChange(m.moved()), m.why()})
		}
	}
	return s
}

// costHeadline says how much, what changed and why, in an order that can be left at any line. The
// part of a day that is over is compared with the same part of the day before, but with no mean of
// whole days.
func costHeadline(a costAnswers, p pace, partial bool) []string {
	day := mover{
		cost: asMoney(total(a.day, "cost")), was: asMoney(total(a.day, "cost_previous")),
		requests: asCount(total(a.day, "requests")), earlier: asCount(total(a.day, "requests_previous")),
		span: a.span,
	}
	out := []string{fmt.Sprintf("%s spent on %s%s.", Money(day.cost), plural(day.requests, "request"),
		against(day))}
	if p.days > 1 && !partial {
		out = append(out, averageLine(day.cost, p))
	}
	if day.earlier == 0 {
		out = append(out, mostLine(shifts(a))...)
	}
	for _, m := range largest(movers(a), 3) {
		out = append(out, fmt.Sprintf("%s %s: %s, %s.", upper(m.one), m.name,
			Show(MoneyChange(m.moved())), m.why()))
	}
	if failed := asCount(total(a.day, "errors")); failed > 0 {
		line := plural(failed, "request") + " failed"
		if rate, ok := total(a.day, "error_rate").(float64); ok {
			line += ", " + percent(rate)
		}
		if rate, ok := total(a.day, "error_rate_previous").(float64); ok {
			line += " (" + percent(rate) + " " + a.span.in() + ")"
		}
		out = append(out, line+".")
	}
	return append(out, unpricedLine(a.day, a.unpriced)...)
}

// averageLine holds the day against the days before. A day that cost as much as all others of them together is
// named: it makes the mean.
func averageLine(cost event.NanoUSD, p pace) string {
	line := fmt.Sprintf("The %d days before cost %s a day on average", p.days, Money(p.before))
	if p.dearest != "" {
		line += fmt.Sprintf(", most of it on %s (%s)", p.dearest, Money(p.most))
	}
	c, _ := change(cost, p.before).(Change)
	switch text := percent(math.Abs(float64(c))); {
	case p.before == 0:
		return line + "."
	case text == "0 %":
		return line + ", as this day did."
	default:
		return line + "; this day is " + text + " " + word(float64(c), "above", "below") + " that."
	}
}

// mostLine says what most was spent on where there is nothing to hold it against.
func mostLine(all [][]mover) (says []string) {
	var most []string
	for _, m := range largest(all, 3) {
		most = append(most, fmt.Sprintf("%s %s (%s)", m.one, m.name, Money(m.cost)))
	}
	if len(most) == 0 {
		return nil
	}
	return []string{"Most of it: " + strings.Join(most, ", ") + "."}
}

// largest are the first movers of the dimensions that moved most. One that repeats another in all
// its figures is left out: a project with one model says nothing new.
func largest(all [][]mover, n int) []mover {
	var heads []mover
	for _, own := range all {
		same := func(m mover) bool {
			return m.cost == own[0].cost && m.was == own[0].was && m.requests == own[0].requests
		}
		if !slices.ContainsFunc(heads, same) {
			heads = append(heads, own[0])
		}
	}
	slices.SortStableFunc(heads, func(a, b mover) int { return cmp.Compare(b.size(), a.size()) })
	return heads[:min(n, len(heads))]
}

// against is the change to the span before, with its reason.
func against(day mover) string {
	switch {
	case day.earlier == 0:
		return "; there were no requests " + day.span.in()
	case day.moved() == 0:
		return ", as " + day.span.in()
	}
	text := ", " + word(float64(day.moved()), "up ", "down ") + Money(day.size())
	if c := change(day.cost, day.was); c != nil {
		text += " (" + Show(c) + ")"
	}
	text += " " + day.span.on()
	if why := day.why(); why != "" {
		text += ": " + why
	}
	return text
}

func unpricedLine(day, unpriced *query.Answer) []string {
	n := asCount(total(day, "unpriced_requests"))
	if n == 0 {
		return nil
	}
	line := plural(n, "request") + " had no price and are not in the cost"
	if rows := lines(unpriced); len(rows) > 0 {
		line += ", most of them to " + rows[0].name("model")
	}
	return []string{line + "."}
}
