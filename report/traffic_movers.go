package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"analytics/query"
)

// What moved page views: by which source, page and country there are more or fewer than before. It is the
// nearest that the events come to a reason.

// moving are the dimensions in which a change of page views is looked for.
var moving = []struct{ name, one string }{{"source", "source"}, {"path", "page"}, {"country", "country"}}

// leastViews is the least change worth a word, besides a twentieth of all.
const leastViews = 5

// viewMover is one value of a dimension whose page views changed.
type viewMover struct {
	one, name  string
	views, was int64
}

func (m viewMover) moved() int64 { return m.views - m.was }

func (m viewMover) size() int64 { return max(m.moved(), -m.moved()) }

// viewQuestions asks what page views were and are by each of these dimensions.
func viewQuestions(one func(query.Question) *query.Answer) (all []*query.Answer) {
	for _, d := range moving {
		all = append(all, one(query.Question{By: []string{d.name}, Metrics: []string{"page_views"}, Compare: "previous",
			Order: "-page_views", Limit: 500}))
	}
	return all
}

// viewMovers are those that changed most, by dimension, the largest first. A dimension with only one value
// explains nothing, and neither do pages of the site as sources.
func viewMovers(a trafficAnswers) (all [][]viewMover) {
	largest := max(asCount(total(a.day, "page_views")), asCount(total(a.day, "page_views_previous")))
	least := max(leastViews, largest/worthSaying)
	for i, d := range moving {
		if i >= len(a.moved) || len(lines(a.moved[i])) < 2 {
			continue
		}
		var own []viewMover
		for _, l := range lines(a.moved[i]) {
			m := viewMover{d.one, l.name(d.name), l.count("page_views"), l.count("page_views_previous")}
			internal := d.name == "source" && strings.EqualFold(m.name, "internal")
			if l.cell(d.name) != nil && !internal && m.size() >= least {
				own = append(own, m)
			}
		}
		slices.SortStableFunc(own, func(a, b viewMover) int { return cmp.Compare(b.size(), a.size()) })
		if len(own) > 0 {
			all = append(all, own[:min(len(own), perDimension)])
		}
	}
	return all
}

// viewReasons are the largest change of each dimension as lines of the headline, the largest first. Where
// there was nothing before, everything is new and nothing is worth a line.
func viewReasons(a trafficAnswers) (says []string) {
	if asCount(total(a.day, "page_views_previous")) == 0 {
		return nil
	}
	var first []viewMover
	for _, own := range viewMovers(a) {
		first = append(first, own[0])
	}
	slices.SortStableFunc(first, func(a, b viewMover) int { return cmp.Compare(b.size(), a.size()) })
	for _, m := range first {
		says = append(says, fmt.Sprintf("%s %s: %s page views (%s → %s).", upper(m.one), m.name,
			signed(m.moved() > 0, grouped(m.moved())), grouped(m.was), grouped(m.views)))
	}
	return says
}

// viewChanges is the table of them.
func viewChanges(span Span, a trafficAnswers) Section {
	s := Section{Title: "What changed", Note: "The largest changes of page views against " + span.than() + ".",
		Columns: []Column{text("dimension", ""), text("name", "Name"), number("before", upper(span.before())),
			number(string(span.Unit), upper(string(span.Unit))), number("change", "Change")}}
	if asCount(total(a.day, "page_views_previous")) == 0 {
		return Section{}
	}
	for _, own := range viewMovers(a) {
		for _, m := range own {
			s.Rows = append(s.Rows, []any{m.one, m.name, m.was, m.views, CountChange(m.moved())})
		}
	}
	return s
}
